package vtl

import (
	"strings"

	"github.com/postern-gateway/postern/value"
)

// expression is a compiled expression.
type expression struct {
	eval       expr
	arithmetic bool // no value means that it could not be computed
	constant   bool
}

func constant(v value.Value) expression {
	return expression{eval: func(*state) value.Value { return v }, constant: true}
}

// operator is a binary one, in its spellings.
type operator struct {
	symbol, word string
	make         func(a, b expr) expr
}

// levels are the binary operators, those that bind least first. Of symbols
// that begin alike the longer one stands first.
var levels = [][]operator{
	{{"||", "or", func(a, b expr) expr {
		return func(s *state) value.Value { return value.OfBool(!a(s).IsFalse() || !b(s).IsFalse()) }
	}}},
	{{"&&", "and", func(a, b expr) expr {
		return func(s *state) value.Value { return value.OfBool(!a(s).IsFalse() && !b(s).IsFalse()) }
	}}},
	{
		{"==", "eq", func(a, b expr) expr {
			return func(s *state) value.Value { return value.OfBool(s.equal(a(s), b(s))) }
		}},
		{"!=", "ne", func(a, b expr) expr {
			return func(s *state) value.Value { return value.OfBool(!s.equal(a(s), b(s))) }
		}},
	},
	{
		{"<=", "le", order(func(c int) bool { return c <= 0 })},
		{">=", "ge", order(func(c int) bool { return c >= 0 })},
		{"<", "lt", order(func(c int) bool { return c < 0 })},
		{">", "gt", order(func(c int) bool { return c > 0 })},
	},
	{{"+", "", add}, {"-", "", calculate('-')}},
	{{"*", "", calculate('*')}, {"/", "", calculate('/')}, {"%", "", calculate('%')}},
}

// firstArithmetic is the level from which a missing value is a failed calculation.
const firstArithmetic = 4

func (p *parser) expression() expression {
	p.nest(p.at)
	e := p.binary(0)
	p.depth--
	return e
}

func (p *parser) binary(level int) expression {
	if level == len(levels) {
		return p.unary()
	}
	left := p.binary(level + 1)
	for n := 0; ; n++ {
		op := p.operator(level)
		if op == nil {
			return left
		}
		if n == maxChain {
			p.fail(p.at, "too many operators")
		}
		right := p.binary(level + 1)
		left = expression{eval: op.make(left.eval, right.eval), arithmetic: level >= firstArithmetic}
	}
}

// maxChain bounds the operators of one level in a row: each nests a closure.
const maxChain = 1000

// operator reads one of a level's operators; nil if none follows.
func (p *parser) operator(level int) *operator {
	p.peek()
	rest := p.src[p.at:]
	for i := range levels[level] {
		op := &levels[level][i]
		if strings.HasPrefix(rest, op.symbol) {
			if op.symbol == "-" && len(rest) > 1 && (digit(rest[1]) || rest[1] == '.') {
				return nil // the sign of a number
			}
			p.at += len(op.symbol)
			return op
		}
		if op.word != "" && p.keyword(op.word) {
			return op
		}
	}
	return nil
}

// keyword reads a word that is not part of a longer one.
func (p *parser) keyword(word string) bool {
	if !strings.HasPrefix(p.src[p.at:], word) || p.name(p.at) != p.at+len(word) {
		return false
	}
	p.at += len(word)
	return true
}

func (p *parser) unary() expression {
	c := p.peek()
	if c == '!' || p.keyword("not") {
		if c == '!' {
			p.at++
		}
		p.nest(p.at)
		e := p.unary().eval
		p.depth--
		return expression{eval: func(s *state) value.Value { return value.OfBool(e(s).IsFalse()) }}
	}
	if c == '(' {
		p.at++
		e := p.expression()
		p.expect(')')
		e.constant = false
		return e
	}
	return p.operand()
}

// operand parses what may be an argument: a literal or a reference.
func (p *parser) operand() expression {
	p.nest(p.at)
	defer func() { p.depth-- }()
	switch c := p.peek(); {
	case c == '$':
		from := p.at
		if r := p.reference(); r != nil {
			return expression{eval: p.tracedRead(from, r.at, r.eval)}
		}
	case c == '"':
		return p.interpolated()
	case c == '\'':
		return constant(value.OfString(p.quoted('\'')))
	case c == '[':
		return p.list()
	case c == '{':
		return p.mapping()
	case digit(c) || c == '-' || c == '.':
		return p.number()
	case p.keyword("true"):
		return constant(value.OfBool(true))
	case p.keyword("false"):
		return constant(value.OfBool(false))
	case p.keyword("null"):
		return expression{eval: nothing}
	}
	p.fail(p.at, "expected a value")
	return expression{}
}

func (p *parser) number() expression {
	from := p.at
	skip := func() int {
		start := p.at
		for p.at < len(p.src) && digit(p.src[p.at]) {
			p.at++
		}
		return p.at - start
	}
	is := func(i int, chars string) bool { return i < len(p.src) && strings.IndexByte(chars, p.src[i]) >= 0 }
	if is(p.at, "-") {
		p.at++
	}
	n := skip()
	integer := true
	if is(p.at, ".") && !is(p.at+1, ".") {
		integer = false
		p.at++
		n += skip()
	}
	if n == 0 {
		p.fail(from, "expected a number")
	}
	if is(p.at, "eE") {
		end := p.at + 1
		if is(end, "+-") {
			end++
		}
		if is(end, "0123456789") {
			integer = false
			p.at = end
			skip()
		}
	}
	return constant(value.ParseNumber(p.src[from:p.at], integer))
}

// quoted reads a string; a doubled quote stands for one.
func (p *parser) quoted(quote byte) string {
	from := p.at
	p.at++
	var out []byte
	for start := p.at; ; {
		n := strings.IndexByte(p.src[p.at:], quote)
		if n < 0 {
			p.fail(from, "a string is not closed")
		}
		p.at += n + 1
		if p.at >= len(p.src) || p.src[p.at] != quote {
			if out == nil {
				return p.src[start : p.at-1]
			}
			return string(append(out, p.src[start:p.at-1]...))
		}
		out = append(out, p.src[start:p.at]...)
		p.at++
		start = p.at
	}
}

// interpolated parses a string with references and directives in it.
func (p *parser) interpolated() expression {
	pos := p.position(p.at)
	text := p.quoted('"')
	if !strings.ContainsAny(text, "$#") {
		return constant(value.OfString(text))
	}
	inner := parser{src: text, names: p.names, depth: p.depth, line: pos.line, column: pos.column, tracing: p.tracing}
	b, err := inner.template()
	if err != nil {
		panic(parseError{err.(*Error)})
	}
	return expression{eval: func(s *state) value.Value { return value.OfString(s.capture(b)) }}
}

// list parses a list or a range.
func (p *parser) list() expression {
	p.at++
	if p.peek() == ']' {
		p.at++
		return expression{eval: func(*state) value.Value { return value.OfList() }}
	}
	items := []expr{p.operand().eval}
	if p.peek(); strings.HasPrefix(p.src[p.at:], "..") {
		p.at += 2
		last := p.operand().eval
		p.expect(']')
		return expression{eval: span(items[0], last)}
	}
	for p.peek() == ',' {
		p.at++
		items = append(items, p.operand().eval)
	}
	p.expect(']')
	return expression{eval: func(s *state) value.Value {
		s.spend(len(items))
		s.allocate(len(items) * valueSize)
		out := make([]value.Value, len(items))
		for i, item := range items {
			out[i] = item(s)
		}
		return value.OfList(out...)
	}}
}

// span is the list of the integers from a to b, downwards if b is less.
func span(a, b expr) expr {
	return func(s *state) value.Value {
		from, to := a(s), b(s)
		if !from.IsInteger() || !to.IsInteger() {
			return value.Value{}
		}
		i, last := from.Int64(), to.Int64()
		step, n := int64(1), uint64(last)-uint64(i)
		if last < i {
			step, n = -1, uint64(i)-uint64(last)
		}
		if n >= maxSteps {
			s.tooMuch()
			return value.Value{}
		}
		if !s.spend(int(n)+1) || !s.allocate((int(n)+1)*valueSize) {
			return value.Value{}
		}
		out := make([]value.Value, 0, n+1)
		for range n + 1 {
			out = append(out, value.OfInt(i))
			i += step
		}
		return value.OfList(out...)
	}
}

// mapping parses a map.
func (p *parser) mapping() expression {
	p.at++
	var keys, values []expr
	for p.peek() != '}' || keys != nil {
		keys = append(keys, p.operand().eval)
		p.expect(':')
		values = append(values, p.operand().eval)
		if p.peek() != ',' {
			break
		}
		p.at++
	}
	p.expect('}')
	return expression{eval: func(s *state) value.Value {
		s.spend(len(keys))
		s.allocate(len(keys) * memberSize)
		m := value.NewMap(make([]value.Member, 0, len(keys))...)
		for i := range keys {
			m.Set(s.text(keys[i](s)), values[i](s))
		}
		return value.OfMap(m)
	}}
}

func calculate(op value.Arithmetic) func(a, b expr) expr {
	return func(a, b expr) expr {
		return func(s *state) value.Value {
			return s.number(value.Calculate(a(s), op, b(s)))
		}
	}
}

// add adds numbers and joins strings.
func add(a, b expr) expr {
	return func(s *state) value.Value {
		x, y := a(s), b(s)
		if x.Kind() == value.String || y.Kind() == value.String {
			return s.joined(s.text(x), s.text(y))
		}
		return s.number(value.Calculate(x, '+', y))
	}
}

// number accounts for the result of a calculation: integers have any size.
func (s *state) number(v value.Value, _ bool) value.Value {
	if v.Kind() == value.Big {
		words := v.BigInt().BitLen() / 64
		s.spend(words)
		s.allocate(8 * words)
	}
	return v
}

func order(holds func(int) bool) func(a, b expr) expr {
	return func(a, b expr) expr {
		return func(s *state) value.Value {
			x, y := a(s), b(s)
			return value.OfBool(x.IsNumber() && y.IsNumber() && holds(value.Compare(x, y)))
		}
	}
}

// joined joins two texts.
func (s *state) joined(a, b string) value.Value {
	if len(a)+len(b) > maxOutput || !s.allocate(len(a)+len(b)) {
		s.fail(s.at, "a string is too long")
		return value.Value{}
	}
	s.spend((len(a) + len(b)) / textPerStep)
	return value.OfString(a + b)
}

// equal compares two values; those of different types by what they print.
func (s *state) equal(a, b value.Value) bool {
	switch {
	case a.IsNull() || b.IsNull():
		return a.IsNull() && b.IsNull()
	case a.Kind() == b.Kind(), a.IsNumber() && b.IsNumber(), a.IsList() && b.IsList():
		return s.same(a, b)
	}
	return s.text(a) == s.text(b)
}
