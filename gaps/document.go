package gaps

import (
	"fmt"
	"strings"
)

// The lines of a document between which the table stands.
const (
	Begin = "<!-- gaps:begin -->"
	End   = "<!-- gaps:end -->"
)

// Insert returns a document with the present table between its markers. It
// fails if there is not one of each, in order.
func Insert(document string) (string, error) {
	if strings.Count(document, Begin) != 1 || strings.Count(document, End) != 1 {
		return "", fmt.Errorf("want one %s and one %s", Begin, End)
	}
	head, rest, _ := strings.Cut(document, Begin)
	_, tail, ok := strings.Cut(rest, End)
	if !ok {
		return "", fmt.Errorf("%s stands before %s", End, Begin)
	}
	return head + Begin + "\n" + Markdown() + End + tail, nil
}
