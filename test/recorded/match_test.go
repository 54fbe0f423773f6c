package recorded

import (
	"strings"
	"testing"
)

// compareText compares two JSON documents.
func compareText(t *testing.T, want, got string, same bindings) ([]Difference, bindings) {
	t.Helper()
	w, ok := parseJSON([]byte(want))
	if !ok {
		t.Fatalf("not JSON: %s", want)
	}
	g, ok := parseJSON([]byte(got))
	if !ok {
		t.Fatalf("not JSON: %s", got)
	}
	m := &matching{step: 1, same: same}
	return m.compare("body", w, g), m.same
}

func TestCompare(t *testing.T) {
	for _, row := range []struct {
		name, want, got string
		differs         string // the paths that differ
	}{
		{"equal", `{"a":[1,"x",true,null]}`, `{"a":[1,"x",true,null]}`, ""},
		{"missing member", `{"a":1,"b":2}`, `{"a":1}`, "body.b"},
		{"member too much", `{"a":1}`, `{"a":1,"b":2}`, "body.b"},
		{"null is absent", `{"a":1}`, `{"a":1,"b":null}`, ""},
		{"null is expected, absent", `{"a":null}`, `{}`, ""},
		{"null is expected", `{"a":null}`, `{"a":0}`, "body.a"},
		{"null instead of a value", `{"a":1}`, `{"a":null}`, "body.a"},
		{"number is not text", `{"a":1}`, `{"a":"1"}`, "body.a"},
		{"text is not a number", `{"a":"1"}`, `{"a":1}`, "body.a"},
		{"boolean is not text", `{"a":true}`, `{"a":"true"}`, "body.a"},
		{"equal numbers", `{"a":100.0,"b":1}`, `{"a":100,"b":1.00}`, ""},
		{"unequal numbers", `100`, `100.1`, "body"},
		{"a number out of reach", `1`, `1e999999999`, "body"},
		{"list too short", `[1,2]`, `[1]`, "body[1]"},
		{"list too long", `[1]`, `[1,2]`, "body[1]"},
		{"order", `[1,2]`, `[2,1]`, "body[0] body[1]"},
		{"document in a string", `{"a":{"b":[1]}}`, `{"a":"{\"b\":[1]}"}`, ""},
		{"list in a string", `[1]`, `"[1]"`, ""},
		{"no document in a string", `{"a":{}}`, `{"a":"x"}`, "body.a"},
		{"data with dollar signs", `{"$ref":"a"}`, `{"$ref":"a"}`, ""},
		{"data with dollar signs differs", `{"$ref":"a"}`, `{"$ref":"b"}`, "body.$ref"},
		{"two members are data", `{"$any":"a","b":1}`, `{"$any":"a","b":1}`, ""},

		{"any", `{"a":{"$any":"x"}}`, `{"a":[]}`, ""},
		{"any is present", `{"a":{"$any":"x"}}`, `{}`, "body.a"},
		{"any is not null", `{"a":{"$any":"x"}}`, `{"a":null}`, "body.a"},
		{"same", `[{"$same":"x"},{"$same":"x"},{"$same":"y"}]`, `["1","1","2"]`, ""},
		{"same differs", `[{"$same":"x"},{"$same":"x"}]`, `["1","2"]`, "body[1]"},
		{"same document", `[{"$same":"x"},{"$same":"x"}]`, `[{"a":1},{"a":1.0}]`, ""},
		{"regex", `{"$regex":"a+"}`, `"aaa"`, ""},
		{"regex matches whole", `{"$regex":"a+"}`, `"aaab"`, "body"},
		{"regex with alternatives", `{"$regex":"a|b"}`, `"ab"`, "body"},
		{"regex wants text", `{"$regex":"1"}`, `1`, "body"},
		{"base64", `{"$base64":"YWI="}`, `"ab"`, ""},
		{"base64 differs", `{"$base64":"YWI="}`, `"ac"`, "body"},
		{"lines", `{"$lines":["a",{"$any":"x"},""]}`, `"a\nb\n"`, ""},
		{"lines differ", `{"$lines":["a","b"]}`, `"a\nc"`, "body[1]"},
		{"lines too many", `{"$lines":["a"]}`, `"a\nb"`, "body[1]"},
		{"unordered", `{"$unordered":[1,2,3]}`, `[3,1,2]`, ""},
		{"unordered once each", `{"$unordered":[1,1,2]}`, `[1,2,2]`, "body[1, in any order]"},
		{"unordered length", `{"$unordered":[1]}`, `[1,1]`, "body"},
	} {
		t.Run(row.name, func(t *testing.T) {
			differences, _ := compareText(t, row.want, row.got, bindings{})
			var paths []string
			for _, d := range differences {
				paths = append(paths, d.Path)
			}
			if got := strings.Join(paths, " "); got != row.differs {
				t.Errorf("differs at %q, want %q: %v", got, row.differs, differences)
			}
		})
	}
}

// TestUnorderedTakesBack: the first order that fits the first entry does not
// fit the second, because of what it bound.
func TestUnorderedTakesBack(t *testing.T) {
	want := `{"$unordered":[{"id":{"$same":"a"}},{"id":{"$same":"b"},"of":{"$same":"a"}}]}`
	got := `[{"id":"2","of":"1"},{"id":"1"}]`
	differences, same := compareText(t, want, got, bindings{})
	if len(differences) > 0 || same["a"] != "1" || same["b"] != "2" {
		t.Errorf("%v, %v", differences, same)
	}
	want = `{"$unordered":[{"id":{"$any":"x"},"k":{"$same":"a"}},{"id":{"$same":"a"},"k":{"$same":"a"}}]}`
	got = `[{"id":"1","k":"2"},{"id":"3","k":"2"},{"id":"2","k":"2"}]`
	want3 := strings.Replace(want, `{"$unordered":[`, `{"$unordered":[{"id":"3","k":"2"},`, 1)
	if differences, _ := compareText(t, want3, got, bindings{}); len(differences) > 0 {
		t.Errorf("%v", differences)
	}
}

// TestUnorderedEnds: entries that all look alike but for the last.
func TestUnorderedEnds(t *testing.T) {
	want := `{"$unordered":[` + strings.Repeat(`{"$any":"x"},`, 30) + `"never"]}`
	got := `[` + strings.Repeat(`1,`, 30) + `2]`
	if differences, _ := compareText(t, want, got, bindings{}); len(differences) != 1 {
		t.Errorf("%v", differences)
	}
}

func TestText(t *testing.T) {
	for _, row := range []struct {
		name, parts, text string
		bound             bindings // nil: must not match
	}{
		{"literals", `["a","b"]`, "ab", bindings{}},
		{"too much", `["a"]`, "ab", nil},
		{"too little", `["a","b"]`, "a", nil},
		{"empty", `[]`, "", bindings{}},
		{"same at the end", `["id ",{"$same":"x"}]`, "id 42", bindings{"x": "42"}},
		{"shortest", `[{"$same":"x"},"-",{"$any":"y"}]`, "a-b-c", bindings{"x": "a"}},
		{"shortest that fits", `[{"$same":"x"},"-c"]`, "a-b-c", bindings{"x": "a-b"}},
		{"same twice", `[{"$same":"x"}," ",{"$same":"x"}]`, "ab ab", bindings{"x": "ab"}},
		{"same twice differs", `[{"$same":"x"}," ",{"$same":"x"}]`, "ab ac", nil},
		{"same twice, found late", `[{"$same":"x"}," ",{"$same":"x"}]`, "a b a b", bindings{"x": "a b"}},
		{"regex", `[{"$regex":"\\d+"},"!"]`, "123!", bindings{}},
		{"regex takes what the rest needs", `[{"$regex":"[a-z]+"},{"$regex":"z\\d"}]`, "abz1", bindings{}},
		{"regex fails", `[{"$regex":"\\d+"},"!"]`, "12a!", nil},
		{"no matcher", `[{"a":1}]`, "a", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			parts, _ := parseJSON([]byte(row.parts))
			m := &matching{same: bindings{}}
			differences := m.compare("body", map[string]any{"$text": parts}, row.text)
			if matches := len(differences) == 0; matches != (row.bound != nil) {
				t.Fatalf("matches = %t: %v", matches, differences)
			}
			for name, want := range row.bound {
				if m.same[name] != want {
					t.Errorf("%s = %v, want %v", name, m.same[name], want)
				}
			}
		})
	}
}

func TestTextUsesBindings(t *testing.T) {
	m := &matching{same: bindings{"id": "42"}}
	want := map[string]any{"$text": []any{"of ", map[string]any{"$same": "id"}}}
	if d := m.compare("body", want, "of 42"); len(d) > 0 {
		t.Errorf("%v", d)
	}
	if d := m.compare("body", want, "of 43"); len(d) == 0 {
		t.Error("another value matches")
	}
}

// FuzzCompare: whatever is compared, it ends, and a document matches itself
// unless it holds matchers.
func FuzzCompare(f *testing.F) {
	f.Add(`{"a":[1,{"$same":"x"}]}`, `{"a":[1,2]}`)
	f.Add(`{"$text":["a",{"$any":"x"},{"$regex":"("}]}`, `"ab"`)
	f.Add(`{"$unordered":[{"$same":"x"},1]}`, `[1,1]`)
	f.Add(`1e999999999`, `1e999999999`)
	f.Fuzz(func(t *testing.T, want, got string) {
		w, okW := parseJSON([]byte(want))
		g, okG := parseJSON([]byte(got))
		if !okW || !okG || len(want)+len(got) > 500 {
			return
		}
		m := &matching{same: bindings{}}
		_ = m.compare("body", w, g)
		if !strings.Contains(got, "$") && !strings.Contains(got, `\u0024`) {
			if d := m.compare("body", g, g); len(d) > 0 {
				t.Errorf("%s does not match itself: %v", got, d)
			}
		}
	})
}
