package gateway

import (
	"errors"
	"io"
	"strings"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/plan/spec"
)

// Limits bound what a client may send. Zero stands for the default, which is
// that of the service (guide).
type Limits struct {
	Body   int64 // bytes of the message body; 10,485,760
	Header int   // bytes of all header values together; 10,240
	URL    int   // bytes of path and query string; 10,240
}

func (l Limits) withDefaults() Limits {
	if l.Body == 0 {
		l.Body = 10 << 20
	}
	if l.Header == 0 {
		l.Header = 10240
	}
	if l.URL == 0 {
		l.URL = 10240
	}
	return l
}

// checkHead returns what to answer to a request whose head is not acceptable,
// or nil.
func (g *Gateway) checkHead(q *exchange.Request) *spec.GatewayResponse {
	if len(q.Path)+len(q.RawQuery) > g.limits.URL {
		return longURL
	}
	size := 0
	for i := range q.Header {
		size += len(q.Header[i].Value)
	}
	switch {
	case size > g.limits.Header:
		return longHeader
	case q.ContentLength > g.limits.Body:
		return spec.RequestTooLarge
	case strings.ContainsAny(q.RawQuery, "|{}") || strings.Contains(q.RawQuery, "%%"):
		// The guide: not supported unless escaped; the answer is assumed.
		return badRequest
	}
	return nil
}

// firstRead bounds what a promised length alone makes us allocate.
const firstRead = 64 << 10

var errBodyTooLong = errors.New("body is longer than the limit")

// readBody reads the whole body, or fails with errBodyTooLong.
func readBody(q *exchange.Request, limit int64) ([]byte, error) {
	if q.ContentLength == 0 {
		return nil, nil
	}
	size := q.ContentLength
	if size < 0 {
		size = 512
	}
	// One byte more than promised, so that the end is seen without growing.
	body := make([]byte, 0, min(size, firstRead)+1)
	for {
		n, err := q.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, errBodyTooLong
		case err == io.EOF:
			return body, nil
		case err != nil:
			return nil, err
		case len(body) == cap(body):
			body = append(body, 0)[:len(body)]
		}
	}
}
