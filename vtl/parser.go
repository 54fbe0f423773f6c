package vtl

import (
	"strings"

	"github.com/postern-gateway/postern/value"
)

// parser reads a source, or the text of an interpolated string, and makes
// closures of it.
type parser struct {
	src   string
	at    int
	names map[string]int // slots of variables
	top   bool           // not the text of a string
	depth int
	// tracing collects for a traced template; nil for others
	tracing *tracing
	// where the text of a string stands in the source
	line, column int

	text    []byte // literal text not yet made a statement
	ended   int    // where the word began that ended the last block
	swallow bool   // the last thing was #set: blanks before another go
}

// parseError ends the parser's work; it travels by panic to template.
type parseError struct{ *Error }

func (p *parser) position(at int) position {
	before := p.src[:min(at, len(p.src))]
	lines := strings.Count(before, "\n")
	column := len(before) - strings.LastIndexByte(before, '\n')
	if !p.top {
		if lines == 0 {
			column += p.column
		}
		return position{p.line + lines, column}
	}
	return position{lines + 1, column}
}

func (p *parser) fail(at int, reason string) {
	pos := p.position(at)
	panic(parseError{&Error{pos.line, pos.column, reason}})
}

func (p *parser) nest(at int) {
	if p.depth++; p.depth > maxNesting {
		p.fail(at, "nested too deeply")
	}
}

// template parses everything.
func (p *parser) template() (b block, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case parseError:
			err = r.Error
		default:
			panic(r)
		}
	}()
	p.swallow = p.top
	b, end := p.block()
	if end != "" {
		p.fail(p.at, "#"+end+" without a beginning")
	}
	return b, nil
}

// block parses up to #end, #else, #elseif or the end of the source, and
// returns which of them it was; "" for the end of the source.
func (p *parser) block() (block, string) {
	p.nest(p.at)
	defer func() { p.depth-- }()
	var b block
	outer := p.text
	p.text = nil
	defer func() { p.text = outer }()
	for p.at < len(p.src) {
		switch c := p.src[p.at]; c {
		case '\\':
			b = p.backslashes(b)
		case '$':
			b = p.dollar(b)
		case '#':
			end := ""
			if b, end = p.hash(b); end != "" {
				return p.flush(b), end
			}
		default:
			n := strings.IndexAny(p.src[p.at:], `\$#`)
			if n < 0 {
				n = len(p.src) - p.at
			}
			p.literal(p.src[p.at : p.at+n])
			p.at += n
		}
	}
	return p.flush(b), ""
}

func (p *parser) literal(text string) {
	if text != "" {
		if strings.Trim(text, " \t") != "" {
			p.swallow = false
		}
		p.text = append(p.text, text...)
	}
}

// flush makes a statement of the literal text so far.
func (p *parser) flush(b block) block {
	if len(p.text) == 0 {
		return b
	}
	text := string(p.text)
	p.text = nil
	return append(b, func(s *state) flow {
		s.write(text)
		return next
	})
}

// add appends a statement after the literal text before it.
func (p *parser) add(b block, st statement) block {
	p.swallow = false
	return append(p.flush(b), st)
}

// backslashes reads a run of them. Before a reference or a directive two mean
// one, and an odd one takes the meaning away.
func (p *parser) backslashes(b block) block {
	from := p.at
	for p.at < len(p.src) && p.src[p.at] == '\\' {
		p.at++
	}
	n := p.at - from
	if p.at == len(p.src) || !p.meaningful() {
		if p.at == len(p.src)-1 && (p.src[p.at] == '$' || p.src[p.at] == '#') {
			p.at++ // not an introducer that stands alone at the end
		}
		p.literal(p.src[from:p.at])
		return b
	}
	p.literal(p.src[from : from+n/2])
	if n%2 == 0 {
		return b
	}
	start := p.at
	if p.src[p.at] == '$' {
		p.reference()
	} else {
		_, p.at = p.word()
	}
	p.literal(p.src[start:p.at])
	return b
}

// meaningful reports whether a reference or a directive begins here.
func (p *parser) meaningful() bool {
	switch p.src[p.at] {
	case '$':
		_, _, ok := p.head()
		return ok
	case '#':
		word, _ := p.word()
		return directives[word]
	}
	return false
}

func (p *parser) dollar(b block) block {
	if p.top && p.at == len(p.src)-1 {
		p.fail(p.at, "the template ends in $")
	}
	from := p.at
	r := p.reference()
	if r == nil {
		p.literal("$")
		p.at++
		return b
	}
	if p.tracing != nil {
		read := p.tracedRead(from, r.at, func(s *state) value.Value { return r.chain(s, len(r.steps)) })
		return p.add(b, func(s *state) flow {
			v := read(s)
			s.at = r.at
			s.print(v)
			return next
		})
	}
	return p.add(b, func(s *state) flow {
		v := r.chain(s, len(r.steps))
		s.at = r.at
		s.print(v)
		return next
	})
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }

// name returns the end of the identifier that begins at i; i if none does.
func (p *parser) name(i int) int {
	if i >= len(p.src) || !letter(p.src[i]) {
		return i
	}
	for i < len(p.src) && (letter(p.src[i]) || digit(p.src[i]) || p.src[i] == '-') {
		i++
	}
	return i
}

// head looks at the beginning of a reference: where its name begins, and
// whether it is in braces.
func (p *parser) head() (start int, braces, ok bool) {
	i := p.at + 1
	if i < len(p.src) && p.src[i] == '!' {
		i++
	}
	if i < len(p.src) && p.src[i] == '{' {
		braces = true
		i++
	}
	return i, braces, p.name(i) > i
}

// reference parses a reference; nil and nothing read if there is none.
func (p *parser) reference() *reference {
	from := p.at
	start, braces, ok := p.head()
	if !ok {
		return nil
	}
	p.nest(from)
	defer func() { p.depth-- }()
	p.at = p.name(start)
	r := &reference{at: p.position(from), slot: p.slot(p.src[start:p.at])}
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case '.':
			end := p.name(p.at + 1)
			if end == p.at+1 {
				return p.closeReference(r, braces, from)
			}
			st := step{name: p.src[p.at+1 : end]}
			p.at = end
			if p.at < len(p.src) && p.src[p.at] == '(' {
				st.args = p.arguments()
				st.methods = methodsNamed(st.name)
			}
			r.steps = append(r.steps, st)
		case '[':
			p.at++
			index := p.operand()
			p.expect(']')
			r.steps = append(r.steps, step{index: index.eval})
		default:
			return p.closeReference(r, braces, from)
		}
	}
	return p.closeReference(r, braces, from)
}

func (p *parser) closeReference(r *reference, braces bool, from int) *reference {
	if braces {
		if p.at >= len(p.src) || p.src[p.at] != '}' {
			p.fail(from, "a reference is not closed")
		}
		p.at++
	}
	return r
}

func (p *parser) slot(name string) int {
	slot, ok := p.names[name]
	if !ok {
		slot = len(p.names)
		p.names[name] = slot
	}
	return slot
}

// arguments parses the arguments of a method.
func (p *parser) arguments() []expr {
	open := p.at
	p.at++
	var out []expr
	if p.peek() == ')' {
		p.at++
		return out
	}
	for {
		if len(out) == maxArguments {
			p.fail(open, "too many arguments")
		}
		out = append(out, p.operand().eval)
		if p.peek() != ',' {
			p.expect(')')
			return out
		}
		p.at++
	}
}

const maxArguments = 16

// peek skips white space and returns the byte that follows, 0 at the end.
func (p *parser) peek() byte {
	for p.at < len(p.src) {
		switch c := p.src[p.at]; c {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return c
		}
	}
	return 0
}

func (p *parser) expect(c byte) {
	if p.peek() != c {
		p.fail(p.at, "expected "+string(c))
	}
	p.at++
}

// nothing is the expression without a value.
func nothing(*state) value.Value { return value.Value{} }
