package logs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/logs/store"
	"github.com/postern-gateway/postern/wire"
)

// Service is the name for which clients of CloudWatch Logs sign.
const Service = "logs"

// targetPrefix stands before the operation in X-Amz-Target.
const targetPrefix = "Logs_20140328."

// Claims says whether a request is for this API.
func Claims(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
}

// Server answers the API. All fields are needed.
type Server struct {
	Store         *store.Store
	Authenticator wire.Authenticator // for Service
	// Flush waits until lines that are on their way have reached the store.
	Flush func(context.Context) error
	IDs   *ids.Source
	Clock clock.Clock
	Log   *slog.Logger
}

// maxBody is the largest request body in bytes: the largest batch of events,
// with every character escaped.
const maxBody = 10 << 20

// call is one request of an operation.
type call struct {
	*Server
	ctx   context.Context
	scope store.Scope
	now   int64 // milliseconds since 1970
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := s.IDs.UUID()
	w.Header()["x-amzn-RequestId"] = []string{requestID}
	defer func() {
		if p := recover(); p != nil {
			s.refuse(w, requestID, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	out, err := s.serve(r)
	if err != nil {
		s.refuse(w, requestID, err)
		return
	}
	respond(w, http.StatusOK, out)
}

// serve runs an operation. Nothing of a caller who is not known or may not do
// it is looked at further than needed to say so.
func (s *Server) serve(r *http.Request) (any, error) {
	read := wire.Body(r, maxBody)
	principal, err := s.Authenticator.Authenticate(r, read)
	if err != nil {
		return nil, err
	}
	name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	op, ok := operations[name]
	if !ok {
		return nil, &refusal{Code: "UnknownOperationException"}
	}
	content, err := read()
	if err != nil {
		return nil, err
	}
	in, err := op.decode(content)
	if err != nil {
		return nil, &refusal{Code: "SerializationException"}
	}
	c := &call{Server: s, ctx: r.Context(), now: s.Clock.Now().UnixMilli(), scope: store.Scope{Account: principal.Account, Region: principal.Region}}
	if err := principal.AuthorizeARN(Service+":"+name, c.arn()+in.resource()); err != nil {
		return nil, err
	}
	if err := in.check(c); err != nil {
		return nil, err
	}
	return in.run(c)
}

// arn is the beginning of the ARNs of groups and streams.
func (c *call) arn() string { return "arn:aws:logs:" + c.scope.Region + ":" + c.scope.Account + ":" }

// flushTimeout is how long a reader waits for lines that are on their way.
const flushTimeout = 2 * time.Second

// settle waits, within bounds, until what was logged before is in the store.
func (c *call) settle() {
	ctx, cancel := context.WithTimeout(c.ctx, flushTimeout)
	defer cancel()
	_ = c.Flush(ctx) // what is still on its way comes with the next call
}

// refusal is an answer of the API that is no success; its status is 400.
type refusal struct {
	Code    string `json:"__type"`
	Message string `json:"message,omitempty"`
}

// Error implements error.
func (r *refusal) Error() string { return r.Code + ": " + r.Message }

func invalid(text string, args ...any) error {
	return &refusal{"InvalidParameterException", fmt.Sprintf(text, args...)}
}

func notFound(what string) error {
	return &refusal{"ResourceNotFoundException", "The specified " + what + " does not exist."}
}

// known are the refusals of the store.
var known = map[error]error{
	store.ErrNoGroup:      notFound("log group"),
	store.ErrNoStream:     notFound("log stream"),
	store.ErrGroupExists:  &refusal{"ResourceAlreadyExistsException", "The specified log group already exists"},
	store.ErrStreamExists: &refusal{"ResourceAlreadyExistsException", "The specified log stream already exists"},
}

// refuse is the one place where an error becomes an answer. Services with this
// protocol refuse with 400, whatever it is.
func (s *Server) refuse(w http.ResponseWriter, requestID string, err error) {
	for cause, answer := range known {
		if errors.Is(err, cause) {
			err = answer
		}
	}
	var r *refusal
	if errors.As(err, &r) {
		respond(w, http.StatusBadRequest, r)
		return
	}
	f := fault.From(err)
	status := http.StatusBadRequest
	if f.Cause != nil {
		s.Log.Error("request failed", "requestId", requestID, "service", Service, "code", f.Kind.Code(), "cause", f.Cause)
		status = http.StatusInternalServerError
	}
	respond(w, status, &refusal{f.Kind.Code(), f.Message})
}

func respond(w http.ResponseWriter, status int, v any) {
	w.Header()["Content-Type"] = []string{"application/x-amz-json-1.1"}
	if v == nil {
		w.WriteHeader(status)
		return
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("answer %T cannot be encoded: %v", v, err))
	}
	w.WriteHeader(status)
	_, _ = w.Write(bytes.TrimSuffix(out.Bytes(), []byte("\n"))) // the client may be gone
}
