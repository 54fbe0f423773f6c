package control

import (
	"context"
	"strings"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/fault"
)

// AuthorizerCall is a call of TestInvokeAuthorizer, ready to run.
type AuthorizerCall struct {
	Account, Region string
	API             string
	Authorizer      *apigw.Authorizer
	Path, RawQuery  string
	Header          exchange.Header
	Body            []byte
	Variables       map[string]string
	Extra           map[string]string // more variables of $context
}

// AuthorizerAnswer is what an authorizer said.
type AuthorizerAnswer struct {
	Status    int // that a client would get who is not let in; 0: there is a policy
	Principal string
	Policy    string
	Context   map[string]string
	Latency   time.Duration
	Log       string
}

// TestInvokeAuthorizer asks a Lambda authorizer about a request.
func (s *Service) TestInvokeAuthorizer(ctx context.Context, in *apigw.TestInvokeAuthorizerRequest) (*apigw.TestInvokeAuthorizerResponse, error) {
	call := &AuthorizerCall{
		API: in.RestApiId, Header: headerOf(in.Headers, in.MultiValueHeaders), Body: []byte(apigw.Val(in.Body)), Variables: in.StageVariables,
		Extra: in.AdditionalContext,
	}
	call.Path, call.RawQuery, _ = strings.Cut(apigw.Val(in.PathWithQueryString), "?")
	if !strings.HasPrefix(call.Path, "/") {
		call.Path = "/" + call.Path
	}
	err := s.read(ctx, func(t *tx) error {
		_, authorizer, err := t.authorizer(in.RestApiId, in.AuthorizerId)
		if err == nil {
			call.Account, call.Region, call.Authorizer = t.scope.Account, t.scope.Region, &authorizer.Shape
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if apigw.Val(call.Authorizer.Type) == apigw.AuthorizerType_COGNITO_USER_POOLS {
		return nil, fault.BadRequestf("Authorizers of type COGNITO_USER_POOLS cannot be tested: the keys of user pools are not fetched by this version of postern")
	}
	answer := s.InvokeAuthorizer(ctx, call)
	out := &apigw.TestInvokeAuthorizerResponse{
		ClientStatus: new(int32(answer.Status)), Log: &answer.Log, Latency: new(answer.Latency.Milliseconds()),
	}
	if answer.Status == 0 {
		out.PrincipalId, out.Policy = &answer.Principal, &answer.Policy
		out.Authorization = map[string][]string{}
		for name, text := range answer.Context {
			out.Authorization[name] = []string{text}
		}
	}
	return out, nil
}
