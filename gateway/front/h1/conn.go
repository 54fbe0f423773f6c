package h1

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/http1"
)

const (
	// answerFields is how many fields an answer may have before its list is
	// allocated; answers of the gateway have about ten.
	answerFields = 24
	// keepFields bounds the list of request fields that is kept for later.
	keepFields = 64
	// lingerTime bounds the wait for a client to read an answer that ends the
	// connection while its request is still arriving. To close at once would
	// make the kernel throw the answer away with a reset. There is no bound in
	// bytes: many clients see the answer only after they have sent a good part.
	lingerTime = time.Second
)

// phase is what the engine waits for; it decides the deadline of a read.
type phase int

const (
	waiting phase = iota // for the first byte of a request
	heading              // for the rest of a head
	bodying              // for a body
	lingering
)

// conn is one connection while it is served; between connections it is pooled
// with its buffers.
type conn struct {
	engine *Engine
	ctx    context.Context
	Conn

	in      http1.Reader
	out     []byte // the head of an answer, with its body if that is small
	pair    [2][]byte
	buffers net.Buffers // pair, while it is written
	request http1.Request
	x       exchange.Exchange
	fields  [answerFields]exchange.Field
	body    body

	phase    phase
	wait     time.Duration // for the first byte
	deadline time.Time     // of the reads in the phases of the head and of lingering
}

func (c *conn) reset(ctx context.Context, served Conn) {
	c.ctx, c.Conn = ctx, served
	c.in.Reset(c, served.Prefix)
	c.wait = c.engine.config.HeadTimeout
}

// release drops what belongs to the last client.
func (c *conn) release() {
	c.ctx, c.Conn = nil, Conn{}
	c.in.Reset(nil, nil)
	if cap(c.out) > smallAnswer {
		c.out = nil
	}
	header := c.request.Header[:cap(c.request.Header)]
	clear(header)
	if len(header) > keepFields {
		header = nil
	}
	c.request = http1.Request{Header: header[:0]}
	clear(c.fields[:])
	c.x = exchange.Exchange{}
	c.pair, c.buffers = [2][]byte{}, nil
	c.body = body{}
}

// Read is the source of c.in: every read of the socket has a deadline.
func (c *conn) Read(p []byte) (int, error) {
	config := &c.engine.config
	now := config.Clock.Now()
	var deadline time.Time
	switch c.phase {
	case waiting:
		deadline = now.Add(c.wait)
	case heading:
		if c.deadline.IsZero() {
			c.deadline = now.Add(config.HeadTimeout)
		}
		deadline = c.deadline
	case bodying:
		deadline = c.body.deadline(now)
	case lingering:
		deadline = c.deadline
	}
	if err := c.Net.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	n, err := c.Net.Read(p)
	if c.phase == bodying {
		c.body.received += int64(n)
	}
	return n, err
}

// serve answers requests until the connection is to be closed.
func (c *conn) serve() {
	for {
		c.phase = waiting
		if c.in.Buffered() == 0 && c.in.Fill() != nil {
			return // nothing was asked, nothing is answered
		}
		if !c.Gate.Begin() {
			return
		}
		c.phase, c.deadline = heading, time.Time{}
		if err := c.readHead(); err != nil {
			c.refuse(err)
			return
		}
		var again bool
		if c.request.Asterisk {
			again = c.answerAsterisk()
		} else {
			again = c.answer()
		}
		if !again || !c.Gate.End() {
			return
		}
		c.wait = c.engine.config.IdleTimeout
	}
}

func (c *conn) readHead() error {
	head, err := c.in.Head(c.engine.config.HeadBytes)
	if err != nil {
		return err
	}
	return c.request.Parse(head)
}

// answer has the handler answer the present request and writes it. It reports
// whether the connection can go on.
func (c *conn) answer() bool {
	q := &c.request
	c.startBody()
	c.x = exchange.Exchange{
		Request: exchange.Request{
			Method:        q.Method,
			Path:          q.Path,
			RawQuery:      q.RawQuery,
			Host:          q.Host,
			Header:        q.Header,
			Body:          &c.body,
			ContentLength: q.Length,
			Remote:        c.Remote,
			TLS:           c.TLS,
			Received:      c.engine.config.Clock.Now(),
		},
		// The list is ours again with the next request, whatever the handler
		// put in its place, and never one that the handler owns.
		Response: exchange.Response{Header: c.fields[:0:answerFields]},
	}
	c.engine.config.Handler.Serve(c.ctx, &c.x)
	again := c.writeAnswer()
	if !again && !c.body.finished() {
		c.linger()
	}
	return again
}

// answerAsterisk answers OPTIONS *, which asks about the server and not about
// anything that a handler knows.
func (c *conn) answerAsterisk() bool {
	c.startBody()
	c.x = exchange.Exchange{Response: exchange.Response{Status: 200}}
	again := c.writeAnswer()
	if !again && !c.body.finished() {
		c.linger()
	}
	return again
}

// refuse answers a head that was not taken, if there is somebody to answer.
func (c *conn) refuse(err error) {
	refusal := &http1.Error{}
	switch {
	case errors.As(err, &refusal):
		c.engine.Malformed.Add(1)
	case errors.Is(err, os.ErrDeadlineExceeded):
		refusal = &http1.Error{Status: 408, Text: "request not complete in time"}
	default:
		return
	}
	c.request = http1.Request{Minor: 1, Header: c.request.Header}
	c.body = body{}
	c.x = exchange.Exchange{Response: refusalAnswer(refusal)}
	c.writeAnswer()
	c.linger()
}

// linger ends our side and reads on for a while, so that the client can read
// the answer before the connection goes.
func (c *conn) linger() {
	if half, ok := c.Net.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	c.phase = lingering
	c.deadline = c.engine.config.Clock.Now().Add(lingerTime)
	_, _ = io.Copy(io.Discard, &c.in)
}

// write sends the pieces in order, in one call of the system where there is one.
func (c *conn) write(first, second []byte) error {
	config := &c.engine.config
	if len(first) == 0 {
		first, second = second, nil
	}
	size := len(first) + len(second)
	if size == 0 {
		return nil
	}
	deadline := config.Clock.Now().Add(config.WriteTimeout + time.Duration(size/slowest)*time.Second)
	if err := c.Net.SetWriteDeadline(deadline); err != nil {
		return err
	}
	if len(second) == 0 {
		_, err := c.Net.Write(first)
		return err
	}
	c.pair = [2][]byte{first, second}
	c.buffers = c.pair[:]
	_, err := c.buffers.WriteTo(c.Net)
	return err
}
