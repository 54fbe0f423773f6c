package front

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync/atomic"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/http1"
)

// guard stands between the engines and the handler: the one place that recovers
// from a panic, and that sees to it that an answer can be written as it is.
type guard struct {
	handler exchange.Handler
	log     *slog.Logger
	panics  atomic.Int64
	invalid atomic.Int64
}

// Serve implements exchange.Handler.
func (g *guard) Serve(ctx context.Context, x *exchange.Exchange) {
	defer func() {
		if cause := recover(); cause != nil {
			g.panicked(cause, x)
			g.replace(x)
		}
	}()
	g.handler.Serve(ctx, x)
	if why := unwritable(&x.Response); why != "" {
		g.invalid.Add(1)
		g.log.Error("the answer of a handler cannot be written", "why", why,
			"method", x.Request.Method, "path", x.Request.Path)
		g.replace(x)
		return
	}
	if x.Response.Stream != nil {
		x.Response.Stream = &guardedStream{x.Response.Stream, g, x}
	}
}

func (g *guard) panicked(cause any, x *exchange.Exchange) {
	g.panics.Add(1)
	g.log.Error("panic in a handler", "cause", cause, "method", x.Request.Method,
		"path", x.Request.Path, "stack", string(debug.Stack()))
}

// replace puts the neutral answer in the place of what the handler made of x.
func (g *guard) replace(x *exchange.Exchange) {
	stream := x.Response.Stream
	x.Response = exchange.Response{
		Status: 500,
		Header: exchange.Header{{Name: "Content-Type", Value: "application/json"}},
		Body:   []byte(`{"message": "Internal server error"}`),
		Close:  true,
	}
	if stream != nil {
		_ = (&guardedStream{stream, g, x}).Close()
	}
}

// unwritable says why a response cannot be sent as it is, or nothing. A line
// end within a field would let its author write the rest of the answer.
func unwritable(resp *exchange.Response) string {
	if resp.Status == 0 {
		return "nobody answered"
	}
	if resp.Status < 200 || resp.Status > 999 {
		return fmt.Sprintf("status %d", resp.Status)
	}
	for i := range resp.Header {
		if field := &resp.Header[i]; !http1.ValidToken(field.Name) || !http1.ValidValue(field.Value) {
			return fmt.Sprintf("field %q", field.Name)
		}
	}
	return ""
}

// guardedStream turns a panic of a stream, which an engine reads and closes
// after Serve, into an error.
type guardedStream struct {
	io.ReadCloser
	guard *guard
	x     *exchange.Exchange
}

// Read implements io.Reader.
func (s *guardedStream) Read(p []byte) (n int, err error) {
	defer func() { s.recovered(recover(), &err) }()
	return s.ReadCloser.Read(p)
}

// Close implements io.Closer.
func (s *guardedStream) Close() (err error) {
	defer func() { s.recovered(recover(), &err) }()
	return s.ReadCloser.Close()
}

func (s *guardedStream) recovered(cause any, err *error) {
	if cause != nil {
		s.guard.panicked(cause, s.x)
		*err = fmt.Errorf("panic: %v", cause)
	}
}
