package vtl

import (
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/value"
)

// EventKind says what a traced template did.
type EventKind string

// The kinds of events.
const (
	ReferenceRead EventKind = "reference" // Value is what it has, "" for none
	VariableSet   EventKind = "set"
	BranchTaken   EventKind = "branch" // Branch is its number
	LoopRound     EventKind = "round"  // Value is the element
	Ended         EventKind = "end"    // by #stop or #break
)

// Event is one thing that a traced template did, in the order of evaluation.
type Event struct {
	Line, Column int // from 1; columns count bytes
	Kind         EventKind
	Text         string // of the source: a reference, a condition, a loop's list
	Value        string // as it would be printed, cut after some bytes
	Branch       int    // of Template.Branches; only if Kind is BranchTaken
}

// BranchKind says when a branch is taken.
type BranchKind string

// The kinds of branches. An #if without #else and a #foreach have one more:
// that nothing of them is run.
const (
	If           BranchKind = "#if"
	ElseIf       BranchKind = "#elseif"
	Else         BranchKind = "#else"
	NoElse       BranchKind = "no #else"
	Foreach      BranchKind = "#foreach"
	EmptyForeach BranchKind = "empty #foreach"
)

// Branch is a way that a template can take.
type Branch struct {
	Line, Column int
	Kind         BranchKind
}

// CompileTraced compiles a template that tells Vars.Trace what it does and
// knows its branches. Templates of Compile do neither, and pay nothing for it.
func CompileTraced(source string) (*Template, error) { return compile(source, &tracing{}) }

// Branches returns the branches in the order of the source; nil for a template
// that Compile made.
func (t *Template) Branches() []Branch { return t.branches }

// tracing is what a parser collects for a traced template.
type tracing struct{ branches []Branch }

// wrap adds to a block what tells that it was entered.
type wrap func(block) block

func unchanged(b block) block { return b }

// branch registers a branch that begins at a place of the source.
func (p *parser) branch(at int, kind BranchKind, text string) wrap {
	if p.tracing == nil {
		return unchanged
	}
	e := p.register(at, kind, text)
	return func(b block) block {
		return append(block{func(s *state) flow {
			s.emit(e)
			return next
		}}, b...)
	}
}

// register returns the event of a new branch.
func (p *parser) register(at int, kind BranchKind, text string) Event {
	pos := p.position(at)
	p.tracing.branches = append(p.tracing.branches, Branch{pos.line, pos.column, kind})
	return Event{
		Line: pos.line, Column: pos.column, Kind: BranchTaken, Text: strings.TrimSpace(text),
		Branch: len(p.tracing.branches) - 1,
	}
}

// maxShown is how much of a value an event shows, in bytes.
const maxShown = 200

func (s *state) emit(e Event) {
	if s.trace != nil && s.err == nil {
		s.trace(e)
	}
}

// shown returns the beginning of a value's printed form.
func shown(v value.Value) string {
	text := v.Str()
	if v.Kind() != value.String {
		out, _ := v.AppendText(nil, maxShown) // too long: what there is
		text = string(out)
	}
	if len(text) <= maxShown {
		return text
	}
	cut := maxShown
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}

// tracedRead makes a reference tell what it read.
func (p *parser) tracedRead(from int, at position, e expr) expr {
	if p.tracing == nil {
		return e
	}
	text := p.src[from:p.at]
	return func(s *state) value.Value {
		v := e(s)
		s.emit(Event{Line: at.line, Column: at.column, Kind: ReferenceRead, Text: text, Value: shown(v)})
		return v
	}
}

// tracedSet makes a #set tell what its variable then holds.
func (p *parser) tracedSet(r *reference, text string, st statement) statement {
	if p.tracing == nil {
		return st
	}
	return func(s *state) flow {
		f := st(s)
		if s.err == nil {
			s.emit(Event{Line: r.at.line, Column: r.at.column, Kind: VariableSet, Text: text, Value: shown(r.chain(s, len(r.steps)))})
		}
		return f
	}
}

// tracedEnd makes a statement that ends something tell so.
func (p *parser) tracedEnd(from int, word string, st statement) statement {
	if p.tracing == nil {
		return st
	}
	at := p.position(from)
	return func(s *state) flow {
		s.emit(Event{Line: at.line, Column: at.column, Kind: Ended, Text: "#" + word})
		return st(s)
	}
}

// tracedLoop makes a loop tell its elements, and whether it has any.
func (p *parser) tracedLoop(from, slot int, text string, over expr) (expr, wrap) {
	if p.tracing == nil {
		return over, unchanged
	}
	entered, empty := p.register(from, Foreach, text), p.register(from, EmptyForeach, text)
	round := Event{Line: entered.Line, Column: entered.Column, Kind: LoopRound, Text: entered.Text}
	told := func(s *state) value.Value {
		list := over(s)
		if m := mapOf(list); len(list.Items()) == 0 && (m == nil || m.Len() == 0) {
			s.emit(empty)
		} else {
			s.emit(entered)
		}
		return list
	}
	return told, func(body block) block {
		return append(block{func(s *state) flow {
			e := round
			e.Value = shown(s.vars[slot])
			s.emit(e)
			return next
		}}, body...)
	}
}
