package steps

import (
	"context"
	"fmt"

	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/plan/spec"
)

// Broken ends every request with API_CONFIGURATION_ERROR.
type Broken struct{ Reason string }

// Name implements Step.
func (Broken) Name() string { return "configuration-error" }

// String implements Step.
func (b Broken) String() string { return b.Reason }

// Run implements Step.
func (b Broken) Run(_ context.Context, r *Request) Outcome { return r.misconfigured(b.Reason) }

// Refuse ends every request with one gateway response. It stands where a
// check would be that is not there: closed, never open.
type Refuse struct {
	Step     string // name of the check
	Response *spec.GatewayResponse
	Reason   string
}

// Name implements Step.
func (s Refuse) Name() string { return s.Step }

// String implements Step.
func (s Refuse) String() string { return s.Response.Type + ": " + s.Reason }

// Run implements Step.
func (s Refuse) Run(_ context.Context, r *Request) Outcome { return r.Fail(s.Response, s.Reason) }

// ResourcePolicy builds the check of who may call the API at all.
func ResourcePolicy(m *spec.Method, report Report) Step {
	if m.Closed == "" {
		return nil
	}
	reason := m.Closed + " is not supported"
	report("API", reason)
	return Refuse{"resource-policy", spec.AccessDenied, reason}
}

// authorize refuses everybody: those without credentials as the service does,
// those with credentials because nobody can check them.
type authorize struct {
	kind       string
	noIdentity *spec.GatewayResponse
}

// Authorization builds the check of who may call the method.
func Authorization(m *spec.Method, report Report) Step {
	var s authorize
	switch m.Authorization {
	case "", "NONE":
		return nil
	case "AWS_IAM":
		s = authorize{m.Authorization, spec.MissingAuthenticationToken}
	default: // CUSTOM, COGNITO_USER_POOLS
		s = authorize{m.Authorization, spec.Unauthorized}
	}
	report("authorization", s.refusal())
	return s
}

func (s authorize) refusal() string {
	return fmt.Sprintf("authorization type %s is not supported", s.kind)
}

func (authorize) Name() string     { return "authorization" }
func (s authorize) String() string { return s.kind + ": nobody is let in" }

func (s authorize) Run(_ context.Context, r *Request) Outcome {
	if r.Header.Get("Authorization") == "" {
		return r.Fail(s.noIdentity, "no Authorization header")
	}
	return r.Fail(spec.AccessDenied, s.refusal())
}

// apiKey lets in who shows an API key of a usage plan that covers the stage.
type apiKey struct{ scope live.Scope }

// APIKey builds the check of the caller's API key.
func APIKey(m *spec.Method, report Report) Step {
	switch {
	case !m.APIKey:
		return nil
	case m.KeyFromAuthorizer:
		const reason = "API keys from authorizers are not supported"
		report("api key", reason)
		return Refuse{"api-key", spec.InvalidAPIKey, reason}
	}
	return apiKey{live.Scope{Account: m.Account, Region: m.Region}}
}

func (apiKey) Name() string   { return "api-key" }
func (apiKey) String() string { return "of a usage plan" }

// Run implements Step. The guide; that the name of the header is compared
// without case is widely known.
func (s apiKey) Run(_ context.Context, r *Request) Outcome {
	value := r.Header.Get("x-api-key")
	if r.Keys == nil || value == "" {
		return r.Fail(spec.InvalidAPIKey, "no API key")
	}
	id, ok := r.Keys.Allow(s.scope, value, r.Context.APIID, r.Context.Stage)
	if !ok {
		return r.Fail(spec.InvalidAPIKey, "the API key is in no usage plan of the stage, disabled or unknown")
	}
	r.Context.APIKey, r.Context.APIKeyID = value, id
	return Next
}
