package steps

import (
	"context"
	"strconv"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/observe"
	"github.com/postern-gateway/postern/plan/spec"
)

// logStep writes lines of the execution log between two other steps. A method
// that logs nothing has none. The texts and their order are those of logs of
// the service; the numbers in the comments are the rows of the specification
// (stage runtime, 6.3).
type logStep struct {
	name  string
	lines func(*Request)
}

func (s logStep) Name() string { return s.name }

func (logStep) String() string { return "" }

// Run implements Step.
func (s logStep) Run(_ context.Context, r *Request) Outcome {
	s.lines(r)
	return Next
}

// narrates reports whether a method writes more than failures.
func narrates(s *spec.Settings) bool { return s.Log == spec.LogInfo }

// LogKeyCheck writes what comes before the check of the API key.
func LogKeyCheck(m *spec.Method, s *spec.Settings, _ *live.State) Step {
	if !narrates(s) || s.Test {
		return nil
	}
	place := s.API + "/" + s.Stage
	return logStep{"log-key-check", func(r *Request) { // row 8; a method that needs no key names none
		r.Journal.Info(r.Clock.Now(), "Verifying Usage Plan for request: ", r.Context.RequestID, ". API Key: ", shownKey(m, r), " API Stage: ", place)
	}}
}

func shownKey(m *spec.Method, r *Request) string {
	if !m.APIKey {
		return ""
	}
	return observe.Mask(r.Header.Get("x-api-key"))
}

// LogKeyPassed writes what comes after it and after the limits: rows 9a and 10.
// Seen in logs: a request that is throttled has neither.
func LogKeyPassed(m *spec.Method, s *spec.Settings, _ *live.State) Step {
	if !narrates(s) || s.Test {
		return nil
	}
	place := s.API + "/" + s.Stage
	return logStep{"log-key-passed", func(r *Request) {
		now := r.Clock.Now()
		if !m.APIKey { // row 9a
			r.Journal.Info(now, "API Key  authorized because method '", m.Verb, " ", m.ResourcePath,
				"' does not require API Key. Request will not contribute to throttle or quota limits")
		}
		r.Journal.Info(now, "Usage Plan check succeeded for API Key ", shownKey(m, r), " and API Stage ", place)
	}}
}

// LogRequest writes what the client sent: rows 11, 12 and 14 to 17.
func LogRequest(m *spec.Method, s *spec.Settings, _ *live.State) Step {
	if !narrates(s) {
		return nil
	}
	return logStep{"log-request", func(r *Request) {
		now := r.Clock.Now()
		r.Journal.Info(now, "Starting execution for request: ", r.Context.RequestID)
		path := r.Context.Base + r.Context.Rest
		if path == "" {
			path = "/"
		}
		r.Journal.Info(now, "HTTP Method: ", r.Context.HTTPMethod, ", Resource Path: ", path)
		if !r.Journal.Traces() {
			return
		}
		r.Journal.Trace(now, "Method request path: ", pairs(r.Path))
		r.Journal.Trace(now, "Method request query string: ", pairs(r.Query()))
		r.Journal.Trace(now, "Method request headers: ", observe.Header(r.Header))
		r.Journal.Trace(now, "Method request body before transformations: ", observe.Body(r.Body))
	}}
}

// LogEndpointRequest writes what goes to the backend: rows 18 to 21.
func LogEndpointRequest(m *spec.Method, s *spec.Settings, _ *live.State) Step {
	if !narrates(s) || m.Integration == nil || m.Integration.Type == spec.Mock {
		return nil
	}
	return logStep{"log-endpoint-request", func(r *Request) {
		now := r.Clock.Now()
		if r.Journal.Traces() {
			r.Journal.Trace(now, "Endpoint request URI: ", r.Out.ServiceURL())
			r.Journal.Trace(now, "Endpoint request headers: ", observe.Header(r.Out.Header))
			r.Journal.Trace(now, "Endpoint request body after transformations: ", observe.Body(r.Out.Body))
		}
		r.Journal.Info(now, "Sending request to ", r.Out.ServiceURL())
	}}
}

// LogEndpointResponse writes what came back: rows 22 to 24.
func LogEndpointResponse(m *spec.Method, s *spec.Settings, _ *live.State) Step {
	if !narrates(s) || m.Integration == nil || m.Integration.Type == spec.Mock {
		return nil
	}
	return logStep{"log-endpoint-response", func(r *Request) {
		now, o := r.Clock.Now(), &r.Context.Outcome
		r.Journal.Info(now, "Received response. Status: ", strconv.Itoa(o.BackendStatus),
			", Integration latency: ", strconv.FormatInt(o.BackendLatency.Milliseconds(), 10), " ms")
		if r.Journal.Traces() {
			r.Journal.Trace(now, "Endpoint response headers: ", observe.Header(r.In.Header))
			r.Journal.Trace(now, "Endpoint response body before transformations: ", observe.Body(r.In.Body))
		}
	}}
}

// pairs writes parameters as headers are written.
func pairs(list []mapping.Param) string {
	h := make(exchange.Header, 0, len(list))
	for _, p := range list {
		h.Add(p.Name, p.Value)
	}
	return observe.Header(h)
}
