package steps

import (
	"context"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/counter"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/aws"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/observe"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/plan/spec"
)

// Step is one stage of the pipeline.
type Step interface {
	// Name is the step's in printed plans and logs.
	Name() string
	// String describes the settings for a printed plan, in one or more lines;
	// it may be empty.
	String() string
	// Run does the work. After anything but Next the request is over.
	Run(ctx context.Context, r *Request) Outcome
}

// Report is told of a mistake in the configuration: where in the method, and what.
type Report func(where, text string)

// Builder makes a step, or nil if the method does not need it. A mistake that
// spoils every request makes a [Broken] step; both kinds are reported.
type Builder func(m *spec.Method, report Report) Step

// Outcome says how a request goes on.
type Outcome uint8

// The outcomes.
const (
	Next   Outcome = iota // run the next step
	Answer                // the response is complete: no step after this one runs
	Fail                  // Request.Failure says which gateway response to send
)

// Failure is a gateway response with its circumstances.
type Failure struct {
	Response *spec.GatewayResponse
	// Status, Message and ErrorType stand in for the response's own if not zero.
	Status    int
	Message   string
	ErrorType string
	// Blank puts the blank of execution errors before the text of a response
	// that has none by itself.
	Blank bool
	// ValidationErrors are those of a body that does not match its model.
	ValidationErrors string
	// Log is the line of the execution log.
	Log string
	// Cause is what went wrong in detail, in words that the service does not have.
	Cause string
}

// Backends are the kinds of backends that steps call.
type Backends struct {
	HTTP integration.Invoker
	Mock integration.Invoker
	AWS  *aws.Client
	// Pauses is the clock by which their streams are slowed down.
	Pauses clock.Clock
	// TraceParent tells backends of stages that trace the trace in the form of
	// the W3C too.
	TraceParent bool
}

// Request is one request on its way: what expressions read, what goes to the
// backend, what came of it. The gateway reuses it for other requests.
type Request struct {
	mapping.Source
	X        *exchange.Exchange
	Backends *Backends
	IDs      *ids.Source
	Clock    clock.Clock
	// Journal takes the lines of the execution log; nil if there is none.
	Journal *observe.Journal
	// Explain takes notes on what is decided; nil if nobody wants to know.
	Explain *observe.Explanation
	// Custom are the API's own gateway responses; nil before there is an API.
	Custom CustomResponses
	Keys   *live.Keys
	Links  *live.Links
	// Identity is the stage's client certificate; nil: none.
	Identity *integration.Identity
	// Signatures verifies who signed the request; nil: nobody can.
	Signatures *Signatures
	Cached     cached
	// Account is the bucket of the stage's account; nil: it has no limit.
	Account counter.Limiter
	// Throttled says which limit ended the request.
	Throttled metrics.Layer
	// MaxBody is the most that a body may hold once it is decoded, in bytes.
	MaxBody int64

	Out     integration.Request   // made by map-request
	In      *integration.Response // made by call
	Failure Failure
	Tracing Tracing

	invokes bool // Out calls a function
	trace   string
	buf     []byte   // scratch for URLs
	values  []string // scratch for parameters with several values

	event       []byte // scratch for events
	eventHeader exchange.Header
	groups      groups
}

// keepEvent is the largest memory for an event that is kept, in bytes.
const keepEvent = 64 << 10

// Reset empties r for another request and keeps its memory.
func (r *Request) Reset() {
	source, out := r.Source, r.Out.Header
	source.Reset()
	clear(out[:cap(out)])
	clear(r.values[:cap(r.values)])
	clear(r.eventHeader[:cap(r.eventHeader)])
	event := r.event[:0]
	if cap(event) > keepEvent {
		event = nil
	}
	*r = Request{Source: source, buf: r.buf[:0], values: r.values[:0], event: event, eventHeader: r.eventHeader[:0], groups: r.groups}
	r.Out.Header = out[:0]
}

// Fail ends the request with a gateway response.
func (r *Request) Fail(response *spec.GatewayResponse, log string) Outcome {
	r.Failure = Failure{Response: response, Log: log}
	return Fail
}

const configurationError = "Execution failed due to configuration error: "

// misconfigured ends the request because of a mistake in the API's definition.
func (r *Request) misconfigured(reason string) Outcome {
	return r.Fail(spec.APIConfigurationError, configurationError+reason)
}

// BeginHeaders is how many headers Begin writes: the identifiers, which are of
// one request and in no log.
const BeginHeaders = 2

// CacheResult returns what the stage's cache did.
func (r *Request) CacheResult() metrics.Cache { return r.Cached.result }

// Begin starts the response: the status and the headers that every response has.
func (r *Request) Begin(status int) *exchange.Header {
	h := &r.X.Response.Header
	r.X.Response.Status = status
	*h = append((*h)[:0],
		exchange.Field{Name: "x-amzn-RequestId", Value: r.Context.RequestID},
		exchange.Field{Name: "x-amz-apigw-id", Value: r.Context.ExtendedID})
	return h
}
