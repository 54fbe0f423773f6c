package steps

import (
	"context"

	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/observe/trace"
	"github.com/postern-gateway/postern/plan/spec"
)

// Tracing is what a request on a stage that traces is known by. Its zero value
// is a request that is not sampled.
type Tracing struct {
	Sampled bool
	// Incoming is what the client sent, with a root in any case.
	Incoming trace.Header
	Server   string // id of the span of the request
	Client   string // id of the span of its call of the backend
	// parent is the traceparent for the backend; empty: none is sent.
	parent string
}

const parentHeader = "traceparent"

// tracing decides whether a request is traced. A stage that does not trace has
// no such step: it passes X-Amzn-Trace-Id on, see TraceID.
type tracing struct{ sampler *trace.Sampler }

// Trace builds the step that decides whether a request is traced.
func Trace(_ *spec.Method, s *spec.Settings, state *live.State) Step {
	if !s.Tracing {
		return nil
	}
	step := tracing{&trace.Sampler{}} // of a plan that only gets printed
	if state != nil {
		step.sampler = state.Samplers.Stage(s.API, s.Stage)
	}
	return step
}

func (tracing) Name() string   { return "trace" }
func (tracing) String() string { return "" }

// Run implements Step. What the client decided holds (guide). Of a trace that is
// sampled the backend sees the span of its call as the parent (assumed: on a
// stage that does not trace, the client's is recorded to be kept).
func (s tracing) Run(_ context.Context, r *Request) Outcome {
	client := r.Header.Get(traceHeader)
	in := trace.Parse(client)
	if in.ID() == "" {
		client = ""
		var ok bool
		if in, ok = trace.ParseParent(r.Header.Get(parentHeader)); !ok {
			in = trace.Header{Root: r.newRoot()}
		}
	}
	t := &r.Tracing
	t.Incoming = in
	t.Sampled = in.Sampled == "1"
	if !in.Decided() {
		t.Sampled = s.sampler.Sample(r.Context.Received, r.IDs.Percent())
	}
	out := trace.Header{Root: in.Root, Parent: in.Parent, Sampled: "0"}
	switch {
	case t.Sampled:
		r.Context.TraceRoot = in.Root
		t.Server, t.Client = r.IDs.Hex(16), r.IDs.Hex(16)
		out.Parent, out.Sampled = t.Client, "1"
	case in.Span() == "":
		out.Parent = r.IDs.Hex(16)
	}
	if r.trace = out.String(); in == out && client != "" {
		r.trace = client // as it came, with members that we do not know
	}
	if r.Backends.TraceParent {
		t.parent = out.TraceParent()
	}
	return Next
}
