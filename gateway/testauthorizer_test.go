package gateway

import (
	"context"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/plan/spec"
)

// TestAuthorizerPanics: a panic on the way is no policy.
func TestAuthorizerPanics(t *testing.T) {
	g := servingAWS(invoker(func(context.Context, *integration.Request) (*integration.Response, error) { panic("boom") }), apigw.Stage{}, nil)
	result := g.TestAuthorizer(t.Context(), AuthorizerTest{Authorizer: spec.Authorizer{
		Account: accountOfTests, Region: "us-east-1", API: testAPI, Type: spec.TokenAuthorizer, Sources: []string{"method.request.header.Auth"},
		URI: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations",
	}}, &exchange.Exchange{Request: exchange.Request{Method: "GET", Path: "/", Header: exchange.Header{{Name: "Auth", Value: "abc"}}}})
	if result.Status != 500 || result.Policy != "" || result.RequestID == "" || g.Panics() != 1 {
		t.Errorf("%+v after %d panics, want status 500 and one panic", result, g.Panics())
	}
}
