package observe

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Line is one line of a journal, without prefix and line end.
type Line struct {
	Time time.Time
	Text string
}

// Journal collects the execution log of one request. It belongs to one
// goroutine. A nil Journal takes lines and keeps none.
type Journal struct {
	all   bool // not only failures
	data  bool // payloads and headers too
	lines []Line
}

// Reset empties the journal and keeps its memory. With all it keeps the lines
// of the level INFO, else those of ERROR only; with data as well, payloads and
// headers.
func (j *Journal) Reset(all, data bool) {
	clear(j.lines[:cap(j.lines)])
	*j = Journal{all: all, data: data, lines: j.lines[:0]}
}

// Infos reports whether lines of the level INFO are kept.
func (j *Journal) Infos() bool { return j != nil && j.all }

// Traces reports whether payloads and headers are kept.
func (j *Journal) Traces() bool { return j.Infos() && j.data }

// Info keeps a line of the level INFO.
func (j *Journal) Info(now time.Time, parts ...string) {
	if j.Infos() {
		j.add(now, parts)
	}
}

// Trace keeps a line that only a data trace shows.
func (j *Journal) Trace(now time.Time, parts ...string) {
	if j.Traces() {
		j.add(now, parts)
	}
}

// Error keeps a line of a failure, or the final status.
func (j *Journal) Error(now time.Time, parts ...string) {
	if j != nil {
		j.add(now, parts)
	}
}

func (j *Journal) add(now time.Time, parts []string) {
	text := strings.Join(parts, "")
	j.lines = append(j.lines, Line{now, truncate(text)})
}

// Lines returns the lines so far, in order.
func (j *Journal) Lines() []Line {
	if j == nil {
		return nil
	}
	return j.lines
}

// maxLine is the number of characters after which a line is cut. Measured on
// lines of the service.
const maxLine = 1024

func truncate(text string) string {
	if len(text) <= maxLine {
		return text
	}
	characters := 0
	for i := range text {
		if characters == maxLine {
			return text[:i] + " [TRUNCATED]"
		}
		characters++
	}
	return text
}

// Mask hides all but the last six characters, as the service does; a value of
// six or fewer stays.
func Mask(value string) string {
	const open = 6
	hidden := utf8.RuneCountInString(value) - open
	if hidden <= 0 {
		return value
	}
	at := 0
	for i := range value {
		if hidden == 0 {
			at = i
			break
		}
		hidden--
	}
	return strings.Repeat("*", utf8.RuneCountInString(value[:at])) + value[at:]
}
