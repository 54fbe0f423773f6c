package openapi_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/openapi"
)

var options = openapi.Options{Account: "123456789012", Region: "eu-west-1", BasePath: openapi.BasePathPrepend}

func addCorpus(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("..", "test", "openapi", "testdata", "*.*"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no documents to begin with: %v", err)
	}
	for _, file := range files {
		if strings.HasPrefix(filepath.Base(file), "large-") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// FuzzRead: whatever the document is, it is read or refused soon, and problems
// have places within it.
func FuzzRead(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		begin := time.Now()
		definition, problems := openapi.Read(data, options)
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%d bytes took %v", len(data), took)
		}
		if definition == nil && !openapi.Failed(problems) {
			t.Errorf("no definition and no problem for %q", data)
		}
		lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + 2
		for _, p := range problems {
			if p.Text == "" || p.Line < 0 || p.Line > lines {
				t.Errorf("problem %#v of a document with %d lines: %q", p, lines, data)
			}
		}
	})
}

// FuzzRoundTrip: what was read can be written, and what was written reads and
// writes the same.
func FuzzRoundTrip(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		definition, problems := openapi.Read(data, options)
		if openapi.Failed(problems) || !sound(definition) {
			return // what cannot be read is FuzzRead's
		}
		for _, o := range []openapi.ExportOptions{
			{Format: openapi.OpenAPI3}, {Format: openapi.OpenAPI3, YAML: true},
			{Format: openapi.Swagger2}, {Format: openapi.Swagger2, YAML: true},
		} {
			o.Extensions = openapi.ParseExtensions("apigateway")
			o.Host, o.Stage, o.DocumentationVersion = "api.example.com", "prod", definition.DocumentationVersion
			first := export(t, definition, o)
			again, problems := openapi.Read(first, openapi.Options{})
			if len(problems) > 0 {
				t.Fatalf("%s, YAML %t: the export is not taken: %v\n%s", o.Format, o.YAML, problems, first)
			}
			second := export(t, again, o)
			if diff := cmp.Diff(string(first), string(second)); diff != "" {
				t.Fatalf("%s, YAML %t: the second export differs (-first +second):\n%s\nfrom %q", o.Format, o.YAML, diff, data)
			}
		}
	})
}

func export(t *testing.T, d *openapi.Definition, o openapi.ExportOptions) []byte {
	t.Helper()
	o.Documentation = d.DocumentationParts
	out, err := openapi.Export(snapshot(d), o)
	if err != nil {
		t.Fatalf("export: %v", err)
	}
	return out.Body
}

// snapshot is a definition as a deployment would freeze it, with names for ids.
func snapshot(d *openapi.Definition) *domain.Snapshot {
	s := &domain.Snapshot{
		Account: options.Account, Region: options.Region, API: d.API,
		Models: d.Models, Validators: d.Validators, Authorizers: d.Authorizers, GatewayResponses: d.GatewayResponses,
	}
	s.API.Id = new("api")
	for i := range s.Validators {
		s.Validators[i].Id = s.Validators[i].Name
	}
	for i := range s.Authorizers {
		s.Authorizers[i].Id = s.Authorizers[i].Name
	}
	for _, r := range d.Resources {
		s.Resources = append(s.Resources, apigw.Resource{Id: new("resource " + r.Path), Path: new(r.Path), ParentId: new("parent"), ResourceMethods: r.Methods})
	}
	return s
}

var soundPath = regexp.MustCompile(`^(/|(/([a-zA-Z0-9._:,$-]+|\{[a-zA-Z0-9._:$-]+\+?\}))+)$`)

// sound reports whether the control plane would take a definition, as far as
// that matters to documents.
func sound(d *openapi.Definition) bool {
	for _, r := range d.Resources {
		if !soundPath.MatchString(r.Path) {
			return false
		}
		for _, m := range r.Methods {
			for key := range m.RequestParameters {
				if !domain.ValidRequestSource(key) {
					return false
				}
			}
		}
	}
	return true
}
