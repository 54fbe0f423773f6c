package gateway

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
)

// TestFailureLog: what the log says about a failure. Recorded for the endpoint
// address; the other texts come from logs that users published.
func TestFailureLog(t *testing.T) {
	in := func(kind, uri string) apigw.Integration { return apigw.Integration{Type: &kind, Uri: &uri} }
	noMatch := in("HTTP", "http://b/")
	noMatch.IntegrationResponses = map[string]apigw.IntegrationResponse{"200": {SelectionPattern: new("200")}}
	undeclared := in("HTTP", "http://b/")
	undeclared.IntegrationResponses = map[string]apigw.IntegrationResponse{"404": {}}
	mapped := in("HTTP", "http://b/")
	mapped.RequestParameters = map[string]string{"integration.request.header.Content-Length": "'0'"}
	failed := func(kind integration.ErrorKind) *recorder {
		return &recorder{err: &integration.Error{Kind: kind, Cause: errors.New("cause")}}
	}
	answers := &recorder{res: integration.Response{Status: 418}}
	const configuration = "Execution failed due to configuration error: "
	for _, test := range []struct {
		name    string
		in      apigw.Integration
		backend *recorder
		want    string
	}{
		{"address", in("HTTP_PROXY", "https://${stageVariables.testHost}"), answers, configuration + "Invalid endpoint address"},
		{"no match", noMatch, answers, configuration + "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: 418"},
		{"no method response", undeclared, answers, configuration + "Output mapping refers to an invalid method response: 404"},
		{"header", mapped, answers, configuration + "header already present: Content-Length"},
		{"mock", apigw.Integration{Type: new("MOCK")}, nil, configuration + "Unable to parse statusCode. It should be an integer that is defined in the request template."},
		{"timeout", in("HTTP", "http://b/"), failed(integration.Timeout), "Execution failed due to a timeout error"},
		{"network", in("HTTP", "http://b/"), failed(integration.Network), "Execution failed due to a network error communicating with endpoint"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			s := serving(t, nil, apigw.Stage{}, backendMethod("GET /", test.in))
			g := New(Config{Table: s.table, HTTP: test.backend, Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
			res := serve(t, g, request("GET /dev", nil, ""))
			if res.Status < 500 || !strings.Contains(out.String(), `"`+test.want+`"`) {
				t.Errorf("status %d, log %s, want the text %q", res.Status, out.String(), test.want)
			}
		})
	}
}

// TestHTTP2Names: a request that lost the spelling of its names is still mapped.
func TestHTTP2Names(t *testing.T) {
	var got string
	backend := invoker(func(_ context.Context, req *integration.Request) (*integration.Response, error) {
		got = req.Header.Get("X-Out")
		return &integration.Response{Status: 200}, nil
	})
	g := serving(t, backend, apigw.Stage{}, backendMethod("GET /", apigw.Integration{
		Type: new("HTTP"), Uri: new("http://b/"),
		RequestParameters: map[string]string{"integration.request.header.X-Out": "method.request.header.X-In"},
	}))
	for _, test := range []struct {
		http2 bool
		want  string
	}{{false, ""}, {true, "v"}} {
		got = ""
		x := request("GET /dev", nil, "")
		x.Request.Header, x.Request.HTTP2 = exchange.Header{{Name: "x-in", Value: "v"}}, test.http2
		serve(t, g, x)
		if got != test.want {
			t.Errorf("HTTP/2 %v: mapped %q, want %q", test.http2, got, test.want)
		}
	}
}
