package recorded

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testScope(t *testing.T) *scope {
	t.Helper()
	answer, ok := parseJSON([]byte(`{
		"id": "abc", "n": 1.50, "items": [{"path": "/", "id": "root"}, {"path": "/a.b", "id": "ab"}],
		"body": "{\"inner\": [true]}"}`))
	if !ok {
		t.Fatal("not JSON")
	}
	return &scope{
		values:  map[string]string{"uid.1": "0a1b2c3d", "account": "123", "backend.1": "127.0.0.1:80"},
		answers: map[int]any{1: answer, 12: "text"},
	}
}

func TestExpand(t *testing.T) {
	s := testScope(t)
	for _, row := range []struct{ text, want string }{
		{"plain", "plain"},
		{"${1.id}", "abc"},
		{"a-${1.id}/${uid.1}-${account}:${backend.1}", "a-abc/0a1b2c3d-123:127.0.0.1:80"},
		{"${1.id|upper}", "ABC"},
		{"${1.n}", "1.50"},
		{"${1.items[0].id}", "root"},
		{"${1.items[path=/].id}", "root"},
		{"${1.items[path=/a.b].id}", "ab"},
		{"${1.body.inner[0]}", "true"},
		{"${stageVariables.x} $${1.id} ${} ${uid.2} ${1}", "${stageVariables.x} $abc ${} ${uid.2} ${1}"},
		{"${stageVariables.${1.id}}", "${stageVariables.abc}"},
	} {
		if got, err := s.expand(row.text); got != row.want || err != nil {
			t.Errorf("expand(%q) = %q, %v; want %q", row.text, got, err, row.want)
		}
	}
	for _, text := range []string{"${2.id}", "${1.none}", "${1.items[2].id}", "${1.items[path=/x].id}", "${1.id.x}", "${1.[}"} {
		if got, err := s.expand(text); err == nil {
			t.Errorf("expand(%q) = %q without an error", text, got)
		}
	}
}

func TestExpandAll(t *testing.T) {
	s := testScope(t)
	in := map[string]any{"${1.id}": []any{"${uid.1}", true, map[string]any{"k": "${account}"}}}
	want := map[string]any{"abc": []any{"0a1b2c3d", true, map[string]any{"k": "123"}}}
	got, err := s.expandAll(in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, in := range []any{map[string]any{"${2.id}": "x"}, []any{"${2.id}"}, map[string]any{"x": "${2.id}"}} {
		if _, err := s.expandAll(in); err == nil {
			t.Errorf("%v without an error", in)
		}
	}
}

func TestWithout(t *testing.T) {
	const document = `{"a": {"b": 1, "c": 2}, "l": [{"k": "x", "v": 1}, {"k": "y", "v": 2}]}`
	for _, row := range []struct{ path, want string }{
		{"a", `{"l": [{"k": "x", "v": 1}, {"k": "y", "v": 2}]}`},
		{"a.b", `{"a": {"c": 2}, "l": [{"k": "x", "v": 1}, {"k": "y", "v": 2}]}`},
		{"l[0]", `{"a": {"b": 1, "c": 2}, "l": [{"k": "y", "v": 2}]}`},
		{"l[1].v", `{"a": {"b": 1, "c": 2}, "l": [{"k": "x", "v": 1}, {"k": "y"}]}`},
		{"l[k=y].v", `{"a": {"b": 1, "c": 2}, "l": [{"k": "x", "v": 1}, {"k": "y"}]}`},
		{"none", document},
		{"a.none", document},
		{"a.b.c", document},
		{"l[9]", document},
		{"", document},
	} {
		value, _ := parseJSON([]byte(document))
		want, _ := parseJSON([]byte(row.want))
		if diff := cmp.Diff(want, without(value, row.path)); diff != "" {
			t.Errorf("without %q (-want +got):\n%s", row.path, diff)
		}
		again, _ := parseJSON([]byte(document))
		if diff := cmp.Diff(again, value); diff != "" {
			t.Errorf("without %q changed its argument:\n%s", row.path, diff)
		}
	}
}

func FuzzExpand(f *testing.F) {
	for _, text := range []string{"${1.id|upper}", "${1.items[path=/].id}", "${1.[[}", "${99999999999999999999.a}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = testScope(t).expand(text) // must end without a panic
		value, _ := parseJSON([]byte(`{"a":[{"b":1}]}`))
		_ = without(value, text)
	})
}
