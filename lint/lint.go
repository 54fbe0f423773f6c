package lint

import (
	"cmp"
	"log/slog"
	"slices"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/control"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/openapi"
	"github.com/postern-gateway/postern/plan"
)

// Severity says what comes of a finding.
type Severity string

// The severities.
const (
	// Error: AWS would refuse the document, or the deployment after it.
	Error Severity = "error"
	// Warning: AWS would drop something, or some requests would fail.
	Warning Severity = "warning"
)

// Finding is something wrong at a place of the document. The place is nowhere
// (0:0) if it is about the document as a whole.
type Finding struct {
	openapi.Place
	Severity Severity `json:"severity"`
	Text     string   `json:"text"`
}

// Of returns a problem of an import as a finding.
func Of(p openapi.Problem) Finding {
	f := Finding{Place: p.Place, Severity: Error, Text: p.Text}
	if p.Warning {
		f.Severity = Warning
	}
	if p.Detail != "" {
		f.Text += " (" + p.Detail + ")"
	}
	return f
}

// Report is what was found in a document.
type Report struct {
	Findings []Finding // sorted by place
	// Definition is what the document defines; nil if it cannot be read, and
	// not to be used if there are errors.
	Definition *openapi.Definition
}

// Count returns the number of findings of a severity.
func (r *Report) Count(severity Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == severity {
			n++
		}
	}
	return n
}

// Options are how a document would be imported. The zero value is that of a new
// node, an import without parameters.
type Options struct {
	Account, Region    string            // for variables in the document
	Parameters         map[string]string // of the import: "basepath", "ignore", ...
	IntegrationTimeout time.Duration     // the longest that an integration may have; 0: 29 s
	Quotas             control.Quotas
}

// Document looks at a document. The error tells of a mistake in this program,
// not in the document.
func Document(data []byte, o Options) (*Report, error) {
	// Nothing of the report depends on the time, and the same document shall
	// always get the same report, ids in texts included.
	service := &control.Service{
		Clock: clock.NewManual(time.Time{}), IDs: ids.Seeded(1), Log: slog.New(slog.DiscardHandler),
		Quotas: o.Quotas, IntegrationTimeout: o.IntegrationTimeout,
	}
	preview, err := service.PreviewImport(
		domain.Scope{Account: cmp.Or(o.Account, caller.DefaultAccount), Region: cmp.Or(o.Region, "us-east-1")},
		&apigw.ImportRestApiRequest{Body: data, Parameters: o.Parameters},
	)
	if err != nil {
		return nil, err
	}
	report := &Report{Definition: preview.Document}
	for _, p := range preview.Problems {
		report.Findings = append(report.Findings, Of(p))
	}
	if preview.Snapshot != nil {
		report.compile(preview.Snapshot)
	}
	slices.SortStableFunc(report.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return report, nil
}

// compile adds what the data plane finds. A method without integration is an
// error already.
func (r *Report) compile(s *domain.Snapshot) {
	unfinished := map[[2]string]bool{}
	for _, resource := range s.Resources {
		for verb, m := range resource.ResourceMethods {
			unfinished[[2]string{verb, *resource.Path}] = m.MethodIntegration == nil
		}
	}
	_, findings := plan.CompileAPI(s)
	for _, f := range findings {
		place := r.Definition.PlaceOfMethod(f.Path, f.Verb)
		switch {
		case unfinished[[2]string{f.Verb, f.Path}]:
			continue
		case f.Response != "":
			place = r.Definition.PlaceOf(openapi.GatewayResponse, f.Response)
		}
		r.Findings = append(r.Findings, Finding{Place: place, Severity: Warning, Text: "Requests will fail: " + f.String()})
	}
}
