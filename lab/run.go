package lab

import (
	"errors"

	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/vtl"
)

// Result is what a template made of an event.
type Result struct {
	Output string `json:"output"`
	Error  *Error `json:"error,omitempty"` // Output is then empty
	Trace  []Step `json:"trace,omitempty"`
	// Left says how many steps were not kept.
	Left int `json:"left,omitempty"`

	taken map[int]bool // branches, by number
}

// Error is a mistake in a template, or a bound that it went over.
type Error struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Reason string `json:"reason"`
}

// Step is one thing that a template did.
type Step struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Kind   string `json:"kind"` // reference, set, branch, round, end
	Text   string `json:"text,omitempty"`
	Value  string `json:"value"`
	Branch string `json:"branch,omitempty"` // of a branch: #if, #else, ...
}

// maxTrace bounds the steps that are kept: a loop has many.
const maxTrace = 10_000

// Template is a template that tells what it does.
type Template struct{ code *mapping.Template }

// Parse compiles a template. An error is an *Error.
func Parse(text string) (*Template, error) {
	code, err := mapping.ParseTraced(text)
	if err != nil {
		return nil, asError(err)
	}
	return &Template{code}, nil
}

// Error implements error.
func (e *Error) Error() string {
	return (&vtl.Error{Line: e.Line, Column: e.Column, Reason: e.Reason}).Error()
}

func asError(err error) *Error {
	var typed *vtl.Error
	if errors.As(err, &typed) {
		return &Error{typed.Line, typed.Column, typed.Reason}
	}
	return &Error{1, 1, err.Error()}
}

// Run renders the template over an event. A template that fails is a result.
func (t *Template) Run(e *Event) (*Result, error) {
	source, err := e.source()
	if err != nil {
		return nil, err
	}
	branches := t.code.Branches()
	out := &Result{taken: map[int]bool{}}
	source.Trace = func(event vtl.Event) {
		step := Step{Line: event.Line, Column: event.Column, Kind: string(event.Kind), Text: event.Text, Value: event.Value}
		if event.Kind == vtl.BranchTaken {
			out.taken[event.Branch] = true
			step.Branch = string(branches[event.Branch].Kind)
		}
		if len(out.Trace) == maxTrace {
			out.Left++
			return
		}
		out.Trace = append(out.Trace, step)
	}
	render := t.code.RenderRequest
	if e.Side == responseSide {
		render = t.code.RenderResponse
	}
	text, err := render(source)
	if err != nil {
		out.Error = asError(err)
		return out, nil
	}
	out.Output = string(text)
	return out, nil
}
