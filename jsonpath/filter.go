package jsonpath

import (
	"strings"

	"github.com/dlclark/regexp2"

	"github.com/postern-gateway/postern/regex"
	"github.com/postern-gateway/postern/value"
)

// condition is a compiled filter: does a node pass?
type condition func(e *evaluation, node value.Value) bool

// operand is one side of a comparison. False: it is a path that leads nowhere.
type operand func(e *evaluation, node value.Value) (value.Value, bool)

// where parses [?(...)], or [?] without parentheses around its condition.
func (p *parser) where() (step, error) {
	p.at++
	if p.filter++; p.filter > maxNested {
		return nil, p.fail("nested too deeply")
	}
	defer func() { p.filter-- }()
	test, err := p.or()
	if err != nil {
		return nil, err
	}
	return where{test}, p.closing()
}

func (p *parser) or() (condition, error) {
	left, err := p.and()
	for err == nil {
		if p.space(); !p.skip("||") {
			return left, nil
		}
		var right condition
		a := left
		right, err = p.and()
		left = func(e *evaluation, v value.Value) bool { return a(e, v) || right(e, v) }
	}
	return nil, err
}

func (p *parser) and() (condition, error) {
	left, err := p.not()
	for err == nil {
		if p.space(); !p.skip("&&") {
			return left, nil
		}
		var right condition
		a := left
		right, err = p.not()
		left = func(e *evaluation, v value.Value) bool { return a(e, v) && right(e, v) }
	}
	return nil, err
}

func (p *parser) not() (condition, error) {
	p.space()
	if p.peek() != '!' && p.peek() != '(' {
		return p.comparison()
	}
	if p.filter++; p.filter > maxNested {
		return nil, p.fail("nested too deeply")
	}
	defer func() { p.filter-- }()
	if p.skip("!") {
		test, err := p.not()
		return func(e *evaluation, v value.Value) bool { return !test(e, v) }, err
	}
	p.at++
	test, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.space(); !p.skip(")") {
		return nil, p.fail("expected )")
	}
	return test, nil
}

// comparison parses "a op b", or a path alone: it must lead somewhere.
func (p *parser) comparison() (condition, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	p.space()
	if p.skip("=~") {
		re, err := p.regex()
		return func(e *evaluation, v value.Value) bool {
			got, ok := left(e, v)
			return ok && e.matches(re, got)
		}, err
	}
	for _, op := range comparisons {
		word := op.name[0] >= 'a'
		if !p.skip(op.name) {
			continue
		}
		if c := p.peek(); word && ('a' <= c && c <= 'z') {
			p.at -= len(op.name)
			continue
		}
		right, err := p.operand()
		test := op.test
		missing := op.missing
		return func(e *evaluation, v value.Value) bool {
			a, okA := left(e, v)
			b, okB := right(e, v)
			if !okA || !okB {
				return missing && okA != okB
			}
			return test(e, a, b)
		}, err
	}
	return func(e *evaluation, v value.Value) bool {
		_, ok := left(e, v)
		return ok
	}, nil
}

// comparisons are the operators, longer ones before their beginnings. Missing
// says that the operator holds if one side alone leads nowhere.
var comparisons = []struct {
	name    string
	missing bool
	test    func(e *evaluation, a, b value.Value) bool
}{
	{"===", false, func(_ *evaluation, a, b value.Value) bool { return a.Kind() == b.Kind() && value.Equal(a, b) }},
	{"!==", true, func(_ *evaluation, a, b value.Value) bool { return a.Kind() != b.Kind() || !value.Equal(a, b) }},
	{"==", false, func(_ *evaluation, a, b value.Value) bool { return value.Equal(a, b) }},
	{"!=", true, func(_ *evaluation, a, b value.Value) bool { return !value.Equal(a, b) }},
	{"<=", false, ordered(func(c int) bool { return c <= 0 })},
	{">=", false, ordered(func(c int) bool { return c >= 0 })},
	{"<", false, ordered(func(c int) bool { return c < 0 })},
	{">", false, ordered(func(c int) bool { return c > 0 })},
	{"in", false, func(e *evaluation, a, b value.Value) bool { return e.holds(b, a) }},
	{"nin", true, func(e *evaluation, a, b value.Value) bool { return !e.holds(b, a) }},
	{"contains", false, func(e *evaluation, a, b value.Value) bool {
		if a.Kind() == value.String {
			return b.Kind() == value.String && strings.Contains(a.Str(), b.Str())
		}
		return e.holds(a, b)
	}},
	{"subsetof", false, func(e *evaluation, a, b value.Value) bool { return a.IsList() && e.count(a, b) == len(a.Items()) }},
	{"anyof", false, func(e *evaluation, a, b value.Value) bool { return e.count(a, b) > 0 }},
	{"noneof", false, func(e *evaluation, a, b value.Value) bool { return e.count(a, b) == 0 }},
	{"all", false, func(e *evaluation, a, b value.Value) bool { return b.IsList() && e.count(b, a) == len(b.Items()) }},
	{"size", false, func(_ *evaluation, a, b value.Value) bool {
		n, ok := size(a)
		if b.IsList() || b.Kind() == value.String {
			m, _ := size(b)
			return ok && n == m
		}
		return ok && b.IsInteger() && b.Int64() == int64(n)
	}},
	{"empty", false, func(_ *evaluation, a, b value.Value) bool {
		n, ok := size(a)
		return ok && b.Kind() == value.Bool && (n == 0) != b.IsFalse()
	}},
}

func ordered(holds func(int) bool) func(*evaluation, value.Value, value.Value) bool {
	return func(_ *evaluation, a, b value.Value) bool {
		switch {
		case a.IsNumber() && b.IsNumber():
			return holds(value.Compare(a, b))
		case a.Kind() == value.String && b.Kind() == value.String:
			return holds(strings.Compare(a.Str(), b.Str()))
		}
		return false
	}
}

// holds reports whether a list has an item.
func (e *evaluation) holds(list, item value.Value) bool {
	for _, v := range list.Items() {
		if !e.visit() {
			return false
		}
		if value.Equal(v, item) {
			return true
		}
	}
	return false
}

// count returns how many items of a are in b.
func (e *evaluation) count(a, b value.Value) int {
	n := 0
	for _, v := range a.Items() {
		if e.holds(b, v) {
			n++
		}
	}
	return n
}

// operand parses a path, or a literal as JSON has it, with either quotes.
func (p *parser) operand() (operand, error) {
	p.space()
	c := p.peek()
	switch {
	case c == '@' || c == '$':
		p.at++
		if p.filter++; p.filter > maxNested {
			return nil, p.fail("nested too deeply")
		}
		path, err := p.path()
		p.filter--
		return func(e *evaluation, node value.Value) (value.Value, bool) {
			if c == '$' {
				node = e.root
			}
			return e.get(path, node)
		}, err
	case c == '\'' || c == '"':
		text, err := p.quoted()
		return literal(value.OfString(text)), err
	case c == '[' || c == '{':
		return p.document()
	}
	from := p.at
	for p.at < len(p.src) && strings.IndexByte(" \t\r\n)]=!<>&|,", p.src[p.at]) < 0 {
		p.at++
	}
	v, err := value.ParseJSON(p.src[from:p.at])
	if err != nil {
		p.at = from
		return nil, p.fail("expected a path or a literal")
	}
	return literal(v), nil
}

func literal(v value.Value) operand {
	return func(*evaluation, value.Value) (value.Value, bool) { return v, true }
}

// document parses a list or an object; its strings may have single quotes.
func (p *parser) document() (operand, error) {
	from := p.at
	var out []byte
	for depth := 0; p.at < len(p.src); {
		switch c := p.src[p.at]; c {
		case '\'', '"':
			text, err := p.quoted()
			if err != nil {
				return nil, err
			}
			out = value.AppendQuoted(out, text)
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		out = append(out, p.src[p.at])
		if p.at++; depth == 0 {
			break
		}
	}
	v, err := value.ParseJSON(string(out))
	if err != nil {
		p.at = from
		return nil, p.fail("bad literal")
	}
	return literal(v), nil
}

// patternVisits is what a match costs of an evaluation's visits.
const patternVisits = 256

// regex parses /pattern/flags.
func (p *parser) regex() (*regexp2.Regexp, error) {
	p.space()
	if !p.skip("/") {
		return nil, p.fail("expected /pattern/")
	}
	from := p.at
	for p.at < len(p.src) && p.src[p.at] != '/' {
		if p.src[p.at] == '\\' {
			p.at++
		}
		p.at++
	}
	if p.at >= len(p.src) {
		p.at = from
		return nil, p.fail("a pattern is not closed")
	}
	pattern := p.src[from:p.at]
	p.at++
	options := regexp2.RegexOptions(regexp2.None)
	for flags := map[byte]regexp2.RegexOptions{'i': regexp2.IgnoreCase, 's': regexp2.Singleline, 'm': regexp2.Multiline, 'x': regexp2.IgnorePatternWhitespace}; flags[p.peek()] != 0; p.at++ {
		options |= flags[p.peek()]
	}
	re, err := regex.Whole(pattern, options)
	if err != nil {
		return nil, p.fail(err.Error())
	}
	return re, nil
}

// matches reports whether a pattern matches a whole string.
func (e *evaluation) matches(re *regexp2.Regexp, v value.Value) bool {
	if v.Kind() != value.String && !v.IsNumber() {
		return false
	}
	if e.visits -= patternVisits; e.visits < 0 {
		return false
	}
	if e.timer != nil && e.timer.Expired() {
		e.visits = -1
		return false
	}
	text, _ := v.Text(maxText)
	ok, err := re.MatchString(text)
	if err != nil {
		e.visits = -1
	}
	return ok && err == nil
}
