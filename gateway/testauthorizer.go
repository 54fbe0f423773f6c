package gateway

import (
	"context"
	"time"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/observe"
	"github.com/postern-gateway/postern/plan/spec"
)

// AuthorizerTest is a test invocation of an authorizer.
type AuthorizerTest struct {
	Authorizer spec.Authorizer
	Variables  map[string]string // in the place of a stage's
	Caller     *mapping.Caller
	UserAgent  string
	Extra      map[string]string // more variables of $context
}

// AuthorizerResult is what it came to.
type AuthorizerResult struct {
	steps.Verdict
	Status    int // that a client would get who is not let in; 0: the function gave a policy
	RequestID string
	Lines     []observe.Line
	Latency   time.Duration
}

// testMethodARN is what a test invocation asks about. Widely known: there is no
// stage, so the place of one is taken.
func testMethodARN(a *spec.Authorizer) string {
	return "arn:aws:execute-api:" + a.Region + ":" + a.Account + ":" + a.API + "/ESTestInvoke-stage/GET/"
}

// TestAuthorizer asks an authorizer about a request that nobody sent.
func (g *Gateway) TestAuthorizer(ctx context.Context, t AuthorizerTest, x *exchange.Exchange) (out AuthorizerResult) {
	r := g.requests.Get().(*inflight)
	defer g.finish(ctx, r)
	g.begin(r, x)
	c := &r.Context
	c.Test, c.Caller, c.Host, c.UserAgent = true, t.Caller, mapping.TestHost, t.UserAgent
	c.AccountID, c.APIID, c.Stage, c.ResourcePath, c.Rest = t.Authorizer.Account, t.Authorizer.API, mapping.TestStage, "/", x.Request.Path
	r.Variables, c.Extra = t.Variables, t.Extra
	journal := &observe.Journal{}
	journal.Reset(true, true)
	r.Journal = journal
	out = AuthorizerResult{RequestID: c.RequestID, Status: spec.AuthorizerFailure.Status} // which stays after a panic
	authorizer, err := steps.CompileAuthorizer(t.Authorizer)
	if err != nil {
		journal.Error(g.clock.Now(), "Execution failed due to configuration error: ", err.Error())
		out.Response = spec.AuthorizerConfigurationError
	} else {
		out.Verdict = authorizer.Ask(ctx, &r.Request, testMethodARN(&t.Authorizer))
	}
	if out.Status = 0; out.Response != nil {
		out.Status = out.Response.Status
	}
	out.Lines, out.Latency = journal.Lines(), g.clock.Now().Sub(c.Received)
	return out
}
