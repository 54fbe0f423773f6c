package httpx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/postern-gateway/postern/gateway/http1"
	"github.com/postern-gateway/postern/gateway/integration"
)

// stream is the body of an answer that is read as it comes. It has its
// connection for itself until it is closed, which must be done once, after the
// last Read.
type stream struct {
	client *Client
	conn   *conn
	key    key
	ctx    context.Context
	// disarm stops what wakes up reads when the context ends; false: it ran.
	disarm   func() bool
	deadline time.Time     // of the call
	idle     time.Duration // 0: only the deadline counts
	written  <-chan error  // a large request on its way; nil: it is out

	body  io.Reader
	left  int64 // bytes to come; -1: the body tells its end itself
	ended bool
}

// callStream makes one try and returns once the head of the answer is there.
func (c *Client) callStream(ctx context.Context, conn *conn, to target, req *integration.Request, deadline time.Time) (*integration.Response, error) {
	s := &stream{client: c, conn: conn, key: to.key, ctx: ctx, disarm: func() bool { return true }, deadline: deadline, idle: req.IdleTimeout}
	if ctx.Done() != nil {
		s.disarm = context.AfterFunc(ctx, func() { _ = conn.net.SetDeadline(time.Unix(1, 0)) })
	}
	s.written = conn.send(&to, req)
	if err := conn.readHead(req.Method, c.config.MaxHead); err != nil {
		conn.Close()
		s.disarm()
		return nil, errors.Join(err, <-s.written)
	}
	s.begin()
	return &integration.Response{Status: conn.head.Status, Header: conn.head.Header, Stream: s}, nil
}

// send writes a request beside the reading of its answer: a backend that
// streams may answer while it reads. The channel gets the outcome.
func (c *conn) send(to *target, req *integration.Request) <-chan error {
	c.wrote, c.read = false, false
	c.out = appendHead(c.out[:0], to, req)
	written := make(chan error, 1)
	if len(req.Body) < bigRequest {
		written <- c.write(req.Body)
	} else {
		go func() { written <- c.write(req.Body) }()
	}
	return written
}

// begin prepares the body that the head announces.
func (s *stream) begin() {
	s.body, s.left = &s.conn.in, -1
	switch length := s.conn.head.Length; {
	case length == 0:
		s.ended = true
	case length > 0:
		s.body, s.left = io.LimitReader(&s.conn.in, length), length
	case length == http1.Chunked:
		chunks := &http1.ChunkedReader{}
		chunks.Reset(&s.conn.in)
		s.body = chunks
	}
}

// Read implements io.Reader. It fails when the backend breaks off, and when it
// is silent or takes too long; only a whole body ends with io.EOF.
func (s *stream) Read(p []byte) (int, error) {
	if s.ended {
		return 0, io.EOF
	}
	deadline := s.deadline
	if s.idle > 0 {
		if silent := s.client.config.Clock.Now().Add(s.idle); silent.Before(deadline) {
			deadline = silent
		}
	}
	if err := s.conn.net.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	// The context may have ended before the deadline was set, and had set its own.
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.body.Read(p)
	if s.left > 0 {
		s.left -= int64(n)
	}
	switch {
	case err == io.EOF && s.left > 0:
		return n, io.ErrUnexpectedEOF
	case err == io.EOF || s.left == 0:
		s.ended = true
		return n, io.EOF
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, fmt.Errorf("the backend took too long: %w", err)
	}
	return n, err
}

// Close implements io.Closer. A connection whose answer was read to the end is
// kept for other calls; any other is closed, so that the backend sees that
// nobody listens.
func (s *stream) Close() error {
	// A request that is still being written is given up: the backend did not
	// want the rest. One that is out, whose writer has not said so yet, is not
	// harmed by the deadline.
	_ = s.conn.net.SetWriteDeadline(time.Unix(1, 0))
	wholeRequest := <-s.written == nil
	reuse := wholeRequest && s.ended && s.conn.head.Persist && s.conn.in.Buffered() == 0
	if !s.disarm() || !reuse {
		s.conn.Close()
		return nil
	}
	s.client.pool.put(s.key, s.conn)
	return nil
}
