package vtl

import (
	"strings"

	"github.com/postern-gateway/postern/value"
)

// directives are the words after # that are not text.
var directives = map[string]bool{
	"set": true, "if": true, "elseif": true, "else": true, "end": true, "foreach": true,
	"break": true, "stop": true, "define": true, "macro": true,
}

// word returns the word after the # at the place, also in braces, and its end.
func (p *parser) word() (string, int) {
	i := p.at + 1
	braces := i < len(p.src) && p.src[i] == '{'
	if braces {
		i++
	}
	from := i
	for i < len(p.src) && (letter(p.src[i]) || i > from && digit(p.src[i])) {
		i++
	}
	word := p.src[from:i]
	if braces {
		if i >= len(p.src) || p.src[i] != '}' {
			return "", p.at + 1
		}
		i++
	}
	return word, i
}

// hash parses what begins with #. A second result is the word that ended the
// block.
func (p *parser) hash(b block) (block, string) {
	from := p.at
	rest := p.src[from:]
	switch {
	case strings.HasPrefix(rest, "##"):
		if n := strings.IndexByte(rest, '\n'); n >= 0 {
			p.at += n + 1
		} else {
			p.at = len(p.src)
		}
		return b, ""
	case strings.HasPrefix(rest, "#*"):
		n := strings.Index(rest[2:], "*#")
		if n < 0 {
			p.fail(from, "a comment is not closed")
		}
		p.at += n + 4
		return b, ""
	case strings.HasPrefix(rest, "#[["):
		n := strings.Index(rest, "]]#")
		if n < 0 {
			p.fail(from, "#[[ is not closed")
		}
		p.literal(rest[3:n])
		p.at += n + 3
		return b, ""
	case p.top && rest == "#":
		p.fail(from, "the template ends in #")
	}
	word, end := p.word()
	switch word {
	case "else", "end":
		p.at, p.ended = end, from
		p.endLine()
		return b, word
	case "elseif":
		p.at, p.ended = end, from
		return b, word
	case "break", "stop":
		p.at = end
		f := stop
		if word == "break" {
			f = leave
		}
		return p.add(b, p.tracedEnd(from, word, func(*state) flow { return f })), ""
	}
	if directives[word] && p.open(end) {
		return p.directive(b, word, from), ""
	}
	p.verbatim(word, end)
	return b, ""
}

// verbatim takes an unknown directive, with its arguments, as text.
func (p *parser) verbatim(word string, end int) {
	from := p.at
	if p.at = end; word != "" {
		if directives[word] {
			p.fail(from, "#"+word+" without a parenthesis")
		}
		if p.open(end) {
			if n := balanced(p.src[p.at-1:]); n > 0 {
				end = p.at - 1 + n
			}
		}
	}
	p.at = end
	p.literal(p.src[from:end])
}

// balanced returns the length of a text in parentheses, 0 if they do not close.
func balanced(text string) int {
	depth, quote := 0, byte(0)
	for i := range len(text) {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// open moves behind the parenthesis that follows i, blanks before it allowed.
func (p *parser) open(i int) bool {
	for i < len(p.src) && (p.src[i] == ' ' || p.src[i] == '\t') {
		i++
	}
	if i >= len(p.src) || p.src[i] != '(' {
		return false
	}
	p.at = i + 1
	return true
}

// endLine swallows the rest of the line if it is blank.
func (p *parser) endLine() {
	i := p.at
	for i < len(p.src) && (p.src[i] == ' ' || p.src[i] == '\t') {
		i++
	}
	if i < len(p.src) && p.src[i] == '\r' {
		i++
	}
	if i < len(p.src) && p.src[i] == '\n' {
		p.at = i + 1
	}
}

// directive parses one whose parenthesis is open.
func (p *parser) directive(b block, word string, from int) block {
	switch word {
	case "set":
		// Blanks before it go at the beginning of a template and after
		// another #set on the same line.
		if p.swallow {
			p.text = []byte(strings.TrimRight(string(p.text), " \t"))
		}
		b = p.add(b, p.set())
		before := p.at
		p.endLine()
		p.swallow = p.at == before
		return b
	case "if":
		return p.add(b, p.branches(from))
	case "foreach":
		p.swallow = false
		return p.add(b, p.foreach(from))
	case "define":
		r := p.variable()
		p.expect(')')
		p.endLine()
		body := p.body(from)
		return p.add(b, func(s *state) flow {
			r.assign(s, value.OfHost(&definition{body: body}))
			return next
		})
	}
	// Recorded: a macro's definition is taken out and nothing is defined.
	n := balanced(p.src[p.at-1:])
	if n == 0 {
		p.fail(from, "#macro is not closed")
	}
	p.at += n - 1
	p.endLine()
	p.body(from)
	return b
}

// body parses a block that only #end may close.
func (p *parser) body(from int) block {
	p.swallow = false
	b, end := p.block()
	if end != "end" {
		p.unclosed(from, end)
	}
	return b
}

func (p *parser) unclosed(from int, end string) {
	if end == "" {
		p.fail(from, "the directive has no #end")
	}
	p.fail(p.at, "#"+end+" without #if")
}

// variable parses the reference that a directive sets.
func (p *parser) variable() *reference {
	if p.peek() != '$' {
		p.fail(p.at, "expected a reference")
	}
	from := p.at
	r := p.reference()
	if r == nil {
		p.fail(from, "expected a reference")
	}
	return r
}

func (p *parser) set() statement {
	from := p.at
	r := p.variable()
	if n := len(r.steps); n > 0 && r.steps[n-1].methods != nil {
		p.fail(from, "a method's result cannot be set")
	}
	name := p.src[from:p.at]
	p.expect('=')
	e := p.expression()
	p.expect(')')
	return p.tracedSet(r, name, func(s *state) flow {
		s.at = r.at
		v := e.eval(s)
		switch {
		case s.err != nil:
			return stop
		case v.IsNull() && e.arithmetic:
			return next // a division by zero leaves what was there
		case v.IsNull():
			v = value.OfString("")
		}
		r.assign(s, v)
		return next
	})
}

// branch is a condition and what it guards.
type branch struct {
	condition expr
	body      block
}

func (p *parser) branches(from int) statement {
	var list []branch
	var otherwise block
	p.ended = from
	for end, kind := "elseif", If; end == "elseif"; kind = ElseIf {
		begin := p.ended
		if list != nil && !p.open(p.at) {
			p.fail(p.at, "#elseif without a parenthesis")
		}
		opened := p.at
		condition := p.expression()
		traced := p.branch(begin, kind, p.src[opened:p.at])
		p.expect(')')
		p.endLine()
		p.swallow = false
		var body block
		body, end = p.block()
		list = append(list, branch{condition.eval, traced(body)})
		if end == "else" {
			traced := p.branch(p.ended, Else, "")
			otherwise = traced(p.body(from))
			break
		}
		if end == "end" {
			otherwise = p.branch(from, NoElse, "")(nil)
		}
		if end == "" {
			p.unclosed(from, end)
		}
	}
	return func(s *state) flow {
		for i := range list {
			v := list[i].condition(s)
			if s.err != nil {
				return stop
			}
			if !v.IsFalse() {
				return list[i].body.run(s)
			}
		}
		return otherwise.run(s)
	}
}

func (p *parser) foreach(from int) statement {
	r := p.variable()
	if len(r.steps) > 0 {
		p.fail(from, "the variable of a loop must be a plain one")
	}
	if p.peek(); !p.keyword("in") {
		p.fail(p.at, "expected in")
	}
	begin := p.at
	over := p.operand().eval
	over, traced := p.tracedLoop(from, r.slot, p.src[begin:p.at], over)
	p.expect(')')
	p.endLine()
	return foreach(r.slot, over, traced(p.body(from)))
}
