package node

import (
	"github.com/postern-gateway/postern/gateway/integration/aws"
	"github.com/postern-gateway/postern/gateway/integration/httpx"
	"github.com/postern-gateway/postern/lambda"
	"github.com/postern-gateway/postern/logs"
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
		Clock: n.cfg.Clock, IDs: n.cfg.IDs, Log: n.cfg.Log, Output: n.printed,
	})
	if err != nil {
		return err
	}
	n.aws = aws.New(aws.Config{
		HTTP: n.backend, Functions: n.functions, Endpoints: endpoints, Keys: n.cfg.AWSKeys, Clock: n.cfg.Clock, IDs: n.cfg.IDs,
	})
	return nil
}

// printed puts a line of a function into the log group that it has with Lambda,
// of the account that called it, and shows it to whoever runs the node.
func (n *Node) printed(p lambda.Printed) {
	if n.cfg.Printed != nil {
		n.cfg.Printed(p)
	} else {
		p.LogTo(n.cfg.Log)
	}
	ref := lambda.ParseRef(p.ARN)
	n.logs.Put(logs.Record{
		Destination: logs.Destination{Account: ref.Account, Region: ref.Region, Group: lambda.LogGroup + p.Function, Stream: p.Stream},
		Event:       logs.Event{Time: n.time.Now(), Message: p.Line},
	})
}
