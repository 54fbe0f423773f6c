package openapi

import "testing"

// TestSyntaxPlaces: a document that cannot be read is refused with a place.
func TestSyntaxPlaces(t *testing.T) {
	for name, row := range map[string]struct{ document, want string }{
		"scanner, first line":  {"a: b: c\n", "1:1: Invalid OpenAPI input. (mapping values are not allowed in this context)"},
		"scanner, later line":  {"x: y\n  a: b: c\n", "2:3: Invalid OpenAPI input. (mapping values are not allowed in this context)"},
		"scanner, a tab":       {"x:\n  y: z\n\tw: v\n", "2:3: Invalid OpenAPI input. (found a tab character that violates indentation)"},
		"parser, a flow":       {"x: y\nget: [a\nz: {}\n", "2:1: Invalid OpenAPI input. (did not find expected ',' or ']')"},
		"parser, a block":      {"x:\n  - a\n  b: c\n", "3:3: Invalid OpenAPI input. (did not find expected '-' indicator)"},
		"parser, a long block": {"x:\n  a: {}\n  b: {}\n  c: {}\n y: {}\nz: {}\n", "5:2: Invalid OpenAPI input. (did not find expected key)"},
		"half written":         {"x:\n  y: \"abc", "2:3: Invalid OpenAPI input. (found unexpected end of stream)"},
		"JSON":                 {"{\n  \"a\": 1,\n  \"b\" 2\n}", "3:7: Invalid OpenAPI input. (invalid character '2' after object key)"},
		"a key that is a list": {"x: y\n? [a]\n: b\n", "2:3: Invalid OpenAPI input. (a key must be a text or a number)"},
		"nothing":              {"", "Invalid OpenAPI input. (the document is empty)"},
		"no API":               {"- a\n", "1:1: Invalid OpenAPI input. (want swagger: \"2.0\" or openapi: \"3.0.x\")"},
		"an alias to nothing":  {"a: b\nc: *d\n", "2:1: Invalid OpenAPI input. (unknown anchor 'd' referenced)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := Read([]byte(row.document), Options{})
			if len(problems) != 1 || problems[0].String() != row.want {
				t.Errorf("%q:\n got %v\nwant %s", row.document, problems, row.want)
			}
		})
	}
}
