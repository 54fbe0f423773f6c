package gateway

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/plan"
)

// body is a stream that counts how often it is closed.
type body struct {
	io.Reader
	closed int
}

func (b *body) Close() error {
	b.closed++
	return nil
}

func streamMethod() method {
	return backendMethod("GET /", apigw.Integration{
		Type: new("HTTP_PROXY"), Uri: new("http://b/"), ResponseTransferMode: new("STREAM"), TimeoutInMillis: new(int32(900_000)),
	})
}

// TestStream: the answer leaves Serve before its body; the request is told of
// when the stream is closed, with what was sent, and its memory is its own
// until then. Nothing is converted or compressed.
func TestStream(t *testing.T) {
	streams := map[string]*body{}
	backend := invoker(func(_ context.Context, req *integration.Request) (*integration.Response, error) {
		if !req.Stream || req.Timeout.Minutes() != 15 || req.IdleTimeout.Minutes() != 5 {
			t.Errorf("request %+v", req)
		}
		text := "\xff streamed " + req.URL
		stream := &body{Reader: strings.NewReader(text)}
		streams[req.URL] = stream
		return &integration.Response{Status: 201, Header: exchange.Header{{Name: "X-A", Value: "b"}}, Stream: stream}, nil
	})
	s := snapshot(streamMethod())
	s.API.MinimumCompressionSize = new(int32(0))
	api, _ := plan.CompileAPI(s)
	g, sink := loggedGateway(t, backend, plan.StageInput{API: api, Stage: &apigw.Stage{
		AccessLogSettings: accessTo("arn:aws:logs:us-east-1:1:log-group:"+accessGroup, "$context.status $context.responseLength $context.requestId"),
	}})
	var open []*exchange.Exchange
	for _, query := range []string{"?1", "?22"} {
		x := request("GET /dev"+query, []string{"Accept-Encoding: gzip", "x-amzn-RequestId: 00000000-0000-4000-8000-00000000000" + query[1:2]}, "")
		g.Serve(t.Context(), x)
		if x.Response.Status != 201 || x.Response.Stream == nil || x.Response.Body != nil || x.Response.Header.Has("Content-Encoding") {
			t.Fatalf("answer %+v", x.Response)
		}
		open = append(open, x)
	}
	if got := sink().records[accessGroup]; len(got) > 0 {
		t.Errorf("told before the end: %q", got)
	}
	var texts []string
	for _, x := range open {
		text, err := io.ReadAll(x.Response.Stream)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
		if err := x.Response.Stream.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"\xff streamed http://b/?1", "\xff streamed http://b/?22"}, texts); diff != "" {
		t.Errorf("bodies (-want +got):\n%s", diff)
	}
	want := []string{"201 22 00000000-0000-4000-8000-000000000001\n", "201 23 00000000-0000-4000-8000-000000000002\n"}
	got := sink().records[accessGroup]
	for i := range got {
		got[i] = strings.TrimSuffix(got[i], "\n") + "\n"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("access log (-want +got):\n%s", diff)
	}
	for url, stream := range streams {
		if stream.closed != 1 {
			t.Errorf("%s: closed %d times", url, stream.closed)
		}
	}
}

// TestEdgeStream: behind an edge-optimized endpoint a silent stream ends sooner.
func TestEdgeStream(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200, Stream: &body{Reader: strings.NewReader("")}}}
	g := servingAPI(t, backend, func(api *apigw.RestApi) {
		api.EndpointConfiguration = &apigw.EndpointConfiguration{Types: []string{"EDGE"}}
	}, streamMethod())
	res := serve(t, g, request("GET /dev", nil, ""))
	if got := backend.got.IdleTimeout.Seconds(); got != 30 {
		t.Errorf("idle timeout %v s, want 30", got)
	}
	if err := res.Stream.Close(); err != nil {
		t.Error(err)
	}
}

// TestStreamInStoppedTime: a long stream comes to its end while users have
// stopped the time of limits and dates.
func TestStreamInStoppedTime(t *testing.T) {
	const size = 11 << 20 // the last of it comes slowly
	backend := invoker(func(context.Context, *integration.Request) (*integration.Response, error) {
		return &integration.Response{Status: 200, Stream: &body{Reader: bytes.NewReader(make([]byte, size))}}, nil
	})
	table := serving(t, backend, apigw.Stage{}, streamMethod()).table
	pauses := clock.NewManual(testTime)
	g := New(Config{Table: table, HTTP: backend, Clock: clock.NewManual(testTime), Pauses: pauses, IDs: ids.Seeded(1)})
	x := request("GET /dev", nil, "")
	g.Serve(t.Context(), x)
	read := make(chan int64)
	go func() {
		n, _ := io.Copy(io.Discard, x.Response.Stream)
		read <- n
	}()
	for {
		pauses.Advance(time.Second) // also before the stream waits
		select {
		case got := <-read:
			if got != size {
				t.Errorf("%d bytes, want %d", got, size)
			}
			if err := x.Response.Stream.Close(); err != nil {
				t.Error(err)
			}
			return
		default:
		}
	}
}
