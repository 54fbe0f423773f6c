package pattern

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// field is what a pattern says of one field of a message.
type field struct {
	any  bool // three points: any number of fields
	test condition[string]
}

// parseFields reads a pattern for messages of fields, after its first bracket.
func parseFields(s *scanner) (func(string) bool, error) {
	var fields []field
	ellipsis := -1
	for {
		f, err := parseField(s)
		if err != nil {
			return nil, err
		}
		if f.any {
			if ellipsis >= 0 {
				return nil, errors.New("a filter pattern has three points at most once")
			}
			ellipsis = len(fields)
		}
		fields = append(fields, f)
		if s.take("]") {
			break
		}
		if !s.take(",") {
			return nil, fmt.Errorf("want , or ] before %q in the filter pattern", s.rest)
		}
	}
	return func(message string) bool { return matchFields(fields, ellipsis, split(message)) }, nil
}

func matchFields(fields []field, ellipsis int, values []string) bool {
	if ellipsis < 0 {
		return len(values) == len(fields) && matchAll(fields, values)
	}
	before, after := fields[:ellipsis], fields[ellipsis+1:]
	return len(values) >= len(before)+len(after) &&
		matchAll(before, values) && matchAll(after, values[len(values)-len(after):])
}

func matchAll(fields []field, values []string) bool {
	for i, f := range fields {
		if f.test != nil && !f.test(values[i]) {
			return false
		}
	}
	return true
}

// parseField reads a name, conditions on it, three points or nothing.
func parseField(s *scanner) (field, error) {
	if s.take("...") {
		return field{any: true}, nil
	}
	rest := s.blank()
	name := s.until(func(r rune) bool { return !isName(r) })
	if next := s.blank(); strings.HasPrefix(next, ",") || strings.HasPrefix(next, "]") {
		return field{}, nil
	}
	s.rest = rest
	test, err := conditions(s, func(s *scanner) (condition[string], error) { return fieldComparison(s, name) })
	return field{test: test}, err
}

// fieldComparison reads one comparison; all of a field are of its name.
func fieldComparison(s *scanner, name string) (condition[string], error) {
	s.blank()
	if got := s.until(func(r rune) bool { return !isName(r) }); name != "" && got != name {
		return nil, fmt.Errorf("a condition of field %q in the filter pattern is about %q", name, got)
	}
	operator, o, err := s.comparison()
	if err != nil {
		return nil, err
	}
	return func(value string) bool { return o.compareText(operator, value) }, nil
}

// split takes a message apart at its blanks. What stands in quotes or brackets
// is one field, without them.
func split(message string) []string {
	var fields []string
	for {
		message = strings.TrimLeftFunc(message, unicode.IsSpace)
		if message == "" {
			return fields
		}
		if end := closing(message); end > 0 {
			fields = append(fields, message[1:end])
			message = message[end+1:]
			continue
		}
		end := strings.IndexFunc(message, unicode.IsSpace)
		if end < 0 {
			end = len(message)
		}
		fields = append(fields, message[:end])
		message = message[end:]
	}
}

// closing returns where the quote or bracket ends with which a message begins;
// 0 if it begins with none, or with one that has no end.
func closing(message string) int {
	end := -1
	switch message[0] {
	case '"':
		end = strings.IndexByte(message[1:], '"')
	case '[':
		end = strings.IndexByte(message[1:], ']')
	}
	return end + 1
}
