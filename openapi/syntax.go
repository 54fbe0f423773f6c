package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// placedError is a mistake in the syntax of a document, with its place.
type placedError struct {
	place Place
	err   error
}

func (e *placedError) Error() string { return fmt.Sprintf("line %d: %v", e.place.Line, e.err) }

func (e *placedError) Unwrap() error { return e.err }

func placedf(y *yaml.Node, format string, args ...any) error {
	return &placedError{Place{y.Line, y.Column}, fmt.Errorf(format, args...)}
}

var yamlError = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

// placeYAML finds the place in an error of the YAML parser. The parser tells
// the line alone, so the column is where the text of the line begins.
func placeYAML(data []byte, err error) error {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	line, convertErr := strconv.Atoi(m[1])
	lines := bytes.Split(data, []byte("\n"))
	if convertErr != nil || line < 1 || line > len(lines) {
		return err
	}
	text := lines[line-1]
	column := len(text) - len(bytes.TrimLeft(text, " \t")) + 1
	return &placedError{Place{line, column}, errors.New(m[2])}
}
