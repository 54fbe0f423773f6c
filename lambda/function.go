package lambda

import (
	"fmt"
	"os/exec"
	"strings"

	"github.com/kballard/go-shellquote"
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
	words, err := shellquote.Split(command)
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

// check reports whether the command can be found.
func (f *Function) check() error {
	if _, err := exec.LookPath(f.Command[0]); err != nil {
		return fmt.Errorf("function %s: %w", f.Name, err)
	}
	return nil
}
