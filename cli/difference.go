package cli

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/postern-gateway/postern/changes"
)

var marks = map[changes.Kind]text{
	changes.Added:   {green, "+ "},
	changes.Removed: {red, "- "},
	changes.Changed: {yellow, "~ "},
}

// printChanges writes one line for each part that differs, with the members
// below it.
func printChanges(s *screen, list []changes.Change) {
	for _, c := range list {
		s.print(0, marks[c.Kind], text{bold, c.Subject()})
		for _, d := range c.Details {
			s.print(4, text{plain, strings.TrimPrefix(d.Member, "/")})
			removed, added := linesOf(d.Before), linesOf(d.After)
			removed, added = trimCommon(removed, added)
			for _, line := range removed {
				s.print(6, text{red, "- "}, text{plain, line})
			}
			for _, line := range added {
				s.print(6, text{green, "+ "}, text{plain, line})
			}
		}
	}
}

// linesOf splits a value into lines; a JSON object or list gets its own form,
// so that a long schema shows the lines that differ.
func linesOf(value *string) []string {
	if value == nil {
		return nil
	}
	shown := *value
	if trimmed := strings.TrimSpace(shown); len(shown) > columns/2 && (strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")) {
		var indented bytes.Buffer
		if json.Indent(&indented, []byte(trimmed), "", "  ") == nil {
			shown = indented.String()
		}
	}
	return strings.Split(shown, "\n")
}

// trimCommon drops the lines that two values begin and end with alike.
func trimCommon(a, b []string) ([]string, []string) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

// summary tells how many parts differ: "1 part added, 2 parts changed".
func summary(list []changes.Change) string {
	if len(list) == 0 {
		return "nothing changed"
	}
	numbers := map[changes.Kind]int{}
	for _, c := range list {
		numbers[c.Kind]++
	}
	var out []string
	for _, kind := range []changes.Kind{changes.Added, changes.Changed, changes.Removed} {
		if n := numbers[kind]; n > 0 {
			out = append(out, count(n, "part")+" "+string(kind))
		}
	}
	return strings.Join(out, ", ")
}
