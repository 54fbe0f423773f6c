package steps

import (
	"context"
	"errors"

	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/plan/spec"
)

// call sends the integration's request.
type call struct{ kind string }

// Call builds the step that calls the backend.
func Call(m *spec.Method, _ Report) Step { return call{m.Integration.Type} }

func (call) Name() string   { return "call" }
func (call) String() string { return "" }

func (s call) Run(ctx context.Context, r *Request) Outcome {
	backend := r.Backends.HTTP
	if s.kind == spec.Mock {
		backend = r.Backends.Mock
	}
	res, err := backend.Invoke(ctx, &r.Out)
	if err != nil {
		return r.failCall(err)
	}
	r.In = res
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
	integration.TooLarge:      {spec.Default5XX, "Execution failed: the endpoint's response is too long"},
	integration.Canceled:      {spec.Default5XX, "Execution ended: the client or the server gave up"},
	integration.Configuration: {spec.APIConfigurationError, ""},
}

func (r *Request) failCall(err error) Outcome {
	var typed *integration.Error
	if !errors.As(err, &typed) {
		return r.Fail(spec.Default5XX, "Execution failed: "+err.Error())
	}
	row := callFailures[typed.Kind]
	if row.log == "" {
		return r.misconfigured(typed.Error())
	}
	return r.Fail(row.response, row.log+": "+typed.Error())
}
