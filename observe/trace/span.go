package trace

import "time"

// Span is a piece of work in a trace.
type Span struct {
	Trace  string // 32 hexadecimal digits
	ID     string // 16
	Parent string // id of the span that this is a part of; empty: none that is known
	Client bool   // a call of a backend; else a request that was served
	Name   string
	Begin  time.Time
	End    time.Time
	Failed bool
	// Attributes have the names of the semantic conventions of OpenTelemetry.
	Attributes []Attribute
}

// Attribute is a fact about a span: a text, or a number if Text is empty.
type Attribute struct {
	Name   string
	Text   string
	Number int64
}
