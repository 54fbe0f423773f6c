package cli

import (
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"
)

// columns is the width that everything for people fits in.
const columns = 80

// screen writes for people: wrapped and coloured on a terminal, and plain into
// anything else, so that one thing stays on one line for other programs.
type screen struct {
	w        io.Writer
	terminal bool
	colour   bool
}

func newScreen(w io.Writer, lookup func(string) (string, bool)) *screen {
	s := &screen{w: w, terminal: isTerminal(w)}
	noColour, _ := lookup("NO_COLOR") // see no-color.org: set and not empty
	kind, _ := lookup("TERM")
	s.colour = s.terminal && noColour == "" && kind != "dumb"
	return s
}

// isTerminal reports whether a writer is a character device, such as a
// terminal. The null device is one too; nobody reads what goes there.
func isTerminal(w io.Writer) bool {
	file, ok := w.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

// style is how a text looks: the number of a colour.
type style int

const (
	plain  style = 0
	bold   style = 1
	red    style = 31
	green  style = 32
	yellow style = 33
)

// text is a piece of a line.
type text struct {
	style style
	text  string
}

// print writes one line of pieces. On a terminal it is wrapped at spaces, and
// what follows the first line is indented by four more columns than it.
func (s *screen) print(indent int, pieces ...text) {
	var out strings.Builder
	margin := strings.Repeat(" ", indent)
	out.WriteString(margin)
	used, begun := indent, false
	for _, piece := range pieces {
		for i, word := range strings.Split(printable(piece.text), " ") {
			width := utf8.RuneCountInString(word)
			switch {
			case i == 0: // goes on where the piece before ended
			case s.terminal && begun && used+1+width > columns:
				out.WriteString("\n" + margin + "    ")
				used = indent + 4
			default:
				out.WriteByte(' ')
				used++
			}
			out.WriteString(s.paint(piece.style, word))
			used += width
			begun = true
		}
	}
	fmt.Fprintln(s.w, strings.TrimRight(out.String(), " "))
}

func (s *screen) paint(how style, word string) string {
	if !s.colour || how == plain || word == "" {
		return word
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", how, word)
}

// printable keeps what stands in a document from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
