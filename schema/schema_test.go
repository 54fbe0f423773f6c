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
	for keyword, schema := range texts {
		models[keyword] = schema.schema
	}
	rows := []struct{ model, body, want string }{
		{"Test", `{"status": null}`, ""},
		{"Test", `{"status": {"Status": "works", "Order": 1}}`, ""},
		{"Test", ``, `[Unknown error parsing request body]`},
		{"Test", `{}`, `[object has missing required properties (["status"])]`},
		{"Tree", ``, ""},
		{"Test", `{"status": 1}`, `[instance failed to match exactly one schema (matched 0 out of 2)]`},
		{"Pet", `{"kind": "bird", "price": 501}`, `[instance value ("bird") not found in enum (possible values: ["dog","cat"]), numeric instance is greater than the required maximum (maximum: 500, found: 501)]`},
		{"Pet", `{}`, `[object has missing required properties (["kind","price"])]`},
		{"Pet", `{"kind": "dog", "price": "x"}`, `[instance type (string) does not match any allowed primitive type (allowed: ["number"])]`},
		{"Pet", `{"kind": "dog", "price": 30, "x": 1}`, `[object instance has properties which are not allowed by the schema: ["x"]]`},
		{"Pet", `{"kind": "dog", "price": 30, "name": "A"}`, `[string "A" is too short (length: 1, required minimum: 2), ECMA 262 regex "^[a-z]+$" does not match input string "A"]`},
		{"Pet", `{"kind": "dog", "price": 30, "tags": [1]}`, `[array is too short: must have at least 2 elements but instance has 1 elements]`},
		{"Pet", `{"kind": "dog", "price": 30, "tags": [1, 1]}`, `[array must not contain duplicate elements]`},
		{"Pet", `{broken`, `[Unknown error parsing request body]`},
		{"Tree", `{"children": [{"children": [{"n": 1}]}]}`, ""},
		{"Tree", `{"n": "x", "children": [{}, {}, {"n": 1.5}, {}, {}, {}, {}, {}, {}, {}, {"n": null}]}`, `[instance type (number) does not match any allowed primitive type (allowed: ["integer"]), instance type (null) does not match any allowed primitive type (allowed: ["integer"]), instance type (string) does not match any allowed primitive type (allowed: ["integer"])]`},
		{"Tree", `{"children": [{"children": [{"n": "x"}]}]}`, `[instance type (string) does not match any allowed primitive type (allowed: ["integer"])]`},
	}
	for keyword, schema := range texts {
		rows = append(rows, struct{ model, body, want string }{keyword, schema.body, "[" + schema.want + "]"})
	}
	for _, tt := range rows {
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

// texts are one error of each keyword that no other row has.
var texts = map[string]struct{ schema, body, want string }{
	"maxLength":        {`{"properties": {"a": {"maxLength": 2}}}`, `{"a": "x\"yz"}`, `string "x"yz" is too long (length: 4, maximum allowed: 2)`},
	"pattern":          {`{"properties": {"a": {"pattern": "^\\d+$"}}}`, `{"a": "x"}`, `ECMA 262 regex "^\d+$" does not match input string "x"`},
	"minimum":          {`{"properties": {"a": {"minimum": 2.5}}}`, `{"a": 1}`, `numeric instance is lower than the required minimum (minimum: 2.5, found: 1)`},
	"exclusiveMaximum": {`{"properties": {"a": {"maximum": 3, "exclusiveMaximum": true}}}`, `{"a": 3}`, `numeric instance is not strictly lower than the required maximum 3`},
	"exclusiveMinimum": {`{"properties": {"a": {"minimum": 3, "exclusiveMinimum": true}}}`, `{"a": 2}`, `numeric instance is lower than the required minimum (minimum: 3, found: 2)`},
	"multipleOf":       {`{"properties": {"a": {"multipleOf": 10}}}`, `{"a": 25}`, `remainder of division is not zero (25 / 10)`},
	"maxItems":         {`{"type": "array", "maxItems": 1}`, `[1, 2]`, `array is too long: must have at most 1 elements but instance has 2 elements`},
	"additionalItems":  {`{"type": "array", "items": [{}], "additionalItems": false}`, `[1, 2, 3]`, `schema only allows 1 elements in array but instance has 3 elements`},
	"minProperties":    {`{"minProperties": 1}`, `{}`, `object has too few properties (found 0 but schema requires at least 1)`},
	"maxProperties":    {`{"maxProperties": 1}`, `{"a": 1, "b": 2}`, `object has too many properties (found 2 but schema requires at most 1)`},
	"dependencies":     {`{"dependencies": {"a/b": ["c", "d"]}}`, `{"a/b": 1, "c": 2}`, `property "a/b" of object has missing property dependencies (schema requires ["c","d"]; missing: ["d"])`},
	"oneOf":            {`{"oneOf": [{"minProperties": 0}, {"minProperties": 0}, {"minProperties": 9}]}`, `{}`, `instance failed to match exactly one schema (matched 2 out of 3)`},
	"anyOf":            {`{"properties": {"a~b": {"anyOf": [{"type": "null"}, {"type": "string"}]}}}`, `{"a~b": 1}`, `instance failed to match at least one required schema among 2`},
	"allOf":            {`{"allOf": [{"minProperties": 0}, {"minProperties": 9}, {"minProperties": 0}]}`, `{}`, `instance failed to match all required schemas (matched only 2 out of 3)`},
	"not":              {`{"not": {"minProperties": 0}}`, `{}`, `instance matched a schema which it should not have`},
	"format":           {`{"properties": {"a": {"format": "ipv4"}}}`, `{"a": "x"}`, `string "x" is not a valid IPv4 address`},
	"date-time":        {`{"properties": {"a": {"format": "date-time"}}}`, `{"a": "x"}`, `string "x" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]`},
}
