package front_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/front"
)

var ok = exchange.HandlerFunc(func(_ context.Context, x *exchange.Exchange) { x.Response.Status = 200 })

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// exchangeText sends text and returns all that comes back.
func exchangeText(t *testing.T, address, text string) string {
	t.Helper()
	conn := dial(t, address)
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("%.80q: %v", text, err)
	}
	return string(got)
}

const (
	plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	last  = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
)

// What a connection speaks must not depend on how its bytes are cut.
func TestSniffInPieces(t *testing.T) {
	_, address := serve(t, front.Config{Handler: ok})
	for text, want := range map[string]string{
		last: "HTTP/1.1 200 OK\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00": "\x00\x00", // a frame
		"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n":                                     "HTTP/1.1 505",
		"PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n":               "HTTP/1.1 200 OK\r\n",
	} {
		conn := dial(t, address).(*net.TCPConn)
		for i := range len(text) { // the kernel sends each byte by itself
			if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
				break // refused before the last byte
			}
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
		_ = conn.Close()
	}
}

func TestTLSWithoutCertificate(t *testing.T) {
	_, address := serve(t, front.Config{Handler: ok})
	conn := tls.Client(dial(t, address), &tls.Config{InsecureSkipVerify: true})
	if err := conn.HandshakeContext(t.Context()); err == nil {
		t.Error("got a TLS connection from a server without TLS")
	}
}

func TestMaxConnections(t *testing.T) {
	server, address := serve(t, front.Config{Handler: ok, MaxConnections: 1})
	first := dial(t, address)
	in := bufio.NewReader(first)
	ask := func() {
		t.Helper()
		if _, err := io.WriteString(first, plain); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	ask()
	second := dial(t, address) // waits in the queue of the listener
	if _, err := io.WriteString(second, last); err != nil {
		t.Fatal(err)
	}
	ask()
	if n := server.Stats().Connections; n != 1 {
		t.Errorf("got %d connections, want 1", n)
	}
	_ = first.Close()
	if got, err := io.ReadAll(second); err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 200") {
		t.Errorf("got %q, %v for the second connection, want its turn", got, err)
	}
}

// drainWith opens a connection that asks nothing, and begins to drain.
func drainWith(t *testing.T, config front.Config) (fresh net.Conn, ended <-chan error) {
	t.Helper()
	config.Handler = ok
	server, address := serve(t, config)
	fresh = dial(t, address)
	for server.Stats().Connections == 0 {
		runtime.Gosched()
	}
	result := make(chan error, 1)
	go func() { result <- server.Shutdown(context.Background()) }()
	for {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return fresh, result // the server drains
		}
		_ = conn.Close()
	}
}

// A client that has just come cannot know that the server drains.
func TestDrainLetsFreshClientsAsk(t *testing.T) {
	// With this clock the time that they have does not end.
	times := clock.NewManual(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	fresh, ended := drainWith(t, front.Config{Clock: times})
	if _, err := io.WriteString(fresh, plain); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(fresh)
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 200") || !strings.Contains(string(got), "\r\nConnection: close\r\n") {
		t.Errorf("got %q, %v, want an answer that ends the connection", got, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func TestDrainEndsSilentClients(t *testing.T) {
	fresh, ended := drainWith(t, front.Config{HeadTimeout: time.Hour})
	if got, err := io.ReadAll(fresh); err != nil || len(got) != 0 {
		t.Errorf("got %q, %v, want the end of the connection", got, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func TestServeAfterShutdown(t *testing.T) {
	server := front.New(front.Config{Handler: ok})
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(listener); err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want a closed listener", err)
	}
}

// failing is a listener that has no descriptors for a while.
type failing struct {
	net.Listener
	failures int
	failed   chan struct{}
}

func (f *failing) Accept() (net.Conn, error) {
	if f.failures > 0 {
		f.failures--
		f.failed <- struct{}{}
		return nil, errors.New("too many open files")
	}
	return f.Listener.Accept()
}

// waker is a clock whose timers fire at once.
type waker struct{ clock.System }

func (waker) AfterFunc(_ time.Duration, f func()) func() bool {
	return time.AfterFunc(0, f).Stop
}

func TestAcceptGoesOn(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := &failing{inner, 3, make(chan struct{}, 3)}
	server := front.New(front.Config{Handler: ok, Clock: waker{}})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if got := exchangeText(t, inner.Addr().String(), last); !strings.HasPrefix(got, "HTTP/1.1 200") {
		t.Errorf("got %q, want an answer after the failures", got)
	}
	if n := len(listener.failed); n != 3 {
		t.Errorf("got %d failures, want 3", n)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}
