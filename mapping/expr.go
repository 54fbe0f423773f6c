package mapping

import (
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/jsonpath"
	"github.com/postern-gateway/postern/value"
)

// Expr is a parsed expression: the value side of a parameter mapping.
type Expr struct {
	kind kind
	name string // of the parameter, or the text of a literal
	slot Slot
	path *jsonpath.Path // into a body
}

type kind uint8

const (
	literal kind = iota
	contextVariable
	stageVariable
	requestPath
	requestQuery
	requestMultiQuery
	requestHeader
	requestMultiHeader
	requestBody
	backendHeader
	backendMultiHeader
	backendBody
	requestBodyPath
	backendBodyPath
)

// prefixes are the forms that end in a name. Row order is that of printing.
var prefixes = []struct {
	text string
	kind kind
	side side
}{
	{"context.", contextVariable, both},
	{"stageVariables.", stageVariable, both},
	{"method.request.path.", requestPath, requestSide},
	{"method.request.querystring.", requestQuery, requestSide},
	{"method.request.multivaluequerystring.", requestMultiQuery, requestSide},
	{"method.request.header.", requestHeader, requestSide},
	{"method.request.multivalueheader.", requestMultiHeader, requestSide},
	{"integration.response.header.", backendHeader, responseSide},
	{"integration.response.multivalueheader.", backendMultiHeader, responseSide},
}

type side uint8

const (
	requestSide side = 1 << iota
	responseSide
	both = requestSide | responseSide
)

// ParseRequest parses the value of an integration request parameter.
func ParseRequest(text string) (Expr, error) { return parse(text, requestSide) }

// ParseResponse parses the value of an integration response parameter.
func ParseResponse(text string) (Expr, error) { return parse(text, responseSide) }

func parse(text string, on side) (Expr, error) {
	if len(text) >= 2 && text[0] == '\'' && text[len(text)-1] == '\'' {
		return Expr{kind: literal, name: text[1 : len(text)-1]}, nil
	}
	body, whole, inside := "method.request.body", Expr{kind: requestBody}, requestBodyPath
	if on == responseSide {
		body, whole, inside = "integration.response.body", Expr{kind: backendBody}, backendBodyPath
	}
	if text == body {
		return whole, nil
	}
	if strings.HasPrefix(text, body+".") || strings.HasPrefix(text, body+"[") {
		path, err := jsonpath.Parse("$" + text[len(body):])
		return Expr{kind: inside, name: text, path: path}, err
	}
	for _, p := range prefixes {
		name, ok := strings.CutPrefix(text, p.text)
		if !ok || p.side&on == 0 {
			continue
		}
		if !validName(name) {
			return Expr{}, fmt.Errorf("parameter name %q should match ^[a-zA-Z0-9:._$-]+$", name)
		}
		e := Expr{kind: p.kind, name: name}
		if p.kind == contextVariable {
			e.slot = Lookup(name)
		}
		return e, nil
	}
	return Expr{}, fmt.Errorf("%q is not a mapping expression", text)
}

func validName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(":._$-", c) >= 0) {
			return false
		}
	}
	return name != ""
}

// String returns the expression as it was configured.
func (e Expr) String() string {
	switch e.kind {
	case literal:
		return "'" + e.name + "'"
	case requestBody:
		return "method.request.body"
	case backendBody:
		return "integration.response.body"
	case requestBodyPath, backendBodyPath:
		return e.name
	}
	for _, p := range prefixes {
		if p.kind == e.kind {
			return p.text + e.name
		}
	}
	return ""
}

// ReadsRequestBody reports whether the body must be whole JSON, if it looks
// like JSON, for the mapping to run.
func (e Expr) ReadsRequestBody() bool { return e.kind == requestBody || e.kind == requestBodyPath }

// ReadsBackendBody is the same of the backend's body.
func (e Expr) ReadsBackendBody() bool { return e.kind == backendBody || e.kind == backendBodyPath }

// PathParameter returns the name of the path parameter that the expression
// reads, if it reads one.
func (e Expr) PathParameter() (string, bool) { return e.name, e.kind == requestPath }

// Fixed reports whether the value is decided by the configuration alone, not
// by the client.
func (e Expr) Fixed() bool { return e.kind == literal || e.kind == stageVariable }

// Value evaluates e. False means that there is no value and that the
// parameter is not sent; an empty value counts as none.
func (e Expr) Value(s *Source) (string, bool) {
	value := e.text(s)
	return value, value != ""
}

func (e Expr) text(s *Source) (value string) {
	switch e.kind {
	case literal:
		value = e.name
	case contextVariable:
		if value = s.Context.text(e.slot); e.slot == NoSlot {
			value = s.Context.Extra[e.name]
		}
	case stageVariable:
		value = s.Variables[e.name]
	case requestPath:
		value, _ = s.path(e.name)
	case requestQuery:
		for _, p := range s.Query() {
			if p.Name == e.name {
				value = p.Value // the last one wins
			}
		}
	case requestMultiQuery:
		value = strings.Join(e.AppendValues(nil, s), ",")
	case requestHeader:
		value, _ = s.header(e.name)
	case requestMultiHeader:
		value, _ = joined(s.Header, e.name, s.AnyCase)
	case requestBody:
		if value = string(s.Body); value == "" {
			value = "{}"
		}
	case backendHeader:
		value, _ = last(s.BackendHeader, e.name, false)
	case backendMultiHeader:
		value, _ = joined(s.BackendHeader, e.name, false)
	case backendBody:
		value = string(s.BackendBody)
	case requestBodyPath:
		value = s.member(&s.requestDoc, s.Body, e.path)
	case backendBodyPath:
		value = s.member(&s.backendDoc, s.BackendBody, e.path)
	}
	return value
}

// member returns what a path finds in a body: a string as it is, an object or
// an array as JSON.
func (s *Source) member(doc *document, body []byte, path *jsonpath.Path) string {
	root, ok := doc.parse(body)
	if !ok {
		return ""
	}
	var timer jsonpath.Timer // a path to one value has no patterns
	if !path.Definite() {
		timer = &matchTimer{clock: s.Clock}
	}
	found, ok := path.GetWithin(root, timer)
	switch {
	case !ok || found.IsNull():
		return ""
	case found.Kind() == value.String:
		return found.Str()
	}
	out, err := found.AppendJSON(nil, maxOverride)
	if err != nil {
		return ""
	}
	return string(out)
}

// AppendValues appends every value of e, in order: several for a repeated
// query parameter, otherwise at most one.
func (e Expr) AppendValues(dst []string, s *Source) []string {
	if e.kind == requestMultiQuery {
		for _, p := range s.Query() {
			if p.Name == e.name {
				dst = append(dst, p.Value)
			}
		}
		return dst
	}
	if value, ok := e.Value(s); ok {
		dst = append(dst, value)
	}
	return dst
}

// Presence returns the values that a request has for e: nil if it has none,
// which differs from an empty one. It is what tells two requests apart.
func (e Expr) Presence(s *Source) []string {
	switch e.kind {
	case requestPath:
		if value, ok := s.path(e.name); ok {
			return []string{value}
		}
		return nil
	case requestQuery, requestMultiQuery:
		var values []string
		for _, p := range s.Query() {
			if p.Name == e.name {
				values = append(values, p.Value)
			}
		}
		if e.kind == requestQuery && len(values) > 1 {
			values = values[len(values)-1:]
		}
		return values
	case requestHeader, requestMultiHeader:
		var values []string
		for value := range s.Header.Values(e.name, !s.AnyCase) {
			values = append(values, value)
		}
		if e.kind == requestHeader && len(values) > 1 {
			values = values[len(values)-1:]
		}
		return values
	}
	if value, ok := e.Value(s); ok {
		return []string{value}
	}
	return nil
}

// Location is where a request parameter goes.
type Location uint8

// The locations.
const (
	ToHeader Location = iota
	ToQuery
	ToPath
)

// ParseTarget parses the key of an integration request parameter.
func ParseTarget(key string) (Location, string, error) {
	for i, prefix := range []string{"integration.request.header.", "integration.request.querystring.", "integration.request.path."} {
		if name, ok := strings.CutPrefix(key, prefix); ok && validName(name) {
			return Location(i), name, nil
		}
	}
	return 0, "", fmt.Errorf("%q is not a parameter of an integration request", key)
}

// ParseResponseTarget parses the key of an integration response parameter and
// returns the name of the header.
func ParseResponseTarget(key string) (string, error) {
	if name, ok := strings.CutPrefix(key, "method.response.header."); ok && validName(name) {
		return name, nil
	}
	return "", fmt.Errorf("%q is not a header of a method response", key)
}
