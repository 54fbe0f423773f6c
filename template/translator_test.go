package template

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// notTranslated are the templates that the translator does not take, or that
// have nothing of SAM in them.
var notTranslated = map[string]string{
	"definitionuri.yaml": "the translator reads definitions from S3 only",
	"differences.yaml":   "the differences",
	"leftout.yaml":       "the translator refuses properties that it does not know",
	"raw.yaml":           "no SAM",
	"stages.yaml":        "no SAM",
}

// TestAgainstSAMTranslator compares what this package makes of a SAM template
// with what it makes of the CloudFormation that the translator gives for it.
func TestAgainstSAMTranslator(t *testing.T) {
	if os.Getenv("POSTERN_FULL") == "" {
		t.Skip("set POSTERN_FULL=1 to compare with the SAM translator")
	}
	if err := exec.Command("python3", "-c", "import samtranslator").Run(); err != nil {
		t.Skip("python3 has no samtranslator")
	}
	for _, file := range templates(t) {
		name := filepath.Base(file)
		if notTranslated[name] != "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, parameters := range parameterSets[name] {
				compare(t, data, parameters)
			}
			if parameterSets[name] == nil {
				compare(t, data, nil)
			}
		})
	}
}

// parameterSets are the values with which a template is compared.
var parameterSets = map[string][]map[string]string{
	"conditions.yaml": {{"Env": "dev"}, {"Env": "prod"}},
}

func compare(t *testing.T, data []byte, parameters map[string]string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "python3", "testdata/translate.py")
	cmd.Stdin = bytes.NewReader(data)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	translated, err := cmd.Output()
	if err != nil {
		t.Fatalf("translate.py: %v\n%s", err, stderr.Bytes())
	}
	o := options()
	o.Parameters = parameters
	ours, err := Read(data, o)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	theirs, err := Read(translated, o)
	if err != nil {
		t.Fatalf("Read of the translation: %v\n%s", err, translated)
	}
	if diff := cmp.Diff(comparable(t, theirs), comparable(t, ours)); diff != "" {
		t.Errorf("with %v (-translator +ours):\n%s", parameters, diff)
	}
}

// comparable is a result without what has no meaning or differs on purpose; see
// docs/sam.md.
func comparable(t *testing.T, r *Result) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, a := range r.APIs {
		var document any
		if err := json.Unmarshal(a.Document, &document); err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(a.Stages, func(x, y Stage) int { return strings.Compare(x.Name, y.Name) })
		for i := range a.Stages {
			a.Stages[i].LogicalID = "" // the translator hashes some
		}
		a.Document = nil
		out[a.LogicalID] = map[string]any{"document": normal("", document), "api": a}
	}
	return out
}

func normal(key string, v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = normal("", v[i])
		}
	case map[string]any:
		for _, k := range slices.Collect(maps.Keys(v)) {
			v[k] = normal(k, v[k])
		}
		// The translator wraps header schemas once for each property that makes
		// it rewrite the document, and writes parameters in Swagger's form into
		// OpenAPI 3 documents. The type is text in any case.
		if key == "Access-Control-Allow-Origin" || key == "Access-Control-Allow-Methods" || v["in"] != nil && v["in"] != "body" {
			delete(v, "schema")
			if v["in"] != nil && v["x-amazon-apigateway-authtype"] == nil && v["name"] != "x-api-key" {
				delete(v, "type")
			}
		}
		// One statement may stand without a list around it.
		if s, ok := v["Statement"].(map[string]any); ok {
			v["Statement"] = []any{s}
		}
	}
	return v
}
