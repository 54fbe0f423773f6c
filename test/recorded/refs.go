package recorded

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
)

// scope is what references and matchers of one case look up.
type scope struct {
	values  map[string]string // uid.1, account, backend.1, backends
	answers map[int]any       // by step
	same    bindings
}

// bindings are the values of $same matchers.
type bindings map[string]any

func (b bindings) clone() bindings { return maps.Clone(b) }

var reference = regexp.MustCompile(`\$\{([^${}]*)\}`)

// stepPath splits a reference into step, path and filter.
var stepPath = regexp.MustCompile(`^(\d+)((?:\.|\[)[^|]*)(\|upper)?$`)

// expand replaces the references in text. What is not a reference is left.
func (s *scope) expand(text string) (string, error) {
	var failed error
	out := reference.ReplaceAllStringFunc(text, func(match string) string {
		name := match[2 : len(match)-1]
		if value, ok := s.values[name]; ok {
			return value
		}
		parts := stepPath.FindStringSubmatch(name)
		if parts == nil {
			return match
		}
		step, _ := strconv.Atoi(parts[1]) // digits
		answer, ok := s.answers[step]
		if !ok {
			failed = fmt.Errorf("%s: step %d has no answer yet", match, step)
			return match
		}
		value, err := lookup(answer, parts[2])
		if err != nil {
			failed = fmt.Errorf("%s: %w", match, err)
			return match
		}
		if parts[3] == "|upper" {
			return strings.ToUpper(plain(value))
		}
		return plain(value)
	})
	return out, failed
}

// expandAll replaces the references in all strings of a value, member names
// included.
func (s *scope) expandAll(value any) (any, error) {
	switch value := value.(type) {
	case string:
		return s.expand(value)
	case []any:
		out := make([]any, len(value))
		for i := range value {
			var err error
			if out[i], err = s.expandAll(value[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(value))
		for key := range value {
			name, err := s.expand(key)
			if err != nil {
				return nil, err
			}
			if out[name], err = s.expandAll(value[key]); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return value, nil
}

// plain is a value as text within text.
func plain(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

var pathElement = regexp.MustCompile(`^(?:\.?([^.\[\]]+)|\[(\d+)\]|\[([^=\]]+)=([^\]]*)\])`)

// lookup follows a path: .member, [0], [member=value].
func lookup(value any, path string) (any, error) {
	for rest := path; rest != ""; {
		m := pathElement.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("path %q is not understood at %q", path, rest)
		}
		rest = rest[len(m[0]):]
		var ok bool
		switch {
		case m[1] != "":
			value, ok = member(value, m[1])
		case m[2] != "":
			list, _ := value.([]any)
			i, err := strconv.Atoi(m[2])
			if ok = err == nil && i < len(list); ok {
				value = list[i]
			}
		default:
			value, ok = entryWith(value, m[3], m[4])
		}
		if !ok {
			return nil, fmt.Errorf("the answer has no %s", strings.TrimSuffix(path, rest))
		}
	}
	return value, nil
}

// member looks into an object, or into a string that holds one.
func member(value any, name string) (any, bool) {
	if text, isText := value.(string); isText {
		if parsed, ok := parseJSON([]byte(text)); ok {
			value = parsed
		}
	}
	object, _ := value.(map[string]any)
	found, ok := object[name]
	return found, ok
}

// entryWith returns the entry of a list whose member has a value.
func entryWith(value any, name, want string) (any, bool) {
	list, _ := value.([]any)
	for _, entry := range list {
		if got, ok := member(entry, name); ok && plain(got) == want {
			return entry, true
		}
	}
	return nil, false
}

// without returns a copy of value that lacks what path leads to.
func without(value any, path string) any {
	m := pathElement.FindStringSubmatch(path)
	if m == nil {
		return value
	}
	rest := path[len(m[0]):]
	switch value := value.(type) {
	case map[string]any:
		inner, ok := value[m[1]]
		if m[1] == "" || !ok {
			return value
		}
		out := maps.Clone(value)
		if rest == "" {
			delete(out, m[1])
		} else {
			out[m[1]] = without(inner, rest)
		}
		return out
	case []any:
		var out []any
		for i, entry := range value {
			here := m[2] == strconv.Itoa(i)
			if m[3] != "" {
				got, ok := member(entry, m[3])
				here = ok && plain(got) == m[4]
			}
			switch {
			case here && rest == "":
			case here:
				out = append(out, without(entry, rest))
			default:
				out = append(out, entry)
			}
		}
		return out
	}
	return value
}
