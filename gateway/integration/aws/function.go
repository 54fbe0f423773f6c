package aws

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/lambda"
)

// The path of the Invoke API, around the name of a function.
const (
	functionsPath   = "/2015-03-31/functions/"
	invocationsPath = "/invocations"
)

// InvokeURL returns the URL in AWS that calls a function by its name or ARN.
func InvokeURL(region, function string) string {
	return "https://lambda." + region + ".amazonaws.com" + functionsPath + function + invocationsPath
}

// functionOf returns the function that a request calls.
func functionOf(req *integration.Request) (lambda.Ref, bool) {
	if req.AWS.Service != lambdaService {
		return lambda.Ref{}, false
	}
	u, _ := splitURL(req.URL)
	path, ok := strings.CutPrefix(u.path, functionsPath)
	name, ends := strings.CutSuffix(path, invocationsPath)
	if !ok || !ends {
		return lambda.Ref{}, false
	}
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	ref := lambda.ParseRef(name)
	return ref, ref.Name != ""
}

// call calls a function of this machine and answers as the Invoke API does.
func (c *Client) call(ctx context.Context, req *integration.Request) (*integration.Response, error) {
	ref, _ := functionOf(req)
	call := lambda.Call{
		RequestID: c.config.IDs.UUID(), ARN: ref.ARN(req.AWS.Region, req.AWS.Account),
		Trace: req.Header.Get("X-Amzn-Trace-Id"), Payload: slices.Clone(req.Body), // the call may outlive the request
	}
	if len(call.Payload) == 0 {
		call.Payload = []byte("{}")
	}
	if !json.Valid(call.Payload) {
		return c.answer(&call, http.StatusBadRequest, lambda.Result{Payload: []byte(
			`{"Type":"User","message":"Could not parse request body into json: the payload is not JSON"}`)}), nil
	}
	switch kind := req.Header.Get("X-Amz-Invocation-Type"); kind {
	case "", "RequestResponse":
	case "Event":
		if err := c.config.Functions.Start(ref.Name, call); err != nil {
			return c.refusal(&call, err)
		}
		return c.answer(&call, http.StatusAccepted, lambda.Result{}), nil
	case "DryRun":
		return c.answer(&call, http.StatusNoContent, lambda.Result{}), nil
	default:
		return c.answer(&call, http.StatusBadRequest, lambda.Result{Payload: []byte(
			`{"Type":"User","message":"Invalid invocation type"}`)}), nil
	}
	if req.Timeout > 0 {
		limited, cancel := withTimeout(ctx, c.config.Clock, req.Timeout)
		defer cancel()
		ctx = limited
	}
	result, err := c.config.Functions.Invoke(ctx, ref.Name, call)
	if err != nil {
		return c.refusal(&call, context.Cause(ctx), err)
	}
	return c.answer(&call, http.StatusOK, result), nil
}

// errTimeout is the cause of a context that ended by its time.
var errTimeout = errors.New("the function has not answered in time")

// withTimeout is context.WithTimeout on a clock of ours.
func withTimeout(ctx context.Context, c clock.Clock, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := c.AfterFunc(d, func() { cancel(errTimeout) })
	return ctx, func() { stop(); cancel(nil) }
}

// refusal answers a call that the runtime did not make or finish.
func (c *Client) refusal(call *lambda.Call, errs ...error) (*integration.Response, error) {
	err := errors.Join(errs...)
	switch {
	case errors.Is(err, lambda.ErrBusy):
		return c.answer(call, http.StatusTooManyRequests, lambda.Result{Payload: []byte(
			`{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}`)}), nil
	case errors.Is(err, errTimeout):
		return nil, &integration.Error{Kind: integration.Timeout, Cause: errTimeout}
	}
	return nil, &integration.Error{Kind: integration.Canceled, Cause: err}
}

// answer is an answer of the Invoke API. Names and order of the headers are
// recorded.
func (c *Client) answer(call *lambda.Call, status int, result lambda.Result) *integration.Response {
	h := exchange.Header{
		{Name: "Date", Value: c.config.Clock.Now().UTC().Format(http.TimeFormat)},
		{Name: "Content-Type", Value: "application/json"},
		{Name: "Content-Length", Value: strconv.Itoa(len(result.Payload))},
		{Name: "Connection", Value: "keep-alive"},
		{Name: "x-amzn-RequestId", Value: call.RequestID},
	}
	if result.Failed {
		h.Add("X-Amz-Function-Error", "Unhandled")
	}
	h.Add("x-amzn-Remapped-Content-Length", "0")
	h.Add("X-Amz-Executed-Version", "$LATEST")
	if call.Trace != "" {
		h.Add("X-Amzn-Trace-Id", call.Trace)
	}
	return &integration.Response{Status: status, Header: h, Body: result.Payload}
}
