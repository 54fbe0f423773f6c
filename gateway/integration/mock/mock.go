package mock

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/gateway/integration"
)

// Invoker answers with the status code of the request's body and no body.
type Invoker struct{}

// errStatusCode is the log text of the service (reported by users).
//
//lint:ignore ST1005 the text is the service's, to the letter
var errStatusCode = errors.New("Unable to parse statusCode. It should be an integer that is defined in the request template.")

// Invoke implements integration.Invoker. A body without an integer statusCode
// is an error of kind Configuration.
func (Invoker) Invoke(_ context.Context, req *integration.Request) (*integration.Response, error) {
	status, ok := statusCode(req.Body)
	if !ok {
		return nil, &integration.Error{Kind: integration.Configuration, Cause: errStatusCode}
	}
	return &integration.Response{Status: status}, nil
}

// statusCode reads the integer member statusCode of an object, leniently.
// Recorded: unquoted keys, trailing commas, blank lines and leftovers of
// directives are accepted. Seen in emulators: single quotes and malformed
// other members too, if the braces balance. A text "200" is refused.
func statusCode(text []byte) (int, bool) {
	text = bytes.TrimSpace(text)
	if len(text) < 2 || text[0] != '{' || text[len(text)-1] != '}' {
		return 0, false
	}
	// One pass serves strict JSON as well: a member of an inner object lies
	// deeper than the commas at which it splits. Of a repeated key the last
	// counts, as in JSON.
	status, found := 0, false
	balanced := eachMember(text[1:len(text)-1], func(member []byte) {
		key, value, _ := bytes.Cut(member, []byte(":"))
		if string(unquote(bytes.TrimSpace(key))) == "statusCode" {
			status, found = integer(string(bytes.TrimSpace(value)))
		}
	})
	return status, found && balanced
}

// integer reads -?[0-9]+.
func integer(text string) (int, bool) {
	if strings.HasPrefix(text, "+") {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// eachMember cuts an object's inside at its outer commas. It reports whether
// brackets and quotes balance.
func eachMember(text []byte, f func(member []byte)) bool {
	var quote byte
	depth, start := 0, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
			if depth < 0 {
				return false
			}
		case c == ',' && depth == 0:
			f(text[start:i])
			start = i + 1
		}
	}
	f(text[start:])
	return quote == 0 && depth == 0
}

func unquote(key []byte) []byte {
	if n := len(key); n >= 2 && (key[0] == '"' || key[0] == '\'') && key[n-1] == key[0] {
		return key[1 : n-1]
	}
	return key
}
