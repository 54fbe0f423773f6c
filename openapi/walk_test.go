package openapi_test

import (
	"encoding/json"
	"testing"
)

// replaceEach returns copies of a JSON document, in each of which one value is
// replaced by one of another kind.
func replaceEach(t *testing.T, document string) []string {
	t.Helper()
	var root any
	if err := json.Unmarshal([]byte(document), &root); err != nil {
		t.Fatal(err)
	}
	var all []string
	others := []any{nil, true, 1.5, "", "text", []any{}, []any{nil, 1, "a", map[string]any{}}, map[string]any{}, map[string]any{"a": []any{}}}
	write := func() {
		text, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	var walk func(value any, set func(any))
	walk = func(value any, set func(any)) {
		for _, other := range others {
			set(other)
			write()
		}
		set(value)
		switch v := value.(type) {
		case map[string]any:
			for key, inner := range v {
				walk(inner, func(x any) { v[key] = x })
			}
		case []any:
			for i, inner := range v {
				walk(inner, func(x any) { v[i] = x })
			}
		}
	}
	walk(root, func(x any) { root = x })
	return all
}
