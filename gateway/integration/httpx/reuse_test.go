//go:build unix

package httpx_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/httpx"
)

// after answers one request, then ends the connection in some way when the next
// request has come in so far that the client cannot have seen it before.
func after(end func(*session)) func(*session) {
	return func(s *session) {
		s.request()
		s.say(ok)
		end(s)
	}
}

func reset(s *session) {
	_ = s.Conn.(*net.TCPConn).SetLinger(0) // Close sends RST
}

// The connection dies while the request is on its way, before any answer.
func TestRetryOnReusedConnection(t *testing.T) {
	diesOnRequest := after(func(s *session) {
		s.request()
		reset(s)
	})
	diesInAnswer := after(func(s *session) {
		s.request()
		s.say("HTTP/1.1 2")
	})
	for _, test := range []struct {
		name, method string
		script       func(*session)
		retried      bool
	}{
		{"GET", "GET", diesOnRequest, true},
		{"HEAD", "HEAD", diesOnRequest, true},
		{"PUT", "PUT", diesOnRequest, true},
		{"DELETE", "DELETE", diesOnRequest, true},
		{"OPTIONS", "OPTIONS", diesOnRequest, true},
		{"POST", "POST", diesOnRequest, false},
		{"PATCH", "PATCH", diesOnRequest, false},
		{"unknown method", "MOVE", diesOnRequest, false},
		{"GET with half an answer", "GET", diesInAnswer, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := serve(t, test.script, forever("HTTP/1.1 204 Second\r\n\r\n"))
			client := newClient(t, httpx.Config{})
			if _, err := client.Invoke(t.Context(), b.request("GET", "")); err != nil {
				t.Fatal(err)
			}
			got, err := client.Invoke(t.Context(), b.request(test.method, "body"))
			if test.retried && (err != nil || got.Status != 204) {
				t.Errorf("got %+v, %v, want the answer of a second connection", got, err)
			}
			if !test.retried && (err == nil || kindOf(t, err) != integration.Network) {
				t.Errorf("got %+v, %v, want a Network error", got, err)
			}
			want := int64(1)
			if test.retried {
				want = 2
			}
			if n := b.accepted.Load(); n != want {
				t.Errorf("got %d connections, want %d", n, want)
			}
		})
	}
}

// A second failure is final, whatever the method.
func TestRetryOnce(t *testing.T) {
	b := serve(t, after(func(s *session) { s.request() }), func(s *session) { s.request() })
	client := newClient(t, httpx.Config{})
	if _, err := client.Invoke(t.Context(), b.request("GET", "")); err != nil {
		t.Fatal(err)
	}
	if got, err := client.Invoke(t.Context(), b.request("GET", "")); err == nil || kindOf(t, err) != integration.Network {
		t.Errorf("got %+v, %v, want a Network error", got, err)
	}
	if n := b.accepted.Load(); n != 2 {
		t.Errorf("got %d connections, want 2", n)
	}
}

// What happened to a connection while nobody used it is seen before it is used,
// so that even a POST gets its answer.
func TestStaleConnections(t *testing.T) {
	for name, end := range map[string]func(*session){
		"closed":         func(s *session) { _ = s.Close() },
		"reset":          func(s *session) { reset(s); _ = s.Close() },
		"unasked answer": func(s *session) { s.say(ok); _, _ = io.Copy(io.Discard, s) },
	} {
		t.Run(name, func(t *testing.T) {
			answered := make(chan struct{})
			b := serve(t, func(s *session) {
				s.request()
				s.say(ok)
				<-answered
				end(s)
			}, forever("HTTP/1.1 204 Second\r\n\r\n"))
			var dialled []net.Conn
			client := newClient(t, httpx.Config{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				dialled = append(dialled, conn)
				return conn, err
			}})
			if _, err := client.Invoke(t.Context(), b.request("GET", "")); err != nil {
				t.Fatal(err)
			}
			close(answered)
			waitForInput(t, dialled[0].(*net.TCPConn))
			got, err := client.Invoke(t.Context(), b.request("POST", "body"))
			if err != nil || got.Status != 204 {
				t.Errorf("got %+v, %v, want the answer of a second connection", got, err)
			}
		})
	}
}

// waitForInput waits until there is something to read, and leaves it there.
func waitForInput(t *testing.T, conn *net.TCPConn) {
	t.Helper()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err != syscall.EAGAIN
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The deadline of a call must not outlive it: a connection that is found again
// after it has passed is as good as before.
func TestReuseAfterDeadline(t *testing.T) {
	b := serve(t, forever(ok))
	var dialled net.Conn
	client := newClient(t, httpx.Config{Dial: func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		dialled, err = new(net.Dialer).DialContext(ctx, network, address)
		return dialled, err
	}})
	first := b.request("GET", "")
	first.Timeout = 300 * time.Millisecond
	if _, err := client.Invoke(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	raw, err := dialled.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Read(func(uintptr) bool { return false }); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %v, want the deadline of the first call", err)
	}
	if _, err := client.Invoke(t.Context(), b.request("POST", "")); err != nil || b.accepted.Load() != 1 {
		t.Errorf("got %v and %d connections, want the first one again", err, b.accepted.Load())
	}
}

// deaf is a connection whose writes fail once it was told so. Nothing can be
// seen on it beforehand.
type deaf struct {
	net.Conn
	taken int // bytes that a failing write takes; negative: writes do not fail
}

func (d *deaf) Write(p []byte) (int, error) {
	if d.taken < 0 {
		return d.Conn.Write(p)
	}
	n := min(d.taken, len(p))
	if n > 0 {
		_, _ = d.Conn.Write(p[:n])
	}
	_ = d.Close()
	return n, syscall.EPIPE
}

// A POST is sent again only if nothing of it can have arrived.
func TestRetryOfUnsentRequest(t *testing.T) {
	for _, taken := range []int{0, 1} {
		b := serve(t, forever(ok))
		var first *deaf
		client := newClient(t, httpx.Config{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			if first == nil && err == nil {
				first = &deaf{conn, -1}
				return first, nil
			}
			return conn, err
		}})
		if _, err := client.Invoke(t.Context(), b.request("POST", "body")); err != nil {
			t.Fatal(err)
		}
		first.taken = taken
		got, err := client.Invoke(t.Context(), b.request("POST", "body"))
		if sentAgain := err == nil; sentAgain != (taken == 0) {
			t.Errorf("%d bytes taken: got %+v, %v", taken, got, err)
		}
	}
}

// A backend that sends its answer while it reads must not stop both sides.
func TestFullDuplex(t *testing.T) {
	const size = 10 << 20
	b := serve(t, func(s *session) {
		for {
			line, err := s.in.ReadString('\n')
			if err != nil {
				return
			}
			if line == "\r\n" {
				break
			}
		}
		s.say("HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n")
		_, _ = io.CopyN(s, s.in, size)
	})
	body := strings.Repeat("0123456789abcdef", size/16)
	got, err := newClient(t, httpx.Config{}).Invoke(t.Context(), b.request("POST", body))
	if err != nil || string(got.Body) != body {
		t.Errorf("got error %v, want the body back", err)
	}
}

// A backend may refuse a request before it has read it.
func TestEarlyAnswer(t *testing.T) {
	b := serve(t, func(s *session) {
		s.say("HTTP/1.1 413 Too Much\r\nContent-Length: 0\r\n\r\n")
		_, _ = s.in.ReadString('\n')
		_ = s.Conn.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, s)
	})
	got, err := newClient(t, httpx.Config{}).Invoke(t.Context(), b.request("POST", strings.Repeat("x", 10<<20)))
	if err != nil || got.Status != 413 {
		t.Errorf("got %+v, %v, want 413", got, err)
	}
}

func TestIdleConnectionsAreDropped(t *testing.T) {
	closed := make(chan struct{}, 10)
	b := serve(t, func(s *session) {
		forever(ok)(s)
		closed <- struct{}{}
	})
	// The clock of the test is ahead of the machine's, for the deadlines.
	times := clock.NewManual(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	client := newClient(t, httpx.Config{Clock: times, IdleTimeout: time.Minute})
	if _, err := client.Invoke(t.Context(), b.request("GET", "")); err != nil {
		t.Fatal(err)
	}
	times.Advance(59 * time.Second)
	if _, err := client.Invoke(t.Context(), b.request("GET", "")); err != nil || b.accepted.Load() != 1 {
		t.Fatalf("got %v and %d connections, want the first one again", err, b.accepted.Load())
	}
	times.Advance(2 * time.Minute)
	<-closed
	if _, err := client.Invoke(t.Context(), b.request("GET", "")); err != nil || b.accepted.Load() != 2 {
		t.Errorf("got %v and %d connections, want a second one", err, b.accepted.Load())
	}
	client.Close()
	<-closed
}

// At most MaxIdle connections stay after a burst.
func TestMaxIdle(t *testing.T) {
	const calls = 8
	var together sync.WaitGroup
	together.Add(calls)
	closed := make(chan struct{}, calls)
	b := serve(t, func(s *session) {
		s.request()
		together.Done()
		together.Wait() // all calls need a connection of their own
		s.say(ok)
		_, _ = io.Copy(io.Discard, s)
		closed <- struct{}{}
	})
	client := newClient(t, httpx.Config{MaxIdle: 3})
	var done sync.WaitGroup
	for range calls {
		done.Go(func() {
			if _, err := client.Invoke(t.Context(), b.request("GET", "")); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	for range calls - 3 {
		<-closed
	}
	if n := len(closed); n != 0 {
		t.Errorf("%d connections more than expected were closed", n)
	}
	client.Close()
	for range 3 {
		<-closed
	}
}

// Close also reaches the connections that were in use.
func TestCloseWhileInUse(t *testing.T) {
	arrived, leave, closed := make(chan struct{}), make(chan struct{}), make(chan struct{})
	b := serve(t, func(s *session) {
		s.request()
		close(arrived)
		<-leave
		s.say(ok)
		_, _ = io.Copy(io.Discard, s)
		close(closed)
	})
	client := newClient(t, httpx.Config{IdleTimeout: time.Hour})
	result := make(chan error, 1)
	go func() {
		_, err := client.Invoke(t.Context(), b.request("GET", ""))
		result <- err
	}()
	<-arrived
	client.Close()
	close(leave)
	if err := <-result; err != nil {
		t.Errorf("got %v, want the answer of the call in flight", err)
	}
	<-closed
}
