package template

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files of testdata")

func options() Options { return Options{Dir: "testdata", ReadFile: os.ReadFile} }

func templates(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"testdata/*.yaml", "testdata/*.json"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			if !strings.HasSuffix(file, ".golden.json") {
				files = append(files, file)
			}
		}
	}
	if len(files) < 12 {
		t.Fatalf("found %d templates", len(files))
	}
	return files
}

// golden shows a result: documents as indented JSON, the rest as lines.
func golden(t *testing.T, r *Result) []byte {
	t.Helper()
	type shown struct {
		API
		Document json.RawMessage
	}
	out := struct {
		APIs      []shown
		Functions []Function
		LeftOut   []string
	}{Functions: r.Functions}
	for _, a := range r.APIs {
		out.APIs = append(out.APIs, shown{a, a.Document})
	}
	for _, l := range r.LeftOut {
		out.LeftOut = append(out.LeftOut, l.String())
	}
	encoded, err := json.Marshal(out)
	if err != nil {
		t.Fatalf("%v in %s", err, r.APIs[0].Document)
	}
	var all map[string]any
	if err := json.Unmarshal(encoded, &all); err != nil {
		t.Fatal(err)
	}
	for _, section := range []string{"APIs", "Functions"} {
		given, _ := all[section].([]any)
		for _, x := range given {
			clean(x)
		}
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(all); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// clean drops the absent members of an API and its stages, not of its document.
func clean(v any) {
	object, _ := v.(map[string]any)
	for key, x := range object {
		switch x := x.(type) {
		case nil:
			delete(object, key)
		case string:
			if x == "" {
				delete(object, key)
			}
		case []any:
			for _, item := range x {
				clean(item)
			}
		}
	}
}

func TestGolden(t *testing.T) {
	for _, file := range templates(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			result, err := Read(data, options())
			if err != nil {
				t.Fatalf("Read(%s): %v", file, err)
			}
			got := golden(t, result)
			name := strings.TrimSuffix(file, filepath.Ext(file)) + ".golden.json"
			if *update {
				if err := os.WriteFile(name, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}
