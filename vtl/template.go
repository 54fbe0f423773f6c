package vtl

import (
	"fmt"
	"sync"

	"github.com/postern-gateway/postern/value"
)

// The bounds. The size of a source and the rounds of a loop are the guide's;
// the others are ours.
const (
	maxSource    = 300 << 10 // bytes
	maxRounds    = 1000      // of one loop; further elements are left out
	maxOutput    = 10 << 20  // bytes, also of one string
	maxSteps     = 1 << 20   // statements, items of new lists, blocks of new text
	maxNesting   = 100       // of directives, brackets and strings in a source
	maxDefine    = 2         // of a #define in its own text; what is deeper is empty
	textPerStep  = 64        // bytes of a new string that cost one step
	regexSteps   = 200       // a regular expression costs
	hostSteps    = 20        // a method of a caller's object costs
	partsPerStep = 8         // parts of values that one step compares
)

// Error is a mistake in a template, found when it was compiled or rendered.
type Error struct {
	Line, Column int // from 1; columns count bytes
	Reason       string
}

func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// Template is a compiled template.
type Template struct {
	body   block
	slots  int
	pool   sync.Pool // of *state
	regex  patterns
	source string
}

// Vars are the objects that a template finds; $util is built in.
type Vars struct{ Input, Context, StageVariables value.Value }

// The slots of variables that are there from the start, and of those of loops.
const (
	slotInput = iota
	slotUtil
	slotContext
	slotStageVariables
	slotForeach
	slotCount
	slotHasNext
	fixedSlots
)

var fixedNames = map[string]int{
	"input": slotInput, "util": slotUtil, "context": slotContext, "stageVariables": slotStageVariables,
	"foreach": slotForeach, "velocityCount": slotCount, "velocityHasNext": slotHasNext,
}

// Compile compiles a template. An error is an [*Error].
func Compile(source string) (*Template, error) {
	if len(source) > maxSource {
		return nil, &Error{1, 1, fmt.Sprintf("the template has %d bytes, more than %d", len(source), maxSource)}
	}
	t := &Template{source: source}
	names := make(map[string]int, len(fixedNames)+8)
	for name, slot := range fixedNames {
		names[name] = slot
	}
	p := parser{src: source, names: names, top: true}
	body, err := p.template()
	if err != nil {
		return nil, err
	}
	t.body, t.slots = body, len(names)
	return t, nil
}

// String returns the source.
func (t *Template) String() string { return t.source }

// Render appends what the template renders to. An error is an [*Error]; what
// was rendered before it is lost.
func (t *Template) Render(dst []byte, vars Vars) ([]byte, error) {
	s, _ := t.pool.Get().(*state)
	if s == nil {
		s = &state{vars: make([]value.Value, t.slots), regex: &t.regex}
		s.util.s = s
	}
	s.out, s.base, s.steps = dst, len(dst), maxSteps
	s.vars[slotInput], s.vars[slotUtil] = vars.Input, value.OfHost(&s.util)
	s.vars[slotContext], s.vars[slotStageVariables] = vars.Context, vars.StageVariables
	t.body.run(s)
	out, err := s.out, s.err
	s.reset()
	t.pool.Put(s)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// flow says how a template goes on after a statement.
type flow uint8

const (
	next  flow = iota
	leave      // the innermost loop
	stop       // the whole template; state.err says whether it failed
)

// statement is a compiled piece of a template, expr a compiled expression.
// After a failure expressions still return something; statements look at
// state.err.
type (
	statement func(s *state) flow
	expr      func(s *state) value.Value
)

type block []statement

func (b block) run(s *state) flow {
	for _, st := range b {
		if s.steps--; s.steps < 0 {
			s.tooMuch()
		}
		if f := st(s); f != next {
			return f
		}
		if s.err != nil {
			return stop
		}
		if s.stopping {
			return leave
		}
	}
	return next
}

// state is one rendering.
type state struct {
	out   []byte
	base  int // out begins here
	vars  []value.Value
	args  []value.Value // of the calls under way
	steps int           // left
	err   error
	at    position // of the reference that is evaluated, for errors
	loop  *loop    // the innermost one
	// stopping says that $foreach.stop() was called in some loop.
	stopping bool
	depth    int
	regex    *patterns
	util     util
}

func (s *state) reset() {
	clear(s.vars)
	clear(s.args[:cap(s.args)])
	*s = state{vars: s.vars, args: s.args[:0], regex: s.regex, util: s.util}
}

// position is a place in a source.
type position struct{ line, column int }

func (s *state) fail(at position, reason string) {
	if s.err == nil {
		s.err = &Error{at.line, at.column, reason}
	}
}

func (s *state) tooMuch() { s.fail(s.at, "the template takes too many steps") }

// spend takes steps for work that depends on data; false: none are left.
func (s *state) spend(steps int) bool {
	if s.steps -= steps; s.steps < 0 {
		s.tooMuch()
	}
	return s.err == nil
}

// str makes a String and accounts for it.
func (s *state) str(text string) value.Value {
	if len(text) > maxOutput {
		s.fail(s.at, "a string is too long")
		return value.Value{}
	}
	s.spend(len(text) / textPerStep)
	return value.OfString(text)
}

// same compares two values and accounts for it.
func (s *state) same(a, b value.Value) bool {
	budget := max(min(s.steps, maxSteps/partsPerStep), 0) * partsPerStep
	left := budget
	equal := value.EqualWithin(a, b, &left)
	s.spend((budget - left) / partsPerStep)
	return equal
}

// text returns the printed form of a value.
func (s *state) text(v value.Value) string {
	if v.Kind() == value.String {
		return v.Str()
	}
	text, ok := v.Text(maxOutput)
	if !ok {
		s.fail(s.at, "a value is too large to be printed")
	}
	s.spend(len(text) / textPerStep)
	return text
}

// print writes the printed form of a value to the output.
func (s *state) print(v value.Value) {
	if v.Kind() == value.String {
		s.write(v.Str())
		return
	}
	var err error
	before := len(s.out)
	if s.out, err = v.AppendText(s.out, maxOutput-(len(s.out)-s.base)); err != nil {
		s.fail(s.at, err.Error())
	}
	s.spend((len(s.out) - before) / textPerStep)
}

func (s *state) write(text string) {
	if len(s.out)-s.base+len(text) > maxOutput {
		s.fail(s.at, "the output is too long")
		return
	}
	s.out = append(s.out, text...)
}

// capture runs a block and returns what it wrote.
func (s *state) capture(b block) string {
	from := len(s.out)
	if s.depth++; s.depth > maxNesting {
		s.fail(s.at, "nested too deeply")
	} else {
		b.run(s)
	}
	s.depth--
	text := string(s.out[from:])
	s.out = s.out[:from]
	s.spend(len(text) / textPerStep)
	return text
}
