package httpx_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/httpx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// backend is a raw server: each accepted connection is given to the next of
// its scripts, and the last script serves all that follow.
type backend struct {
	address  string
	accepted atomic.Int64
}

// session is a connection as a script sees it.
type session struct {
	net.Conn
	in *bufio.Reader
}

func serve(t testing.TB, scripts ...func(*session)) *backend {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &backend{address: listener.Addr().String()}
	done := make(chan struct{})
	sessions := make(chan struct{}, 1000)
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			n := int(b.accepted.Add(1))
			sessions <- struct{}{}
			go func() {
				defer func() { <-sessions }()
				defer conn.Close()
				scripts[min(n, len(scripts))-1](&session{conn, bufio.NewReader(conn)})
			}()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
		for range cap(sessions) { // all have ended when all places are free
			sessions <- struct{}{}
		}
	})
	return b
}

// request reads a request and returns its head and body, or "" at the end.
func (s *session) request() (head, body string) {
	var b strings.Builder
	for {
		line, err := s.in.ReadString('\n')
		if err != nil {
			return "", ""
		}
		b.WriteString(line)
		if line == "\r\n" {
			break
		}
	}
	req, err := http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader(b.String()), s.in)))
	if err != nil {
		return "", ""
	}
	length := max(req.ContentLength, 0)
	read := make([]byte, length)
	if _, err := io.ReadFull(s.in, read); err != nil {
		return "", ""
	}
	return b.String(), string(read)
}

func (s *session) say(text string) { _, _ = io.WriteString(s, text) }

// answers serves each request of a connection with the next text, then ends it.
func answers(texts ...string) func(*session) {
	return func(s *session) {
		for _, text := range texts {
			if head, _ := s.request(); head == "" {
				return
			}
			s.say(text)
		}
	}
}

// forever serves every request with one text.
func forever(text string) func(*session) {
	return func(s *session) {
		for {
			if head, _ := s.request(); head == "" {
				return
			}
			s.say(text)
		}
	}
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func newClient(t testing.TB, config httpx.Config) *httpx.Client {
	client := httpx.New(config)
	t.Cleanup(client.Close)
	return client
}

func (b *backend) request(method, body string) *integration.Request {
	return &integration.Request{Method: method, URL: "http://" + b.address + "/p", Body: []byte(body), Timeout: time.Minute}
}

func kindOf(t *testing.T, err error) integration.ErrorKind {
	t.Helper()
	var failure *integration.Error
	if !errors.As(err, &failure) {
		t.Fatalf("got error %v, want an *integration.Error", err)
	}
	return failure.Kind
}

func TestRequestBytes(t *testing.T) {
	heads := make(chan string, 1)
	b := serve(t, func(s *session) {
		for {
			head, body := s.request()
			if head == "" {
				return
			}
			heads <- head + body
			s.say(ok)
		}
	})
	client := newClient(t, httpx.Config{})
	url := "http://" + b.address
	for _, test := range []struct {
		name string
		req  integration.Request
		want string
	}{
		{"GET", integration.Request{Method: "GET", URL: url}, "GET / HTTP/1.1\r\nHost: " + b.address + "\r\n\r\n"},
		{"target as it is", integration.Request{Method: "GET", URL: url + "/a%2f//../b|?x={%zz&&"},
			"GET /a%2f//../b|?x={%zz&& HTTP/1.1\r\nHost: " + b.address + "\r\n\r\n"},
		{"query without path", integration.Request{Method: "GET", URL: url + "?x"}, "GET /?x HTTP/1.1\r\nHost: " + b.address + "\r\n\r\n"},
		{"POST without body", integration.Request{Method: "POST", URL: url}, "POST / HTTP/1.1\r\nHost: " + b.address + "\r\nContent-Length: 0\r\n\r\n"},
		{"GET with body", integration.Request{Method: "GET", URL: url, Body: []byte("abc")},
			"GET / HTTP/1.1\r\nHost: " + b.address + "\r\nContent-Length: 3\r\n\r\nabc"},
		{"order, spelling, repetition, Host", integration.Request{Method: "PUT", URL: url, Body: []byte("abc"), Header: exchange.Header{
			{Name: "x-b", Value: "1"}, {Name: "hOST", Value: "other"}, {Name: "X-B", Value: "2"}, {Name: "x-b", Value: ""},
			{Name: "connection", Value: "close"}, {Name: "content-length", Value: "9"}, {Name: "transfer-encoding", Value: "chunked"},
		}}, "PUT / HTTP/1.1\r\nx-b: 1\r\nhOST: other\r\nX-B: 2\r\nx-b: \r\nContent-Length: 3\r\n\r\nabc"},
		{"larger than one write", integration.Request{Method: "POST", URL: url, Body: []byte(strings.Repeat("x", 20000))},
			"POST / HTTP/1.1\r\nHost: " + b.address + "\r\nContent-Length: 20000\r\n\r\n" + strings.Repeat("x", 20000)},
		{"written beside the reading", integration.Request{Method: "POST", URL: url, Body: []byte(strings.Repeat("x", 5<<20))},
			"POST / HTTP/1.1\r\nHost: " + b.address + "\r\nContent-Length: 5242880\r\n\r\n" + strings.Repeat("x", 5<<20)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := client.Invoke(t.Context(), &test.req); err != nil {
				t.Fatal(err)
			}
			if got := <-heads; got != test.want {
				t.Errorf("got %.300q, want %.300q", got, test.want)
			}
		})
	}
	if n := b.accepted.Load(); n != 1 {
		t.Errorf("got %d connections, want 1 for all", n)
	}
}

func TestAnswers(t *testing.T) {
	header := func(pairs ...string) (h exchange.Header) {
		for i := 0; i < len(pairs); i += 2 {
			h.Add(pairs[i], pairs[i+1])
		}
		return h
	}
	for _, test := range []struct {
		name, method, text string
		want               integration.Response
		reused             bool
	}{
		{"length", "GET", "HTTP/1.1 201 Created\r\nx-b: 1\r\nX-B:2 \r\ncontent-length: 3\r\n\r\nabc",
			integration.Response{Status: 201, Header: header("x-b", "1", "X-B", "2", "content-length", "3"), Body: []byte("abc")}, true},
		{"chunked", "GET", "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\nX: y\r\n\r\n",
			integration.Response{Status: 200, Header: header("Transfer-Encoding", "chunked"), Body: []byte("abc")}, true},
		{"chunked, empty", "GET", "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			integration.Response{Status: 200, Header: header("Transfer-Encoding", "chunked"), Body: []byte{}}, true},
		{"interim", "GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok,
			integration.Response{Status: 200, Header: header("Content-Length", "2"), Body: []byte("ok")}, true},
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
			integration.Response{Status: 200, Header: header("Content-Length", "3")}, true},
		{"204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", integration.Response{Status: 204, Header: exchange.Header{}}, true},
		{"304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n",
			integration.Response{Status: 304, Header: header("Content-Length", "3")}, true},
		{"redirect", "GET", "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
			integration.Response{Status: 302, Header: header("Location", "/x", "Content-Length", "0")}, true},
		{"coded body", "GET", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
			integration.Response{Status: 200, Header: header("Content-Encoding", "gzip", "Content-Length", "1"), Body: []byte("x")}, true},
		{"close", "GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
			integration.Response{Status: 200, Header: header("Connection", "close", "Content-Length", "1"), Body: []byte("x")}, false},
		{"more than the answer", "GET", ok + "HTTP/1.1 200 injected\r\nContent-Length: 0\r\n\r\n",
			integration.Response{Status: 200, Header: header("Content-Length", "2"), Body: []byte("ok")}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := serve(t, forever(test.text))
			client := newClient(t, httpx.Config{})
			for range 2 {
				got, err := client.Invoke(t.Context(), b.request(test.method, ""))
				if err != nil {
					t.Fatalf("%q: %v", test.text, err)
				}
				if diff := cmp.Diff(&test.want, got); diff != "" {
					t.Errorf("%q (-want +got):\n%s", test.text, diff)
				}
			}
			if got := b.accepted.Load() == 1; got != test.reused {
				t.Errorf("%q: got %d connections, want reuse %v", test.text, b.accepted.Load(), test.reused)
			}
		})
	}
	t.Run("to the end of the connection", func(t *testing.T) {
		b := serve(t, answers("HTTP/1.1 200 OK\r\n\r\nabc"))
		got, err := newClient(t, httpx.Config{}).Invoke(t.Context(), b.request("GET", ""))
		if err != nil || string(got.Body) != "abc" {
			t.Errorf("got %+v, %v, want abc", got, err)
		}
	})
}

func TestBrokenAnswers(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":              "",
		"half a head":          "HTTP/1.1 200 OK\r\nContent-Le",
		"half a body":          "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
		"half a chunk":         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
		"no last chunk":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
		"bad chunk":            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nab\r\n0\r\n\r\n",
		"LF alone":             "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
		"not HTTP":             "220 smtp.example ESMTP\r\n\r\n",
		"HTTP/2":               "HTTP/2.0 200 OK\r\n\r\n",
		"two lengths":          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
		"length and coding":    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"NUL":                  "HTTP/1.1 200 OK\r\nX: \x00\r\nContent-Length: 0\r\n\r\n",
		"switching protocols":  "HTTP/1.1 101 Switching Protocols\r\n\r\n",
		"interim without end":  strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100),
		"head without end":     "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 300<<10) + "\r\n\r\n",
		"end instead of trail": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			b := serve(t, answers(text))
			got, err := newClient(t, httpx.Config{}).Invoke(t.Context(), b.request("GET", ""))
			if err == nil {
				t.Fatalf("%.80q: got %+v, want an error", text, got)
			}
			if kind := kindOf(t, err); kind != integration.Network {
				t.Errorf("%.80q: got kind %v (%v), want Network", text, kind, err)
			}
			if n := b.accepted.Load(); n != 1 {
				t.Errorf("%.80q: got %d connections: a new one must not be retried", text, n)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	const limit = 1 << 10
	big := strings.Repeat("x", limit+1)
	for name, text := range map[string]string{
		"length":                       fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", limit+1),
		"chunked":                      fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", limit+1, big),
		"to the end of the connection": "HTTP/1.1 200 OK\r\n\r\n" + big,
	} {
		for cut, want := range map[int]bool{0: true, 1: false} {
			text := text
			if cut == 1 { // exactly the limit
				text = strings.Replace(text, fmt.Sprint(limit+1), fmt.Sprint(limit), 1)
				text = strings.Replace(text, fmt.Sprintf("%x\r\n", limit+1), fmt.Sprintf("%x\r\n", limit), 1)
				text = strings.Replace(text, big, big[1:], 1)
				if name == "chunked" {
					text += "0\r\n\r\n"
				}
				if name == "length" {
					text += big[1:]
				}
			}
			b := serve(t, answers(text))
			got, err := newClient(t, httpx.Config{MaxBody: limit}).Invoke(t.Context(), b.request("GET", ""))
			if tooLarge := err != nil && kindOf(t, err) == integration.TooLarge; tooLarge != want {
				t.Errorf("%s, %d bytes: got error %v, want too large: %v", name, limit+1-cut, err, want)
			}
			if err == nil && len(got.Body) != limit {
				t.Errorf("%s: got %d bytes, want %d", name, len(got.Body), limit)
			}
		}
	}
	t.Run("default", func(t *testing.T) {
		b := serve(t, answers("HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n"+strings.Repeat("x", 10485760)),
			answers("HTTP/1.1 200 OK\r\nContent-Length: 10485761\r\n\r\n"))
		client := newClient(t, httpx.Config{})
		if got, err := client.Invoke(t.Context(), b.request("GET", "")); err != nil || len(got.Body) != 10485760 {
			t.Errorf("10 485 760 bytes: got error %v", err)
		}
		if _, err := client.Invoke(t.Context(), b.request("GET", "")); kindOf(t, err) != integration.TooLarge {
			t.Errorf("10 485 761 bytes: got error %v", err)
		}
	})
}

func TestAddressErrors(t *testing.T) {
	client := newClient(t, httpx.Config{Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		t.Errorf("%s is dialled", address)
		return nil, errors.New("no")
	}})
	req := func(url string) *integration.Request { return &integration.Request{Method: "GET", URL: url} }
	for _, req := range []*integration.Request{
		req(""), req("/p"), req("http://"), req("https:///p"), req("ftp://a/"), req("http://:80/"), req("http://a:0/"),
		req("http://a:65536/"), req("http://a:x/"), req("http://u@a/"), req("http://a b/"), req("http://ü/"), req("http://a/ b"),
		req("http://a/\r\nX: y"), req("http://a/#f"), req("http://[::1/"), req("http://${stageVariables.host}/"),
		{Method: "G T", URL: "http://a"}, {Method: "CONNECT", URL: "http://a"}, {Method: "", URL: "http://a"},
		{Method: "GET", URL: "http://a", Header: exchange.Header{{Name: "X", Value: "a\r\nY: b"}}},
		{Method: "GET", URL: "http://a", Header: exchange.Header{{Name: "X: a\r\nY", Value: "b"}}},
		{Method: "GET", URL: "http://a", Header: exchange.Header{{Name: "Host", Value: "b"}, {Name: "host", Value: "c"}}},
	} {
		if got, err := client.Invoke(t.Context(), req); err == nil || kindOf(t, err) != integration.Address {
			t.Errorf("%+v: got %+v, %v, want an Address error", req, got, err)
		}
	}
}

func TestTimeout(t *testing.T) {
	const drip = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
	for name, script := range map[string]func(*session){
		"silence": func(s *session) { _, _ = io.Copy(io.Discard, s) },
		"drip": func(s *session) {
			s.request()
			s.say(drip)
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for range tick.C {
				if _, err := s.Write([]byte("x")); err != nil {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := serve(t, script)
			req := b.request("GET", "")
			req.Timeout = 50 * time.Millisecond
			got, err := newClient(t, httpx.Config{}).Invoke(t.Context(), req)
			if err == nil || kindOf(t, err) != integration.Timeout {
				t.Errorf("got %+v, %v, want a timeout", got, err)
			}
			if n := b.accepted.Load(); n != 1 {
				t.Errorf("got %d connections: a timeout must not be retried", n)
			}
		})
	}
	t.Run("dialling", func(t *testing.T) {
		client := newClient(t, httpx.Config{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		_, err := client.Invoke(t.Context(), &integration.Request{Method: "GET", URL: "http://a", Timeout: time.Millisecond})
		if err == nil || kindOf(t, err) != integration.Timeout {
			t.Errorf("got %v, want a timeout", err)
		}
	})
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := serve(t, func(s *session) {
		s.request()
		cancel()
		_, _ = io.Copy(io.Discard, s)
	})
	client := newClient(t, httpx.Config{})
	if _, err := client.Invoke(ctx, b.request("GET", "")); err == nil || kindOf(t, err) != integration.Canceled {
		t.Errorf("got %v, want Canceled", err)
	}
	if _, err := client.Invoke(ctx, b.request("GET", "")); err == nil || kindOf(t, err) != integration.Canceled {
		t.Errorf("got %v, want Canceled before anything is done", err)
	}
}

func TestRefusedConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	_, err = newClient(t, httpx.Config{}).Invoke(t.Context(), &integration.Request{Method: "GET", URL: "http://" + listener.Addr().String()})
	if err == nil || kindOf(t, err) != integration.Network {
		t.Errorf("got %v, want Network", err)
	}
}

func TestUnknownHost(t *testing.T) {
	client := newClient(t, httpx.Config{Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
	}})
	_, err := client.Invoke(t.Context(), &integration.Request{Method: "GET", URL: "http://unknown.example"})
	if err == nil || kindOf(t, err) != integration.Address {
		t.Errorf("got %v, want Address", err)
	}
}
