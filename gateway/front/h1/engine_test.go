package h1_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/front/h1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// gate lets everything pass until it drains.
type gate struct{ draining, gone atomic.Bool }

func (g *gate) Begin() bool    { return !g.gone.Load() }
func (g *gate) Draining() bool { return g.draining.Load() }
func (g *gate) End() bool      { return !g.draining.Load() }

// client is the other end of a connection that an engine serves.
type client struct {
	t *testing.T
	net.Conn
	in   *bufio.Reader
	done chan struct{} // closed when the engine has returned
}

// stopped is a clock that stands still, far enough in the future that no
// deadline made from it is ever reached.
var stopped = clock.NewManual(time.Date(2100, 1, 2, 3, 4, 5, 0, time.UTC))

func config(handler exchange.HandlerFunc) h1.Config {
	return h1.Config{
		Handler: handler, Clock: stopped, HeadBytes: 8 << 10,
		HeadTimeout: time.Minute, IdleTimeout: time.Minute, BodyTimeout: time.Minute, WriteTimeout: time.Minute,
	}
}

func dial(t *testing.T, engine *h1.Engine, g h1.Gate) *client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	served, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, Conn: conn, in: bufio.NewReader(conn), done: make(chan struct{})}
	go func() {
		defer close(c.done)
		defer served.Close()
		engine.Serve(context.Background(), h1.Conn{
			Net: served, Remote: netip.MustParseAddrPort(conn.LocalAddr().String()), Gate: g,
		})
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-c.done
	})
	return c
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatalf("send %.100q: %v", text, err)
	}
}

// rest is everything that still comes.
func (c *client) rest() string {
	c.t.Helper()
	got, err := io.ReadAll(c.in)
	if err != nil {
		c.t.Errorf("read to the end: %v", err)
	}
	return string(got)
}

// response reads one answer.
func (c *client) response(method string) (status int, header http.Header, body string) {
	c.t.Helper()
	resp, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		c.t.Fatalf("read an answer: %v", err)
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("read a body: %v", err)
	}
	return resp.StatusCode, resp.Header, string(got)
}

func echo(_ context.Context, x *exchange.Exchange) {
	body, err := io.ReadAll(x.Request.Body)
	x.Response.Status, x.Response.Body = 200, body
	if err != nil {
		x.Response.Status = 502 // must not be seen: framing errors are the engine's
	}
}

// ignore answers without reading.
func ignore(_ context.Context, x *exchange.Exchange) { x.Response.Status = 200 }

const okHead = "HTTP/1.1 200 OK\r\nDate: Sat, 02 Jan 2100 03:04:05 GMT\r\n"

func TestAnswers(t *testing.T) {
	fields := func(_ context.Context, x *exchange.Exchange) {
		x.Response.Status = 299
		x.Response.Header = exchange.Header{
			{Name: "x-amzn-RequestId", Value: "1"}, {Name: "DATE", Value: "never"}, {Name: "X-Amzn-Trace-Id", Value: "2"},
			{Name: "content-length", Value: "99"}, {Name: "x-b", Value: ""}, {Name: "connection", Value: "upgrade"},
			{Name: "transfer-ENCODING", Value: "gzip"}, {Name: "X-B", Value: "3"},
		}
		x.Response.Body = []byte("abc")
	}
	stream := func(_ context.Context, x *exchange.Exchange) {
		x.Response = exchange.Response{Status: 200, Body: []byte("abc"), Stream: io.NopCloser(strings.NewReader("0123456789abcdefg"))}
	}
	const host = "Host: a\r\n"
	for _, test := range []struct {
		name    string
		handler exchange.HandlerFunc
		input   string
		want    string
	}{
		{"order and spelling", fields, "GET / HTTP/1.1\r\n" + host + "\r\n",
			"HTTP/1.1 299 \r\nDate: Sat, 02 Jan 2100 03:04:05 GMT\r\nx-amzn-RequestId: 1\r\nX-Amzn-Trace-Id: 2\r\nx-b: \r\nX-B: 3\r\n" +
				"Content-Length: 3\r\nConnection: keep-alive\r\n\r\nabc"},
		{"pipelining", echo, "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\n1POST / HTTP/1.1\r\n" + host +
			"Transfer-Encoding: chunked\r\n\r\n1\r\n2\r\n0\r\n\r\nGET / HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n",
			okHead + "Content-Length: 1\r\nConnection: keep-alive\r\n\r\n1" + okHead + "Content-Length: 1\r\nConnection: keep-alive\r\n\r\n2" +
				okHead + "Content-Length: 0\r\nConnection: close\r\n\r\n"},
		{"unread bodies are skipped", ignore, "POST / HTTP/1.1\r\n" + host + "Content-Length: 18\r\n\r\nGET /x HTTP/1.1\r\n\r" +
			"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n4\r\nGET \r\n0\r\n\r\nGET / HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n",
			strings.Repeat(okHead+"Content-Length: 0\r\nConnection: keep-alive\r\n\r\n", 2) + okHead + "Content-Length: 0\r\nConnection: close\r\n\r\n"},
		{"HTTP/1.0", echo, "GET / HTTP/1.0\r\n\r\n", okHead + "Content-Length: 0\r\nConnection: close\r\n\r\n"},
		{"HTTP/1.0 that stays", echo, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
			okHead + "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n" + okHead + "Content-Length: 0\r\nConnection: close\r\n\r\n"},
		{"HEAD", fields, "HEAD / HTTP/1.0\r\n\r\n",
			"HTTP/1.1 299 \r\nDate: Sat, 02 Jan 2100 03:04:05 GMT\r\nx-amzn-RequestId: 1\r\nX-Amzn-Trace-Id: 2\r\nx-b: \r\nX-B: 3\r\n" +
				"Content-Length: 3\r\nConnection: close\r\n\r\n"},
		{"stream", stream, "GET / HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n",
			okHead + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n11\r\n0123456789abcdefg\r\n0\r\n\r\n"},
		{"stream, HTTP/1.0", stream, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			okHead + "Connection: close\r\n\r\nabc0123456789abcdefg"},
		{"OPTIONS *", nil, "OPTIONS * HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\n1OPTIONS * HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n",
			okHead + "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n" + okHead + "Content-Length: 0\r\nConnection: close\r\n\r\n"},
		{"handler ends the connection", func(_ context.Context, x *exchange.Exchange) {
			x.Response = exchange.Response{Status: 204, Close: true}
		},
			"GET / HTTP/1.1\r\n" + host + "\r\nGET / HTTP/1.1\r\n" + host + "\r\n",
			"HTTP/1.1 204 No Content\r\nDate: Sat, 02 Jan 2100 03:04:05 GMT\r\nConnection: close\r\n\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, h1.New(config(test.handler)), new(gate))
			c.send(test.input)
			if err := c.Conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if got := c.rest(); got != test.want {
				t.Errorf("%q:\ngot  %q\nwant %q", test.input, got, test.want)
			}
		})
	}
}

// TestRefused sends what package http1 refuses, and what only the engine can
// see. The whole answer is one 400 and the end: nothing behind the doubtful
// bytes may be taken for another request.
func TestRefused(t *testing.T) {
	const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
	post := func(fields, body string) string {
		return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body
	}
	const chunked = "Transfer-Encoding: chunked\r\n"
	for name, input := range map[string]string{
		"CL.TE":                     post("Content-Length: 6\r\n"+chunked, "0\r\n\r\nG"),
		"TE.CL":                     post(chunked+"Content-Length: 4\r\n", "5\r\nabcde\r\n0\r\n\r\n"),
		"TE.TE":                     post(chunked+"Transfer-encoding: cow\r\n", "0\r\n\r\n"),
		"TE with blank":             post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
		"TE with tab":               post("Transfer-Encoding:\tx\r\n", "0\r\n\r\n"),
		"TE folded":                 post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
		"TE after NUL":              post("X: \x00\r\n"+chunked, "0\r\n\r\n"),
		"TE after LF":               post("X: y\n"+chunked, "0\r\n\r\n"),
		"two CL":                    post("Content-Length: 0\r\nContent-Length: 5\r\n", "abcde"),
		"equal CL":                  post("Content-Length: 5\r\nContent-Length: 5\r\n", "abcde"),
		"signed CL":                 post("Content-Length: +5\r\n", "abcde"),
		"chunk size with blank":     post(chunked, "1 \r\na\r\n0\r\n\r\n"),
		"chunk size overflow":       post(chunked, "10000000000000001\r\na\r\n0\r\n\r\n"),
		"chunk size in prefix form": post(chunked, "0x1\r\na\r\n0\r\n\r\n"),
		"LF after the chunk size":   post(chunked, "1\na\r\n0\r\n\r\n"),
		"LF in a chunk extension":   post(chunked, "1;\n\r\na\r\n0\r\n\r\n"),
		"no end of chunk":           post(chunked, "1\r\nabc0\r\n\r\n"),
		"malformed trailer":         post(chunked, "0\r\nX : y\r\n\r\n"),
		"folded line":               post("X: a\r\n b: c\r\n", ""),
		"LF for the empty line":     "GET / HTTP/1.1\r\nHost: a\r\n\n",
		"empty line first":          "\r\n",
		"no Host":                   "GET / HTTP/1.1\r\n\r\n",
		"two Hosts":                 post("Host: b\r\n", ""),
		"fragment":                  "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n",
		"control in the target":     "GET /\x1f HTTP/1.1\r\nHost: a\r\n\r\n",
	} {
		for way, handler := range map[string]exchange.HandlerFunc{"read": echo, "not read": ignore} {
			t.Run(name+", body "+way, func(t *testing.T) {
				engine := h1.New(config(func(ctx context.Context, x *exchange.Exchange) {
					if x.Request.Path == "/smuggled" {
						t.Error("a request was smuggled")
					}
					handler(ctx, x)
				}))
				c := dial(t, engine, new(gate))
				c.send(input + smuggled)
				got := c.rest()
				if !strings.HasPrefix(got, "HTTP/1.1 400 Bad Request\r\n") || strings.Count(got, "HTTP/1.1") != 1 ||
					!strings.Contains(got, "Connection: close\r\n") {
					t.Errorf("%q: got %q, want one 400 that ends the connection", input, got)
				}
				if n := engine.Malformed.Load(); n != 1 {
					t.Errorf("got %d malformed requests counted, want 1", n)
				}
			})
		}
	}
}

func TestOtherRefusals(t *testing.T) {
	for input, want := range map[string]string{
		"GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("a", 8<<10) + "\r\n\r\n": "431 Request Header Fields Too Large",
		"GET / HTTP/3.0\r\nHost: a\r\n\r\n":                                          "505 HTTP Version Not Supported",
		"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n":                           "417 Expectation Failed",
	} {
		c := dial(t, h1.New(config(ignore)), new(gate))
		c.send(input)
		if got := c.rest(); !strings.HasPrefix(got, "HTTP/1.1 "+want+"\r\n") || !strings.Contains(got, "Connection: close\r\n") {
			t.Errorf("%.60q: got %q, want %s", input, got, want)
		}
	}
}

func TestContinue(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
	t.Run("read", func(t *testing.T) {
		c := dial(t, h1.New(config(echo)), new(gate))
		for range 2 {
			c.send(head)
			interim := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
			if _, err := io.ReadFull(c.in, interim); err != nil || string(interim) != "HTTP/1.1 100 Continue\r\n\r\n" {
				t.Fatalf("got %q, %v, want leave to send", interim, err)
			}
			c.send("abc")
			if status, _, body := c.response("POST"); status != 200 || body != "abc" {
				t.Errorf("got %d %q, want 200 abc", status, body)
			}
		}
	})
	t.Run("not read", func(t *testing.T) {
		c := dial(t, h1.New(config(ignore)), new(gate))
		c.send(head)
		if got, want := c.rest(), okHead+"Content-Length: 0\r\nConnection: close\r\n\r\n"; got != want {
			t.Errorf("got %q, want %q: the body was not asked for", got, want)
		}
	})
}

// The header that a handler leaves may be one that it shares with others.
func TestHeaderOfHandlerIsNotReused(t *testing.T) {
	shared := make(exchange.Header, 1, 8)
	shared[0] = exchange.Field{Name: "X-Shared", Value: "1"}
	calls := 0
	c := dial(t, h1.New(config(func(_ context.Context, x *exchange.Exchange) {
		x.Response.Status = 200
		if calls++; calls == 1 {
			x.Response.Header = shared
			return
		}
		x.Response.Header.Add("X-Own", "2")
	})), new(gate))
	for range 2 {
		c.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		c.response("GET")
	}
	if got := fmt.Sprint(shared[:2]); got != "[{X-Shared 1} { }]" {
		t.Errorf("got %s in the handler's list, want it untouched", got)
	}
}

func TestTimeouts(t *testing.T) {
	short := func(change func(*h1.Config)) h1.Config {
		c := config(echo)
		c.Clock = clock.System{}
		change(&c)
		return c
	}
	const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	for _, test := range []struct {
		name   string
		config h1.Config
		input  string
		want   []int // statuses of the answers
	}{
		{"silent client", short(func(c *h1.Config) { c.HeadTimeout = time.Millisecond }), "", nil},
		{"half a head", short(func(c *h1.Config) { c.HeadTimeout = 20 * time.Millisecond }), request[:20], []int{408}},
		{"idle", short(func(c *h1.Config) { c.IdleTimeout = time.Millisecond }), request, []int{200}},
		{"half a body", short(func(c *h1.Config) { c.BodyTimeout = time.Millisecond }),
			"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx", []int{502}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, h1.New(test.config), new(gate))
			c.send(test.input)
			for _, want := range test.want {
				if status, _, _ := c.response("GET"); status != want {
					t.Errorf("got %d, want %d", status, want)
				}
			}
			if got := c.rest(); got != "" {
				t.Errorf("got %q, want the end of the connection", got)
			}
		})
	}
}

// A client that sends one byte within each pause is cut off all the same.
func TestDrip(t *testing.T) {
	c := config(echo)
	c.Clock = clock.System{}
	c.BodyTimeout = 200 * time.Millisecond
	drip := dial(t, h1.New(c), new(gate))
	drip.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
	stop := make(chan struct{})
	dripping := make(chan struct{})
	go func() {
		defer close(dripping)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if _, err := drip.Write([]byte("x")); err != nil {
					return
				}
			case <-stop:
				return
			}
		}
	}()
	if status, _, _ := drip.response("POST"); status != 502 {
		t.Errorf("got %d, want the handler's answer to a body that failed", status)
	}
	close(stop)
	<-dripping
}

func TestDraining(t *testing.T) {
	g := new(gate)
	c := dial(t, h1.New(config(func(_ context.Context, x *exchange.Exchange) {
		g.draining.Store(x.Request.Path == "/drain")
		x.Response.Status = 200
	})), g)
	c.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	if _, header, _ := c.response("GET"); header.Get("Connection") != "keep-alive" {
		t.Errorf("got Connection %q, want keep-alive", header.Get("Connection"))
	}
	c.send("GET /drain HTTP/1.1\r\nHost: a\r\n\r\n")
	if got, want := c.rest(), okHead+"Content-Length: 0\r\nConnection: close\r\n\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestClosedByOwner(t *testing.T) {
	g := new(gate)
	g.gone.Store(true)
	c := dial(t, h1.New(config(func(context.Context, *exchange.Exchange) {
		t.Error("a request was answered on a connection that its owner has closed")
	})), g)
	c.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-c.done
}
