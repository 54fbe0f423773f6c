package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/postern-gateway/postern/lint"
	"github.com/postern-gateway/postern/openapi"
	"github.com/postern-gateway/postern/template"
)

// source is an API as the file has it. A plain document is an API without a
// logical id.
type source struct {
	template.API
	definition *openapi.Definition // once it was looked at
}

// sources returns the APIs that the file holds, and what is wrong with it.
func (u *up) sources(data []byte) ([]source, []lint.Finding) {
	if !template.Is(data) {
		if len(u.parameters) > 0 {
			return nil, []lint.Finding{{Severity: lint.Error, Text: "--parameter is for templates, and this is none"}}
		}
		return []source{{API: template.API{Document: data, Stages: []template.Stage{{Name: u.stage}}}}}, nil
	}
	parameters := map[string]string{}
	for _, p := range u.parameters {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			return nil, []lint.Finding{{Severity: lint.Error, Text: fmt.Sprintf("--parameter %q: want NAME=VALUE", p)}}
		}
		parameters[name] = value
	}
	result, err := template.Read(data, template.Options{
		Parameters: parameters, Account: u.options.Account, Region: u.options.Region,
		Dir: filepath.Dir(u.file), ReadFile: u.readFile,
	})
	if err != nil {
		f := lint.Finding{Severity: lint.Error, Text: err.Error()}
		var at *template.Error
		if errors.As(err, &at) && at.File == "" {
			f.Place, f.Text = openapi.Place{Line: at.Line, Column: at.Column}, at.Text
		}
		return nil, []lint.Finding{f}
	}
	var findings []lint.Finding
	for _, l := range result.LeftOut {
		_, text, _ := strings.Cut(l.String(), ": ") // the place stands beside it
		findings = append(findings, lint.Finding{
			Place: openapi.Place{Line: l.Line, Column: l.Column}, Severity: lint.Warning, Text: "Left out: " + text,
		})
	}
	if len(result.APIs) == 0 {
		findings = append(findings, lint.Finding{Severity: lint.Error, Text: "the template has no REST API"})
	}
	var sources []source
	for _, api := range result.APIs {
		if len(api.Stages) == 0 {
			api.Stages = []template.Stage{{Name: u.stage}}
		}
		sources = append(sources, source{API: api})
	}
	return sources, findings
}

// readFile reads a file that the template names, and has it watched from then on.
func (u *up) readFile(path string) ([]byte, error) {
	if u.files == nil {
		u.files = map[string]bool{}
	}
	u.files[path] = true
	return os.ReadFile(path)
}

// lint looks at the document of an API. One from a template is written here, so
// its places mean nothing to anybody.
func (u *up) lint(s *source) ([]lint.Finding, error) {
	options := u.options
	options.Parameters = s.Parameters
	report, err := lint.Document(s.Document, options)
	if err != nil {
		return nil, err
	}
	s.definition = report.Definition
	if s.LogicalID != "" {
		for i := range report.Findings {
			f := &report.Findings[i]
			f.Place, f.Text = openapi.Place{}, s.LogicalID+": "+f.Text
		}
	}
	return report.Findings, nil
}
