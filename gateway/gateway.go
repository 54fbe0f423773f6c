package gateway

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/mock"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/plan"
	"github.com/postern-gateway/postern/plan/spec"
)

// Config is what a Gateway needs.
type Config struct {
	Table *Table
	HTTP  integration.Invoker // calls the backends of HTTP and HTTP_PROXY
	Keys  *live.Keys          // API keys; nil: none

	Clock clock.Clock  // for requests without a time of arrival; nil: the machine's
	IDs   *ids.Source  // nil: the system's randomness
	Log   *slog.Logger // nil: discard
	// Domains are the domains below which APIs are found; nil: DefaultDomains.
	Domains []string
	Limits  Limits
}

// Gateway answers requests for deployed stages. It implements exchange.Handler.
type Gateway struct {
	table    *Table
	clock    clock.Clock
	ids      *ids.Source
	log      *slog.Logger
	domains  []string
	limits   Limits
	backends steps.Backends
	keys     *live.Keys

	requests sync.Pool // of *steps.Request
	panics   atomic.Int64
}

// New returns a gateway that serves what is in the table.
func New(c Config) *Gateway {
	g := &Gateway{
		table: c.Table, clock: c.Clock, ids: c.IDs, log: c.Log, domains: c.Domains,
		limits:   c.Limits.withDefaults(),
		keys:     c.Keys,
		backends: steps.Backends{HTTP: c.HTTP, Mock: mock.Invoker{}},
	}
	if g.clock == nil {
		g.clock = clock.System{}
	}
	if g.ids == nil {
		g.ids = ids.New()
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.domains == nil {
		g.domains = DefaultDomains()
	}
	g.requests.New = func() any { return new(steps.Request) }
	return g
}

// Panics returns how many requests ended in a panic.
func (g *Gateway) Panics() int64 { return g.panics.Load() }

// Serve implements exchange.Handler.
func (g *Gateway) Serve(ctx context.Context, x *exchange.Exchange) {
	r := g.requests.Get().(*steps.Request)
	defer g.finish(ctx, r)
	g.begin(r, x)
	if g.run(ctx, r) == steps.Fail {
		g.respond(r)
		if r.Failure.Log != "" {
			g.log.LogAttrs(ctx, slog.LevelDebug, r.Failure.Log,
				slog.String("request", r.Context.RequestID), slog.String("api", r.Context.APIID),
				slog.String("stage", r.Context.Stage))
		}
	}
}

// finish gives the request's memory back. It is also the one place where a
// panic ends: the client gets a 500, and the memory, whose state nobody knows,
// is not used again.
func (g *Gateway) finish(ctx context.Context, r *steps.Request) {
	cause := recover()
	if cause == nil {
		r.Reset()
		g.requests.Put(r)
		return
	}
	g.panics.Add(1)
	g.log.LogAttrs(ctx, slog.LevelError, "panic in a request",
		slog.Any("cause", cause), slog.String("request", r.Context.RequestID),
		slog.String("api", r.Context.APIID), slog.String("stack", string(debug.Stack())))
	r.X.Response.Stream = nil
	r.Fail(spec.Default5XX, "")
	g.respond(r)
}

// begin fills in what is known before the API is.
func (g *Gateway) begin(r *steps.Request, x *exchange.Exchange) {
	q := &x.Request
	r.Keys = g.keys
	r.X, r.Backends, r.IDs = x, &g.backends, g.ids
	r.TakeHeader(q.Header)
	r.AnyCase, r.RawQuery = q.HTTP2, q.RawQuery
	c := &r.Context
	c.RequestID, c.ExtendedID = g.requestID(r.Header), g.ids.Extended()
	c.HTTPMethod = q.Method
	if verb := r.Header.Get("X-HTTP-Method-Override"); verb != "" {
		c.HTTPMethod = verb // the guide
	}
	c.Host, c.Remote, c.UserAgent = q.Host, q.Remote.Addr(), r.Header.Get("User-Agent")
	if c.Received = q.Received; c.Received.IsZero() {
		c.Received = g.clock.Now()
	}
}

// requestID takes the client's id if it is a UUID (guide), else a new one.
func (g *Gateway) requestID(h exchange.Header) string {
	if id := h.Get("x-amzn-RequestId"); isUUID(id) {
		return id
	}
	return g.ids.UUID()
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return false
		}
	}
	return true
}

// run takes a request through the pipeline. What it takes from the table it
// keeps to the end, whatever happens to the table meanwhile.
func (g *Gateway) run(ctx context.Context, r *steps.Request) steps.Outcome {
	q := &r.X.Request
	if refusal := g.checkHead(q); refusal != nil {
		// What was not read of the body would be taken for the next request.
		r.X.Response.Close = refusal == spec.RequestTooLarge
		return r.Fail(refusal, "")
	}
	at, ok := g.address(q.Host, q.Path)
	if !ok {
		return r.Fail(noStage, "")
	}
	stage := g.table.Stage(at.api, at.stage)
	if stage == nil || stage.Production.API.Disabled {
		return r.Fail(noStage, "")
	}
	method := g.route(r, stage, at)
	if method == nil {
		return r.Fail(spec.MissingAuthenticationToken, "")
	}
	body, err := readBody(q, g.limits.Body)
	switch {
	case errors.Is(err, errBodyTooLong):
		r.X.Response.Close = true
		return r.Fail(spec.RequestTooLarge, "")
	case err != nil:
		r.X.Response.Close = true
		return r.Fail(badRequest, "read body: "+err.Error())
	}
	r.Body = body
	for _, step := range method.Steps {
		if outcome := step.Run(ctx, r); outcome != steps.Next {
			return outcome
		}
	}
	return r.Fail(spec.Default5XX, "no step answered")
}

// route draws the release, once, and finds the method in its deployment.
func (g *Gateway) route(r *steps.Request, stage *plan.Stage, at address) *plan.Method {
	var u float64
	if stage.Canary != nil {
		u = g.ids.Percent()
	}
	release, canary := stage.Draw(u)
	c := &r.Context
	c.APIID, c.AccountID = release.API.ID, release.API.Account
	c.Stage, c.Rest = stage.Name, at.rest
	c.DeploymentID = release.DeploymentID
	c.HasCanary, c.Canary = stage.Canary != nil, canary
	r.Variables = release.Variables
	r.Custom = release.API.Responses
	var method *plan.Method
	method, r.Path = release.API.Match(at.rest, c.HTTPMethod, r.Path[:0])
	if method != nil {
		c.ResourceID, c.ResourcePath = method.Spec.Resource, method.Spec.ResourcePath
	}
	return method
}
