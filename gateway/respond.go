package gateway

import (
	"bytes"
	"encoding/json"

	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/plan/spec"
)

// Answers that have no type: they are given before there is a stage, so
// nobody could customise them.
var (
	// noStage answers for an unknown API, an unknown stage and a default
	// endpoint that is switched off.
	noStage = &spec.GatewayResponse{Status: 403, Message: "Forbidden", ErrorType: "ForbiddenException"}
	// badRequest answers for a query string or a body that cannot be read.
	badRequest = &spec.GatewayResponse{Status: 400, Message: "Bad Request", ErrorType: "BadRequestException"}
	// The guide gives the statuses of these two; texts and types are assumed.
	longURL      = &spec.GatewayResponse{Status: 414, Message: "Request URI too long", ErrorType: "RequestUriTooLongException"}
	longHeader   = &spec.GatewayResponse{Status: 431, Message: "Request Header Fields Too Large", ErrorType: "RequestHeaderFieldsTooLargeException"}
	errorTypeKey = "x-amzn-ErrorType"
)

// respond renders r.Failure: the only place where the gateway makes an answer
// of its own.
func (g *Gateway) respond(r *steps.Request) {
	f := &r.Failure
	status, errorType, message := f.Response.Status, f.Response.ErrorType, f.Response.Message
	if f.Status != 0 {
		status = f.Status
	}
	if f.ErrorType != "" {
		errorType = f.ErrorType
	}
	if f.Message != "" {
		message = f.Message
	}
	custom := r.Custom.Find(f.Response, status)
	if custom != nil {
		status = custom.Status(status)
	}
	h := r.Begin(status)
	h.Add(errorTypeKey, errorType)
	quoted := appendMessage(nil, f, message)
	r.Context.Failure = mapping.Failure{
		Message: message, MessageString: string(quoted), ResponseType: f.Response.Type, ValidationErrors: f.ValidationErrors,
	}
	if custom != nil {
		custom.Render(r)
		return
	}
	h.Add("Content-Type", "application/json")
	key := "message"
	if f.Response.Key != "" {
		key = f.Response.Key
	}
	body := make([]byte, 0, len(quoted)+len(key)+5)
	body = append(body, '{', '"')
	body = append(body, key...)
	body = append(body, '"', ':')
	body = append(body, quoted...)
	r.X.Response.Body = append(body, '}')
}

// appendMessage appends the text of a failure in JSON quotes, with the blank
// that execution errors have before it.
func appendMessage(dst []byte, f *steps.Failure, message string) []byte {
	if f.Response.Null && f.Message == "" {
		return append(dst, "null"...)
	}
	if f.Response.Blank || f.Blank {
		dst = append(dst, ' ')
	}
	return appendJSON(dst, message)
}

// appendJSON appends a text in JSON quotes, without the escapes for HTML.
func appendJSON(dst []byte, text string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always encodes, into memory
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
