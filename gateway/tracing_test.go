package gateway

import (
	"testing"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/observe/trace"
)

const fullTrace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled="

// TestTracing: what becomes of the header of a client.
func TestTracing(t *testing.T) {
	const (
		parent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"
		// Ids of spans are random; those of the test's source are the same each time.
		span   = "<span>"
		root   = "1-5759e988-bd862e3fe1be46a994272793"
		w3c    = "1-0af76519-16cd43dd8448eb211c80319c"
		backed = "53995c3f42cd8ad8"
	)
	for _, c := range []struct {
		name   string
		off    bool
		header []string
		want   trace.Header // that the backend sees
		parent bool         // the backend sees traceparent too
		traced string       // $context.xrayTraceId
		spans  int
		spanOf string // parent of the span of the request
	}{
		{name: "sampled by the client", header: []string{"X-Amzn-Trace-Id: " + fullTrace + "1"}, want: trace.Header{Root: root, Parent: span, Sampled: "1"}, parent: true, traced: root, spans: 2, spanOf: backed},
		{name: "not sampled by the client", header: []string{"X-Amzn-Trace-Id: " + fullTrace + "0"}, want: trace.Header{Root: root, Parent: backed, Sampled: "0"}, parent: true},
		{name: "left to us", header: []string{"X-Amzn-Trace-Id: Root=" + root}, want: trace.Header{Root: root, Parent: span, Sampled: "1"}, parent: true, traced: root, spans: 2},
		{name: "nothing", want: trace.Header{Root: "new", Parent: span, Sampled: "1"}, parent: true, traced: "new", spans: 2},
		{name: "sampled by traceparent", header: []string{parent + "1"}, want: trace.Header{Root: w3c, Parent: span, Sampled: "1"}, parent: true, traced: w3c, spans: 2, spanOf: "b7ad6b7169203331"},
		{name: "not sampled by traceparent", header: []string{parent + "0"}, want: trace.Header{Root: w3c, Parent: "b7ad6b7169203331", Sampled: "0"}, parent: true},
		{name: "both", header: []string{"X-Amzn-Trace-Id: " + fullTrace + "0", parent + "1"}, want: trace.Header{Root: root, Parent: backed, Sampled: "0"}, parent: true},
		{name: "passive", off: true, header: []string{"X-Amzn-Trace-Id: " + fullTrace + "1"}, want: trace.Header{Root: root, Parent: backed, Sampled: "1"}},
		{name: "passive, nothing", off: true, want: trace.Header{Root: "new", Parent: span, Sampled: "0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			backend := &recorder{res: integration.Response{Status: 200}}
			stage := apigw.Stage{TracingEnabled: new(!c.off)}
			g, _, spans := watched(t, backend, stage,
				backendMethod("GET /pets/{id}", apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("http://backend/?secret=1")}))
			serve(t, g, request("GET /dev/pets/1", c.header, ""))
			got := trace.Parse(backend.got.Header.Get("X-Amzn-Trace-Id"))
			seen := got
			if c.want.Root == "new" && got.ID() != "" {
				seen.Root = "new"
			}
			if c.want.Parent == span && got.Span() != "" && got.Parent != backed {
				seen.Parent = span
			}
			if seen != c.want {
				t.Errorf("the backend sees %v, want %v", got, c.want)
			}
			wantParent := ""
			if c.parent {
				wantParent = got.TraceParent()
			}
			if told := backend.got.Header.Get("traceparent"); told != wantParent {
				t.Errorf("the backend sees traceparent %q, want %q", told, wantParent)
			}
			if len(*spans) != c.spans {
				t.Fatalf("%d spans, want %d", len(*spans), c.spans)
			}
			if c.spans == 0 {
				return
			}
			call, whole := (*spans)[0], (*spans)[1]
			switch {
			case call.Trace != got.ID() || whole.Trace != got.ID():
				t.Errorf("spans of %s and %s, want %s", call.Trace, whole.Trace, got.ID())
			case call.ID != got.Parent || call.Parent != whole.ID || whole.Parent != c.spanOf:
				t.Errorf("spans %s of %s, %s of %s; want %s of the other, of %q", call.ID, call.Parent, whole.ID, whole.Parent, got.Parent, c.spanOf)
			case !call.Client || whole.Client || whole.Name != "GET /pets/{id}":
				t.Errorf("spans %+v, %+v", call, whole)
			}
			for _, a := range call.Attributes {
				if a.Name == "url.full" && a.Text != "http://backend/" {
					t.Errorf("the span of the call shows %s", a.Text)
				}
			}
		})
	}
}

// TestTracingSamples: one request in a second, whatever becomes of the plan,
// and some of the others.
func TestTracingSamples(t *testing.T) {
	stage := apigw.Stage{TracingEnabled: new(true)}
	g, _, spans := watched(t, nil, stage, mockMethod("GET /mock", "{}"))
	const n = 2000
	for range n {
		serve(t, g, request("GET /dev/mock", nil, ""))
	}
	if got := len(*spans); got < 1+n*3/100 || got > 1+n*7/100 {
		t.Errorf("%d of %d requests in one second are sampled, want about 5 %%", got, n)
	}
	before := len(*spans)
	x := request("GET /dev/mock", nil, "")
	x.Request.Received = testTime.Add(time.Second)
	serve(t, g, x)
	if len(*spans) != before+1 {
		t.Error("the first request of the next second is not sampled")
	}
}
