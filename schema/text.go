package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// text words an error as the validator of the service does, whose texts are
// quoted by its users. document is the whole body.
func (s *Schema) text(e *jsonschema.ValidationError, document any) string {
	instance := at(document, e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return fmt.Sprintf("instance type (%s) does not match any allowed primitive type (allowed: %s)", k.Got, list(sorted(k.Want)))
	case *kind.Enum:
		return fmt.Sprintf("instance value (%s) not found in enum (possible values: %s)", list(k.Got), list(k.Want))
	case *kind.MinLength:
		return fmt.Sprintf("string \"%v\" is too short (length: %d, required minimum: %d)", instance, k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("string \"%v\" is too long (length: %d, maximum allowed: %d)", instance, k.Got, k.Want)
	case *kind.Pattern:
		return fmt.Sprintf("ECMA 262 regex \"%s\" does not match input string \"%v\"", k.Want, instance)
	case *kind.Format:
		return formatText(k)
	case *kind.Minimum, *kind.Maximum, *kind.ExclusiveMinimum, *kind.ExclusiveMaximum, *kind.MultipleOf:
		return numberText(k)
	case *kind.MinItems, *kind.MaxItems, *kind.AdditionalItems, *kind.UniqueItems:
		return arrayText(k, instance)
	case *kind.OneOf, *kind.AnyOf, *kind.AllOf, *kind.Not:
		return s.choiceText(e)
	case *kind.Dependency:
		required, _ := s.keyword(e, "dependencies", k.Prop).([]any)
		return fmt.Sprintf("property \"%s\" of object has missing property dependencies (schema requires %s; missing: %s)",
			k.Prop, list(required), list(sorted(k.Missing)))
	}
	return objectText(e.ErrorKind)
}

func objectText(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Required:
		return fmt.Sprintf("object has missing required properties (%s)", list(sorted(k.Missing)))
	case *kind.AdditionalProperties:
		return "object instance has properties which are not allowed by the schema: " + list(sorted(k.Properties))
	case *kind.MinProperties:
		return fmt.Sprintf("object has too few properties (found %d but schema requires at least %d)", k.Got, k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("object has too many properties (found %d but schema requires at most %d)", k.Got, k.Want)
	}
	return fmt.Sprint(k.KeywordPath())
}

func numberText(k jsonschema.ErrorKind) string {
	const (
		above = "numeric instance is greater than the required maximum (maximum: %s, found: %s)"
		below = "numeric instance is lower than the required minimum (minimum: %s, found: %s)"
	)
	switch k := k.(type) {
	case *kind.Maximum:
		return fmt.Sprintf(above, number(k.Want), number(k.Got))
	case *kind.Minimum:
		return fmt.Sprintf(below, number(k.Want), number(k.Got))
	case *kind.ExclusiveMaximum:
		if k.Got.Cmp(k.Want) > 0 {
			return fmt.Sprintf(above, number(k.Want), number(k.Got))
		}
		return "numeric instance is not strictly lower than the required maximum " + number(k.Want)
	case *kind.ExclusiveMinimum:
		if k.Got.Cmp(k.Want) < 0 {
			return fmt.Sprintf(below, number(k.Want), number(k.Got))
		}
		return "numeric instance is not strictly greater than the required minimum " + number(k.Want)
	}
	m := k.(*kind.MultipleOf)
	return fmt.Sprintf("remainder of division is not zero (%s / %s)", number(m.Got), number(m.Want))
}

func arrayText(k jsonschema.ErrorKind, instance any) string {
	switch k := k.(type) {
	case *kind.MinItems:
		return fmt.Sprintf("array is too short: must have at least %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("array is too long: must have at most %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.AdditionalItems:
		items, _ := instance.([]any)
		return fmt.Sprintf("schema only allows %d elements in array but instance has %d elements", len(items)-k.Count, len(items))
	}
	return "array must not contain duplicate elements"
}

// choiceText is about a combination of schemas. Of more than two that match one
// of which just one should, the library finds two.
func (s *Schema) choiceText(e *jsonschema.ValidationError) string {
	of := func(keyword string) int {
		all, _ := s.keyword(e, keyword).([]any)
		return len(all)
	}
	switch k := e.ErrorKind.(type) {
	case *kind.OneOf:
		return fmt.Sprintf("instance failed to match exactly one schema (matched %d out of %d)", len(k.Subschemas), of("oneOf"))
	case *kind.AnyOf:
		return fmt.Sprintf("instance failed to match at least one required schema among %d", of("anyOf"))
	case *kind.AllOf:
		return fmt.Sprintf("instance failed to match all required schemas (matched only %d out of %d)", of("allOf")-len(e.Causes), of("allOf"))
	}
	return "instance matched a schema which it should not have"
}

// formats are what strings of a format are, in the texts about those that are
// not.
var formats = map[string]string{
	"email": "email address", "hostname": "hostname", "ipv4": "IPv4 address", "ipv6": "IPv6 address",
	"regex": "ECMA 262 regular expression", "uri": "URI",
}

func formatText(k *kind.Format) string {
	if k.Want == "date-time" {
		return fmt.Sprintf("string \"%v\" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]", k.Got)
	}
	what := formats[k.Want]
	if what == "" {
		what = k.Want // assumed
	}
	return fmt.Sprintf("string \"%v\" is not a valid %s", k.Got, what)
}

// keyword returns what stands in the schema that an error is of, below a
// keyword; nil for what is not there.
func (s *Schema) keyword(e *jsonschema.ValidationError, path ...string) any {
	url, pointer, _ := strings.Cut(e.SchemaURL, "#")
	document, err := modelLoader(s.models).Load(url)
	if err != nil {
		return nil
	}
	var tokens []string
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if token != "" {
			tokens = append(tokens, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
		}
	}
	return at(document, append(tokens, path...))
}

// at returns what a document has at a place; nil if there is nothing.
func at(document any, tokens []string) any {
	for _, token := range tokens {
		switch v := document.(type) {
		case map[string]any:
			document = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			document = v[i]
		default:
			return nil
		}
	}
	return document
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
