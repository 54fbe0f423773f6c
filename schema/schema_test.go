package schema

import "testing"

func TestCheck(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"type": "object"}`: true,
		`{"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "properties": {"a": {"type": "string", "pattern": "^(?!x).*$"}}}`: true,
		`{"$ref": "https://apigateway.amazonaws.com/restapis/abc/models/Other"}`:                                                                    true,
		`{"type": "nothing"}`:                     false,
		`{"required": "a"}`:                       false,
		`{"$ref": "https://example.com/schema"}`:  false,
		`{"$ref": "file:///etc/passwd"}`:          false,
		`{"properties": {"a": {"pattern": "("}}}`: false,
		`[]`: false,
		`{`:  false,
		``:   false,
	} {
		if err := Check(text); (err == nil) != ok {
			t.Errorf("Check(%s) = %v, want a schema: %v", text, err, ok)
		}
	}
}

// The models are those of a recorded case: one refers to the other inside a
// choice. The texts are of the validator that the service uses, quoted by users.
func TestValidate(t *testing.T) {
	models := map[string]string{
		"Status": `{"type": "object", "properties": {"Status": {"type": "string"}, "Order": {"type": "integer"}}, "required": ["Status", "Order"]}`,
		"Test":   `{"type": "object", "properties": {"status": {"oneOf": [{"type": "null"}, {"$ref": "https://apigateway.amazonaws.com/restapis/abc/models/Status"}]}}, "required": ["status"]}`,
		"Pet":    `{"type": "object", "required": ["kind", "price"], "additionalProperties": false, "properties": {"kind": {"enum": ["dog", "cat"]}, "price": {"type": "number", "minimum": 25, "maximum": 500}, "name": {"type": "string", "minLength": 2, "pattern": "^[a-z]+$"}, "tags": {"type": "array", "minItems": 2, "uniqueItems": true}}}`,
		"Tree":   `{"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "https://apigateway.amazonaws.com/restapis/abc/models/Tree"}}, "n": {"type": "integer"}}}`,
	}
	for _, tt := range []struct{ model, body, want string }{
		{"Test", `{"status": null}`, ""},
		{"Test", `{"status": {"Status": "works", "Order": 1}}`, ""},
		{"Test", ``, `[object has missing required properties (["status"])]`},
		{"Test", `{"status": 1}`, `[instance failed to match exactly one schema (matched 0 out of 2)]`},
		{"Pet", `{"kind": "bird", "price": 501}`, `[instance value ("bird") not found in enum (possible values: ["dog","cat"]), numeric instance is greater than the required maximum (maximum: 500, found: 501)]`},
		{"Pet", `{}`, `[object has missing required properties (["kind","price"])]`},
		{"Pet", `{"kind": "dog", "price": "x"}`, `[instance type (string) does not match any allowed primitive type (allowed: ["number"])]`},
		{"Pet", `{"kind": "dog", "price": 30, "x": 1}`, `[object instance has properties which are not allowed by the schema: ["x"]]`},
		{"Pet", `{"kind": "dog", "price": 30, "name": "A"}`, `[string is too short (length: 1, required minimum: 2), ECMA 262 regex "^[a-z]+$" does not match input string "A"]`},
		{"Pet", `{"kind": "dog", "price": 30, "tags": [1]}`, `[array is too short: must have at least 2 elements but instance has 1 elements]`},
		{"Pet", `{"kind": "dog", "price": 30, "tags": [1, 1]}`, `[array must not contain duplicate elements]`},
		{"Pet", `{broken`, `[Unknown error parsing request body]`},
		{"Tree", `{"children": [{"children": [{"n": 1}]}]}`, ""},
		{"Tree", `{"n": "x", "children": [{}, {}, {"n": 1.5}, {}, {}, {}, {}, {}, {}, {}, {"n": null}]}`, `[instance type (number) does not match any allowed primitive type (allowed: ["integer"]), instance type (null) does not match any allowed primitive type (allowed: ["integer"]), instance type (string) does not match any allowed primitive type (allowed: ["integer"])]`},
		{"Tree", `{"children": [{"children": [{"n": "x"}]}]}`, `[instance type (string) does not match any allowed primitive type (allowed: ["integer"])]`},
	} {
		s, err := Compile(models, tt.model)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Validate([]byte(tt.body)); got != tt.want {
			t.Errorf("%s %s\n got %s\nwant %s", tt.model, tt.body, got, tt.want)
		}
	}
	if _, err := Compile(models, "None"); err == nil {
		t.Error("a model that is not there was compiled")
	}
}
