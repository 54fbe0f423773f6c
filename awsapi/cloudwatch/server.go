package cloudwatch

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/sigv4"
	"github.com/postern-gateway/postern/wire"
)

// Service is the name for which clients of CloudWatch sign.
const Service = "monitoring"

// namespace is the only one with metrics.
const namespace = "AWS/ApiGateway"

// Claims says whether a request is for this API: whether it is signed for it.
func Claims(r *http.Request) bool {
	c, err := sigv4.Read(sigv4.FromHTTP(r))
	return err == nil && c.Service == Service
}

// Server answers the API. All fields are needed.
type Server struct {
	Metrics       *metrics.Registry
	Authenticator wire.Authenticator // for Service
	IDs           *ids.Source
	Clock         clock.Clock
	Log           *slog.Logger
}

// maxBody is the largest request body in bytes; the most that an operation
// needs is far below.
const maxBody = 1 << 20

// call is one request of an operation.
type call struct {
	*Server
	principal wire.Principal
}

// operation runs with an input that decode fills.
type operation func(c *call, decode func(any) error) (any, error)

// operations are those that are served, by their names.
var operations = map[string]operation{
	"GetMetricStatistics": run((*call).getMetricStatistics),
	"GetMetricData":       run((*call).getMetricData),
	"ListMetrics":         run((*call).listMetrics),
}

// run makes an operation of a function.
func run[In any](f func(*call, *In) (any, error)) operation {
	return func(c *call, decode func(any) error) (any, error) {
		var in In
		if err := decode(&in); err != nil {
			return nil, &refusal{Shape: "SerializationException", Message: "The request body cannot be read"}
		}
		return f(c, &in)
	}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := s.IDs.UUID()
	w.Header()["x-amzn-RequestId"] = []string{requestID}
	p := protocolOf(r)
	defer func() {
		if cause := recover(); cause != nil {
			p.refuse(w, requestID, s.refusal(requestID, fmt.Errorf("panic: %v\n%s", cause, debug.Stack())))
		}
	}()
	name, out, err := s.serve(r, p)
	if err != nil {
		p.refuse(w, requestID, s.refusal(requestID, err))
		return
	}
	p.answer(w, requestID, name, out)
}

// serve runs an operation. Nothing of a caller who is not known or may not do
// it is looked at further than needed to say so.
func (s *Server) serve(r *http.Request, p protocol) (string, any, error) {
	read := wire.Body(r, maxBody)
	principal, err := s.Authenticator.Authenticate(r, read)
	if err != nil {
		return "", nil, err
	}
	content, err := read()
	if err != nil {
		return "", nil, err
	}
	name, decode := p.request(r, content)
	op, ok := operations[name]
	if !ok {
		return "", nil, &refusal{Shape: "UnknownOperationException", Code: "InvalidAction", Message: "The action " + name + " is not valid for this web service."}
	}
	// Policies name no metrics: the resource is always all of them (guide).
	if err := principal.AuthorizeARN("cloudwatch:"+name, "*"); err != nil {
		return "", nil, err
	}
	out, err := op(&call{s, principal}, decode)
	return name, out, err
}

// refusal is an answer of the API that is no success.
type refusal struct {
	Shape   string // name of the exception in the model
	Code    string // in the Query protocol; empty: the same
	Message string
	Status  int // zero: 400
}

// Error implements error.
func (r *refusal) Error() string { return r.Shape + ": " + r.Message }

func invalid(text string, args ...any) error {
	return &refusal{Shape: "InvalidParameterValueException", Code: "InvalidParameterValue", Message: fmt.Sprintf(text, args...)}
}

func missing(name string) error {
	return &refusal{Shape: "MissingRequiredParameterException", Code: "MissingParameter", Message: "The parameter " + name + " is required."}
}

func combination(text string, args ...any) error {
	return &refusal{Shape: "InvalidParameterCombinationException", Code: "InvalidParameterCombination", Message: fmt.Sprintf(text, args...)}
}

// validation is the refusal of GetMetricData, which is not in the model.
func validation(text string, args ...any) error {
	return &refusal{Shape: "ValidationError", Message: fmt.Sprintf(text, args...)}
}

var errToken = &refusal{Shape: "InvalidNextToken", Message: "The next token specified is invalid."}

// refusal is the one place where an error becomes an answer.
func (s *Server) refusal(requestID string, err error) *refusal {
	var r *refusal
	if !errors.As(err, &r) {
		f := fault.From(err)
		r = &refusal{Shape: f.Kind.Code(), Message: f.Message, Status: f.Kind.Status()}
		if f.Cause != nil {
			s.Log.Error("request failed", "requestId", requestID, "service", Service, "code", f.Kind.Code(), "cause", f.Cause)
			r.Shape, r.Code = "InternalServiceFault", "InternalServiceError"
		}
	}
	out := *r
	if out.Code == "" {
		out.Code = out.Shape
	}
	if out.Status == 0 {
		out.Status = http.StatusBadRequest
	}
	return &out
}
