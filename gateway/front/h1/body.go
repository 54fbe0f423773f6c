package h1

import (
	"errors"
	"io"
	"time"

	"github.com/postern-gateway/postern/gateway/http1"
)

const (
	// slowest is the rate in bytes a second below which a body, in either
	// direction, is cut off once its time out has passed.
	slowest = 1 << 10
	// drainBytes is how much of a body that the handler did not read is thrown
	// away to keep a connection; for more it is cheaper to open a new one.
	drainBytes = 256 << 10
)

const continueLine = "HTTP/1.1 100 Continue\r\n\r\n"

// body is the body of the present request. There is one for a connection: a
// handler that reads on after its exchange would read somebody else's.
type body struct {
	conn    *conn
	chunked bool
	chunks  http1.ChunkedReader
	left    int64 // of a body with a known length
	err     error // io.EOF at the end

	continues bool      // the client waits for leave to send
	started   time.Time // the first wait for a part of it
	received  int64     // from the socket, since then
}

func (c *conn) startBody() {
	q := &c.request
	b := &c.body
	*b = body{conn: c, left: q.Length, continues: q.Continues}
	switch q.Length {
	case 0:
		b.err = io.EOF
	case http1.Chunked:
		b.chunked = true
		b.chunks.Reset(&c.in)
	}
	c.phase = bodying
}

// deadline of a read from the socket: BodyTimeout from now, but also from the
// first wait, moved on by the time that the bytes so far may take at the
// slowest rate. So a body may be long, but not a drip.
func (b *body) deadline(now time.Time) time.Time {
	if b.started.IsZero() {
		b.started = now
	}
	timeout := b.conn.engine.config.BodyTimeout
	allowed := b.started.Add(timeout + time.Duration(b.received/slowest)*time.Second)
	if next := now.Add(timeout); next.Before(allowed) {
		return next
	}
	return allowed
}

// Read implements io.Reader for the handler.
func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.continues {
		b.continues = false
		b.conn.out = append(b.conn.out[:0], continueLine...)
		if b.err = b.conn.write(b.conn.out, nil); b.err != nil {
			return 0, b.err
		}
	}
	if b.chunked {
		n, err := b.chunks.Read(p)
		b.err = err
		return n, err
	}
	n, err := b.conn.in.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	switch {
	case b.left == 0:
		err = io.EOF
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	b.err = err
	return n, err
}

// finished reports whether the body was read to its end.
func (b *body) finished() bool { return b.conn == nil || b.err == io.EOF }

// malformed returns what is wrong with the framing, as far as it was read.
func (b *body) malformed() *http1.Error {
	if !b.chunked {
		return nil
	}
	var refusal *http1.Error
	errors.As(b.err, &refusal)
	return refusal
}

// finish throws away what is left of the body, so that the next request can be
// read. It gives up, and reports false, when that is too much, when the client
// was never told to send it, and when it does not come.
func (b *body) finish() bool {
	if b.finished() {
		return true
	}
	if b.err != nil || b.continues || b.left > drainBytes {
		return false
	}
	_, err := io.CopyN(io.Discard, b, drainBytes+1)
	return err == io.EOF
}
