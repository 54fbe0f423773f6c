package steps

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/plan/spec"
)

const jsonType = "application/json"

// template is a mapping template ready to render.
type template struct {
	contentType string
	code        *mapping.Template
	through     bool  // empty: the body passes unchanged
	err         error // the template does not compile; only its use is an error
}

func compileTemplates(list []spec.Template, where string, report Report) []template {
	var out []template
	for _, t := range list {
		code, err := mapping.ParseTemplate(t.Text)
		if err != nil {
			report(fmt.Sprintf("%s template %s", where, t.ContentType), err.Error())
		}
		out = append(out, template{t.ContentType, code, t.Text == "", err})
	}
	return out
}

func find(list []template, contentType string) *template {
	for i := range list {
		if list[i].contentType == contentType {
			return &list[i]
		}
	}
	return nil
}

// requestBody selects what an integration gets as body.
type requestBody struct {
	templates   []template
	passthrough string
}

func compileRequestBody(in *spec.Integration, report Report) requestBody {
	return requestBody{compileTemplates(in.Templates, "request", report), in.Passthrough}
}

// render returns the body for the backend, or an outcome other than Next.
func (b *requestBody) render(r *Request) ([]byte, Outcome) {
	contentType := mediaType(r.Header.Get("Content-Type"))
	t := find(b.templates, contentType)
	if t == nil {
		t = find(b.templates, "$default")
	}
	switch {
	case t == nil:
		if b.passthrough == spec.Never || b.passthrough == spec.WhenNoTemplates && len(b.templates) > 0 {
			return nil, r.Fail(spec.UnsupportedMediaType, "no template for content type "+contentType)
		}
		return r.Body, Next
	case t.err != nil:
		return nil, r.misconfigured("Unable to transform request: " + t.err.Error())
	case t.through:
		return r.Body, Next
	}
	body, err := t.code.RenderRequest(&r.Source)
	if err != nil {
		return nil, r.misconfigured("Unable to transform request: " + err.Error())
	}
	return body, Next
}

// mediaType cuts the parameters off. No type is JSON, says the guide.
func mediaType(contentType string) string {
	contentType, _, _ = strings.Cut(contentType, ";")
	if contentType = strings.TrimSpace(contentType); contentType == "" {
		return jsonType
	}
	return contentType
}

// responseTemplate selects the template for a client that sent this Accept
// header; nil if there are none. Recorded: no match takes application/json.
func responseTemplate(list []template, accept string) *template {
	if len(list) == 0 {
		return nil
	}
	accept, _, _ = strings.Cut(accept, ",")
	if t := find(list, mediaType(accept)); t != nil {
		return t
	}
	if t := find(list, jsonType); t != nil {
		return t
	}
	return &list[0] // the lowest content type; the map has no order (assumed)
}

// brokenJSON reports whether a body begins like JSON and is not. Seen in an emulator.
func brokenJSON(body []byte) bool {
	body = bytes.TrimSpace(body)
	return len(body) > 0 && strings.IndexByte("{[\"'", body[0]) >= 0 && !json.Valid(body)
}
