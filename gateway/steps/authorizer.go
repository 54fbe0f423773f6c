package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/iam"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/observe"
	"github.com/postern-gateway/postern/plan/spec"
	"github.com/postern-gateway/postern/regex"
	"github.com/postern-gateway/postern/value"
)

// Authorizer is a Lambda authorizer, ready to be asked.
type Authorizer struct {
	spec    spec.Authorizer
	sources []mapping.Expr
	pattern *regexp2.Regexp // nil: any token
	call    mapAWS          // makes the function's request
	event   *eventMaker
}

// authorizerTimeout is how long a function may take. (The guide has no figure
// of its own for REST APIs; it is that of an integration.)
const authorizerTimeout = 29 * time.Second

// CompileAuthorizer makes an authorizer. An error spoils every request.
func CompileAuthorizer(s spec.Authorizer) (*Authorizer, error) {
	m := &spec.Method{
		Account: s.Account, Region: s.Region, API: s.API,
		Integration: &spec.Integration{Type: spec.AWSProxy, Method: "POST", URI: s.URI, Credentials: s.Credentials, Timeout: authorizerTimeout},
	}
	a := &Authorizer{spec: s, call: mapAWS{method: m, userAgent: "AmazonAPIGateway_" + s.API}, event: newEventMaker(m)}
	for _, source := range s.Sources {
		expr, err := mapping.ParseRequest(strings.TrimSpace(source))
		if err != nil {
			return nil, err
		}
		a.sources = append(a.sources, expr)
	}
	if s.Type == spec.TokenAuthorizer && len(a.sources) != 1 {
		return nil, errors.New("a TOKEN authorizer has one identity source")
	}
	if s.Pattern != "" {
		var err error
		if a.pattern, err = regex.Whole(s.Pattern, regexp2.None); err != nil {
			return nil, fmt.Errorf("identity validation expression: %w", err)
		}
	}
	return a, nil
}

// Verdict is what an authorizer said of a request.
type Verdict struct {
	// Response is what a client gets who is not let in; nil: there is a policy.
	Response  *spec.GatewayResponse
	Principal string
	Policy    string // a document (JSON)
	// Context are the values that the function gives to the request, as texts.
	Context map[string]string
}

// Ask asks the authorizer about a request, and tells the request's journal.
// arn names what is called, as policies do.
func (a *Authorizer) Ask(ctx context.Context, r *Request, arn string) Verdict {
	r.Journal.Info(r.Clock.Now(), "Starting authorizer: ", a.spec.ID, " for request: ", r.Context.RequestID)
	identity, ok := a.identity(r)
	r.Journal.Trace(r.Clock.Now(), "Incoming identity: ", shownTo(r, identity))
	if !ok {
		r.Journal.Info(r.Clock.Now(), "Unauthorized request: ", r.Context.RequestID)
		return Verdict{Response: spec.Unauthorized}
	}
	document, response := a.invoke(ctx, r, arn, identity)
	if response != nil {
		return Verdict{Response: response}
	}
	verdict, err := readVerdict(document)
	if err != nil {
		now := r.Clock.Now()
		r.Journal.Error(now, configurationError, err.Error())
		r.Journal.Error(now, spec.AuthorizerConfigurationError.ErrorType)
		return Verdict{Response: spec.AuthorizerConfigurationError}
	}
	r.Journal.Info(r.Clock.Now(), "Using valid authorizer policy for principal: ", shownTo(r, verdict.Principal))
	r.Journal.Info(r.Clock.Now(), "Successfully completed authorizer execution")
	return verdict
}

// shownTo hides who a caller is from the logs of a stage; the log of a test
// invocation goes to nobody but who sent it.
func shownTo(r *Request, text string) string {
	if r.Context.Test {
		return text
	}
	return observe.Mask(text)
}

// identity returns what identifies the caller, joined; false if the authorizer
// need not be asked about a request without it. The guide.
func (a *Authorizer) identity(r *Request) (string, bool) {
	var values []string
	for i := range a.sources {
		text, ok := a.sources[i].Value(&r.Source)
		if !ok && !a.spec.Optional {
			return strings.Join(values, ","), false
		}
		values = append(values, text)
	}
	identity := strings.Join(values, ",")
	if a.pattern != nil {
		if ok, err := a.pattern.MatchString(identity); err != nil || !ok {
			return identity, false
		}
	}
	return identity, true
}

// invoke calls the function; a response says why there is no answer of it.
func (a *Authorizer) invoke(ctx context.Context, r *Request, arn, identity string) (value.Value, *spec.GatewayResponse) {
	fail := func(response *spec.GatewayResponse, lines ...string) (value.Value, *spec.GatewayResponse) {
		r.Journal.Error(r.Clock.Now(), lines...)
		return value.Value{}, response
	}
	target, err := parseAWSURI(expandVariables(a.spec.URI, r))
	if err == nil && !target.invoke {
		err = errAddress
	}
	if err != nil {
		return fail(spec.AuthorizerConfigurationError, configurationError, err.Error())
	}
	r.Out = integration.Request{Method: "POST", Timeout: authorizerTimeout, AWS: target.call, Header: r.Out.Header[:0], Body: a.append(nil, r, arn, identity)}
	r.Out.AWS.Account = a.spec.Account
	if r.Out.URL = a.call.url(r, target); !callable(r.Out.URL) {
		return fail(spec.AuthorizerConfigurationError, configurationError, errAddress.Error())
	}
	a.call.ownHeader(r, target)
	if err := r.Backends.AWS.Prepare(&r.Out); err != nil {
		return fail(spec.AuthorizerConfigurationError, configurationError, err.Error())
	}
	now := r.Clock.Now()
	r.Journal.Trace(now, "Endpoint request URI: ", r.Out.ServiceURL())
	r.Journal.Trace(now, "Endpoint request headers: ", observe.Header(r.Out.Header))
	r.Journal.Trace(now, "Endpoint request body after transformations: ", observe.Body(r.Out.Body))
	r.Journal.Trace(now, "Sending request to ", r.Out.ServiceURL())
	res, err := r.Backends.AWS.Invoke(ctx, &r.Out)
	if err != nil {
		return fail(spec.AuthorizerFailure, "Execution failed due to an authorizer error: ", err.Error())
	}
	r.Journal.Trace(r.Clock.Now(), "Authorizer result body before parsing: ", observe.Body(res.Body))
	if res.Status == 403 || res.Status == 404 { // as with an integration
		return fail(spec.AuthorizerConfigurationError, configurationError, "Invalid permissions on Lambda function")
	}
	document, err := value.ParseJSON(string(res.Body))
	r.In = res
	switch message, failed := functionError(r, document); {
	case failed && message == "Unauthorized": // the guide
		r.Journal.Info(r.Clock.Now(), "Unauthorized request: ", r.Context.RequestID)
		return value.Value{}, spec.Unauthorized
	case failed || res.Status >= 300:
		return fail(spec.AuthorizerFailure, "Lambda execution failed with status ", fmt.Sprint(res.Status), " due to customer function error: ", message)
	case err != nil:
		return fail(spec.AuthorizerConfigurationError, configurationError, errPolicy.Error())
	}
	return document, nil
}

// append writes the event of the function. The guide.
func (a *Authorizer) append(dst []byte, r *Request, arn, identity string) []byte {
	dst = value.AppendQuoted(append(dst, `{"type":`...), a.spec.Type)
	if a.spec.Type == spec.TokenAuthorizer {
		dst = value.AppendQuoted(append(dst, `,"methodArn":`...), arn)
		dst = value.AppendQuoted(append(dst, `,"authorizationToken":`...), identity)
		return append(dst, '}')
	}
	c := &r.Context
	dst = value.AppendQuoted(append(dst, `,"methodArn":`...), arn)
	dst = value.AppendQuoted(append(dst, `,"resource":`...), c.ResourcePath)
	dst = value.AppendQuoted(append(dst, `,"path":`...), c.Base+eventPath(c.Rest))
	dst = value.AppendQuoted(append(dst, `,"httpMethod":`...), c.HTTPMethod)
	return append(a.event.appendRequest(dst, r, emptyMap), '}')
}

// errPolicy is a text of the service.
//
//lint:ignore ST1005 the text is the service's, to the letter
var errPolicy = errors.New("Could not parse policy")

// readVerdict reads what a function returned: a principal, a policy in the
// language of IAM, and context values, which must be scalars (guide).
func readVerdict(document value.Value) (Verdict, error) {
	text, err := document.AppendJSON(nil, maxErrorMessage)
	if err != nil {
		return Verdict{}, errPolicy
	}
	var answer struct {
		PrincipalID    *string `json:"principalId"`
		PolicyDocument json.RawMessage
		Context        map[string]any
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // numbers stay as they are written
	if decoder.Decode(&answer) != nil || answer.PrincipalID == nil || len(answer.PolicyDocument) == 0 {
		return Verdict{}, errPolicy
	}
	if _, err := iam.Parse(answer.PolicyDocument); err != nil {
		return Verdict{}, errPolicy
	}
	verdict := Verdict{Principal: *answer.PrincipalID, Policy: string(answer.PolicyDocument), Context: map[string]string{}}
	for name, v := range answer.Context {
		switch v.(type) {
		case map[string]any, []any:
			return Verdict{}, errPolicy
		case nil:
		default:
			verdict.Context[name] = fmt.Sprint(v)
		}
	}
	return verdict, nil
}
