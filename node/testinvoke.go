package node

import (
	"bytes"
	"context"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/control"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/observe"
	"github.com/postern-gateway/postern/plan"
	"github.com/postern-gateway/postern/plan/spec"
	"github.com/postern-gateway/postern/rollout"
)

// testInvoke runs a test invocation of the control plane on this node's
// gateway.
func (n *Node) testInvoke(ctx context.Context, in *control.Invocation) (*control.Invoked, error) {
	who := caller.From(ctx)
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
		Caller:    testCaller(who),
	}, x)
	return &control.Invoked{
		Status: x.Response.Status, Header: result.Headers(&x.Response), Body: x.Response.Body,
		Latency: result.Latency, Log: testLog(result.RequestID, result.Lines),
	}, nil
}

// testCaller is who calls a test invocation, as $context.identity shows it.
func testCaller(who caller.Caller) *mapping.Caller {
	arn := "arn:aws:iam::" + who.Account + ":root"
	if who.Identity != "" {
		arn = "arn:aws:iam::" + who.Account + ":user/" + who.Identity
	}
	return &mapping.Caller{AccessKey: who.AccessKey, AccountID: who.Account, ID: who.Account, User: who.Account, ARN: arn}
}

// testAuthorizer asks an authorizer for the control plane.
func (n *Node) testAuthorizer(ctx context.Context, in *control.AuthorizerCall) *control.AuthorizerAnswer {
	who, a := caller.From(ctx), in.Authorizer
	sources := strings.FieldsFunc(apigw.Val(a.IdentitySource), func(r rune) bool { return r == ',' })
	result := n.gateway.TestAuthorizer(ctx, gateway.AuthorizerTest{
		Authorizer: spec.Authorizer{
			Account: in.Account, Region: in.Region, API: in.API, ID: apigw.Val(a.Id), Type: apigw.Val(a.Type),
			URI: apigw.Val(a.AuthorizerUri), Credentials: apigw.Val(a.AuthorizerCredentials),
			Sources: sources, Pattern: apigw.Val(a.IdentityValidationExpression),
			Optional: a.AuthorizerResultTtlInSeconds != nil && *a.AuthorizerResultTtlInSeconds == 0 && apigw.Val(a.Type) == spec.RequestAuthorizer,
		},
		Variables: in.Variables, Caller: testCaller(who), UserAgent: who.UserAgent, Extra: in.Extra,
	}, &exchange.Exchange{Request: exchange.Request{
		Method: "GET", Path: in.Path, RawQuery: in.RawQuery, Header: in.Header,
		Body: bytes.NewReader(in.Body), ContentLength: int64(len(in.Body)),
	}})
	return &control.AuthorizerAnswer{
		Status: result.Status, Principal: result.Principal, Policy: result.Policy, Context: result.Context,
		Latency: result.Latency, Log: testLog(result.RequestID, result.Lines),
	}
}

// testLog is the log of a test invocation as the API returns it. Recorded.
func testLog(requestID string, lines []observe.Line) string {
	var log strings.Builder
	log.WriteString("Execution log for request " + requestID + "\n")
	for _, line := range lines {
		log.WriteString(line.Time.UTC().Format("Mon Jan 02 15:04:05 UTC 2006") + " : " + line.Text + "\n")
	}
	return log.String()
}
