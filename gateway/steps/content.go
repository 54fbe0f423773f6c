package steps

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/plan/spec"
)

// conversion is what becomes of a payload before a template sees it.
type conversion uint8

const (
	asText     conversion = iota // UTF-8: bytes that are none become U+FFFD
	asIs                         // as it is
	fromBase64                   // base64 to bytes; what is no base64 is an error
	toBase64                     // bytes to base64
)

// String names a conversion in printed tables.
func (c conversion) String() string {
	return [...]string{"as text", "as is", "from base64", "to base64"}[c]
}

// requestConversion is the table for requests, recorded in front of S3. binary
// says that the Content-Type is one of the API's binary media types; content
// is the integration's contentHandling.
func requestConversion(binary bool, content string) conversion {
	switch {
	case binary && content == spec.ConvertToText:
		return toBase64
	case binary:
		return asIs
	case content == spec.ConvertToBinary:
		return fromBase64
	}
	return asText
}

// responseConversion is the table for answers, recorded in front of S3.
// payload says that the backend's Content-Type is a binary media type, accept
// that the first entry of the client's Accept is one; content is the
// integration response's contentHandling.
func responseConversion(payload, accept bool, content string) conversion {
	switch {
	case payload && content == spec.ConvertToBinary:
		return asIs
	case payload && content == spec.ConvertToText:
		return toBase64
	case payload && accept:
		return asIs
	case payload:
		return toBase64
	case content == spec.ConvertToBinary:
		return fromBase64
	case content == "" && accept:
		return fromBase64 // recorded, also that a plain text then fails
	}
	return asText
}

var errBase64 = errors.New("the body is not base64")

// notBase64 is the text of the service's execution log (reported by users).
const notBase64 = "Unable to base64 decode the body."

// apply converts a body. What need not change is not copied.
func (c conversion) apply(body []byte) ([]byte, error) {
	switch c {
	case asText:
		return validText(body), nil
	case fromBase64:
		return decodeBase64(body)
	case toBase64:
		return base64.StdEncoding.AppendEncode(nil, body), nil
	}
	return body, nil
}

// validText replaces each byte that is not part of UTF-8 (recorded: one
// U+FFFD for each).
func validText(body []byte) []byte {
	if utf8.Valid(body) {
		return body
	}
	out := make([]byte, 0, len(body)+len(body)/2)
	for _, r := range string(body) {
		out = utf8.AppendRune(out, r)
	}
	return out
}

// decodeBase64 decodes with or without padding, as the decoder of Java does.
func decodeBase64(body []byte) ([]byte, error) {
	encoding := base64.StdEncoding
	if n := len(body); n%4 != 0 && body[n-1] != '=' {
		encoding = base64.RawStdEncoding
	}
	out, err := encoding.AppendDecode(nil, body)
	if err != nil {
		return nil, errBase64
	}
	return out, nil
}

// contentHandling is what an API and an integration, or one of its responses,
// say of payloads.
type contentHandling struct {
	types  spec.MediaTypes
	choice string // contentHandling; empty: none
}

// String continues a step's description.
func (c contentHandling) String() string {
	if c.choice == "" {
		return ""
	}
	return "\ncontent " + c.choice
}

// request turns r.Body into what the integration gets or its template reads.
// It runs once per request, before the body is mapped.
func (c contentHandling) request(r *Request) Outcome {
	if len(r.Body) == 0 {
		return Next
	}
	binary := c.types.Match(r.Header.Get("Content-Type"))
	body, err := requestConversion(binary, c.choice).apply(r.Body)
	if err != nil {
		return r.misconfigured(notBase64)
	}
	r.Body = body
	return Next
}

// response turns r.BackendBody into what the client gets or the response
// template reads. It runs once per request, after the integration response was
// chosen and before anything of it is mapped.
func (c contentHandling) response(r *Request) Outcome {
	if len(r.BackendBody) == 0 {
		return Next
	}
	payload, accept := c.types.Match(r.In.Header.Get("Content-Type")), c.types.Match(r.Header.Get("Accept"))
	body, err := responseConversion(payload, accept, c.choice).apply(r.BackendBody)
	if err != nil {
		return r.misconfigured(notBase64)
	}
	r.BackendBody = body
	return Next
}

// coded reports whether a message has a content coding.
func coded(h exchange.Header) bool {
	coding := h.Get("Content-Encoding")
	return coding != "" && !strings.EqualFold(coding, "identity")
}
