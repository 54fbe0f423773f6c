package otel

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/observe/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var testTime = time.Unix(1_700_000_000, 0)

// collector takes messages and answers what answer says; 200 if it is nil.
type collector struct {
	*httptest.Server
	bodies chan []byte
	paths  chan string
}

func newCollector(t *testing.T, answer func(http.ResponseWriter)) *collector {
	t.Helper()
	c := &collector{bodies: make(chan []byte, 1000), paths: make(chan string, 1000)}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("%v, content type %q", err, r.Header.Get("Content-Type"))
		}
		if answer != nil {
			answer(w)
		}
		c.paths <- r.URL.Path
		c.bodies <- body
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) spans(t *testing.T) []*tracepb.Span {
	t.Helper()
	var message tracepb.TracesData
	if err := proto.Unmarshal(<-c.bodies, &message); err != nil {
		t.Fatal(err)
	}
	if path := <-c.paths; path != "/base/v1/traces" {
		t.Errorf("sent to %s", path)
	}
	return message.ResourceSpans[0].ScopeSpans[0].Spans
}

// begin starts an exporter whose clock stands still, unless change changes that:
// it sends when it is closed.
func begin(t *testing.T, c *collector, change func(*Config)) *Exporter {
	t.Helper()
	cfg := Config{URL: c.URL + "/base/", Instance: "one", Clock: clock.NewManual(testTime), Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&cfg)
	}
	e := New(cfg)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		e.Close(ctx)
	})
	return e
}

func aSpan(name string) *trace.Span {
	return &trace.Span{
		Trace: "5759e988bd862e3fe1be46a994272793", ID: "00f067aa0ba902b7", Parent: "53995c3f42cd8ad8", Name: name,
		Begin: testTime, End: testTime.Add(time.Millisecond), Failed: true,
		Attributes: []trace.Attribute{{Name: "text", Text: "a"}, {Name: "number", Number: 7}, {Name: "nothing"}},
	}
}

// TestSpanOfAnyText: what a client sent need not be UTF-8, which the protocol
// wants; it spoils no message.
func TestSpanOfAnyText(t *testing.T) {
	c := newCollector(t, nil)
	e := begin(t, c, nil)
	s := aSpan("\xff /pets")
	s.Attributes[0].Text = "curl\xff"
	e.Span(s)
	e.Close(t.Context())
	if n := e.Dropped(); n != 0 {
		t.Fatalf("%d spans are lost", n)
	}
	got := c.spans(t)[0]
	if text := got.Attributes[0].Value.GetStringValue(); got.Name != "\ufffd /pets" || text != "curl\ufffd" {
		t.Errorf("name %q, attribute %q", got.Name, text)
	}
}

// TestSpan: what a collector sees of a span.
func TestSpan(t *testing.T) {
	c := newCollector(t, nil)
	e := begin(t, c, nil)
	client := aSpan("GET")
	client.Client, client.Failed, client.Parent = true, false, ""
	e.Span(aSpan("GET /pets"))
	e.Span(client)
	e.Close(t.Context()) // sends them
	spans := c.spans(t)
	if len(spans) != 2 {
		t.Fatalf("%d spans at once, want 2", len(spans))
	}
	s := spans[0]
	if got := len(s.TraceId); got != 16 || s.TraceId[0] != 0x57 || len(s.SpanId) != 8 || len(s.ParentSpanId) != 8 {
		t.Errorf("ids %x %x %x", s.TraceId, s.SpanId, s.ParentSpanId)
	}
	if s.Name != "GET /pets" || s.Kind != tracepb.Span_SPAN_KIND_SERVER || s.Status.GetCode() != tracepb.Status_STATUS_CODE_ERROR ||
		s.EndTimeUnixNano-s.StartTimeUnixNano != uint64(time.Millisecond) || len(s.Attributes) != 2 || s.Attributes[1].Value.GetIntValue() != 7 {
		t.Errorf("span %v", s)
	}
	if s := spans[1]; s.Kind != tracepb.Span_SPAN_KIND_CLIENT || s.Status != nil || len(s.ParentSpanId) != 0 {
		t.Errorf("span %v", s)
	}
	if n := e.Dropped(); n != 0 {
		t.Errorf("%d dropped", n)
	}
}

// TestDead: a collector that does not answer costs nothing but spans.
func TestDead(t *testing.T) {
	stuck := make(chan struct{})
	arrived := make(chan struct{}, 10)
	c := newCollector(t, func(http.ResponseWriter) { arrived <- struct{}{}; <-stuck })
	e := begin(t, c, func(cfg *Config) { cfg.Queue, cfg.Delay, cfg.Clock = 10, time.Nanosecond, clock.System{} })
	defer close(stuck)
	e.Span(aSpan("first"))
	<-arrived
	for range 25 { // the test hangs here if any of them waits
		e.Span(aSpan("more"))
	}
	if n := e.Dropped(); n != 15 {
		t.Errorf("%d spans dropped, want 15", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e.Close(ctx)
	if n := e.Dropped(); n != 26 {
		t.Errorf("%d spans dropped after the end, want all 26", n)
	}
}

// TestRetry: a busy collector is asked again, one that refuses is not.
func TestRetry(t *testing.T) {
	for _, r := range []struct {
		statuses []int
		dropped  int64
	}{
		{[]int{503, 429, 200}, 0},
		{[]int{502, 504, 503}, 1},
		{[]int{400}, 1},
		{[]int{307}, 1},
	} {
		left := r.statuses
		c := newCollector(t, func(w http.ResponseWriter) {
			if len(left) == 0 {
				t.Errorf("%v: asked once more", r.statuses)
				return
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(left[0])
			left = left[1:]
		})
		var log strings.Builder
		e := begin(t, c, func(cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		e.Span(aSpan("one"))
		e.Close(t.Context())
		if len(left) != 0 || e.Dropped() != r.dropped {
			t.Errorf("%v: %d answers left, %d dropped, want %d", r.statuses, len(left), e.Dropped(), r.dropped)
		}
		if n := strings.Count(log.String(), "takes nothing"); n != 1 {
			t.Errorf("%v: the log tells %d times that the collector fails, want once:\n%s", r.statuses, n, log.String())
		}
	}
}

// TestMetrics: totals arrive at each interval and at the end.
func TestMetrics(t *testing.T) {
	registry := &metrics.Registry{}
	series := registry.Series(metrics.Key{API: "id", Name: "shop", Stage: "dev", Canary: true, Method: "GET", Resource: "/pets"})
	o := metrics.Sample{At: testTime, Status: 200, Latency: 3 * time.Millisecond, Backend: metrics.HTTP, BackendLatency: 2 * time.Millisecond}
	series.Observe(&o)
	c := newCollector(t, nil)
	e := begin(t, c, func(cfg *Config) {
		cfg.Metrics, cfg.Interval, cfg.Clock = registry, 10*time.Millisecond, clock.System{}
	})
	first := <-c.bodies
	series.Observe(&o)
	e.Close(t.Context())
	var last []byte
	for len(c.bodies) > 0 {
		last = <-c.bodies
	}
	for i, body := range [][]byte{first, last} {
		var message metricspb.MetricsData
		if err := proto.Unmarshal(body, &message); err != nil {
			t.Fatal(err)
		}
		want := uint64(i + 1)
		list := message.ResourceMetrics[0].ScopeMetrics[0].Metrics
		if len(list) != 3 || list[0].Name != "http.server.request.duration" || list[1].Name != "http.client.request.duration" || list[2].Name != "postern.requests" {
			t.Fatalf("metrics %v", list)
		}
		server, client, count := list[0].GetHistogram().DataPoints[0], list[1].GetHistogram().DataPoints[0], list[2].GetSum().DataPoints[0]
		if server.Count != want || server.GetSum() != float64(want)*0.003 || server.BucketCounts[2] != want || len(server.ExplicitBounds) != len(server.BucketCounts)-1 {
			t.Errorf("%d: server %v", i, server)
		}
		if client.Count != want || count.GetAsInt() != int64(want) || server.StartTimeUnixNano == 0 || server.TimeUnixNano < server.StartTimeUnixNano {
			t.Errorf("%d: client %v, count %v", i, client, count)
		}
		names := map[string]string{}
		for _, a := range server.Attributes {
			names[a.Key] = a.Value.GetStringValue()
		}
		if names["http.route"] != "/pets" || names["aws.api_gateway.release"] != "canary" || names["aws.api_gateway.stage"] != "dev" {
			t.Errorf("attributes %v", names)
		}
	}
}

func TestCheck(t *testing.T) {
	for address, ok := range map[string]bool{
		"http://localhost:4318": true, "https://collector/otlp": true,
		"localhost:4318": false, "ftp://x": false, "http://": false, "http://x?y": false, "": false, "http://x/%zz": false,
	} {
		if err := Check(address); (err == nil) != ok {
			t.Errorf("Check(%q) = %v", address, err)
		}
	}
}
