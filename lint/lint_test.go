package lint

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/control"
)

var update = flag.Bool("update", false, "write the expected findings")

// TestDocuments: each document of testdata has the findings that the file
// beside it lists.
func TestDocuments(t *testing.T) {
	documents, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(documents) == 0 {
		t.Fatalf("documents: %q, %v", documents, err)
	}
	more, _ := filepath.Glob("testdata/*.json")
	for _, document := range append(documents, more...) {
		t.Run(filepath.Base(document), func(t *testing.T) {
			data, err := os.ReadFile(document)
			if err != nil {
				t.Fatal(err)
			}
			report, err := Document(data, Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, f := range report.Findings {
				fmt.Fprintf(&got, "%d:%d: %s: %s\n", f.Line, f.Column, f.Severity, f.Text)
			}
			golden := document + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("findings of %s (-want +got):\n%s", document, diff)
			}
			again, err := Document(data, Options{})
			if err != nil || cmp.Diff(report.Findings, again.Findings) != "" {
				t.Errorf("the second report differs: %v\n%s", err, cmp.Diff(report.Findings, again.Findings))
			}
		})
	}
}

func TestOptions(t *testing.T) {
	const document = `{"openapi": "3.0.1", "info": {"title": "t"}, "paths": {"/a": {"get": {"x-amazon-apigateway-integration":
		{"type": "http_proxy", "httpMethod": "GET", "uri": "http://h.example/", "timeoutInMillis": 40000}}}}}`
	for name, row := range map[string]struct {
		options Options
		want    int
	}{
		"the limit of AWS":    {Options{}, 1},
		"a longer limit":      {Options{IntegrationTimeout: 60e9}, 0},
		"a quota that is low": {Options{IntegrationTimeout: 60e9, Quotas: control.Quotas{control.ResourcesPerAPI: 1}}, 1},
	} {
		report, err := Document([]byte(document), row.options)
		if err != nil {
			t.Fatal(err)
		}
		if got := report.Count(Error); got != row.want {
			t.Errorf("%s: %d errors, want %d: %+v", name, got, row.want, report.Findings)
		}
	}
}

// FuzzDocument: no document makes it panic.
func FuzzDocument(f *testing.F) {
	documents, _ := filepath.Glob("testdata/*.[yj]*")
	for _, document := range documents {
		data, err := os.ReadFile(document)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		report, err := Document(data, Options{})
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, finding := range report.Findings {
			if finding.Line < 0 || finding.Line > lines+1 || finding.Text == "" {
				t.Errorf("%+v is not in a document of %d lines", finding, lines)
			}
		}
	})
}
