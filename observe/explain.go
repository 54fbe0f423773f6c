package observe

import "time"

// Explanation is why a request was answered as it was, in the order in which
// it was decided. It belongs to the request's goroutine until the request has
// ended. A nil Explanation takes notes and keeps none.
type Explanation struct {
	RequestID string    `json:"requestId"`
	Received  time.Time `json:"received"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Status    int       `json:"status"`
	Account   string    `json:"-"` // that of the API; empty: no stage took the request
	Notes     []Note    `json:"notes"`
}

// Note is one thing that was decided, or done.
type Note struct {
	// Step is the step of the pipeline ("route", "throttle", "call").
	Step string `json:"step"`
	Text string `json:"text"`
	// After is the time since the request was received.
	After time.Duration `json:"afterNanoseconds"`
}

// Wanted reports whether notes are kept: what costs something to say need not
// be said otherwise.
func (e *Explanation) Wanted() bool { return e != nil }

// Add keeps a note.
func (e *Explanation) Add(now time.Time, step, text string) {
	if e != nil {
		e.Notes = append(e.Notes, Note{step, text, now.Sub(e.Received)})
	}
}
