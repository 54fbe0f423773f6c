package httpx_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/httpx"
)

func streamed(b *backend, verb, body string) *integration.Request {
	return &integration.Request{Method: verb, URL: "http://" + b.address + "/", Body: []byte(body), Stream: true, Timeout: time.Minute}
}

// TestStream: the head comes before the body, each piece before the next, and
// the connection of a whole body is used again.
func TestStream(t *testing.T) {
	goOn := make(chan struct{})
	for name, answer := range map[string][3]string{
		"chunked": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\none\r\n", "3\r\ntwo\r\n0\r\n\r\n"},
		"length":  {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", "one", "two"},
	} {
		t.Run(name, func(t *testing.T) {
			b := serve(t, func(s *session) {
				for range 2 {
					if head, _ := s.request(); head == "" {
						return
					}
					for _, piece := range answer {
						s.say(piece)
						<-goOn
					}
				}
			})
			client := httpx.New(httpx.Config{})
			defer client.Close()
			for range 2 {
				res, err := client.Invoke(t.Context(), streamed(b, "POST", strings.Repeat("x", 100_000)))
				if err != nil {
					t.Fatal(err)
				}
				if res.Status != 200 || res.Body != nil {
					t.Fatalf("status %d, body %q", res.Status, res.Body)
				}
				for _, want := range []string{"one", "two"} {
					goOn <- struct{}{}
					piece := make([]byte, 3)
					if _, err := io.ReadFull(res.Stream, piece); err != nil || string(piece) != want {
						t.Fatalf("piece %q %v, want %q", piece, err, want)
					}
				}
				if rest, err := io.ReadAll(res.Stream); len(rest) > 0 || err != nil {
					t.Errorf("after the end: %q %v", rest, err)
				}
				if err := res.Stream.Close(); err != nil {
					t.Error(err)
				}
				goOn <- struct{}{}
			}
			if n := b.accepted.Load(); n != 1 {
				t.Errorf("%d connections, want 1", n)
			}
		})
	}
}

// TestStreamBreaks: whatever is not the end of a body is an error.
func TestStreamBreaks(t *testing.T) {
	for name, answer := range map[string]string{
		"length":    "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none",
		"chunked":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n",
		"bad chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\nx\r\n",
	} {
		b := serve(t, answers(answer))
		client := httpx.New(httpx.Config{})
		res, err := client.Invoke(t.Context(), streamed(b, "GET", ""))
		if err != nil {
			t.Fatal(name, err)
		}
		if got, err := io.ReadAll(res.Stream); string(got) != "one" || err == nil {
			t.Errorf("%s: %q %v, want one and an error", name, got, err)
		}
		_ = res.Stream.Close()
		client.Close()
	}
}

// TestStreamIsLeft: a backend sees when nobody reads its stream any more, and
// a reader is woken up when its context ends or its backend is silent.
func TestStreamIsLeft(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"
	gone := make(chan error, 1)
	silent := func(s *session) {
		s.request()
		s.say(head)
		_, err := s.in.ReadByte()
		gone <- err
	}
	for name, end := range map[string]func(cancel func(), req *integration.Request) func(io.ReadCloser) error{
		"closed": func(func(), *integration.Request) func(io.ReadCloser) error {
			return func(io.ReadCloser) error { return io.ErrClosedPipe }
		},
		"context": func(cancel func(), _ *integration.Request) func(io.ReadCloser) error {
			return func(r io.ReadCloser) error {
				time.AfterFunc(time.Millisecond, cancel)
				_, err := io.ReadAll(r)
				return err
			}
		},
		"idle": func(_ func(), req *integration.Request) func(io.ReadCloser) error {
			req.IdleTimeout = 20 * time.Millisecond
			return func(r io.ReadCloser) error { _, err := io.ReadAll(r); return err }
		},
		"deadline": func(_ func(), req *integration.Request) func(io.ReadCloser) error {
			req.Timeout = 50 * time.Millisecond
			return func(r io.ReadCloser) error { _, err := io.ReadAll(r); return err }
		},
	} {
		b := serve(t, silent)
		client := httpx.New(httpx.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		req := streamed(b, "GET", "")
		finish := end(cancel, req)
		res, err := client.Invoke(ctx, req)
		if err != nil {
			t.Fatal(name, err)
		}
		if err := finish(res.Stream); err == nil {
			t.Errorf("%s: no error", name)
		}
		_ = res.Stream.Close()
		if err := <-gone; err == nil {
			t.Errorf("%s: the backend reads %v", name, err)
		}
		cancel()
		client.Close()
	}
}

// TestStreamFails: a head that does not come is the error that it always is.
func TestStreamFails(t *testing.T) {
	b := serve(t, func(s *session) { s.request(); _, _ = s.in.ReadByte() })
	client := httpx.New(httpx.Config{})
	defer client.Close()
	req := streamed(b, "POST", strings.Repeat("x", 1<<20))
	req.Timeout, req.Header = 50*time.Millisecond, exchange.Header{}
	var typed *integration.Error
	if _, err := client.Invoke(t.Context(), req); !errors.As(err, &typed) || typed.Kind != integration.Timeout {
		t.Errorf("%v, want a timeout", err)
	}
}
