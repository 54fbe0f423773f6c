package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// operators in the order in which they are tried.
var operators = []string{"!=", "<=", ">=", "=", "<", ">"}

// operator takes an operator; "" if none is next.
func (s *scanner) operator() string {
	for _, operator := range operators {
		if s.take(operator) {
			return operator
		}
	}
	return ""
}

// operand is the right side of a comparison.
type operand struct {
	text       string         // may have asterisks
	number     float64        // what the text says, if isNumber
	isNumber   bool           // not for a text in quotes
	expression *regexp.Regexp // instead of a text
}

// comparison reads an operator and what is compared with.
func (s *scanner) comparison() (operator string, o operand, err error) {
	if operator = s.operator(); operator == "" {
		return "", o, fmt.Errorf("want a comparison before %q in the filter pattern", s.rest)
	}
	o, err = s.operand(operator)
	return operator, o, err
}

// operand takes a number, a text with or without quotes, or a regular
// expression. It must be fit for an operator.
func (s *scanner) operand(operator string) (o operand, err error) {
	switch rest := s.blank(); {
	case strings.HasPrefix(rest, "%"):
		o.expression, err = s.expression()
	case strings.HasPrefix(rest, `"`):
		o.text, err = s.quoted()
	default:
		o.text = s.until(func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`(){}[],&|=<>"`, r) })
		o.number, o.isNumber = number(o.text)
		if o.text == "" {
			err = errors.New("a comparison of the filter pattern has no value")
		}
	}
	if err == nil && !o.isNumber && strings.ContainsAny(operator, "<>") {
		err = errors.New("a comparison by size in the filter pattern wants a number")
	}
	return o, err
}

// number reads a number as the guide writes them: digits, a point, an exponent.
func number(text string) (float64, bool) {
	if text == "" || strings.Trim(text, "+-.0123456789eE") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// text compares a text of a message.
func (o operand) compareText(operator, text string) bool {
	switch operator {
	case "=", "!=":
		same := false
		switch n, isNumber := number(text); {
		case o.expression != nil:
			same = o.expression.MatchString(text)
		case o.isNumber && isNumber:
			same = n == o.number
		default:
			same = wildcard(o.text, text)
		}
		return same == (operator == "=")
	}
	n, isNumber := number(text)
	return isNumber && o.compareNumber(operator, n)
}

func (o operand) compareNumber(operator string, n float64) bool {
	switch operator {
	case "<":
		return n < o.number
	case "<=":
		return n <= o.number
	case ">":
		return n > o.number
	case ">=":
		return n >= o.number
	}
	return o.compareText(operator, strconv.FormatFloat(n, 'f', -1, 64))
}

// wildcard matches a text with a pattern in which an asterisk is any text.
func wildcard(pattern, text string) bool {
	first, rest, found := strings.Cut(pattern, "*")
	if !found {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	last := parts[len(parts)-1]
	for _, part := range parts[:len(parts)-1] {
		_, after, ok := strings.Cut(text, part)
		if !ok {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, last)
}

// condition is a comparison, or several with && and ||.
type condition[T any] func(T) bool

// conditions reads comparisons that are joined by && and ||, the first of which
// binds more tightly, and parentheses.
func conditions[T any](s *scanner, one func(*scanner) (condition[T], error)) (condition[T], error) {
	left, err := conjunction(s, one)
	for err == nil && s.take("||") {
		var right condition[T]
		before := left
		right, err = conjunction(s, one)
		left = func(v T) bool { return before(v) || right(v) }
	}
	return left, err
}

func conjunction[T any](s *scanner, one func(*scanner) (condition[T], error)) (condition[T], error) {
	left, err := primary(s, one)
	for err == nil && s.take("&&") {
		var right condition[T]
		before := left
		right, err = primary(s, one)
		left = func(v T) bool { return before(v) && right(v) }
	}
	return left, err
}

// primary is as deep as a pattern has parentheses, which its length bounds.
func primary[T any](s *scanner, one func(*scanner) (condition[T], error)) (condition[T], error) {
	if !s.take("(") {
		return one(s)
	}
	inner, err := conditions(s, one)
	if err == nil && !s.take(")") {
		err = errors.New("a parenthesis of the filter pattern has no end")
	}
	return inner, err
}
