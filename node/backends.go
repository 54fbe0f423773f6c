package node

import (
	"github.com/postern-gateway/postern/gateway/integration/aws"
	"github.com/postern-gateway/postern/gateway/integration/httpx"
	"github.com/postern-gateway/postern/lambda"
)

// openBackends makes what calls backends, of the settings about them. No
// function is started yet.
func (n *Node) openBackends() error {
	n.backend = httpx.New(httpx.Config{Clock: n.cfg.Clock})
	if err := n.live.Links.ParseTargets(n.cfg.LinkTargets); err != nil {
		return err
	}
	endpoints, err := aws.ParseEndpoints(n.cfg.AWSEndpoints, n.cfg.LambdaEndpoints)
	if err != nil {
		return err
	}
	functions := make([]lambda.Function, len(n.cfg.Functions))
	for i, setting := range n.cfg.Functions {
		if functions[i], err = lambda.ParseFunction(setting); err != nil {
			return err
		}
	}
	n.functions, err = lambda.New(lambda.Config{
		Functions: functions, Env: n.cfg.FunctionEnv, Timeout: n.cfg.FunctionTimeout, Concurrency: n.cfg.FunctionConcurrency,
		Clock: n.cfg.Clock, IDs: n.cfg.IDs, Log: n.cfg.Log,
	})
	if err != nil {
		return err
	}
	n.aws = aws.New(aws.Config{
		HTTP: n.backend, Functions: n.functions, Endpoints: endpoints, Keys: n.cfg.AWSKeys, Clock: n.cfg.Clock, IDs: n.cfg.IDs,
	})
	return nil
}
