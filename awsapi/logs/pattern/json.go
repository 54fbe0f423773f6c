package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parseJSON reads a pattern for JSON messages, after its first brace. A message
// that is no JSON object or array does not match.
func parseJSON(s *scanner) (func(string) bool, error) {
	matches, err := conditions(s, jsonComparison)
	if err != nil {
		return nil, err
	}
	if !s.take("}") {
		return nil, fmt.Errorf("want } before %q in the filter pattern", s.rest)
	}
	return func(message string) bool {
		message = strings.TrimSpace(message)
		if !strings.HasPrefix(message, "{") && !strings.HasPrefix(message, "[") {
			return false
		}
		var v any
		return json.Unmarshal([]byte(message), &v) == nil && matches(v)
	}, nil
}

// jsonComparison reads a selector with what is said of it.
func jsonComparison(s *scanner) (condition[any], error) {
	path, err := selector(s)
	if err != nil {
		return nil, err
	}
	if s.word("IS") {
		for word, want := range map[string]any{"NULL": nil, "TRUE": true, "FALSE": false} {
			if s.word(word) {
				return path.some(func(v any) bool { return v == want }), nil
			}
		}
		return nil, errors.New("want TRUE, FALSE or NULL after IS in the filter pattern")
	}
	if s.word("NOT") {
		if !s.word("EXISTS") {
			return nil, errors.New("want EXISTS after NOT in the filter pattern")
		}
		exists := path.some(func(any) bool { return true })
		return func(v any) bool { return !exists(v) }, nil
	}
	if s.word("EXISTS") {
		return path.some(func(any) bool { return true }), nil
	}
	operator, o, err := s.comparison()
	if err != nil {
		return nil, err
	}
	return path.some(func(v any) bool { return o.compareJSON(operator, v) }), nil
}

// compareJSON compares a value of a message. Assumed: one that is missing, null
// or has parts is neither equal nor unequal to anything.
func (o operand) compareJSON(operator string, v any) bool {
	switch v := v.(type) {
	case string:
		if strings.ContainsAny(operator, "<>") {
			return false
		}
		return o.compareText(operator, v)
	case float64:
		return o.compareNumber(operator, v)
	case bool:
		return !o.isNumber && strings.Trim(operator, "=!") == "" && o.compareText(operator, strconv.FormatBool(v))
	}
	return false
}

// path is a selector: names of members, and indexes of elements.
type path []step

type step struct {
	name  string
	index int // if name is empty; negative: any element
}

// selector takes $, .name, ["name"], [0] and [*].
func selector(s *scanner) (path, error) {
	if !s.take("$") {
		return nil, fmt.Errorf("want a selector that begins with $ before %q in the filter pattern", s.rest)
	}
	var p path
	for {
		switch {
		case strings.HasPrefix(s.rest, "."):
			s.rest = s.rest[1:]
			name := s.until(func(r rune) bool { return !isName(r) && r != '@' && r != ':' && r != '/' })
			if name == "" {
				return nil, errors.New("a selector of the filter pattern has a name that is empty")
			}
			p = append(p, step{name: name})
		case strings.HasPrefix(s.rest, "["):
			s.rest = s.rest[1:]
			next, err := element(s)
			if err != nil {
				return nil, err
			}
			p = append(p, next)
		default:
			return p, nil
		}
	}
}

// element takes what stands in brackets, and their end.
func element(s *scanner) (step, error) {
	next := step{index: -1}
	switch {
	case strings.HasPrefix(s.rest, `"`):
		name, err := s.quoted()
		if err != nil || name == "" {
			return next, errors.New("a selector of the filter pattern has a name that cannot be read")
		}
		next.name = name
	case s.take("*"):
	default:
		text := s.until(func(r rune) bool { return r < '0' || r > '9' })
		index, err := strconv.Atoi(text)
		if err != nil {
			return next, errors.New("a selector of the filter pattern has an index that is no number")
		}
		next.index = index
	}
	if !s.take("]") {
		return next, errors.New("a bracket of the filter pattern has no end")
	}
	return next, nil
}

// some says whether one of the values that the path leads to is as wanted.
func (p path) some(wanted func(any) bool) condition[any] {
	return func(v any) bool { return p.find(v, wanted) }
}

func (p path) find(v any, wanted func(any) bool) bool {
	if len(p) == 0 {
		return wanted(v)
	}
	if p[0].name != "" {
		object, _ := v.(map[string]any)
		member, ok := object[p[0].name]
		return ok && p[1:].find(member, wanted)
	}
	list, _ := v.([]any)
	for i, one := range list {
		if (p[0].index < 0 || p[0].index == i) && p[1:].find(one, wanted) {
			return true
		}
	}
	return false
}
