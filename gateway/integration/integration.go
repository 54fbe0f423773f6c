package integration

import (
	"context"
	"crypto/tls"
	"io"
	"time"

	"github.com/postern-gateway/postern/exchange"
)

// Request is one call of a backend, complete: nothing is added to it but what
// the transport needs (Host, Content-Length or Transfer-Encoding, Connection).
type Request struct {
	Method string
	URL    string          // absolute, ready to send: "http://host:port/path?query"
	Header exchange.Header // sent in this order and spelling; a Host field replaces the URL's host
	Body   []byte
	// Timeout bounds the whole call, from dialling to the last byte of the answer.
	Timeout time.Duration
	// Stream asks for an answer whose body is read as it comes, Response.Stream,
	// without a limit of its size. Timeout then bounds the stream as well.
	Stream bool
	// IdleTimeout is how long the backend may be silent in a stream; 0: as long
	// as Timeout.
	IdleTimeout time.Duration
	// AnyIssuer accepts a certificate of an issuer that is not in the trusted
	// roots; its dates and host name are checked all the same.
	AnyIssuer bool
	// Identity is shown to servers that ask for a client's certificate; nil: none.
	Identity *Identity
	// Dial are addresses ("host:port") that are dialled in the place of the URL's
	// host, each only if those before it cannot be reached; empty: the URL's. The
	// Host field and the name of the certificate remain those of the URL.
	Dial []string
	// AWS says which service of AWS the request is for.
	AWS AWS
}

// Identity is a certificate with its private key.
type Identity struct {
	ID          string // no two identities have the same
	Certificate tls.Certificate
}

// AWS is what a request for a service of AWS needs beside its URL, which is that
// of the service in AWS. The zero value is for requests that go elsewhere.
type AWS struct {
	Service string // as signatures name it: "sqs"; empty: none
	Region  string
	Account string // of the API that calls
	// Action is the operation to call if the URL does not say it.
	Action string
	// Function is the name of a function of this machine, and URL what the
	// request would be sent to in AWS if it goes to another endpoint. The client of
	// AWS services sets both.
	Function string
	URL      string
}

// ServiceURL is the URL that an execution log shows: in AWS, of a request for a
// service.
func (r *Request) ServiceURL() string {
	if r.AWS.URL != "" {
		return r.AWS.URL
	}
	return r.URL
}

// Response is what the backend answered.
type Response struct {
	Status int
	Header exchange.Header // in order and spelling of arrival
	Body   []byte
	// Stream is the body if Request.Stream asked for it; nil when Body holds it
	// all. Whoever has the response closes it.
	Stream io.ReadCloser
}

// Invoker calls one kind of backend. It may be used by many goroutines at once
// and keeps nothing of a request after Invoke returns.
type Invoker interface {
	Invoke(ctx context.Context, req *Request) (*Response, error)
}

// ErrorKind says why there is no answer; the gateway maps it to a gateway
// response in one table.
type ErrorKind int

// The kinds of errors.
const (
	// Network: dialling, TLS, writing or reading failed, or the answer is not HTTP.
	Network ErrorKind = iota
	// Timeout: no complete answer within Request.Timeout.
	Timeout
	// Address: the URL cannot be called (no host, unknown scheme, bad port).
	Address
	// TooLarge: the answer is longer than the limit.
	TooLarge
	// Canceled: the caller's context ended.
	Canceled
	// Configuration: the backend cannot work with what the method gives it; the
	// cause is the text for the execution log.
	Configuration
)

// Error is the error of an Invoker.
type Error struct {
	Kind  ErrorKind
	Cause error
}

// Error implements error.
func (e *Error) Error() string { return e.Cause.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }
