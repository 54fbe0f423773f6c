package fronttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/postern-gateway/postern/exchange"
)

// Front is one way of being served.
type Front struct {
	Name  string
	HTTP2 bool // requests arrive as HTTP/2
	TLS   bool
	// Start serves a handler until the end of the test.
	Start func(t *testing.T, handler exchange.Handler) *Running
}

// Running is a front that serves.
type Running struct {
	URL    string // "http://host:port", without a slash at the end
	Client *http.Client
	// Shutdown is the front's; the end of the test must bear that it was called.
	Shutdown func(ctx context.Context) error
	// Panics is how many panics were counted.
	Panics func() int64
}

// Run runs the suite.
func Run(t *testing.T, front Front) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Front)
	}{
		{"request", testRequest},
		{"answer", testAnswer},
		{"bodies", testBodies},
		{"unread bodies", testUnread},
		{"statuses without body", testEmpty},
		{"HEAD", testHead},
		{"streams", testStream},
		{"broken streams", testBrokenStream},
		{"a stream whose end panics", testIllStream},
		{"keep-alive", testKeepAlive},
		{"panics", testPanic},
		{"answers that cannot be written", testUnwritable},
		{"clients that go away", testDisconnect},
		{"draining", testDrain},
		{"giving up", testGiveUp},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, front) })
	}
}

// answer is a handler with a fixed answer.
func answer(resp exchange.Response) exchange.Handler {
	return exchange.HandlerFunc(func(_ context.Context, x *exchange.Exchange) { x.Response = resp })
}

// echo answers with the request's body, read whole.
var echo = exchange.HandlerFunc(func(_ context.Context, x *exchange.Exchange) {
	body, err := io.ReadAll(x.Request.Body)
	if err != nil {
		x.Response.Status = 400
		x.Response.Body = []byte(err.Error())
		return
	}
	x.Response.Status, x.Response.Body = 200, body
})

// reply is what a client got.
type reply struct {
	status int
	header http.Header
	body   string
	length int64
}

func (r *Running) do(t *testing.T, method, path string, body io.Reader) (reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	return r.send(req)
}

func (r *Running) send(req *http.Request) (reply, error) {
	resp, err := r.Client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(got), resp.ContentLength}, err
}

func (r *Running) mustDo(t *testing.T, method, path string, body io.Reader) reply {
	t.Helper()
	got, err := r.do(t, method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return got
}

func testRequest(t *testing.T, front Front) {
	seen := make(chan exchange.Request, 1)
	running := front.Start(t, exchange.HandlerFunc(func(_ context.Context, x *exchange.Exchange) {
		seen <- x.Request
		x.Response.Status = 200
	}))
	req, err := http.NewRequestWithContext(t.Context(), "PUT", running.URL+"/p/a%2Fb//c?x=%20&y", strings.NewReader("abc"))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "api.example:81"
	req.Header["X-Two"] = []string{"1", "2"}
	if _, err := running.send(req); err != nil {
		t.Fatal(err)
	}
	got := <-seen
	if got.Method != "PUT" || got.Path != "/p/a%2Fb//c" || got.RawQuery != "x=%20&y" || got.Host != "api.example:81" ||
		got.ContentLength != 3 || got.HTTP2 != front.HTTP2 || got.Received.IsZero() || (got.TLS != nil) != front.TLS {
		t.Errorf("got %+v", got)
	}
	if !got.Remote.Addr().IsLoopback() || got.Remote.Port() == 0 {
		t.Errorf("got remote %v, want a port of the loopback", got.Remote)
	}
	var two []string
	for _, field := range got.Header {
		if strings.EqualFold(field.Name, "X-Two") {
			two = append(two, field.Name+"="+field.Value)
		}
	}
	want := []string{"X-Two=1", "X-Two=2"}
	if front.HTTP2 {
		want = []string{"x-two=1", "x-two=2"}
	}
	if fmt.Sprint(two) != fmt.Sprint(want) || got.Header.Get("host") != "api.example:81" {
		t.Errorf("got header %v, want %v and the host", got.Header, want)
	}
}

func testAnswer(t *testing.T, front Front) {
	running := front.Start(t, answer(exchange.Response{
		Status: 418,
		Header: exchange.Header{
			{Name: "x-amzn-RequestId", Value: "r"}, {Name: "X-B", Value: "1"}, {Name: "X-b", Value: "2"},
			{Name: "Content-Length", Value: "999"}, {Name: "Date", Value: "never"}, {Name: "Connection", Value: "x"},
			{Name: "Transfer-Encoding", Value: "gzip"},
		},
		Body: []byte("abc"),
	}))
	got := running.mustDo(t, "GET", "/", nil)
	if got.status != 418 || got.body != "abc" || got.length != 3 {
		t.Errorf("got %+v, want 418 with abc", got)
	}
	if _, err := http.ParseTime(got.header.Get("Date")); err != nil {
		t.Errorf("got Date %q: %v", got.header.Get("Date"), err)
	}
	if got.header.Get("X-Amzn-Requestid") != "r" || fmt.Sprint(got.header["X-B"]) != "[1 2]" {
		t.Errorf("got header %v, want the fields of the handler", got.header)
	}
	if got.header.Get("Content-Type") != "" {
		t.Errorf("got Content-Type %q, want none: nobody set it", got.header.Get("Content-Type"))
	}
}

func testBodies(t *testing.T, front Front) {
	running := front.Start(t, echo)
	for _, size := range []int{0, 1, 64 << 10, 11 << 20} {
		want := strings.Repeat("0123456789abcdef", size/16+1)[:size]
		for name, body := range map[string]io.Reader{
			"known length":   strings.NewReader(want),
			"unknown length": struct{ io.Reader }{strings.NewReader(want)},
		} {
			got := running.mustDo(t, "POST", "/", body)
			if got.status != 200 || got.body != want || got.length != int64(size) {
				t.Errorf("%s of %d bytes: got status %d, %d bytes announced as %d", name, size, got.status, len(got.body), got.length)
			}
		}
	}
}

// A handler may answer without reading; small and large bodies must not harm
// the answer, nor the request that follows.
func testUnread(t *testing.T, front Front) {
	running := front.Start(t, answer(exchange.Response{Status: 403, Body: []byte("no")}))
	for _, size := range []int{1, 100 << 10, 4 << 20} {
		for range 2 {
			got, err := running.do(t, "POST", "/", bytes.NewReader(make([]byte, size)))
			if err != nil || got.status != 403 || got.body != "no" {
				t.Errorf("body of %d bytes: got %+v, %v, want 403", size, got, err)
			}
		}
	}
}

func testEmpty(t *testing.T, front Front) {
	for _, status := range []int{204, 304} {
		running := front.Start(t, answer(exchange.Response{Status: status, Body: []byte("x")}))
		for range 2 {
			if got := running.mustDo(t, "GET", "/", nil); got.status != status || got.body != "" {
				t.Errorf("got %+v, want %d without body", got, status)
			}
		}
	}
}

func testHead(t *testing.T, front Front) {
	running := front.Start(t, answer(exchange.Response{Status: 200, Body: []byte("abc")}))
	for range 2 {
		if got := running.mustDo(t, "HEAD", "/", nil); got.status != 200 || got.body != "" || got.length != 3 {
			t.Errorf("got %+v, want a length of 3 and no body", got)
		}
	}
}

// stream is a body that counts its closing.
type stream struct {
	io.Reader
	closed *atomic.Int64
}

func (s stream) Close() error {
	s.closed.Add(1)
	return nil
}

func testStream(t *testing.T, front Front) {
	var closed atomic.Int64
	reader, writer := io.Pipe()
	defer writer.Close()
	running := front.Start(t, exchange.HandlerFunc(func(_ context.Context, x *exchange.Exchange) {
		x.Response.Status, x.Response.Body = 200, []byte("first ")
		x.Response.Stream = stream{reader, &closed}
	}))
	req, err := http.NewRequestWithContext(t.Context(), "GET", running.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := running.Client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	// Each part must arrive before the next one is made.
	part := make([]byte, 6)
	for _, want := range []string{"first ", "second", " third"} {
		if want != "first " {
			if _, err := io.WriteString(writer, want); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := io.ReadFull(resp.Body, part); err != nil || string(part) != want {
			t.Fatalf("got %q, %v, want %q", part, err, want)
		}
	}
	big := strings.Repeat("x", 1<<20)
	go func() {
		_, _ = io.WriteString(writer, big)
		_ = writer.Close()
	}()
	rest, err := io.ReadAll(resp.Body)
	if err != nil || string(rest) != big || closed.Load() != 1 {
		t.Errorf("got %d bytes, %v, closed %d times; want %d bytes, closed once", len(rest), err, closed.Load(), len(big))
	}
}

type reader func([]byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }

func testBrokenStream(t *testing.T, front Front) {
	for name, end := range map[string]func() error{
		"error": func() error { return errors.New("backend lost") },
		"panic": func() error { panic("stream") },
	} {
		var closed atomic.Int64
		running := front.Start(t, exchange.HandlerFunc(func(_ context.Context, x *exchange.Exchange) {
			given := false
			x.Response.Status = 200
			x.Response.Stream = stream{reader(func(p []byte) (int, error) {
				if given {
					return 0, end()
				}
				given = true
				return copy(p, "part"), nil
			}), &closed}
		}))
		got, err := running.do(t, "GET", "/", nil)
		if err == nil || closed.Load() != 1 {
			t.Errorf("%s: got %+v, closed %d times; want an error in the body, closed once", name, got, closed.Load())
		}
	}
}

func testKeepAlive(t *testing.T, front Front) {
	running := front.Start(t, echo)
	var opened, reused int
	for i := range 20 {
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
			if info.Reused {
				reused++
			} else {
				opened++
			}
		}})
		req, err := http.NewRequestWithContext(ctx, "POST", running.URL, strings.NewReader(fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := running.send(req); err != nil || got.body != fmt.Sprint(i) {
			t.Fatalf("got %+v, %v, want %d", got, err, i)
		}
	}
	if opened != 1 || reused != 19 {
		t.Errorf("got %d connections and %d reuses, want 1 and 19", opened, reused)
	}
}

func testPanic(t *testing.T, front Front) {
	running := front.Start(t, exchange.HandlerFunc(func(_ context.Context, x *exchange.Exchange) {
		x.Response.Status = 200
		x.Response.Header.Add("X-Secret", "half done")
		panic("handler")
	}))
	for range 2 {
		got := running.mustDo(t, "GET", "/", nil)
		if got.status != 500 || got.body != `{"message": "Internal server error"}` || got.header.Get("X-Secret") != "" {
			t.Errorf("got %+v, want the neutral 500", got)
		}
	}
	if n := running.Panics(); n != 2 {
		t.Errorf("got %d panics counted, want 2", n)
	}
}

func testUnwritable(t *testing.T, front Front) {
	for name, resp := range map[string]exchange.Response{
		"nobody answered": {},
		"interim status":  {Status: 100},
		"long status":     {Status: 1000},
		"CR LF in value":  {Status: 200, Header: exchange.Header{{Name: "X", Value: "a\r\nSet-Cookie: b"}}},
		"LF in value":     {Status: 200, Header: exchange.Header{{Name: "X", Value: "a\nb"}}},
		"NUL in value":    {Status: 200, Header: exchange.Header{{Name: "X", Value: "a\x00b"}}},
		"colon in name":   {Status: 200, Header: exchange.Header{{Name: "X: y\r\nZ", Value: "a"}}},
		"no name":         {Status: 200, Header: exchange.Header{{Name: "", Value: "a"}}},
	} {
		running := front.Start(t, answer(resp))
		got := running.mustDo(t, "GET", "/", nil)
		if got.status != 500 || got.header.Get("Set-Cookie") != "" || got.header.Get("X") != "" {
			t.Errorf("%s: got %+v, want the neutral 500", name, got)
		}
	}
}

// testDisconnect ends clients in the midst of bodies. The front must lose no
// goroutine (TestMain looks) and serve others.
func testDisconnect(t *testing.T, front Front) {
	read := make(chan error, 1)
	running := front.Start(t, exchange.HandlerFunc(func(ctx context.Context, x *exchange.Exchange) {
		switch x.Request.Path {
		case "/up":
			_, err := io.Copy(io.Discard, x.Request.Body)
			read <- err
		case "/down":
			x.Response.Body = make([]byte, 32<<20)
		}
		x.Response.Status = 200
	}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	up := reader(func(p []byte) (int, error) {
		p[0] = 'x'
		cancel() // after some of the body
		return 1, nil
	})
	req, err := http.NewRequestWithContext(ctx, "POST", running.URL+"/up", up)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := running.send(req); err == nil {
		t.Errorf("got %+v, want a cancelled request", got)
	}
	// The request may not even have been sent before it was cancelled, but if
	// it was then its body must not look complete.
	select {
	case err := <-read:
		if err == nil {
			t.Error("the handler read half a body without an error")
		}
	default:
	}
	down, err := http.NewRequestWithContext(t.Context(), "GET", running.URL+"/down", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := running.Client.Do(down)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got := running.mustDo(t, "GET", "/", nil); got.status != 200 {
		t.Errorf("got %+v after that, want 200", got)
	}
}

func testDrain(t *testing.T, front Front) {
	entered, leave := make(chan struct{}), make(chan struct{})
	running := front.Start(t, exchange.HandlerFunc(func(ctx context.Context, x *exchange.Exchange) {
		if x.Request.Path == "/slow" {
			close(entered)
			<-leave
			if ctx.Err() != nil {
				x.Response.Body = []byte("context ended")
			}
		}
		x.Response.Status = 200
	}))
	type result struct {
		reply
		err error
	}
	results := make(chan result, 1)
	go func() {
		got, err := running.do(t, "GET", "/slow", nil)
		results <- result{got, err}
	}()
	<-entered
	running.mustDo(t, "GET", "/quick", nil) // of HTTP/1.1: leaves a connection that waits
	ended := make(chan error, 1)
	go func() { ended <- running.Shutdown(t.Context()) }()
	// Accepting has ended when a new client is refused or cut off.
	for refused := false; !refused; {
		select {
		case err := <-ended:
			t.Fatalf("Shutdown returned %v with a request in flight", err)
		default:
		}
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(strings.TrimPrefix(running.URL, "http://"), "https://"))
		refused = err != nil
		if err == nil {
			_ = conn.Close()
		}
	}
	close(leave)
	if got := <-results; got.err != nil || got.status != 200 || got.body != "" {
		t.Errorf("got %+v, want the answer of the request in flight", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func testGiveUp(t *testing.T, front Front) {
	entered, ended := make(chan struct{}), make(chan struct{})
	running := front.Start(t, exchange.HandlerFunc(func(ctx context.Context, x *exchange.Exchange) {
		close(entered)
		<-ctx.Done()
		close(ended)
		x.Response.Status = 200
	}))
	failed := make(chan error, 1)
	go func() {
		_, err := running.do(t, "GET", "/", nil)
		failed <- err
	}()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := running.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: got %v, want the error of its context", err)
	}
	<-ended
	if err := <-failed; err == nil {
		t.Error("got an answer over a connection that was given up")
	}
}
