package h1

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/http1"
)

const (
	// smallAnswer is the size up to which head and body are copied together
	// into one write; above, two pieces in one call are cheaper.
	smallAnswer = 8 << 10
	// streamPiece is the most that is read from a stream at once.
	streamPiece = 32 << 10
	// chunkRoom is room for the size of a chunk before its data and for the
	// end of line behind it.
	chunkRoom = 10
)

var pieces = sync.Pool{New: func() any { return new([chunkRoom + streamPiece + 2]byte) }}

// writeAnswer writes c.x.Response and closes its stream. It reports whether
// the connection can carry another request.
func (c *conn) writeAnswer() bool {
	resp := &c.x.Response
	stream := resp.Stream
	if stream != nil {
		defer stream.Close()
	}
	again := c.request.Persist && !resp.Close && !c.Gate.Draining()
	// A stream may be made from the body of the request, so only without one is
	// the rest of the body in nobody's hands.
	if again && stream == nil {
		again = c.body.finish()
	}
	// Whatever the handler made of it, a body with broken framing is refused.
	if refusal := c.body.malformed(); refusal != nil {
		c.engine.Malformed.Add(1)
		c.x.Response = refusalAnswer(refusal)
		stream, again = nil, false
	}
	return c.writeResponse(stream, again)
}

// writeResponse writes head and body and reports whether both went out and the
// connection is free for another request, which it announces if again is set.
func (c *conn) writeResponse(stream io.Reader, again bool) bool {
	resp := &c.x.Response
	empty := resp.Status == 204 || resp.Status == 304
	chunked := stream != nil && c.request.Minor == 1
	if stream != nil && !chunked && !empty {
		again = false // the end of the connection is the end of the body
	}
	c.out = appendStatus(c.out[:0], resp.Status)
	c.out = append(c.out, "Date: "...)
	c.out = append(c.out, c.engine.dateText(c.engine.config.Clock.Now())...)
	c.out = append(c.out, "\r\n"...)
	c.out = appendFields(c.out, resp.Header)
	switch {
	case empty:
	case chunked:
		c.out = append(c.out, "Transfer-Encoding: chunked\r\n"...)
	case stream == nil:
		c.out = append(c.out, "Content-Length: "...)
		c.out = strconv.AppendInt(c.out, int64(len(resp.Body)), 10)
		c.out = append(c.out, "\r\n"...)
	}
	if again {
		c.out = append(c.out, "Connection: keep-alive\r\n\r\n"...)
	} else {
		c.out = append(c.out, "Connection: close\r\n\r\n"...)
	}
	switch {
	case empty || c.request.Method == http.MethodHead:
		return c.write(c.out, nil) == nil && again && c.body.finish()
	case stream != nil:
		return c.writeStream(stream, chunked) && again && c.body.finish()
	case len(c.out)+len(resp.Body) <= smallAnswer:
		c.out = append(c.out, resp.Body...)
		return c.write(c.out, nil) == nil && again
	}
	return c.write(c.out, resp.Body) == nil && again
}

// refusalAnswer is the answer to a request that is not taken.
func refusalAnswer(why *http1.Error) exchange.Response {
	return exchange.Response{
		Status: why.Status,
		Header: exchange.Header{{Name: "Content-Type", Value: "text/plain"}},
		Body:   []byte(why.Text + "\n"),
		Close:  true,
	}
}

func appendStatus(out []byte, status int) []byte {
	out = append(out, "HTTP/1.1 "...)
	out = strconv.AppendInt(out, int64(status), 10)
	out = append(out, ' ')
	out = append(out, http.StatusText(status)...)
	return append(out, "\r\n"...)
}

func appendFields(out []byte, header exchange.Header) []byte {
	for i := range header {
		if added(header[i].Name) {
			continue
		}
		out = append(out, header[i].Name...)
		out = append(out, ": "...)
		out = append(out, header[i].Value...)
		out = append(out, "\r\n"...)
	}
	return out
}

// added reports whether the engine writes a field itself, so that a field of a
// handler must not stand beside it.
func added(name string) bool {
	switch len(name) {
	case len("Date"):
		return strings.EqualFold(name, "Date")
	case len("Connection"):
		return strings.EqualFold(name, "Connection")
	case len("Content-Length"):
		return strings.EqualFold(name, "Content-Length")
	case len("Transfer-Encoding"):
		return strings.EqualFold(name, "Transfer-Encoding")
	}
	return false
}

// writeStream writes the head, the Body and the stream, each piece as soon as
// the stream gives it. A stream that fails leaves the body without its end, for
// the client to see.
func (c *conn) writeStream(stream io.Reader, chunked bool) bool {
	buffer := pieces.Get().(*[chunkRoom + streamPiece + 2]byte)
	defer pieces.Put(buffer)
	if len(c.x.Response.Body) > 0 {
		if chunked {
			c.out = strconv.AppendInt(c.out, int64(len(c.x.Response.Body)), 16)
			c.out = append(c.out, "\r\n"...)
		}
		if c.write(c.out, c.x.Response.Body) != nil {
			return false
		}
		c.out = c.out[:0]
		if chunked {
			c.out = append(c.out, "\r\n"...)
		}
	}
	if c.write(c.out, nil) != nil {
		return false
	}
	for {
		n, err := stream.Read(buffer[chunkRoom : chunkRoom+streamPiece])
		if n > 0 && c.write(frame(buffer, n, chunked), nil) != nil {
			return false
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return false
		}
	}
	if chunked {
		return c.write(append(c.out[:0], "0\r\n\r\n"...), nil) == nil
	}
	return true
}

// frame returns n bytes of data in buffer with their chunk around them.
func frame(buffer *[chunkRoom + streamPiece + 2]byte, n int, chunked bool) []byte {
	if !chunked {
		return buffer[chunkRoom : chunkRoom+n]
	}
	var digits [chunkRoom]byte
	size := append(strconv.AppendInt(digits[:0], int64(n), 16), "\r\n"...)
	begin := chunkRoom - len(size)
	copy(buffer[begin:], size)
	copy(buffer[chunkRoom+n:], "\r\n")
	return buffer[begin : chunkRoom+n+2]
}
