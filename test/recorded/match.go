package recorded

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// Difference is one place where an answer is not as expected.
type Difference struct {
	Step int
	Path string
	Got  string
	Want string
}

// String is the one line that reports it.
func (d Difference) String() string {
	return fmt.Sprintf("step %d, %s: got %s, want %s", d.Step, d.Path, d.Got, d.Want)
}

// absent stands for a member that is not there.
type absent struct{}

func show(value any) string {
	const limit = 300
	if _, ok := value.(absent); ok {
		return "nothing"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%v", value)
	}
	if len(text) > limit {
		return string(text[:limit]) + "..."
	}
	return string(text)
}

// matcherOf tells whether an expectation is a matcher: an object of one member
// with one of these names. Other names that begin with a dollar sign are data.
func matcherOf(want any) (name string, arg any, ok bool) {
	object, _ := want.(map[string]any)
	if len(object) != 1 {
		return "", nil, false
	}
	for name, arg = range object {
		switch name {
		case "$any", "$same", "$text", "$regex", "$unordered", "$lines", "$base64":
			ok = true
		}
	}
	return name, arg, ok
}

// matching compares one answer. The bindings change as $same matchers meet
// their values.
type matching struct {
	step int
	same bindings
}

func (m *matching) differs(path string, got, want any) []Difference {
	return []Difference{{Step: m.step, Path: path, Got: show(got), Want: show(want)}}
}

// compare returns the differences between an answer and what is expected, in
// which references are already replaced.
func (m *matching) compare(path string, want, got any) []Difference {
	if name, arg, ok := matcherOf(want); ok {
		if _, missing := got.(absent); missing || got == nil {
			return m.differs(path, absent{}, want)
		}
		return m.special(name, path, arg, got)
	}
	switch want := want.(type) {
	case map[string]any:
		object, ok := parsedIfText(got).(map[string]any)
		if !ok {
			return m.differs(path, got, want)
		}
		return m.compareObjects(path, want, object)
	case []any:
		list, ok := parsedIfText(got).([]any)
		if !ok {
			return m.differs(path, got, want)
		}
		return m.compareLists(path, want, list)
	case json.Number:
		if !sameNumber(want, got) {
			return m.differs(path, got, want)
		}
		return nil
	}
	if got != want {
		return m.differs(path, got, want)
	}
	return nil
}

// parsedIfText parses a string: documents are often carried in strings.
func parsedIfText(got any) any {
	if text, ok := got.(string); ok {
		if parsed, ok := parseJSON([]byte(text)); ok {
			return parsed
		}
	}
	return got
}

func sameNumber(want json.Number, got any) bool {
	number, ok := got.(json.Number)
	if !ok {
		return false
	}
	// An exponent like 1e999999999 would keep big.Rat busy for ever.
	if len(number) > 64 || strings.ContainsAny(string(number), "eE") {
		return number == want
	}
	a, okA := new(big.Rat).SetString(want.String())
	b, okB := new(big.Rat).SetString(number.String())
	return okA && okB && a.Cmp(b) == 0
}

// compareObjects wants exactly the expected members; null counts as absent.
func (m *matching) compareObjects(path string, want, got map[string]any) []Difference {
	var out []Difference
	for _, name := range slices.Sorted(maps.Keys(want)) {
		inner := path + "." + name
		value, ok := got[name]
		switch {
		case want[name] == nil && value == nil:
		case !ok || value == nil:
			out = append(out, m.differs(inner, absent{}, want[name])...)
		default:
			out = append(out, m.compare(inner, want[name], value)...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok && got[name] != nil {
			out = append(out, m.differs(path+"."+name, got[name], absent{})...)
		}
	}
	return out
}

func (m *matching) compareLists(path string, want, got []any) []Difference {
	var out []Difference
	for i := range max(len(want), len(got)) {
		inner := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case i >= len(got):
			out = append(out, m.differs(inner, absent{}, want[i])...)
		case i >= len(want):
			out = append(out, m.differs(inner, got[i], absent{})...)
		default:
			out = append(out, m.compare(inner, want[i], got[i])...)
		}
	}
	return out
}

// special applies a matcher to a value that is present.
func (m *matching) special(name, path string, arg, got any) []Difference {
	switch name {
	case "$same":
		return m.matchSame(path, arg, got)
	case "$text":
		return m.matchText(path, arg, got)
	case "$regex":
		return m.matchRegex(path, arg, got)
	case "$unordered":
		return m.matchUnordered(path, arg, got)
	case "$lines":
		return m.matchLines(path, arg, got)
	case "$base64":
		return m.matchBase64(path, arg, got)
	}
	return nil // $any
}

func (m *matching) matchSame(path string, arg, got any) []Difference {
	bound, ok := m.same[plain(arg)]
	if !ok {
		m.same[plain(arg)] = got
		return nil
	}
	return m.compare(path, bound, got)
}

func (m *matching) matchRegex(path string, arg, got any) []Difference {
	expression, err := wholeRegexp(arg)
	text, ok := got.(string)
	if err != nil || !ok || !expression.MatchString(text) {
		return m.differs(path, got, map[string]any{"$regex": arg})
	}
	return nil
}

func wholeRegexp(arg any) (*regexp.Regexp, error) {
	return regexp.Compile(`^(?s:` + plain(arg) + `)$`)
}

func (m *matching) matchBase64(path string, arg, got any) []Difference {
	content, err := base64.StdEncoding.DecodeString(plain(arg))
	text, ok := got.(string)
	if err != nil || !ok || text != string(content) {
		return m.differs(path, got, map[string]any{"$base64": arg})
	}
	return nil
}

func (m *matching) matchLines(path string, arg, got any) []Difference {
	want, isList := arg.([]any)
	text, isText := got.(string)
	if !isList || !isText {
		return m.differs(path, got, map[string]any{"$lines": arg})
	}
	var lines []any
	for _, line := range strings.Split(text, "\n") {
		lines = append(lines, line)
	}
	return m.compareLists(path, want, lines)
}

// tries bounds the search of matchUnordered.
const tries = 100_000

// matchUnordered looks for an order in which all entries match. A choice that
// binds a $same may spoil a later entry: then it is taken back.
func (m *matching) matchUnordered(path string, arg, got any) []Difference {
	want, okWant := arg.([]any)
	list, okGot := parsedIfText(got).([]any)
	if !okWant || !okGot || len(want) != len(list) {
		return m.differs(path, got, map[string]any{"$unordered": arg})
	}
	left := tries
	taken := make([]bool, len(list))
	deepest := 0 // entries that found partners in the best attempt
	var place func(i int, same bindings) bindings
	place = func(i int, same bindings) bindings {
		deepest = max(deepest, i)
		if i == len(want) {
			return same
		}
		for j := range list {
			if left--; taken[j] || left < 0 {
				continue
			}
			try := matching{step: m.step, same: same.clone()}
			if len(try.compare(path, want[i], list[j])) > 0 {
				continue
			}
			taken[j] = true
			if found := place(i+1, try.same); found != nil {
				return found
			}
			taken[j] = false
		}
		return nil
	}
	found := place(0, m.same.clone())
	if found == nil {
		inner := fmt.Sprintf("%s[%d, in any order]", path, deepest)
		return m.differs(inner, got, want[deepest])
	}
	m.same = found
	return nil
}
