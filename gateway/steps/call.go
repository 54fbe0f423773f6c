package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/aws"
	"github.com/postern-gateway/postern/plan/spec"
)

// call sends the integration's request.
type call struct{ kind string }

// Call builds the step that calls the backend.
func Call(m *spec.Method, _ Report) Step { return call{m.Integration.Type} }

func (call) Name() string   { return "call" }
func (call) String() string { return "" }

func (s call) Run(ctx context.Context, r *Request) Outcome {
	var backend integration.Invoker
	switch s.kind {
	case spec.Mock:
		backend = r.Backends.Mock
	case spec.AWS, spec.AWSProxy:
		backend = r.Backends.AWS
	default:
		backend = r.Backends.HTTP
	}
	o := &r.Context.Outcome
	began := r.Clock.Now()
	res, err := backend.Invoke(ctx, &r.Out)
	o.CalledAt = began
	o.Called, o.BackendLatency = s.kind != spec.Mock, r.Clock.Now().Sub(began)
	if err != nil {
		if r.Explain.Wanted() {
			r.Explain.Add(r.Clock.Now(), "call", fmt.Sprintf("no answer after %.3f ms: %v", o.BackendLatency.Seconds()*1000, err))
		}
		return r.failCall(err)
	}
	if r.Explain.Wanted() {
		r.Explain.Add(r.Clock.Now(), "call", fmt.Sprintf("status %d after %.3f ms, %d bytes", res.Status, o.BackendLatency.Seconds()*1000, len(res.Body)))
	}
	r.In = res
	o.BackendStatus = res.Status
	if r.Out.AWS.Service != "" {
		o.ServiceStatus, o.BackendRequestID = res.Status, aws.RequestID(res.Header)
	}
	r.BackendHeader, r.BackendBody = res.Header, res.Body
	return Next
}

// callFailures is the one table from errors of backends to gateway responses.
// The texts are those of the service's execution log (reported by users).
var callFailures = map[integration.ErrorKind]struct {
	response *spec.GatewayResponse
	log      string
}{
	integration.Network:       {spec.IntegrationFailure, "Execution failed due to a network error communicating with endpoint"},
	integration.Timeout:       {spec.IntegrationTimeout, "Execution failed due to a timeout error"},
	integration.Address:       {spec.APIConfigurationError, configurationError + "Invalid endpoint address"},
	integration.TooLarge:      {spec.Default5XX, "Execution failed due to an internal error"},
	integration.Canceled:      {spec.Default5XX, "Execution failed due to an internal error"},
	integration.Configuration: {spec.APIConfigurationError, ""},
}

func (r *Request) failCall(err error) Outcome {
	var typed *integration.Error
	if !errors.As(err, &typed) {
		r.Context.Outcome.BackendError = err.Error()
		return r.Fail(spec.Default5XX, "Execution failed due to an internal error")
	}
	row := callFailures[typed.Kind]
	if row.log == "" {
		return r.misconfigured(typed.Error())
	}
	r.Context.Outcome.BackendError = typed.Error()
	return r.Fail(row.response, row.log)
}
