package gateway

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/aws"
	"github.com/postern-gateway/postern/gateway/integration/mock"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/observe"
	"github.com/postern-gateway/postern/observe/trace"
	"github.com/postern-gateway/postern/plan"
	"github.com/postern-gateway/postern/plan/spec"
)

// Config is what a Gateway needs.
type Config struct {
	Table *Table
	HTTP  integration.Invoker // calls the backends of HTTP and HTTP_PROXY
	AWS   *aws.Client         // calls those of AWS and AWS_PROXY; nil: one that knows no endpoints and has no keys
	Live  *live.State         // what outlives plans; nil: empty
	Logs  *logs.Router        // takes access and execution logs; nil: nobody does
	// Trace takes the spans of sampled requests, and must not wait; nil: nobody does.
	Trace func(*trace.Span)
	// ExplainLast is how many requests are explained without being asked for.
	ExplainLast int
	// Signatures verifies who signs requests for stages; nil: nobody can.
	Signatures *steps.Signatures
	Node       string // names this node in the streams of logs; empty: "postern"

	Clock clock.Clock // for requests without a time of arrival; nil: the machine's
	// Pauses is the clock by which streams are slowed down and tails give a sign
	// of life; nil: Clock. It is another one where users may stop that.
	Pauses clock.Clock
	IDs    *ids.Source  // nil: the system's randomness
	Log    *slog.Logger // nil: discard
	// Domains are the domains below which APIs are found; nil: DefaultDomains.
	Domains []string
	Limits  Limits
}

// Gateway answers requests for deployed stages. It implements exchange.Handler.
type Gateway struct {
	table    *Table
	clock    clock.Clock
	pauses   clock.Clock
	ids      *ids.Source
	log      *slog.Logger
	domains  []string
	limits   Limits
	backends steps.Backends
	live     *live.State
	logs     *logs.Router
	streams  streamNames
	trace    func(*trace.Span)

	signatures   *steps.Signatures
	explanations explanations
	tails        tails

	requests sync.Pool     // of *inflight
	shards   atomic.Uint32 // given out
	panics   atomic.Int64
}

// New returns a gateway that serves what is in the table.
func New(c Config) *Gateway {
	g := &Gateway{
		table: c.Table, clock: c.Clock, pauses: c.Pauses, ids: c.IDs, log: c.Log, domains: c.Domains,
		limits:       c.Limits.withDefaults(),
		explanations: explanations{last: c.ExplainLast},
		signatures:   c.Signatures,
		live:         c.Live, logs: c.Logs, streams: streamNames{node: cmp.Or(c.Node, "postern")},
		backends: steps.Backends{HTTP: c.HTTP, Mock: mock.Invoker{}, AWS: c.AWS, TraceParent: c.Trace != nil},
		trace:    c.Trace,
	}
	if g.backends.AWS == nil {
		g.backends.AWS = aws.New(aws.Config{HTTP: c.HTTP})
	}
	if g.clock == nil {
		g.clock = clock.System{}
	}
	if g.pauses == nil {
		g.pauses = g.clock
	}
	g.backends.Pauses = g.pauses
	if g.ids == nil {
		g.ids = ids.New()
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.domains == nil {
		g.domains = DefaultDomains()
	}
	if g.logs == nil {
		g.logs = &logs.Router{}
	}
	if g.live == nil {
		g.live = live.New(g.clock)
	}
	g.requests.New = func() any { return &inflight{shard: g.shards.Add(1)} }
	return g
}

// Panics returns how many requests ended in a panic.
func (g *Gateway) Panics() int64 { return g.panics.Load() }

// inflight is a request with what it took from the table.
type inflight struct {
	steps.Request
	stage   *plan.Stage   // nil: it reached none
	release *plan.Release // nil without a stage
	bound   *plan.Bound   // nil: it reached no method
	drawn   float64       // what the release was drawn with
	journal observe.Journal
	shard   uint32 // of the metrics it writes to
	line    []byte // scratch for the access log
	// streaming says that the request ends with the stream of its answer.
	streaming bool
}

func (r *inflight) reset() {
	r.Request.Reset()
	r.stage, r.release, r.bound, r.drawn, r.streaming = nil, nil, nil, 0, false
}

// Serve implements exchange.Handler.
func (g *Gateway) Serve(ctx context.Context, x *exchange.Exchange) {
	r := g.requests.Get().(*inflight)
	defer g.finish(ctx, r)
	g.begin(r, x)
	g.complete(ctx, r, g.run(ctx, r))
}

// complete makes the answer of a request whose steps are over, and tells those
// who watch.
func (g *Gateway) complete(ctx context.Context, r *inflight, outcome steps.Outcome) {
	if outcome == steps.Fail {
		g.respond(&r.Request)
		if f := &r.Failure; f.Log != "" || f.Cause != "" {
			g.log.LogAttrs(ctx, slog.LevelDebug, f.Log, slog.String("cause", f.Cause),
				slog.String("request", r.Context.RequestID), slog.String("api", r.Context.APIID),
				slog.String("stage", r.Context.Stage))
		}
	}
	if r.X.Response.Stream != nil {
		g.watch(r, outcome)
		return
	}
	g.observe(r, outcome, int64(len(r.X.Response.Body)))
}

// finish gives the request's memory back. It is also the one place where a
// panic ends: the client gets a 500, and the memory, whose state nobody knows,
// is not used again.
func (g *Gateway) finish(ctx context.Context, r *inflight) {
	cause := recover()
	if cause == nil {
		if !r.streaming {
			g.recycle(r)
		}
		return
	}
	g.panics.Add(1)
	g.log.LogAttrs(ctx, slog.LevelError, "panic in a request",
		slog.Any("cause", cause), slog.String("request", r.Context.RequestID),
		slog.String("api", r.Context.APIID), slog.String("stack", string(debug.Stack())))
	if stream := r.X.Response.Stream; stream != nil {
		_ = stream.Close() // what it says would change nothing
		r.X.Response.Stream = nil
	} else if r.In != nil && r.In.Stream != nil {
		_ = r.In.Stream.Close()
	}
	r.Fail(spec.Default5XX, "")
	g.respond(&r.Request)
}

// recycle keeps the memory of a request that has ended.
func (g *Gateway) recycle(r *inflight) {
	r.reset()
	g.requests.Put(r)
}

// begin fills in what is known before the API is.
func (g *Gateway) begin(r *inflight, x *exchange.Exchange) {
	q := &x.Request
	r.Keys, r.Links, r.Signatures = &g.live.Keys, &g.live.Links, g.signatures
	r.X, r.Backends, r.IDs, r.Clock = x, &g.backends, g.ids, g.clock
	r.MaxBody, r.Source.Clock = g.limits.Body, g.clock
	r.TakeHeader(q.Header)
	r.AnyCase, r.RawQuery = q.HTTP2, q.RawQuery
	c := &r.Context
	c.RequestID, c.IDReplaced = g.requestID(r.Header)
	c.ExtendedID = g.ids.Extended()
	c.HTTPMethod = q.Method
	if verb := r.Header.Get("X-HTTP-Method-Override"); verb != "" {
		c.HTTPMethod = verb // the guide
	}
	c.Host, c.Remote, c.UserAgent = q.Host, q.Remote.Addr(), r.Header.Get("User-Agent")
	if c.Received = q.Received; c.Received.IsZero() {
		c.Received = g.clock.Now()
	}
	r.Explain = g.explanations.begin(r)
}

// requestID takes the client's id if it is a UUID (guide), else a new one in the
// place of what it may have sent.
func (g *Gateway) requestID(h exchange.Header) (id string, replaced bool) {
	if id = h.Get("x-amzn-RequestId"); isUUID(id) {
		return id, false
	}
	return g.ids.UUID(), id != ""
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
func (g *Gateway) run(ctx context.Context, r *inflight) steps.Outcome {
	q := &r.X.Request
	refusal := g.checkHead(q)
	at, ok := g.address(q)
	if ok {
		r.stage = g.table.Stage(at.api, at.stage)
	}
	if r.stage != nil && r.stage.Production.API.Disabled && !at.custom {
		r.stage = nil
	}
	if r.stage != nil {
		g.draw(r, at)
	}
	switch {
	case refusal != nil:
		// What was not read of the body would be taken for the next request.
		r.X.Response.Close = refusal == spec.RequestTooLarge
		r.Custom = nil // the guide: nobody customises these
		return r.Fail(refusal, "")
	case r.stage == nil:
		return r.Fail(noStage, "")
	}
	method := g.route(r)
	if method == nil {
		return r.FailUnsigned()
	}
	r.bound = r.release.Bound(method, r.Context.HTTPMethod)
	if s := &r.bound.Settings; s.Log != spec.LogOff {
		r.journal.Reset(s.Log == spec.LogInfo, s.DataTrace)
		r.Journal = &r.journal
		r.Journal.Info(g.clock.Now(), "Extended Request Id: ", r.Context.ExtendedID)
	}
	return g.execute(ctx, r)
}

// execute runs the steps of the request's method.
func (g *Gateway) execute(ctx context.Context, r *inflight) steps.Outcome {
	body, err := readBody(&r.X.Request, g.limits.Body)
	switch {
	case errors.Is(err, errBodyTooLong):
		r.X.Response.Close = true
		return r.Fail(spec.RequestTooLarge, "")
	case err != nil:
		r.X.Response.Close = true
		r.Fail(badRequest, "")
		r.Failure.Cause = "read body: " + err.Error()
		return steps.Fail
	}
	r.Body = body
	var outcome steps.Outcome
	if r.Explain.Wanted() {
		outcome = g.explainedSteps(ctx, r)
	} else {
		outcome = g.runSteps(ctx, r)
	}
	// A test invocation, which has no release, shows the answer as it is mapped.
	if outcome == steps.Answer && r.release != nil && r.release.API.Finish != nil {
		return r.release.API.Finish.Run(ctx, &r.Request)
	}
	return outcome
}

func (g *Gateway) runSteps(ctx context.Context, r *inflight) steps.Outcome {
	for _, step := range r.bound.Steps {
		if outcome := step.Run(ctx, &r.Request); outcome != steps.Next {
			return outcome
		}
	}
	return g.over(r)
}

// over ends a request after its last step, which has made an answer.
func (g *Gateway) over(r *inflight) steps.Outcome {
	if r.X.Response.Status != 0 {
		return steps.Answer
	}
	r.Fail(spec.Default5XX, "")
	r.Failure.Cause = "no step answered"
	return steps.Fail
}

// draw picks the release, once.
func (g *Gateway) draw(r *inflight, at address) {
	if r.stage.Canary != nil {
		r.drawn = g.ids.Percent()
	}
	c := &r.Context
	r.release, c.Canary = r.stage.Draw(r.drawn)
	c.HasCanary = r.stage.Canary != nil
	c.APIID, c.AccountID = r.release.API.ID, r.release.API.Account
	c.EndpointType = r.release.API.EndpointType
	c.Stage, c.Rest, c.Custom, c.Base = r.stage.Name, at.rest, at.custom, at.base
	r.Identity, r.Account = r.stage.Identity, r.stage.Account
	c.DeploymentID = r.release.DeploymentID
	r.Variables = r.release.Variables
	r.Custom = r.release.API.Responses
}

// route finds the method in the release's deployment; nil if there is none.
func (g *Gateway) route(r *inflight) (method *plan.Method) {
	c := &r.Context
	method, r.Path = r.release.API.Match(c.Rest, c.HTTPMethod, r.Path[:0])
	if method != nil {
		c.ResourceID, c.ResourcePath = method.Spec.Resource, method.Spec.ResourcePath
	}
	return method
}
