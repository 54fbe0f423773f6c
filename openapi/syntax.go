package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"sort"
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

// at gives an error the place of a value.
func at(y *yaml.Node, err error) error { return &placedError{Place{y.Line, y.Column}, err} }

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// fromZero are the errors of which the YAML parser counts the lines from 0;
// the others come from its scanner, which counts from 1.
var fromZero = map[string]bool{
	"did not find expected <document start>": true,
	"did not find expected node content":     true,
	"did not find expected '-' indicator":    true,
	"did not find expected key":              true,
	"did not find expected ',' or ']'":       true,
	"did not find expected ',' or '}'":       true,
	"found undefined tag handle":             true,
	"found duplicate %YAML directive":        true,
	"found incompatible YAML document":       true,
	"found duplicate %TAG directive":         true,
}

// inBlock are the errors of which the YAML parser tells where the block begins,
// which may be the first line of the document. The line of the mistake is the
// first one with which the document has the error: the parser stops there.
var inBlock = map[string]bool{"did not find expected key": true, "did not find expected '-' indicator": true}

// maxSearched bounds the documents, in bytes, that are parsed again to find that
// line.
const maxSearched = 256 << 10

// unknownAnchor is the error about an alias, of which the parser tells no line.
var unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)

// placeYAML finds the place in an error of the YAML parser, which is that of
// the mistake or of what it is in. The parser tells the line alone, so the
// column is where the text of the line begins.
func placeYAML(data []byte, err error) error {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	line, _ := strconv.Atoi(m[1]) // no number is the first line, of which the parser says nothing
	if fromZero[m[2]] {
		line++
	}
	if alias := unknownAnchor.FindStringSubmatch(m[2]); alias != nil {
		line = 1 + bytes.Count(data[:max(bytes.Index(data, []byte("*"+alias[1])), 0)], []byte("\n"))
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	if inBlock[m[2]] && len(data) <= maxSearched {
		line = 1 + sort.Search(len(lines)-1, func(i int) bool {
			var document yaml.Node
			prefixErr := yaml.Unmarshal(bytes.Join(lines[:i+1], nil), &document)
			return prefixErr != nil && prefixErr.Error() == err.Error()
		})
	}
	line = min(max(line, 1), len(lines))
	text := lines[line-1]
	column := len(text) - len(bytes.TrimLeft(text, " \t")) + 1
	return &placedError{Place{line, column}, errors.New(m[2])}
}
