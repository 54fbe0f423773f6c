package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"runtime/debug"
	"sync"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/ids"
)

// Server answers the AWS API. All fields but Edit and MaxBody are needed.
type Server struct {
	Handlers      *apigw.Handlers
	Authenticator Authenticator
	IDs           *ids.Source
	Log           *slog.Logger
	// Explain tells why an operation is not served.
	Explain func(operation string) string
	// Edit changes an output before it is encoded. Only tests set it: they take
	// the effect of a setting away, and want to see their tests fail.
	Edit func(out any)
	// MaxBody bounds a request body in bytes; zero means 10 MiB.
	MaxBody int64

	routes *routes
}

// service is the name for which clients of API Gateway sign.
const service = "apigateway"

const defaultMaxBody = 10 << 20

// NewServer returns a server for the operations that handlers serve.
func NewServer(s Server) *Server {
	if s.MaxBody == 0 {
		s.MaxBody = defaultMaxBody
	}
	s.routes = newRoutes(s.Handlers)
	return &s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := s.IDs.UUID()
	setHeader(w, "x-amzn-RequestId", requestID)
	defer func() {
		if p := recover(); p != nil {
			err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			s.renderFault(w, r, requestID, fault.From(err))
		}
	}()
	status, out, err := s.serve(r, requestID)
	if err != nil {
		s.renderFault(w, r, requestID, fault.From(err))
		return
	}
	if out == nil {
		w.WriteHeader(status)
		return
	}
	if s.Edit != nil {
		s.Edit(out)
	}
	writeOutput(w, status, out)
}

// serve runs an operation and returns the status and the output of success.
func (s *Server) serve(r *http.Request, requestID string) (int, any, error) {
	read := Body(r, s.MaxBody)
	principal, err := s.Authenticator.Authenticate(r, read)
	if err != nil {
		return 0, nil, err
	}
	op, labels, ok := s.routes.match(r.Method, r.URL.EscapedPath(), r.URL.Query())
	if !ok {
		return 0, nil, fault.New(fault.MissingAuthenticationToken, "Missing Authentication Token")
	}
	if err := principal.Authorize(service+":"+op.Method, op.path(labels)); err != nil {
		return 0, nil, err
	}
	if op.invoke == nil {
		return 0, nil, fault.New(fault.NotImplemented, "%s", s.Explain(op.Name))
	}
	body, err := read()
	if err != nil {
		return 0, nil, err
	}
	in, err := decode(op.Operation, labels, r, body)
	if err != nil {
		return 0, nil, err
	}
	if err := checkConstraints(op.Operation, in); err != nil {
		return 0, nil, err
	}
	from := principal.caller(r)
	from.RequestID, from.Operation = requestID, op.Name
	out, err := op.invoke(caller.With(r.Context(), from), in)
	return op.Status, out, err
}

// ServeOther answers a request that is no operation with h, if whoever sent it
// may do action on its path; h finds the caller in the context. The body is
// not read before it is needed.
func (s *Server) ServeOther(w http.ResponseWriter, r *http.Request, action string, h http.Handler) {
	body := Body(r, s.MaxBody)
	principal, err := s.Authenticator.Authenticate(r, body)
	if err == nil {
		err = principal.Authorize(action, r.URL.Path)
	}
	if err != nil {
		requestID := s.IDs.UUID()
		setHeader(w, "x-amzn-RequestId", requestID)
		s.renderFault(w, r, requestID, fault.From(err))
		return
	}
	h.ServeHTTP(w, r.WithContext(caller.With(r.Context(), principal.caller(r))))
}

// Body returns a function that reads the body of a request at its first call
// and returns it at each. More than limit bytes are refused; the error is a
// fault. The request keeps a body that can be read.
func Body(r *http.Request, limit int64) func() ([]byte, error) {
	return sync.OnceValues(func() ([]byte, error) {
		content, err := readBody(r, limit)
		r.Body = io.NopCloser(bytes.NewReader(content))
		return content, err
	})
}

func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, errTooLarge(limit)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, errTooLarge(limit)
	case err != nil:
		return nil, fault.New(fault.Serialization, "The request body could not be read")
	}
	return body, nil
}

func errTooLarge(limit int64) error {
	return fault.New(fault.RequestTooLarge, "Request body exceeds %d bytes", limit)
}

// renderFault is the one place where a refusal becomes an answer.
func (s *Server) renderFault(w http.ResponseWriter, r *http.Request, requestID string, f *fault.Error) {
	if f.Cause != nil {
		s.Log.Error("request failed", "requestId", requestID, "method", r.Method, "path", r.URL.Path, "code", f.Kind.Code(), "cause", f.Cause)
	}
	setHeader(w, "x-amzn-ErrorType", f.Kind.Code())
	if f.RetryAfter > 0 {
		setHeader(w, "Retry-After", fmt.Sprint(int(f.RetryAfter.Seconds())))
	}
	writeJSON(w, f.Kind.Status(), struct {
		Message string `json:"message"`
	}{f.Message})
}

// setHeader keeps the spelling of the service, which the canonical form of
// net/http would change.
func setHeader(w http.ResponseWriter, name, value string) { w.Header()[name] = []string{value} }

// writeOutput is the one place where an output becomes an answer.
func writeOutput(w http.ResponseWriter, status int, out any) {
	shape := reflect.TypeOf(out).Elem().Name()
	if raw, ok := rawOutput(out); ok {
		raw.write(w, status)
		record(shape, w.Header(), raw.body)
		return
	}
	record(shape, w.Header(), writeJSON(w, status, out))
}

// writeJSON returns the body that it wrote.
func writeJSON(w http.ResponseWriter, status int, v any) []byte {
	var buffer bytes.Buffer
	enc := json.NewEncoder(&buffer)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("answer %T cannot be encoded: %v", v, err))
	}
	setHeader(w, "Content-Type", "application/json")
	w.WriteHeader(status)
	body := bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
	_, _ = w.Write(body) // the client may be gone
	return body
}
