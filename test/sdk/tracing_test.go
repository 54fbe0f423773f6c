package sdk

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/postern-gateway/postern/test/postern"
)

// collector takes spans as a collector of OpenTelemetry does.
func collector(t *testing.T) (address string, spans chan *tracepb.Span) {
	t.Helper()
	spans = make(chan *tracepb.Span, 1000)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.URL.Path != "/v1/traces" {
			return // metrics
		}
		var message tracepb.TracesData
		if err := proto.Unmarshal(body, &message); err != nil {
			t.Error(err)
		}
		for _, resource := range message.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					spans <- span
				}
			}
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, spans
}

// TestTracing: tracingEnabled acts at once, and spans reach a collector.
func TestTracing(t *testing.T) {
	address, spans := collector(t)
	server, client := start(t, "--otlp", address)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("X-Amzn-Trace-Id")+" "+r.Header.Get("traceparent"))
	}))
	t.Cleanup(backend.Close)
	api := postern.NewAPI(t, client, "traced")
	api.Proxy(t, "GET", "/pets/{id}", backend.URL+"/x")
	api.Deploy(t, "dev")
	get := func(header string) string {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.StageURL(api.ID, "dev")+"/pets/7", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Amzn-Trace-Id", header)
		answer, err := postern.Do(http.DefaultClient, request)
		if err != nil || answer.Status != 200 {
			t.Fatalf("%+v, %v", answer, err)
		}
		return answer.Body
	}
	const incoming = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled="
	if got := get(incoming + "1"); got != incoming+"1 " {
		t.Errorf("without tracing the backend sees %q", got)
	}
	api.Patch(t, "dev", postern.Replace("/tracingEnabled", "true"))
	if got := get(incoming + "0"); got != incoming+"0 00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00" {
		t.Errorf("of a trace that is not sampled the backend sees %q", got)
	}
	seen := get(incoming + "1")
	api.Patch(t, "dev", postern.Replace("/tracingEnabled", "false"))
	if got := get(incoming + "1"); got != incoming+"1 " {
		t.Errorf("without tracing any more the backend sees %q", got)
	}
	server.Stop(t) // what it has is sent
	close(spans)
	byKind := map[tracepb.Span_SpanKind]*tracepb.Span{}
	for span := range spans {
		if byKind[span.Kind] != nil {
			t.Errorf("one more span %v", span)
		}
		byKind[span.Kind] = span
	}
	whole, call := byKind[tracepb.Span_SPAN_KIND_SERVER], byKind[tracepb.Span_SPAN_KIND_CLIENT]
	if whole == nil || call == nil {
		t.Fatalf("spans %v, want one of the request and one of the call", byKind)
	}
	id := hex.EncodeToString(call.SpanId)
	if want := "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=" + id + ";Sampled=1 00-5759e988bd862e3fe1be46a994272793-" + id + "-01"; seen != want {
		t.Errorf("the backend sees %q, want %q", seen, want)
	}
	if hex.EncodeToString(whole.TraceId) != "5759e988bd862e3fe1be46a994272793" || hex.EncodeToString(whole.ParentSpanId) != "53995c3f42cd8ad8" ||
		string(call.ParentSpanId) != string(whole.SpanId) || string(call.TraceId) != string(whole.TraceId) {
		t.Errorf("spans %v, %v", whole, call)
	}
	got := map[string]string{}
	for _, a := range whole.Attributes {
		got[a.Key] = a.Value.GetStringValue()
	}
	for name, want := range map[string]string{
		"http.request.method": "GET", "http.route": "/pets/{id}", "url.path": "/dev/pets/7", "aws.api_gateway.stage": "dev",
		"aws.api_gateway.rest_api_id": api.ID, "aws.api_gateway.account_id": account,
		"cloud.resource_id": "arn:aws:apigateway:us-east-1::/restapis/" + api.ID + "/stages/dev",
	} {
		if got[name] != want {
			t.Errorf("attribute %s is %q, want %q", name, got[name], want)
		}
	}
	if whole.Name != "GET /pets/{id}" || !strings.HasPrefix(call.Name, "GET") {
		t.Errorf("names %q and %q", whole.Name, call.Name)
	}
}
