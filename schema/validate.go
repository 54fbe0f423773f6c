package schema

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Schema is a model ready to validate bodies. It may be used by many goroutines
// at once.
type Schema struct {
	compiled *jsonschema.Schema
	models   map[string]string // of the API, by name
}

// Compile makes the schema of one of the models of an API. models holds the
// texts of all of them by name: they may refer to each other, and to
// themselves.
func Compile(models map[string]string, name string) (*Schema, error) {
	compiler := newCompiler(modelLoader(models))
	compiled, err := compiler.Compile(modelURL + name)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	return &Schema{compiled, models}, nil
}

// modelURL is what names of models are resolved against. The API's id in a
// reference does not matter: models of other APIs cannot be referred to.
const modelURL = "https://apigateway.amazonaws.com/restapis/-/models/"

// modelLoader finds models by the last segment of their URL.
type modelLoader map[string]string

// Load implements jsonschema.URLLoader.
func (l modelLoader) Load(url string) (any, error) {
	rest, ok := strings.CutPrefix(url, "https://apigateway.amazonaws.com/restapis/")
	if _, name, found := strings.Cut(rest, "/models/"); ok && found {
		if text, ok := l[name]; ok {
			return jsonschema.UnmarshalJSON(strings.NewReader(text))
		}
	}
	return nil, fmt.Errorf("there is no model at %s", url)
}

// noDocument is what the service says of a body that is no JSON, and of an
// empty one that its model does not take (seen in logs).
const noDocument = "[Unknown error parsing request body]"

// Validate checks a body; an empty one counts as {}. It returns the errors as
// $context.error.validationErrorString lists them, or "" if there are none.
func (s *Schema) Validate(body []byte) string {
	body = bytes.TrimSpace(body)
	empty := len(body) == 0
	if empty {
		body = []byte("{}")
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return noDocument
	}
	err = s.compiled.Validate(document)
	var invalid *jsonschema.ValidationError
	switch {
	case err == nil:
		return ""
	case empty:
		return noDocument
	case !errors.As(err, &invalid):
		return "[" + err.Error() + "]"
	}
	var found []finding
	for _, cause := range leaves(invalid) {
		found = append(found, finding{cause, s.text(cause, document)})
	}
	slices.SortFunc(found, inOrder)
	var texts []string
	for _, f := range found {
		texts = append(texts, f.text)
	}
	return "[" + strings.Join(slices.Compact(texts), ", ") + "]"
}

// finding is an error with its words.
type finding struct {
	*jsonschema.ValidationError
	text string
}

// leaves returns the errors that the service names: those that have no cause
// of their own, and of a choice between schemas the choice itself.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	switch e.ErrorKind.(type) {
	case *kind.OneOf, *kind.AnyOf, *kind.AllOf, *kind.Not:
		return []*jsonschema.ValidationError{e}
	}
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

// inOrder sorts errors by where they are in the body, what encloses before what
// is enclosed and elements by number, and those of one place by keyword. The
// library finds them in the order of Go's maps, so without it one body would be
// answered in several ways (assumed: the service's own order is not written
// anywhere).
func inOrder(a, b finding) int {
	return cmp.Or(
		slices.CompareFunc(a.InstanceLocation, b.InstanceLocation, byToken),
		slices.Compare(a.ErrorKind.KeywordPath(), b.ErrorKind.KeywordPath()),
		cmp.Compare(a.text, b.text),
	)
}

// byToken compares two names, or two indexes, of the same object or array.
// Numbers come first and by value.
func byToken(a, b string) int {
	m, errA := strconv.Atoi(a)
	n, errB := strconv.Atoi(b)
	switch {
	case errA == nil && errB == nil:
		return cmp.Or(cmp.Compare(m, n), cmp.Compare(a, b))
	case errA == nil:
		return -1
	case errB == nil:
		return 1
	}
	return cmp.Compare(a, b)
}
