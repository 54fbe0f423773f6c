package steps

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/plan/spec"
)

// decodeRequest takes the content coding off the client's body. The guide: it
// is done whatever the API says of compression, and before any mapping.
type decodeRequest struct{}

// DecodeRequest builds the step that decodes the client's body.
func DecodeRequest(*spec.Method, Report) Step { return decodeRequest{} }

func (decodeRequest) Name() string   { return "decode-request" }
func (decodeRequest) String() string { return "" }

// Run implements Step. The guide has the status for what cannot be decoded.
func (decodeRequest) Run(_ context.Context, r *Request) Outcome {
	if len(r.Body) == 0 || !coded(r.Header) {
		return Next
	}
	body, err := decodeBody(strings.TrimSpace(r.Header.Get("Content-Encoding")), r.Body, r.MaxBody)
	switch {
	case errors.Is(err, errDecodedTooLong):
		return r.Fail(spec.RequestTooLarge, "")
	case err != nil:
		r.Fail(spec.UnsupportedMediaType, "")
		r.Failure.Cause = fmt.Sprintf("decode the body: %v", err)
		return Fail
	}
	r.Body = body
	return Next
}

// compress puts a content coding on an integration's answer.
type compress struct{ minimum int } // bytes

// Compress builds the last step of an API: answers of minimum bytes and more
// are compressed for clients that accept it; nil if minimum is nil.
func Compress(minimum *int32) Step {
	if minimum == nil {
		return nil
	}
	return compress{int(*minimum)}
}

func (compress) Name() string     { return "compress" }
func (s compress) String() string { return "from " + strconv.Itoa(s.minimum) + " bytes" }

// Run implements Step. The rules are the guide's: a coding that the integration
// has put on stays alone, and it is the mapped body that is measured.
func (s compress) Run(_ context.Context, r *Request) Outcome {
	res := &r.X.Response
	if len(res.Body) == 0 || len(res.Body) < s.minimum || res.Stream != nil || res.Header.Has("Content-Encoding") {
		return Answer
	}
	coding := chooseCoding(r.Header.Get("Accept-Encoding"))
	if coding == identityCoding {
		return Answer
	}
	body, err := encodeBody(coding, res.Body)
	if err != nil { // of a writer into memory: none is known
		r.Fail(spec.Default5XX, "")
		r.Failure.Cause = fmt.Sprintf("compress the answer: %v", err)
		return Fail
	}
	res.Body = body
	res.Header.Add("Content-Encoding", coding)
	return Answer
}
