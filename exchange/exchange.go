package exchange

import (
	"context"
	"crypto/tls"
	"io"
	"net/netip"
	"time"
)

// Exchange is one request and its answer.
type Exchange struct {
	Request  Request
	Response Response
}

// Request is what the client sent, as received.
type Request struct {
	Method string
	// Path is the path of the request target before any decoding, always with
	// a leading slash ("/prod/a%2Fb"); RawQuery is what followed the first "?".
	Path     string
	RawQuery string
	Host     string // of the Host header or :authority, with the port if it was given
	Header   Header // in order and spelling of arrival; HTTP/2 names are in lower case
	HTTP2    bool   // header names have lost their spelling: compare them without case

	// Body reads the message body, already without its framing; never nil.
	// ContentLength is its length, or -1 if it is not known before the end.
	Body          io.Reader
	ContentLength int64

	Remote   netip.AddrPort
	TLS      *tls.ConnectionState // nil for a cleartext connection
	Received time.Time            // when the head was complete
}

// Response is the answer. Status zero means that nobody answered.
type Response struct {
	Status int
	// Header is written in this order and spelling. The front adds Date,
	// Connection, Content-Length or Transfer-Encoding, and nothing else.
	Header Header
	Body   []byte
	// Stream, if not nil, is sent after Body and closed by the front.
	Stream io.ReadCloser
	// Close asks the front to end the connection after this answer.
	Close bool
}

// Handler answers exchanges. Serve returns when the response is complete but
// for its Stream; ctx ends when the server gives up on the request.
type Handler interface {
	Serve(ctx context.Context, x *Exchange)
}

// HandlerFunc is a function as a Handler.
type HandlerFunc func(ctx context.Context, x *Exchange)

// Serve implements Handler.
func (f HandlerFunc) Serve(ctx context.Context, x *Exchange) { f(ctx, x) }
