package gateway

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/plan"
)

// TestTestInvocation: the log of a call, in the lines and the order that are
// recorded, and what the answer shows of its headers.
func TestTestInvocation(t *testing.T) {
	m := backendMethod("POST /pets/{id}", apigw.Integration{
		Type: new("HTTP"), Uri: new("http://backend/{id}"), HttpMethod: new("PUT"),
		RequestParameters:    map[string]string{"integration.request.path.id": "method.request.path.id", "integration.request.header.X-Stage": "stageVariables.v"},
		RequestTemplates:     map[string]*string{"application/json": new(`{"from":"$context.identity.sourceIp","stage":"$context.stage"}`)},
		IntegrationResponses: map[string]apigw.IntegrationResponse{"200": {}},
	})
	m.Method.ApiKeyRequired, m.Method.AuthorizationType = new(true), new("AWS_IAM") // nobody asks
	backend := &recorder{res: integration.Response{
		Status: 200, Header: exchange.Header{{Name: "Server", Value: "b"}}, Body: []byte("answer"),
	}}
	api, method := plan.CompileTest(snapshot(m))
	g := serving(t, backend, apigw.Stage{})
	x := request("POST /pets/7?a=1&a=2", []string{"x: y"}, `{"b":1}`)
	result := g.Test(t.Context(), Test{API: api, Method: method, Variables: map[string]string{"v": "value"}}, x)
	var got []string
	for _, line := range result.Lines {
		got = append(got, line.Text)
	}
	trace := ""
	for i, line := range got {
		if _, after, ok := strings.Cut(line, "X-Amzn-Trace-Id="); ok {
			id, _, _ := strings.Cut(after, ",")
			trace = strings.TrimSuffix(id, "}")
			got[i] = strings.ReplaceAll(line, trace, "TRACE")
		}
	}
	want := []string{
		"Starting execution for request: " + result.RequestID,
		"HTTP Method: POST, Resource Path: /pets/7",
		"Method request path: {id=7}",
		"Method request query string: {a=1,2}",
		"Method request headers: {x=y}",
		`Method request body before transformations: {"b":1}`,
		"Endpoint request URI: http://backend/7",
		"Endpoint request headers: {Accept=application/json, User-Agent=AmazonAPIGateway_" + testAPI + ", X-Amzn-Apigateway-Api-Id=" + testAPI +
			", X-Amzn-Trace-Id=TRACE, Content-Type=application/json, X-Stage=value}",
		`Endpoint request body after transformations: {"from":"test-invoke-source-ip","stage":"test-invoke-stage"}`,
		"Sending request to http://backend/7",
		"Received response. Status: 200, Integration latency: 0 ms",
		"Endpoint response headers: {Server=b}",
		"Endpoint response body before transformations: answer",
		"Method response body after transformations: answer",
		"Method response headers: {X-Amzn-Trace-Id=TRACE, Content-Type=application/json}",
		"Successfully completed execution",
		"Method completed with status: 200",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	header := result.Headers(&x.Response)
	if want := (exchange.Header{{Name: "X-Amzn-Trace-Id", Value: trace}, {Name: "Content-Type", Value: "application/json"}}); !cmp.Equal(want, header) {
		t.Errorf("headers %v, want %v", header, want)
	}
}

// TestTestInvocationFails: a failure is the pipeline's own, with its log.
func TestTestInvocationFails(t *testing.T) {
	custom := snapshot(backendMethod("GET /", apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("https://${stageVariables.host}")}))
	custom.GatewayResponses = []apigw.GatewayResponse{{
		ResponseType: new("DEFAULT_5XX"), ResponseTemplates: map[string]string{"text/plain": "mine"},
	}}
	for _, test := range []struct {
		name string
		plan func() (*plan.API, *plan.Bound)
		body string
		want exchange.Header
	}{
		{
			"default",
			func() (*plan.API, *plan.Bound) {
				return plan.CompileTest(snapshot(backendMethod("GET /", apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("https://${stageVariables.host}")})))
			},
			`{"message": "Internal server error"}`,
			exchange.Header{{Name: "x-amzn-ErrorType", Value: "InternalServerErrorException"}},
		},
		{
			"customised", func() (*plan.API, *plan.Bound) { return plan.CompileTest(custom) }, "mine",
			exchange.Header{{Name: "x-amzn-ErrorType", Value: "InternalServerErrorException"}, {Name: "Content-Type", Value: "text/plain"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			api, method := test.plan()
			x := request("GET /anything", nil, "")
			result := serving(t, nil, apigw.Stage{}).Test(t.Context(), Test{API: api, Method: method}, x)
			last := result.Lines[len(result.Lines)-2:]
			if last[0].Text != "Execution failed due to configuration error: Invalid endpoint address" || last[1].Text != "Method completed with status: 500" {
				t.Errorf("log ends with %v", last)
			}
			if x.Response.Status != 500 || string(x.Response.Body) != test.body {
				t.Errorf("status %d, body %q, want 500, %q", x.Response.Status, x.Response.Body, test.body)
			}
			if got := result.Headers(&x.Response); !cmp.Equal(test.want, got) {
				t.Errorf("headers %v, want %v", got, test.want)
			}
		})
	}
}

// TestInvokeProxy: a test invocation comes from nowhere, and says nothing of it.
func TestInvokeProxy(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200}}
	api, method := plan.CompileTest(snapshot(backendMethod("GET /x", apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("http://backend/")})))
	x := request("GET /x", nil, "")
	x.Request.Remote = netip.AddrPort{}
	serving(t, backend, apigw.Stage{}).Test(t.Context(), Test{API: api, Method: method}, x)
	if backend.got.Header.Has("X-Forwarded-For") {
		t.Errorf("the backend saw %v", backend.got.Header)
	}
}
