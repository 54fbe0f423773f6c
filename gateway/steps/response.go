package steps

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dlclark/regexp2"

	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/plan/spec"
	"github.com/postern-gateway/postern/regex"
	"github.com/postern-gateway/postern/value"
)

// MapResponse builds the step that makes the answer from the backend's.
func MapResponse(m *spec.Method, report Report) Step {
	in := m.Integration
	switch {
	case in.Type == spec.HTTPProxy:
		return passResponse{types: m.BinaryTypes}
	case in.Type == spec.AWSProxy && proxiesFunction(in.URI):
		return proxyResult{m.BinaryTypes}
	case in.Type == spec.AWSProxy:
		return passResponse{types: m.BinaryTypes, trace: true}
	}
	s := &mapResponse{types: m.BinaryTypes, trace: in.Type != spec.Mock}
	for _, res := range in.Responses {
		s.choices = append(s.choices, compileChoice(m, res, report))
	}
	return s
}

// proxiesFunction reports whether AWS_PROXY calls a function: it does unless it
// names another service.
func proxiesFunction(uri string) bool {
	target, err := parseAWSURI(uri)
	return err != nil || target.invoke || chosenByVariable(uri)
}

// passResponse hands the backend's answer to the client.
type passResponse struct {
	types spec.MediaTypes
	trace bool // the answer carries the trace id
}

func (passResponse) Name() string   { return "map-response" }
func (passResponse) String() string { return "as it is" }

func (s passResponse) Run(_ context.Context, r *Request) Outcome {
	// A coded body is neither text nor base64: to touch it would spoil it (assumed).
	if !coded(r.In.Header) {
		if outcome := (contentHandling{types: s.types}).response(r); outcome != Next {
			return outcome
		}
	}
	h := r.Begin(r.In.Status)
	if s.trace {
		h.Add(traceHeader, r.TraceID())
	}
	for _, field := range r.In.Header {
		answer(h, field.Name, field.Value, proxyRemapped, proxyLost)
	}
	if !h.Has("Content-Type") {
		h.Add("Content-Type", jsonType)
	}
	r.X.Response.Body = r.BackendBody
	if r.In.Stream != nil {
		r.X.Response.Stream = newPaced(r.In.Stream, r.Backends.Pauses)
	}
	return Next
}

// mapResponse selects one of the integration responses and makes the answer of it.
type mapResponse struct {
	types   spec.MediaTypes
	trace   bool     // the answer carries the trace id
	choices []choice // by status code, the lowest first
}

// choice is one integration response.
type choice struct {
	text      string // the status code as configured
	status    int
	pattern   string
	re        *regexp2.Regexp // nil for the default and for a plain number
	err       error           // of the pattern
	content   string          // contentHandling
	unusable  string          // why a request that gets here fails, or empty
	headers   []responseHeader
	templates []template
}

type responseHeader struct {
	name string
	expr mapping.Expr
}

func compileChoice(m *spec.Method, res spec.IntegrationResponse, report Report) choice {
	where := "integration response " + res.Status
	c := choice{text: res.Status, pattern: res.Pattern, content: res.Content}
	unusable := func(reason string) {
		report(where, reason)
		if c.unusable == "" {
			c.unusable = reason
		}
	}
	var err error
	if c.status, err = strconv.Atoi(res.Status); err != nil || c.status < 200 || c.status > 599 {
		unusable("status code " + strconv.Quote(res.Status) + " is not one")
	} else if !m.Responses[res.Status] {
		unusable("Output mapping refers to an invalid method response: " + res.Status)
	}
	if c.re, c.err = compilePattern(res.Pattern); c.err != nil {
		report(where, "selection pattern: "+c.err.Error())
	}
	for _, line := range res.Parameters {
		name, err := mapping.ParseResponseTarget(line.Target)
		var expr mapping.Expr
		if err == nil {
			expr, err = mapping.ParseResponse(line.Value)
		}
		if err != nil {
			unusable(line.Target + ": " + err.Error())
			continue
		}
		c.headers = append(c.headers, responseHeader{name, expr})
	}
	c.templates = compileTemplates(res.Templates, where, report)
	return c
}

// compilePattern compiles a selection pattern; nil for one that is a number.
func compilePattern(pattern string) (*regexp2.Regexp, error) {
	if strings.Trim(pattern, "0123456789") == "" {
		return nil, nil
	}
	return regex.Whole(pattern, regexp2.None)
}

func (c *choice) matches(text string) (bool, error) {
	if c.err != nil {
		return false, c.err
	}
	if c.re == nil {
		return c.pattern == text, nil
	}
	return c.re.MatchString(text)
}

// choose returns the first choice whose pattern matches, else the default,
// else nil. The guide leaves open which of several matches wins.
func (s *mapResponse) choose(r *Request) (*choice, error) {
	var fallback *choice
	text, known := "", false
	for i := range s.choices {
		c := &s.choices[i]
		if c.pattern == "" {
			if fallback == nil {
				fallback = c
			}
			continue
		}
		if !known {
			text, known = selectionText(r), true
		}
		ok, err := c.matches(text)
		if err != nil {
			return nil, fmt.Errorf("selection pattern %q: %w", c.pattern, err)
		}
		if ok {
			return c, nil
		}
	}
	return fallback, nil
}

// selectionText is what patterns are matched with: the status, or of a function
// the message of its failure.
func selectionText(r *Request) string {
	if !r.invokes {
		return strconv.Itoa(r.In.Status)
	}
	document, err := value.ParseJSON(string(r.In.Body))
	if err != nil {
		return ""
	}
	text, _ := document.Member("errorMessage").Text(maxErrorMessage)
	return text
}

// openErrorMessage replaces the body that expressions read where the message of
// a function's failure is JSON itself: they see into it (the guide). Templates
// do not, and have run.
func openErrorMessage(r *Request) {
	document, err := value.ParseJSON(string(r.In.Body))
	if err != nil {
		return
	}
	inner, err := value.ParseJSON(document.Member("errorMessage").Str())
	if err != nil || inner.Map() == nil {
		return
	}
	document.Map().Set("errorMessage", inner)
	if body, err := document.AppendJSON(nil, 2*len(r.In.Body)); err == nil {
		r.SetBackendBody(body)
	}
}

func (*mapResponse) Name() string { return "map-response" }

func (s *mapResponse) String() string {
	var b strings.Builder
	for i := range s.choices {
		c := &s.choices[i]
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s for %q", c.text, c.pattern)
		if c.content != "" {
			fmt.Fprintf(&b, " content %s", c.content)
		}
		if c.err != nil {
			fmt.Fprintf(&b, " error: %v", c.err)
		}
		if c.unusable != "" {
			fmt.Fprintf(&b, " error: %s", c.unusable)
		}
		for _, h := range c.headers {
			fmt.Fprintf(&b, "\nheader %s = %v", h.name, h.expr)
		}
		describeTemplates(&b, c.templates)
	}
	return b.String()
}

func (s *mapResponse) Run(_ context.Context, r *Request) Outcome {
	if r.invokes {
		if outcome := checkInvocation(r, false); outcome != Next {
			return outcome
		}
	}
	c, err := s.choose(r)
	switch {
	case err != nil:
		return r.misconfigured(err.Error())
	case c == nil:
		return r.misconfigured("No match for output mapping and no default output mapping configured. " +
			"Endpoint Response Status Code: " + strconv.Itoa(r.In.Status))
	case c.unusable != "":
		return r.misconfigured(c.unusable)
	}
	if outcome := (contentHandling{s.types, c.content}).response(r); outcome != Next {
		return outcome
	}
	t := responseTemplate(c.templates, r.Header.Get("Accept"))
	if t != nil && t.err != nil {
		return r.misconfigured("Unable to transform response: " + t.err.Error())
	}
	reads := slices.ContainsFunc(c.headers, func(h responseHeader) bool { return h.expr.ReadsBackendBody() })
	if reads && brokenJSON(r.BackendBody) {
		return r.misconfigured("Invalid JSON in the body of the integration's response")
	}
	contentType, body := jsonType, r.BackendBody // none from MOCK
	if t != nil {
		contentType = t.contentType
		if !t.through {
			if body, err = t.code.RenderResponse(&r.Source); err != nil {
				return r.misconfigured("Unable to transform response: " + err.Error())
			}
		}
	}
	if r.invokes && reads {
		openErrorMessage(r)
	}
	status := c.status
	if n, ok := r.StatusOverride(); ok {
		status = n
	}
	h := r.Begin(status)
	if s.trace {
		h.Add(traceHeader, r.TraceID())
	}
	r.X.Response.Body = body
	override := r.HeaderOverride()
	for i := range c.headers {
		if overrides(override, c.headers[i].name) {
			continue
		}
		if value, ok := c.headers[i].expr.Value(&r.Source); ok {
			answer(h, c.headers[i].name, lineSafe(value), remapped, lost)
		}
	}
	r.values = answerOverrides(h, override, r.values)
	if !h.Has("Content-Type") {
		h.Add("Content-Type", contentType)
	}
	return Next
}
