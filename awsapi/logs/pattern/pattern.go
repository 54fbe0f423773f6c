package pattern

//lint:file-ignore ST1005 the texts are those of the service

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Pattern is a pattern that Parse has understood. The zero value matches every
// message.
type Pattern struct{ match func(message string) bool }

// Match says whether a message matches.
func (p *Pattern) Match(message string) bool { return p.match == nil || p.match(message) }

// maxLength is the longest pattern, in bytes. Guide: 1,024 characters.
const maxLength = 1024

// Parse reads a pattern. An error is a text for the client.
func Parse(text string) (*Pattern, error) {
	if len(text) > maxLength {
		return nil, fmt.Errorf("a filter pattern has at most %d characters", maxLength)
	}
	s := &scanner{rest: strings.TrimSpace(text)}
	var match func(string) bool
	var err error
	switch {
	case s.rest == "":
		return &Pattern{}, nil
	case s.take("{"):
		match, err = parseJSON(s)
	case s.take("["):
		match, err = parseFields(s)
	default:
		match, err = parseTerms(s)
	}
	if err == nil && s.blank() != "" {
		err = fmt.Errorf("unexpected %q in the filter pattern", s.rest)
	}
	if err != nil {
		return nil, err
	}
	return &Pattern{match}, nil
}

// parseTerms reads terms: all without a sign must be in a message, none with a
// minus, and, if there are only such with a question mark, one of those.
// Guide: beside other terms, those with a question mark do not count.
func parseTerms(s *scanner) (func(string) bool, error) {
	var all, none, any []func(string) bool
	for s.blank() != "" {
		list := &all
		if s.take("-") {
			list = &none
		} else if s.take("?") {
			list = &any
		}
		contains, err := parseTerm(s)
		if err != nil {
			return nil, err
		}
		*list = append(*list, contains)
	}
	return func(message string) bool {
		for _, contains := range none {
			if contains(message) {
				return false
			}
		}
		for _, contains := range all {
			if !contains(message) {
				return false
			}
		}
		if len(all) > 0 || len(any) == 0 {
			return true
		}
		for _, contains := range any {
			if contains(message) {
				return true
			}
		}
		return false
	}, nil
}

func parseTerm(s *scanner) (func(string) bool, error) {
	switch {
	case strings.HasPrefix(s.rest, "%"):
		expression, err := s.expression()
		if err != nil {
			return nil, err
		}
		return expression.MatchString, nil
	case strings.HasPrefix(s.rest, `"`):
		text, err := s.quoted()
		return func(message string) bool { return strings.Contains(message, text) }, err
	}
	word := s.until(unicode.IsSpace)
	if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return nil, fmt.Errorf("Invalid character(s) in term '%s'", word)
	}
	return func(message string) bool { return strings.Contains(message, word) }, nil
}

// scanner takes a pattern apart.
type scanner struct{ rest string }

// blank skips blanks and returns what follows.
func (s *scanner) blank() string {
	s.rest = strings.TrimLeftFunc(s.rest, unicode.IsSpace)
	return s.rest
}

// take skips blanks and a token, if it is next.
func (s *scanner) take(token string) bool {
	rest, ok := strings.CutPrefix(s.blank(), token)
	if ok {
		s.rest = rest
	}
	return ok
}

// word skips blanks and a word, in any case of letters, if it is next.
func (s *scanner) word(word string) bool {
	rest := s.blank()
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return false
	}
	if after := rest[len(word):]; after != "" && isName(rune(after[0])) {
		return false
	}
	s.rest = rest[len(word):]
	return true
}

// until takes what comes before the first character that ends it.
func (s *scanner) until(end func(rune) bool) string {
	i := strings.IndexFunc(s.rest, end)
	if i < 0 {
		i = len(s.rest)
	}
	text := s.rest[:i]
	s.rest = s.rest[i:]
	return text
}

// quoted takes a text in quotes. A backslash makes a quote or a backslash part
// of it.
func (s *scanner) quoted() (string, error) {
	var out strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			s.rest = s.rest[i+1:]
			return out.String(), nil
		case c == '\\' && i+1 < len(s.rest) && (s.rest[i+1] == '"' || s.rest[i+1] == '\\'):
			i++
			out.WriteByte(s.rest[i])
		default:
			out.WriteByte(c)
		}
	}
	return "", errors.New("a quote of the filter pattern has no end")
}

// expression takes a regular expression between percent signs.
func (s *scanner) expression() (*regexp.Regexp, error) {
	text, rest, ok := strings.Cut(s.rest[1:], "%")
	if !ok {
		return nil, errors.New("a regular expression of the filter pattern has no end")
	}
	s.rest = rest
	compiled, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("regular expression %q of the filter pattern cannot be read", text)
	}
	return compiled, nil
}

// isName says whether a character may be part of a name without quotes.
func isName(r rune) bool {
	return r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r)
}
