package lambda

import (
	"bytes"
	"log/slog"
	"time"
)

// maxLine is where a line of a function's output is cut, in bytes.
const maxLine = 16 << 10

// Printed is a line that a function printed.
type Printed struct {
	Function string
	// ARN is the one under which the function was called, for the call that it
	// works on or worked on last.
	ARN    string
	Stream string // the log stream of the process, as it is told to the function
	Time   time.Time
	Line   string
}

// LogTo writes the line to a log.
func (p Printed) LogTo(log *slog.Logger) {
	log.Info("function output", "function", p.Function, "line", p.Line)
}

// output takes what a process prints on one of its streams, line by line. It is
// written by one goroutine, and flushed when that has ended.
type output struct {
	process *process
	rest    []byte // of a line that has not ended
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			o.rest = append(o.rest, p...)
			for len(o.rest) >= maxLine {
				o.line(o.rest[:maxLine])
				o.rest = append(o.rest[:0], o.rest[maxLine:]...)
			}
			break
		}
		o.line(append(o.rest, p[:end]...))
		o.rest, p = o.rest[:0], p[end+1:]
	}
	return n, nil
}

// flush logs a last line that has no end.
func (o *output) flush() {
	if len(o.rest) > 0 {
		o.line(o.rest)
		o.rest = nil
	}
}

func (o *output) line(text []byte) {
	if text = bytes.TrimRight(text, "\r"); len(text) > 0 {
		o.process.print(string(text))
	}
}
