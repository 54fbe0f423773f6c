package template

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/postern-gateway/postern/apigw"
)

// Options are what a template may refer to.
type Options struct {
	// Parameters are values for the template's parameters, in place of their
	// defaults. A name that the template does not declare is an error.
	Parameters map[string]string
	// Account, Region, Partition and StackName are the pseudo parameters. Empty
	// ones are 123456789012, us-east-1, aws and postern.
	Account, Region, Partition, StackName string
	// Dir is where the relative paths of DefinitionUri and AWS::Include begin.
	Dir string
	// ReadFile reads a local file. If it is nil, naming a file is an error.
	ReadFile func(path string) ([]byte, error)
}

// Result is what a template holds.
type Result struct {
	APIs      []API      // in the order of the template, an implicit one last
	LeftOut   []LeftOut  // in the order of the template
	Functions []Function // in the order of the template
}

// API is one REST API. To run it: import Document with Parameters, create a
// deployment, and make each stage from it.
type API struct {
	LogicalID string
	// Document is the definition as JSON, Swagger 2.0 or OpenAPI 3.0. Name,
	// description, policy, binary types and the like are in it as extensions.
	Document []byte
	Name     string // as info.title of the document
	// Parameters are those of ImportRestApi, such as endpointConfigurationTypes.
	Parameters     map[string]string
	FailOnWarnings bool
	Tags           map[string]string
	Stages         []Stage
}

// Stage is a stage of an API. Absent settings are nil or empty.
type Stage struct {
	LogicalID           string // of the stage, or of the deployment that names it
	Name                string
	Description         string
	Variables           map[string]string
	TracingEnabled      *bool
	CacheClusterEnabled *bool
	CacheClusterSize    string // in GB, as "0.5"
	AccessLog           *AccessLog
	// MethodSettings are by "~1pets~1{id}/GET", "*/*" and the like, as in the
	// patch paths of UpdateStage.
	MethodSettings map[string]apigw.MethodSetting
	Canary         *Canary
	Tags           map[string]string
}

// AccessLog is where and how a stage logs its requests.
type AccessLog struct{ DestinationArn, Format string }

// Canary is a share of a stage's requests with values of its own. Its deployment
// is that of the stage: a template makes one only.
type Canary struct {
	PercentTraffic         *float64 // 0 to 100
	StageVariableOverrides map[string]string
	UseStageCache          *bool
}

// Function is a Lambda function that a template declares.
type Function struct {
	LogicalID, Name, ARN string
	Runtime, Handler     string
	CodeURI              string // the local folder or archive; empty if the code is elsewhere
	integrationARN       string // with the alias, if SAM publishes one
}

// LeftOut is a part of a template that has no effect.
type LeftOut struct {
	Resource     string // logical id; empty for a part of the template itself
	Type         string
	Property     string // path such as Domain or Events.Nightly; empty for the whole resource
	Reason       string
	Line, Column int // from 1; 0 for what the template does not write
}

// String returns "LINE:COLUMN: RESOURCE (TYPE) PROPERTY: REASON".
func (l LeftOut) String() string {
	subject := l.Resource
	if l.Type != "" {
		subject += " (" + l.Type + ")"
	}
	if l.Property != "" {
		subject += " " + l.Property
	}
	return fmt.Sprintf("%d:%d: %s: %s", l.Line, l.Column, subject, l.Reason)
}

// Error is why a template cannot be used, with its place.
type Error struct {
	File         string // a file that the template names; empty for the template
	Line, Column int    // from 1; 0 if there is no place
	Text         string
}

// Error returns "FILE:LINE:COLUMN: TEXT".
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	place := fmt.Sprintf("%d:%d", e.Line, e.Column)
	if e.File != "" {
		place = e.File + ":" + place
	}
	return place + ": " + e.Text
}

// Is reports whether a file is a template, and not an OpenAPI document or
// something that cannot be read.
func Is(data []byte) bool {
	root, err := parse(data, "")
	return err == nil && root.get("openapi") == nil && root.get("swagger") == nil &&
		(root.get("Resources") != nil || root.get("AWSTemplateFormatVersion") != nil)
}

// Read reads a template, JSON or YAML. The error is an [*Error] if a place in
// the template is at fault.
func Read(data []byte, o Options) (*Result, error) {
	if len(data) > maxTemplate {
		return nil, &Error{Text: fmt.Sprintf("the template has %d bytes; the limit is %d", len(data), maxTemplate)}
	}
	root, err := parse(data, "")
	if err != nil {
		return nil, err
	}
	o.Account = cmp.Or(o.Account, "123456789012")
	o.Region = cmp.Or(o.Region, "us-east-1")
	o.Partition = cmp.Or(o.Partition, "aws")
	o.StackName = cmp.Or(o.StackName, "postern")
	r := &reader{root: root, out: &Result{}, apis: map[string]*api{}}
	if err := r.read(o); err != nil {
		return nil, err
	}
	slices.SortStableFunc(r.out.LeftOut, func(a, b LeftOut) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.out, nil
}
