package steps

import (
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/plan/spec"
)

// CustomResponses are the gateway responses that an API defines itself, by type.
type CustomResponses map[string]*CustomResponse

// CustomResponse is one of them, ready to render.
type CustomResponse struct {
	status    int // 0: that of the failure
	headers   []responseHeader
	templates []customTemplate // sorted by content type
}

type customTemplate struct {
	contentType string
	text        mapping.Text
}

// CompileResponse makes a custom response. A parameter that cannot be read is
// reported and left out.
func CompileResponse(s spec.CustomResponse, report Report) *CustomResponse {
	where := "gateway response " + s.Type
	c := &CustomResponse{}
	if s.Status != "" {
		status, err := strconv.Atoi(s.Status)
		if err != nil || !answerStatus(status) {
			report(where, "status code "+strconv.Quote(s.Status)+" is not one")
		} else {
			c.status = status
		}
	}
	for _, line := range s.Parameters {
		name, ok := strings.CutPrefix(line.Target, "gatewayresponse.header.")
		if !ok {
			continue // the guide: path and querystring may be set and have no effect
		}
		expr, err := mapping.ParseRequest(line.Value)
		if err != nil {
			report(where, line.Target+": "+err.Error())
			continue
		}
		c.headers = append(c.headers, responseHeader{name, expr})
	}
	for _, t := range s.Templates {
		c.templates = append(c.templates, customTemplate{t.ContentType, mapping.ParseText(t.Text)})
	}
	return c
}

// Find returns the response for a failure: that of its type, else that of the
// class of its default status, else nil. Recorded: a type of its own hides the
// class.
func (all CustomResponses) Find(failure *spec.GatewayResponse, status int) *CustomResponse {
	if c := all[failure.Type]; c != nil || failure.Type == "" {
		return c
	}
	if failure.Status != 0 {
		status = failure.Status
	}
	if status >= 500 {
		return all[spec.Default5XX.Type]
	}
	return all[spec.Default4XX.Type]
}

// Status returns the status to answer with: a status that is set wins over the
// failure's own.
func (c *CustomResponse) Status(own int) int {
	if c.status != 0 {
		return c.status
	}
	return own
}

// Render puts headers and body into the response. The template is chosen by
// the Accept header among the content types, else application/json.
func (c *CustomResponse) Render(r *Request) {
	h := &r.X.Response.Header
	body := []byte(nil)
	if t := c.template(mediaType(firstEntry(r.Header.Get("Accept")))); t != nil {
		h.Add("Content-Type", t.contentType)
		body = t.text.Append(body, &r.Source)
	} else {
		h.Add("Content-Type", jsonType)
	}
	for i := range c.headers {
		if value, ok := c.headers[i].expr.Value(&r.Source); ok {
			h.Set(c.headers[i].name, lineSafe(value))
		}
	}
	r.X.Response.Body = body
}

func firstEntry(accept string) string {
	first, _, _ := strings.Cut(accept, ",")
	return first
}

func (c *CustomResponse) template(contentType string) *customTemplate {
	var fallback *customTemplate
	for i := range c.templates {
		switch t := &c.templates[i]; t.contentType {
		case contentType:
			return t
		case jsonType:
			fallback = t
		}
	}
	if fallback == nil && len(c.templates) > 0 {
		fallback = &c.templates[0] // the lowest content type; the map has no order (assumed)
	}
	return fallback
}
