package wire

import (
	"net/http"
	"reflect"

	"github.com/postern-gateway/postern/apigw"
)

// raw is an answer that is a file and not JSON: a body with the headers that
// the model gives it.
type raw struct {
	body   []byte
	header map[string]string
}

// rawOutput reads an output whose shape has a payload.
func rawOutput(out any) (raw, bool) {
	v := reflect.ValueOf(out).Elem()
	shape := apigw.Schema[v.Type().Name()]
	if shape == nil || shape.Payload == "" {
		return raw{}, false
	}
	r := raw{body: v.FieldByName(shape.Payload).Bytes(), header: map[string]string{}}
	for _, member := range shape.Members {
		if text, ok := v.FieldByName(member.Field).Interface().(*string); ok && text != nil && member.Location == apigw.InHeader {
			r.header[member.Wire] = *text
		}
	}
	return r, true
}

func (r raw) write(w http.ResponseWriter, status int) {
	for name, value := range r.header {
		setHeader(w, name, value)
	}
	w.WriteHeader(status)
	_, _ = w.Write(r.body) // the client may be gone
}
