package vtl

import (
	"fmt"
	"sync"

	"github.com/postern-gateway/postern/value"
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
	// Of a traced template only
	branches []Branch
}

// Vars are the objects that a template finds; $util is built in.
type Vars struct {
	Input, Context, StageVariables value.Value
	// Clock bounds the time; nil: only steps and memory are bounded.
	Clock Clock
	// Trace is told what a template of CompileTraced does.
	Trace func(Event)
}

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
func Compile(source string) (*Template, error) { return compile(source, nil) }

func compile(source string, traced *tracing) (*Template, error) {
	if len(source) > maxSource {
		return nil, &Error{1, 1, fmt.Sprintf("the template has %d bytes, more than %d", len(source), maxSource)}
	}
	t := &Template{source: source}
	names := make(map[string]int, len(fixedNames)+8)
	for name, slot := range fixedNames {
		names[name] = slot
	}
	p := parser{src: source, names: names, top: true, tracing: traced}
	body, err := p.template()
	if err != nil {
		return nil, err
	}
	t.body, t.slots = body, len(names)
	if traced != nil {
		t.branches = traced.branches
	}
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
	s.out, s.base, s.budget = dst, len(dst), newBudget(vars.Clock)
	s.at, s.trace = position{1, 1}, vars.Trace
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
			s.look()
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
	out  []byte
	base int // out begins here
	vars []value.Value
	args []value.Value // of the calls under way
	budget
	trace func(Event)
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
