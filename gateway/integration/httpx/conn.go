package httpx

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/http1"
	"github.com/postern-gateway/postern/gateway/integration"
)

const (
	// smallRequest is the size up to which head and body are copied into one
	// write.
	smallRequest = 8 << 10
	// bigRequest is the size from which a request is written beside the reading
	// of its answer. A backend that answers while it reads, such as an echo,
	// may stop reading until somebody reads its answer.
	bigRequest = 64 << 10
	// maxInterim is how many answers of 1xx may come before the real one.
	maxInterim = 8
	// firstPiece is what is allocated for a body before more of it is there.
	firstPiece = 64 << 10
	// keepBuffer is the largest buffer of a request that is kept.
	keepBuffer = 64 << 10
	// usualFields is how many fields an answer has, nearly always, at most.
	usualFields = 16
)

// conn is one connection, used by one call at a time.
type conn struct {
	net   net.Conn
	wire  net.Conn // the socket below TLS, or net again
	watch *watch
	in    http1.Reader
	out   []byte
	head  http1.Response

	epoch     int
	reused    bool
	idleSince time.Time

	// Of the present call.
	wrote   bool // the kernel has taken a part of the request
	read    bool // a part of an answer has come
	pair    [2][]byte
	buffers net.Buffers // pair, while it is written
}

// Close closes the socket without a farewell of TLS, which could block.
func (c *conn) Close() { _ = c.wire.Close() }

// usable reports whether a connection from the pool is worth a try: nothing
// came in while it waited, neither an end nor an answer that nobody asked for.
func (c *conn) usable() bool { return c.watch.quiet() }

// mayRetry is the rule in the comment of the package.
func (c *conn) mayRetry(method string, err error) bool {
	if c.read || errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	switch method {
	case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE":
		return true
	}
	return !c.wrote
}

// Read is the source of c.in.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.net.Read(p)
	if n > 0 {
		c.read = true
	}
	return n, err
}

// roundTrip sends a request and reads its answer. It reports whether the
// connection can be used again.
func (c *conn) roundTrip(to target, req *integration.Request, maxHead, maxBody int) (resp *integration.Response, reuse bool, err error) {
	c.wrote, c.read = false, false
	c.out = appendHead(c.out[:0], &to, req)
	if len(req.Body) < bigRequest {
		if err := c.write(req.Body); err != nil {
			return c.lastWord(req.Method, maxHead, maxBody, err)
		}
		resp, err = c.readAnswer(req.Method, maxHead, maxBody)
		return resp, err == nil && c.head.Persist && c.in.Buffered() == 0, err
	}
	written := make(chan error, 1)
	go func() { written <- c.write(req.Body) }()
	resp, err = c.readAnswer(req.Method, maxHead, maxBody)
	select {
	case writeErr := <-written:
		if err != nil && writeErr != nil {
			err = errors.Join(err, writeErr)
		}
		return resp, err == nil && writeErr == nil && c.head.Persist && c.in.Buffered() == 0, err
	default:
	}
	// The backend answered, or failed, without wanting the rest of the request.
	c.Close()
	<-written
	return resp, false, err
}

// lastWord looks for an answer after a failed write: a backend may refuse a
// request before it has read all of it. The deadline of the call still holds.
func (c *conn) lastWord(method string, maxHead, maxBody int, cause error) (*integration.Response, bool, error) {
	if c.wrote && !errors.Is(cause, os.ErrDeadlineExceeded) {
		if resp, err := c.readAnswer(method, maxHead, maxBody); err == nil {
			return resp, false, nil
		}
	}
	return nil, false, cause
}

func (c *conn) write(body []byte) error {
	var n int64
	var err error
	if len(c.out)+len(body) <= smallRequest || len(body) == 0 {
		c.out = append(c.out, body...)
		var short int
		short, err = c.net.Write(c.out)
		n = int64(short)
	} else {
		c.pair = [2][]byte{c.out, body}
		c.buffers = c.pair[:]
		n, err = c.buffers.WriteTo(c.net)
		c.pair, c.buffers = [2][]byte{}, nil
	}
	c.wrote = n > 0
	if cap(c.out) > keepBuffer {
		c.out = nil
	}
	return err
}

// appendHead writes the head of a request. The Host of the URL comes first
// unless the caller has one in its place. Content-Length is sent for a body and
// for methods that usually have one (recorded: an integration of POST gets
// "Content-Length: 0").
func appendHead(out []byte, to *target, req *integration.Request) []byte {
	out = append(out, req.Method...)
	out = append(out, ' ')
	out = append(out, to.path...)
	out = append(out, " HTTP/1.1\r\n"...)
	if !req.Header.Has("Host") {
		out = appendField(out, exchange.Field{Name: "Host", Value: to.authority})
	}
	for _, field := range req.Header {
		if !ours(field.Name) {
			out = appendField(out, field)
		}
	}
	if len(req.Body) > 0 || req.Method == "POST" || req.Method == "PUT" || req.Method == "PATCH" {
		out = append(out, "Content-Length: "...)
		out = strconv.AppendInt(out, int64(len(req.Body)), 10)
		out = append(out, "\r\n"...)
	}
	return append(out, "\r\n"...)
}

func appendField(out []byte, field exchange.Field) []byte {
	out = append(out, field.Name...)
	out = append(out, ": "...)
	out = append(out, field.Value...)
	return append(out, "\r\n"...)
}

// ours reports whether a field is the transport's: from the caller it could
// only contradict how the request is really framed.
func ours(name string) bool {
	switch len(name) {
	case len("Connection"):
		return strings.EqualFold(name, "Connection")
	case len("Content-Length"):
		return strings.EqualFold(name, "Content-Length")
	case len("Transfer-Encoding"):
		return strings.EqualFold(name, "Transfer-Encoding")
	}
	return false
}

func (c *conn) readAnswer(method string, maxHead, maxBody int) (*integration.Response, error) {
	if err := c.readHead(method, maxHead); err != nil {
		return nil, err
	}
	body, err := c.readBody(maxBody)
	if err != nil {
		return nil, fmt.Errorf("read the body of the answer: %w", err)
	}
	return &integration.Response{Status: c.head.Status, Header: c.head.Header, Body: body}, nil
}

// readHead reads up to the head of the answer that is not an interim one.
func (c *conn) readHead(method string, maxHead int) error {
	for range maxInterim {
		text, err := c.in.Head(maxHead)
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		c.head.Header = make(exchange.Header, 0, usualFields) // the answer owns it
		if err := c.head.Parse(text, method); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		if c.head.Status == 101 {
			return errors.New("the backend switched protocols unasked")
		}
		if c.head.Status >= 200 {
			return nil
		}
	}
	return errors.New("too many interim answers")
}

// readBody reads the body that c.head announces.
func (c *conn) readBody(limit int) ([]byte, error) {
	switch length := c.head.Length; {
	case length == 0:
		return nil, nil
	case length > int64(limit):
		return nil, tooLarge(limit)
	case length > 0:
		return readAll(io.LimitReader(&c.in, length), int(length), int(length))
	case length == http1.Chunked:
		var chunks http1.ChunkedReader
		chunks.Reset(&c.in)
		return readAll(&chunks, -1, limit)
	}
	return readAll(&c.in, -1, limit)
}

// readAll reads to the end, at most limit bytes. size is how many must come, or
// -1. Memory follows what has come, not what was promised.
func readAll(from io.Reader, size, limit int) ([]byte, error) {
	first := 512
	if size >= 0 {
		first = min(size, firstPiece)
	}
	body := make([]byte, 0, first)
	for {
		if len(body) == size {
			return body, nil
		}
		if len(body) > limit {
			return nil, tooLarge(limit)
		}
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := from.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if err == io.EOF {
			if len(body) < size {
				return nil, io.ErrUnexpectedEOF
			}
			if len(body) > limit {
				return nil, tooLarge(limit)
			}
			return body, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func tooLarge(limit int) error {
	return &integration.Error{
		Kind:  integration.TooLarge,
		Cause: errors.New("the answer is longer than " + strconv.Itoa(limit) + " bytes"),
	}
}
