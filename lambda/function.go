package lambda

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// Function is a function that a program of this machine answers.
type Function struct {
	Name    string
	Command []string // the program and its arguments
	// Env are variables ("NAME=value") of this function alone.
	Env []string
}

// ParseFunction reads "NAME=COMMAND". The command is written as for a shell:
// blanks separate words, quotes and backslashes keep them together, and
// variables may stand before the program ("hello=_HANDLER=app.handler
// ./bootstrap"). No shell is started.
func ParseFunction(text string) (Function, error) {
	name, command, ok := strings.Cut(text, "=")
	if !ok || !validName(name) {
		return Function{}, fmt.Errorf("function %q: want NAME=COMMAND, the name of letters, digits, - and _", text)
	}
	words, err := splitWords(command)
	if err != nil {
		return Function{}, fmt.Errorf("function %s: %w", name, err)
	}
	f := Function{Name: name}
	for len(words) > 0 && isVariable(words[0]) {
		f.Env, words = append(f.Env, words[0]), words[1:]
	}
	if len(words) == 0 {
		return Function{}, fmt.Errorf("function %s: there is no command", name)
	}
	f.Command = words
	return f, nil
}

// maxName is the length of a function's name, by the Invoke API.
const maxName = 64

func validName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !letterOrDigit(c) && c != '-' && c != '_' {
			return false
		}
	}
	return name != "" && len(name) <= maxName
}

func letterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isVariable reports whether a word sets a variable, as a shell reads it.
func isVariable(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	if !ok || name == "" || '0' <= name[0] && name[0] <= '9' {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !letterOrDigit(c) && c != '_' {
			return false
		}
	}
	return true
}

var errQuote = errors.New("a quote is not closed")

// splitWords cuts a text at blanks outside quotes. In single quotes everything
// is literal; elsewhere a backslash makes the next character literal.
func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote byte
	open := false // a word has begun, perhaps an empty one in quotes
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
			open = true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, open = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if open {
				words = append(words, word.String())
				word.Reset()
				open = false
			}
		default:
			word.WriteByte(c)
			open = true
		}
	}
	if quote != 0 {
		return nil, errQuote
	}
	if open {
		words = append(words, word.String())
	}
	return words, nil
}

// check reports whether the command can be found.
func (f *Function) check() error {
	if _, err := exec.LookPath(f.Command[0]); err != nil {
		return fmt.Errorf("function %s: %w", f.Name, err)
	}
	return nil
}
