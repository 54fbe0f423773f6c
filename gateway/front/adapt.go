package front

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/exchange"
)

// Adapt lets an http.Handler answer exchanges. The request has what a server
// of net/http gives it, its body unread; the response is kept whole until the
// handler returns, so that it suits answers of moderate size only, but for a body given
// to [Stream]. Fields go
// out spelled as they stand in the map of the handler ("x-amzn-RequestId" is
// not made canonical), in the order of their names. Trailers, hijacking and
// flushing are not offered.
func Adapt(handler http.Handler) exchange.Handler {
	return exchange.HandlerFunc(func(ctx context.Context, x *exchange.Exchange) {
		r, err := newRequest(ctx, &x.Request)
		if err != nil {
			// The fronts take no target that net/url does not, a test might.
			x.Response.Status = http.StatusBadRequest
			return
		}
		w := &recorder{header: http.Header{}}
		handler.ServeHTTP(w, r)
		w.finish(&x.Response)
	})
}

func newRequest(ctx context.Context, q *exchange.Request) (*http.Request, error) {
	target := q.Path
	if q.RawQuery != "" {
		target += "?" + q.RawQuery
	}
	parsed, err := url.ParseRequestURI(target)
	if err != nil {
		return nil, err
	}
	r := &http.Request{
		Method: q.Method, URL: parsed, RequestURI: target, Host: q.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        make(http.Header, len(q.Header)),
		Body:          io.NopCloser(q.Body),
		ContentLength: q.ContentLength,
		RemoteAddr:    q.Remote.String(),
		TLS:           q.TLS,
	}
	if q.HTTP2 {
		r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0
	} else if q.ContentLength < 0 {
		r.TransferEncoding = []string{"chunked"}
	}
	if q.ContentLength == 0 {
		r.Body = http.NoBody
	}
	for _, field := range q.Header {
		switch name := http.CanonicalHeaderKey(field.Name); name {
		case "Host", "Transfer-Encoding": // where net/http does not have them either
		default:
			r.Header[name] = append(r.Header[name], field.Value)
		}
	}
	return r.WithContext(ctx), nil
}

// Stream lets an adapted handler send a body as it comes, after what it wrote
// and after it returned. The stream is closed at the end of the answer. It
// reports false, and closes nothing, if w is not of an adapted handler.
func Stream(w http.ResponseWriter, stream io.ReadCloser) bool {
	recorder, ok := w.(*recorder)
	if ok {
		recorder.stream = stream
	}
	return ok
}

// recorder is the http.ResponseWriter of an adapted handler.
type recorder struct {
	stream io.ReadCloser
	header http.Header
	sent   http.Header // header as it was at WriteHeader
	status int
	body   []byte
}

// Header implements http.ResponseWriter.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter. Interim answers are not sent.
func (w *recorder) WriteHeader(status int) {
	if w.status != 0 || status < 200 {
		return
	}
	w.status = status
	w.sent = w.header.Clone()
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	w.body = append(w.body, p...)
	return len(p), nil
}

// finish puts what was recorded into resp.
func (w *recorder) finish(resp *exchange.Response) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	typed := false
	names := make([]string, 0, len(w.sent))
	for name := range w.sent {
		names = append(names, name)
		typed = typed || strings.EqualFold(name, "Content-Type")
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range w.sent[name] {
			resp.Header.Add(name, value)
			if strings.EqualFold(name, "Connection") && strings.EqualFold(value, "close") {
				resp.Close = true
			}
		}
	}
	if !typed && len(w.body) > 0 { // the contract of http.ResponseWriter
		resp.Header.Add("Content-Type", http.DetectContentType(w.body))
	}
	resp.Status, resp.Body, resp.Stream = w.status, w.body, w.stream
}
