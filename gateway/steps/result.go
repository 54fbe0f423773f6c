package steps

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/plan/spec"
	"github.com/postern-gateway/postern/value"
)

// proxyResult makes the answer from what a function returned to AWS_PROXY.
type proxyResult struct{ binary spec.MediaTypes }

func (proxyResult) Name() string   { return "map-response" }
func (proxyResult) String() string { return "as the function says" }

// malformed is the text of the service's log.
const malformed = configurationError + "Malformed Lambda proxy response"

func (s proxyResult) Run(_ context.Context, r *Request) Outcome {
	if outcome := checkInvocation(r, true); outcome != Next {
		return outcome
	}
	document, err := value.ParseJSON(string(r.In.Body))
	if message, failed := functionError(r, document); failed {
		id := r.Context.Outcome.BackendRequestID
		r.Context.Outcome.BackendError = message
		return failProxy(r, "Lambda execution failed with status 200 due to customer function error: "+message+". Lambda request id: "+id)
	}
	var result functionResult
	if err == nil {
		err = result.read(document)
	}
	if err != nil {
		r.Context.Outcome.BackendError = err.Error()
		outcome := failProxy(r, malformed)
		r.Failure.Cause = err.Error()
		return outcome
	}
	r.Context.Outcome.BackendStatus = result.status
	body := []byte(result.body)
	if result.coded && s.binary.Match(r.Header.Get("Accept")) {
		if body, err = base64.StdEncoding.DecodeString(result.body); err != nil {
			return r.misconfigured("Unable to base64 decode the body") // seen in an emulator, but for the text
		}
	}
	h := r.Begin(result.status)
	h.Add(traceHeader, r.TraceID())
	for _, field := range result.header {
		if !strings.EqualFold(field.Name, traceHeader) {
			answer(h, field.Name, field.Value, proxyRemapped, proxyLost)
		}
	}
	if !h.Has("Content-Type") {
		h.Add("Content-Type", jsonType)
	}
	r.X.Response.Body = body
	return Next
}

// failProxy ends the request as a failure of a function.
func failProxy(r *Request, log string) Outcome {
	r.Fail(spec.IntegrationFailure, log)
	r.Failure.Status, r.Failure.Message = 502, spec.Default5XX.Message
	return Fail
}

// checkInvocation looks at the status of the Invoke API; Next: there is an
// answer of the function, or of the service for a payload that it cannot read.
func checkInvocation(r *Request, proxy bool) Outcome {
	id := r.Context.Outcome.BackendRequestID
	failed := "Lambda invocation failed with status: " + strconv.Itoa(r.In.Status) + ". Lambda request id: " + id
	switch status := r.In.Status; {
	case status < 300:
		return Next
	case status == 403 || status == 404: // reported by users
		return r.misconfigured("Invalid permissions on Lambda function")
	case status == 429: // reported by users
		return r.Fail(spec.Default5XX, failed)
	case proxy: // seen in an emulator
		return failProxy(r, failed)
	case status >= 500: // assumed
		return r.Fail(spec.Default5XX, failed)
	}
	return Next
}

// functionError returns the message of a function that failed.
func functionError(r *Request, document value.Value) (message string, failed bool) {
	v := document.Member("errorMessage")
	if v.IsNull() && !r.In.Header.Has("X-Amz-Function-Error") {
		return "", false
	}
	message, _ = v.Text(maxErrorMessage)
	return message, true
}

// maxErrorMessage bounds what is shown of an error that is no text, in bytes.
const maxErrorMessage = 64 << 10

// functionResult is what a function returned.
type functionResult struct {
	status int
	header exchange.Header
	body   string
	coded  bool // the body is in base64
}

var (
	errNoObject  = errors.New("the result is no JSON object")
	errKey       = errors.New("the result has a member that it must not have")
	errStatus    = errors.New("statusCode is no status")
	errHeaders   = errors.New("headers is no map of texts")
	errMulti     = errors.New("multiValueHeaders is no map of lists")
	errBody      = errors.New("body is no text")
	errIsCoded   = errors.New("isBase64Encoded is no boolean")
	errFieldName = errors.New("the name of a header is none")
)

// read takes a result apart. What is refused is recorded for unknown members,
// statuses that are no numbers, lists that are none and what is no object;
// reported by users for bodies.
func (f *functionResult) read(document value.Value) error {
	m := document.Map()
	if m == nil {
		return errNoObject
	}
	f.status = 200 // recorded: headers alone are enough
	var single, multi value.Value
	for _, member := range m.Members() {
		v := member.Value
		switch member.Key {
		case "statusCode":
			text, _ := v.Text(16)
			if v.IsNull() {
				continue // assumed: as if it were absent
			}
			n, err := strconv.Atoi(text)        // recorded: a number in quotes is one
			if err != nil || !answerStatus(n) { // an interim status is assumed to be none
				return errStatus
			}
			f.status = n
		case "headers":
			single = v
		case "multiValueHeaders":
			multi = v
		case "body":
			if v.Kind() != value.String && !v.IsNull() {
				return errBody
			}
			f.body = v.Str()
		case "isBase64Encoded":
			if v.Kind() != value.Bool && !v.IsNull() {
				return errIsCoded
			}
			f.coded = v.Kind() == value.Bool && !v.IsFalse()
		default:
			return errKey
		}
	}
	return f.mergeHeaders(single, multi)
}

// answerStatus reports whether an answer can have a status: one of 1xx would
// not be the end of the exchange.
func answerStatus(n int) bool { return n >= 200 && n <= 599 }

// mergeHeaders puts both maps together. Recorded: of a name that is in both the
// list comes first, and its spelling counts.
func (f *functionResult) mergeHeaders(single, multi value.Value) error {
	if !single.IsNull() && single.Map() == nil {
		return errHeaders
	}
	if !multi.IsNull() && multi.Map() == nil {
		return errMulti
	}
	merged := map[string]bool{}
	for _, list := range members(multi) {
		if !list.Value.IsList() {
			return errMulti
		}
		for _, item := range list.Value.Items() {
			if err := f.add(list.Key, item, errMulti); err != nil {
				return err
			}
		}
		for _, field := range members(single) {
			if !merged[field.Key] && strings.EqualFold(field.Key, list.Key) {
				merged[field.Key] = true
				if err := f.add(list.Key, field.Value, errHeaders); err != nil {
					return err
				}
			}
		}
	}
	for _, field := range members(single) {
		if merged[field.Key] {
			continue
		}
		if err := f.add(field.Key, field.Value, errHeaders); err != nil {
			return err
		}
	}
	return nil
}

func members(v value.Value) []value.Member {
	if m := v.Map(); m != nil {
		return m.Members()
	}
	return nil
}

// add adds a header. Recorded: booleans are texts; assumed: numbers are too, and
// null is no header.
func (f *functionResult) add(name string, v value.Value, refusal error) error {
	switch {
	case v.IsNull():
		return nil
	case v.Kind() != value.String && v.Kind() != value.Bool && !v.IsNumber():
		return refusal
	case !headerName(name):
		return errFieldName
	}
	text, _ := v.Text(maxErrorMessage)
	f.header.Add(name, lineSafe(text))
	return nil
}
