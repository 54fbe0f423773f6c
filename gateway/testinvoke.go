package gateway

import (
	"context"
	"time"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/observe"
	"github.com/postern-gateway/postern/plan"
)

// Test is a test invocation: one request for a method that need not be
// deployed.
type Test struct {
	API       *plan.API // of CompileTest, as Method
	Method    *plan.Bound
	Variables map[string]string // in the place of a stage's
	Caller    *mapping.Caller
	UserAgent string // of the caller
	Identity  *integration.Identity
}

// TestResult is what a test invocation tells beside its answer.
type TestResult struct {
	RequestID string
	Lines     []observe.Line
	Latency   time.Duration
	// Failed says that the gateway made the answer, with a template of its own.
	Failed bool
}

// Test runs a test invocation through the same steps as any request. The
// path of the exchange may be any: what does not match the resource has no
// path parameters (recorded).
func (g *Gateway) Test(ctx context.Context, t Test, x *exchange.Exchange) TestResult {
	r := g.requests.Get().(*inflight)
	defer g.finish(ctx, r)
	g.begin(r, x)
	m := &t.Method.Method.Spec
	c := &r.Context
	c.Test, c.Caller, c.Host = true, t.Caller, mapping.TestHost
	c.UserAgent, r.Identity = t.UserAgent, t.Identity
	c.APIKey, c.APIKeyID = mapping.TestAPIKey, mapping.TestAPIKeyID
	c.AccountID, c.APIID, c.Stage = m.Account, m.API, mapping.TestStage
	c.EndpointType = t.API.EndpointType
	c.ResourceID, c.ResourcePath, c.Rest = m.Resource, m.ResourcePath, x.Request.Path
	r.Variables, r.Custom, r.bound = t.Variables, t.API.Responses, t.Method
	_, r.Path = t.API.Match(c.Rest, c.HTTPMethod, r.Path[:0])
	journal := &observe.Journal{} // not the request's own: its lines outlive it
	journal.Reset(true, true)
	r.Journal = journal
	r.stage = testStage
	outcome := g.execute(ctx, r)
	g.complete(ctx, r, outcome)
	return TestResult{
		RequestID: c.RequestID, Lines: journal.Lines(), Latency: c.Outcome.Latency,
		Failed: outcome == steps.Fail && r.Custom.Find(r.Failure.Response, x.Response.Status) == nil,
	}
}

// testStage is the stage of all test invocations: nobody watches it.
var testStage = &plan.Stage{Name: mapping.TestStage}

// Headers returns the headers of an answer that a test invocation shows:
// not the identifiers, and of an answer that the gateway made by itself its
// type only (recorded).
func (t TestResult) Headers(res *exchange.Response) exchange.Header {
	h := shown(res.Header)
	if !t.Failed {
		return h
	}
	var out exchange.Header
	for _, field := range h {
		if field.Name == errorTypeKey {
			out = append(out, field)
		}
	}
	return out
}
