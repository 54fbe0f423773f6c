package mapping

import (
	"errors"
	"sync"
	"unicode/utf8"

	"github.com/postern-gateway/postern/jsonpath"
	"github.com/postern-gateway/postern/value"
	"github.com/postern-gateway/postern/vtl"
)

// Template is a compiled mapping template. It may be used by many goroutines
// at a time.
type Template struct {
	code  *vtl.Template
	paths paths
}

// errText refuses to render over a body that is no text (recorded).
var errText = errors.New("the body is not UTF-8")

// ParseTemplate compiles a mapping template. The error tells line and column.
func ParseTemplate(text string) (*Template, error) {
	code, err := vtl.Compile(text)
	if err != nil {
		return nil, err
	}
	return &Template{code: code}, nil
}

// ParseTraced is ParseTemplate for a template that tells Source.Trace what it
// does.
func ParseTraced(text string) (*Template, error) {
	code, err := vtl.CompileTraced(text)
	if err != nil {
		return nil, err
	}
	return &Template{code: code}, nil
}

// Branches returns the branches of a traced template.
func (t *Template) Branches() []vtl.Branch { return t.code.Branches() }

// String returns the source.
func (t *Template) String() string { return t.code.String() }

// RenderRequest returns what the template makes of a client's request.
func (t *Template) RenderRequest(s *Source) ([]byte, error) { return t.render(s, s.Body) }

// RenderResponse returns what the template makes of a backend's answer.
func (t *Template) RenderResponse(s *Source) ([]byte, error) { return t.render(s, s.BackendBody) }

func (t *Template) render(s *Source, body []byte) ([]byte, error) {
	if !utf8.Valid(body) {
		return nil, errText
	}
	if s.context == nil {
		s.context = &contextObject{source: s}
	}
	return t.code.Render(nil, vtl.Vars{
		Input:          value.OfHost(&inputObject{source: s, body: body, paths: &t.paths, timer: matchTimer{clock: s.Clock}}),
		Context:        value.OfHost(s.context),
		StageVariables: value.OfHost((*variablesObject)(&s.Variables)),
		Clock:          s.Clock,
		Trace:          s.Trace,
	})
}

// Override returns the parameters that a request template set, which win over
// the mapped ones; nil if there are none.
func (s *Source) Override(location Location) *value.Map {
	return s.override("requestOverride", [...]string{"header", "querystring", "path"}[location])
}

// HeaderOverride returns the headers that a response template set; nil if
// there are none.
func (s *Source) HeaderOverride() *value.Map { return s.override("responseOverride", "header") }

// StatusOverride returns the status that a response template set. Seen in an
// emulator: only an integer from 100 to 599 is one. Below 200 it would not be
// the end of the exchange, so there it counts as none (assumed).
func (s *Source) StatusOverride() (int, bool) {
	if s.context == nil || s.context.overrides == nil {
		return 0, false
	}
	all, _ := s.context.overrides.Get("responseOverride")
	status := all.Member("status")
	n := status.Int64()
	return int(n), status.IsInteger() && n >= 200 && n <= 599
}

func (s *Source) override(side, part string) *value.Map {
	if s.context == nil || s.context.overrides == nil {
		return nil
	}
	all, _ := s.context.overrides.Get(side)
	m := all.Member(part).Map()
	if m == nil || m.Len() == 0 {
		return nil
	}
	return m
}

// maxOverride bounds the text of one parameter.
const maxOverride = 1 << 20

// AppendOverride appends the texts of an override: several for a list, none
// for one without a text.
func AppendOverride(dst []string, v value.Value) []string {
	items := v.Items()
	if !v.IsList() {
		items = []value.Value{v}
	}
	for _, item := range items {
		if text, ok := item.Text(maxOverride); ok && text != "" {
			dst = append(dst, text)
		}
	}
	return dst
}

// paths are the parsed JSON paths of a template.
type paths struct {
	mu  sync.RWMutex
	all map[string]*jsonpath.Path
}

// maxPaths bounds the cache: a template may make paths of a request.
const maxPaths = 64

func (c *paths) get(text string) (*jsonpath.Path, error) {
	c.mu.RLock()
	p := c.all[text]
	c.mu.RUnlock()
	if p != nil {
		return p, nil
	}
	p, err := jsonpath.Parse(text)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil || len(c.all) >= maxPaths {
		c.all = make(map[string]*jsonpath.Path)
	}
	c.all[text] = p
	return p, nil
}

// document is a body as JSON, parsed when first needed.
type document struct {
	root        value.Value
	ok, present bool
}

func (d *document) parse(body []byte) (value.Value, bool) {
	if !d.present {
		text := string(body)
		if text == "" {
			text = "{}" // as $input.body has it (recorded)
		}
		root, err := value.ParseJSON(text)
		*d = document{root, err == nil, true}
	}
	return d.root, d.ok
}
