package jsonpath

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse parses a path. "$" may be left out, as "a.b" for "$.a.b". An error is
// an [*Error].
func Parse(text string) (*Path, error) {
	if len(text) > maxLength {
		return nil, &Error{maxLength, "the path is too long"}
	}
	src := strings.TrimSpace(text)
	if src == "" {
		return nil, &Error{0, "the path is empty"}
	}
	if src[0] != '$' && src[0] != '@' {
		src = "$." + src
	}
	p := &parser{src: src, at: 1}
	path, err := p.path()
	if err == nil && p.at < len(src) {
		err = p.fail("unexpected text")
	}
	if err != nil {
		return nil, err
	}
	path.text = text
	return path, nil
}

type parser struct {
	src    string
	at     int
	filter int // nesting of filters; in one, a path ends before an operator
}

func (p *parser) fail(reason string) error { return &Error{p.at, reason} }

func (p *parser) space() {
	for p.at < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.at]) >= 0 {
		p.at++
	}
}

// peek returns the byte at the place, 0 at the end.
func (p *parser) peek() byte {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return 0
}

// skip reads a text if it stands here.
func (p *parser) skip(text string) bool {
	if strings.HasPrefix(p.src[p.at:], text) {
		p.at += len(text)
		return true
	}
	return false
}

// path parses what follows $ or @.
func (p *parser) path() (*Path, error) {
	path := &Path{}
	if err := p.steps(path); err != nil {
		return nil, err
	}
	path.definite = true
	for i, s := range path.steps {
		if keys, ok := s.(children); ok && (i < len(path.steps)-1 || path.function != nil) {
			path.steps[i] = members(keys)
		}
		if _, ok := path.steps[i].(single); !ok {
			path.definite = false
		}
	}
	return path, nil
}

func (p *parser) steps(path *Path) error {
	for path.function == nil {
		deep := false
		var s step
		var err error
		switch {
		case p.skip(".."):
			deep = true
			if p.peek() == '[' {
				s, err = p.bracket()
			} else {
				s, err = p.property(path)
			}
		case p.peek() == '.':
			if p.at++; p.peek() == '[' {
				s, err = p.bracket()
			} else {
				s, err = p.property(path)
			}
		case p.peek() == '[':
			s, err = p.bracket()
		default:
			return nil
		}
		if err != nil {
			return err
		}
		if s == nil { // a function
			if deep {
				return p.fail("a function after ..")
			}
			break
		}
		if deep {
			s = descend{s}
		}
		path.steps = append(path.steps, s)
	}
	return nil
}

// property parses a name after a dot, or a function: then the step is nil.
func (p *parser) property(path *Path) (step, error) {
	if p.skip("*") {
		return wildcard{}, nil
	}
	from := p.at
	for p.at < len(p.src) {
		c := p.src[p.at]
		if c == '.' || c == '[' || c == '(' || p.filter > 0 && strings.IndexByte(" \t\r\n)]=!<>&|,", c) >= 0 {
			break
		}
		p.at++
	}
	name := p.src[from:p.at]
	if name == "" || p.filter == 0 && strings.TrimSpace(name) != name {
		return nil, p.fail("a name is missing")
	}
	if p.peek() != '(' {
		return child(name), nil
	}
	f, err := p.call(name)
	path.function = f
	return nil, err
}

func (p *parser) bracket() (step, error) {
	p.at++
	p.space()
	switch c := p.peek(); {
	case c == '*':
		p.at++
		return wildcard{}, p.closing()
	case c == '?':
		return p.where()
	case c == '\'' || c == '"':
		return p.keys()
	}
	return p.indexes()
}

func (p *parser) closing() error {
	if p.space(); !p.skip("]") {
		return p.fail("expected ]")
	}
	return nil
}

func (p *parser) keys() (step, error) {
	var keys []string
	for {
		key, err := p.quoted()
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
		if p.space(); !p.skip(",") {
			break
		}
		p.space()
	}
	if err := p.closing(); err != nil {
		return nil, err
	}
	if len(keys) == 1 {
		return child(keys[0]), nil
	}
	return children(keys), nil
}

// quoted reads a string in either quotes. A backslash escapes as in JSON.
func (p *parser) quoted() (string, error) {
	quote := p.peek()
	if quote != '\'' && quote != '"' {
		return "", p.fail("expected a string")
	}
	p.at++
	var out []byte
	for p.at < len(p.src) {
		c := p.src[p.at]
		p.at++
		switch {
		case c == quote:
			return string(out), nil
		case c != '\\' || p.at == len(p.src):
			out = append(out, c)
			continue
		}
		c = p.src[p.at]
		p.at++
		switch c {
		case 'n':
			c = '\n'
		case 't':
			c = '\t'
		case 'r':
			c = '\r'
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'u':
			if n, err := strconv.ParseUint(p.src[p.at:min(p.at+4, len(p.src))], 16, 16); err == nil {
				out = utf8.AppendRune(out, rune(n))
				p.at = min(p.at+4, len(p.src))
				continue
			}
		}
		out = append(out, c)
	}
	return "", p.fail("a string is not closed")
}

// integer reads an integer; false if there is none.
func (p *parser) integer() (int, bool) {
	from := p.at
	p.skip("-")
	for p.at < len(p.src) && '0' <= p.src[p.at] && p.src[p.at] <= '9' {
		p.at++
	}
	n, err := strconv.ParseInt(p.src[from:p.at], 10, 32)
	if err != nil {
		p.at = from
	}
	return int(n), err == nil
}

// indexes parses [n], [n,m] and [n:m].
func (p *parser) indexes() (step, error) {
	from, hasFrom := p.integer()
	p.space()
	if p.skip(":") {
		p.space()
		to, hasTo := p.integer()
		return slice{from, to, hasFrom, hasTo}, p.closing()
	}
	if !hasFrom {
		return nil, p.fail("expected an index, a key or a filter")
	}
	list := places{place(from)}
	for p.skip(",") {
		p.space()
		n, ok := p.integer()
		if !ok {
			return nil, p.fail("expected an index")
		}
		list = append(list, place(n))
		p.space()
	}
	if len(list) == 1 {
		return list[0], p.closing()
	}
	return list, p.closing()
}
