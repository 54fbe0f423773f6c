package node

import (
	"bytes"
	"context"
	"strings"

	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/control"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/plan"
	"github.com/postern-gateway/postern/rollout"
)

// testInvoke runs a test invocation of the control plane on this node's
// gateway.
func (n *Node) testInvoke(ctx context.Context, in *control.Invocation) (*control.Invoked, error) {
	who := caller.From(ctx)
	arn := "arn:aws:iam::" + who.Account + ":root"
	if who.Identity != "" {
		arn = "arn:aws:iam::" + who.Account + ":user/" + who.Identity
	}
	api, method := plan.CompileTest(in.Snapshot)
	var identity *integration.Identity
	if in.Certificate != "" {
		var err error
		identity, err = rollout.Identity(domain.Scope{Account: in.Snapshot.Account, Region: in.Snapshot.Region}, in.Certificate, n.box, n.mirror.View())
		if err != nil {
			return nil, err
		}
	}
	x := &exchange.Exchange{Request: exchange.Request{
		Method: in.Verb, Path: in.Path, RawQuery: in.RawQuery, Header: in.Header,
		Body: bytes.NewReader(in.Body), ContentLength: int64(len(in.Body)),
	}}
	result := n.gateway.Test(ctx, gateway.Test{
		API: api, Method: method, Variables: in.Variables, Identity: identity,
		UserAgent: who.UserAgent,
		Caller:    &mapping.Caller{AccessKey: who.AccessKey, AccountID: who.Account, ID: who.Account, User: who.Account, ARN: arn},
	}, x)
	return &control.Invoked{
		Status: x.Response.Status, Header: result.Headers(&x.Response), Body: x.Response.Body,
		Latency: result.Latency, Log: testLog(result),
	}, nil
}

// testLog is the log of a test invocation as the API returns it. Recorded.
func testLog(result gateway.TestResult) string {
	var log strings.Builder
	log.WriteString("Execution log for request " + result.RequestID + "\n")
	for _, line := range result.Lines {
		log.WriteString(line.Time.UTC().Format("Mon Jan 02 15:04:05 UTC 2006") + " : " + line.Text + "\n")
	}
	return log.String()
}
