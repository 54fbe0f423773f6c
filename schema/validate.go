package schema

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Schema is a model ready to validate bodies. It may be used by many goroutines
// at once.
type Schema struct{ compiled *jsonschema.Schema }

// Compile makes the schema of one of the models of an API. models holds the
// texts of all of them by name: they may refer to each other, and to
// themselves.
func Compile(models map[string]string, name string) (*Schema, error) {
	compiler := newCompiler(modelLoader(models))
	compiled, err := compiler.Compile(modelURL + name)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	return &Schema{compiled}, nil
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

// Validate checks a body; an empty one counts as {}. It returns the errors as
// $context.error.validationErrorString lists them, or "" if there are none.
func (s *Schema) Validate(body []byte) string {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		body = []byte("{}")
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return "[Unknown error parsing request body]"
	}
	err = s.compiled.Validate(document)
	var invalid *jsonschema.ValidationError
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &invalid):
		return "[" + err.Error() + "]"
	}
	causes := leaves(invalid)
	slices.SortFunc(causes, inOrder)
	var texts []string
	for _, cause := range causes {
		texts = append(texts, text(cause))
	}
	return "[" + strings.Join(slices.Compact(texts), ", ") + "]"
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
func inOrder(a, b *jsonschema.ValidationError) int {
	return cmp.Or(
		slices.CompareFunc(a.InstanceLocation, b.InstanceLocation, byToken),
		slices.Compare(a.ErrorKind.KeywordPath(), b.ErrorKind.KeywordPath()),
		cmp.Compare(text(a), text(b)),
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

// text words an error as the validator of the service does.
func text(e *jsonschema.ValidationError) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return fmt.Sprintf("object has missing required properties (%s)", list(sorted(k.Missing)))
	case *kind.Type:
		return fmt.Sprintf("instance type (%s) does not match any allowed primitive type (allowed: %s)", k.Got, list(sorted(k.Want)))
	case *kind.Enum:
		return fmt.Sprintf("instance value (%s) not found in enum (possible values: %s)", list(k.Got), list(k.Want))
	case *kind.Maximum:
		return fmt.Sprintf("numeric instance is greater than the required maximum (maximum: %s, found: %s)", number(k.Want), number(k.Got))
	case *kind.Minimum:
		return fmt.Sprintf("numeric instance is lower than the required minimum (minimum: %s, found: %s)", number(k.Want), number(k.Got))
	case *kind.MinLength:
		return fmt.Sprintf("string is too short (length: %d, required minimum: %d)", k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("string is too long (length: %d, maximum allowed: %d)", k.Got, k.Want)
	case *kind.Pattern:
		return fmt.Sprintf("ECMA 262 regex %s does not match input string %s", list(k.Want), list(k.Got))
	case *kind.AdditionalProperties:
		return "object instance has properties which are not allowed by the schema: " + list(sorted(k.Properties))
	case *kind.MinItems:
		return fmt.Sprintf("array is too short: must have at least %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("array is too long: must have at most %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.UniqueItems:
		return "array must not contain duplicate elements"
	case *kind.OneOf:
		return fmt.Sprintf("instance failed to match exactly one schema (matched %d out of %d)", len(k.Subschemas), len(k.Subschemas)+len(e.Causes))
	case *kind.AnyOf:
		return fmt.Sprintf("instance failed to match at least one required schema among %d", len(e.Causes))
	case *kind.AllOf:
		return "instance failed to match all required schemas"
	case *kind.Not:
		return "instance matched a schema which it should not have"
	case *kind.MinProperties:
		return fmt.Sprintf("object has too few properties (found %d but schema requires at least %d)", k.Got, k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("object has too many properties (found %d but schema requires at most %d)", k.Got, k.Want)
	}
	return fmt.Sprint(e.ErrorKind.KeywordPath())
}

// list writes a value as compact JSON.
func list(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	f, _ := r.Float64()
	return list(f)
}
