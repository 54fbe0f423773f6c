package openapi

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
)

// Format is the kind of a document that is written.
type Format string

// The formats. The names are those of the operation.
const (
	OpenAPI3 Format = "oas30"
	Swagger2 Format = "swagger"
)

// ParseFormat returns the format of a name.
func ParseFormat(name string) (Format, bool) {
	f := Format(name)
	return f, f == OpenAPI3 || f == Swagger2
}

// Extensions says which members beyond the standard a document gets. The guide.
type Extensions struct {
	Integrations  bool // how methods are integrated
	Authorizers   bool // authorizers, of which a scheme alone shows only the header
	Validators    bool
	Documentation bool // the parts as such; else their texts stand where the format has a place
	Rest          bool // gateway responses, policy, media types and other settings of the API
	Postman       bool // how the Postman tool signs requests
}

// ParseExtensions reads a list such as "integrations,authorizers". Names that
// mean nothing are ignored (assumed).
func ParseExtensions(list string) Extensions {
	var x Extensions
	for name := range strings.SplitSeq(list, ",") {
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "integrations":
			x.Integrations = true
		case "authorizers":
			x.Authorizers = true
		case "validators":
			x.Validators = true
		case "documentation":
			x.Documentation = true
		case "postman":
			x.Postman = true
		case "apigateway":
			x.Integrations, x.Authorizers, x.Validators, x.Documentation, x.Rest = true, true, true, true, true
		}
	}
	return x
}

// ExportOptions are what a document says beyond the definition of its API.
type ExportOptions struct {
	Format     Format
	YAML       bool
	Extensions Extensions
	Host       string    // at which the API is reached: "{api}.execute-api.{region}.amazonaws.com"
	Stage      string    // its name is the base path
	Created    time.Time // of the deployment: the version of an API that names none
	// Documentation is what the stage shows; empty: nothing.
	Documentation        []apigw.DocumentationPart
	DocumentationVersion string
	Documented           time.Time // when that version was made
}

// Document is a document that was written.
type Document struct {
	Version string // info.version
	Body    []byte
}

// NoExportError says why a definition cannot be written as a document.
type NoExportError struct{ Text string }

// Error returns the service's text.
func (e *NoExportError) Error() string { return e.Text }

// Export writes the definition that a deployment froze as a document.
//
// The document has the form that the service was recorded to write, but for
// the order of members, which is not stable there and is one for people here.
// Read understands all of it: with all extensions nothing is lost but ids,
// dates, the endpoint configuration (the service never exports it) and what
// the format cannot say, see docs of the package.
//
// A definition that cannot be written gives a *NoExportError.
func Export(s *domain.Snapshot, o ExportOptions) (*Document, error) {
	e := &exporter{s: s, o: o, models: map[string]bool{}, validators: map[string]string{}, docs: newDocs(o)}
	for _, m := range s.Models {
		if apigw.Val(m.ContentType) == jsonType {
			e.models[apigw.Val(m.Name)] = true
		}
	}
	e.nameValidators()
	e.nameSchemes()
	version := apigw.Val(s.API.Version)
	if version == "" {
		version = o.Created.UTC().Format("2006-01-02T15:04:05Z")
	}
	root, err := e.document(version)
	if err != nil {
		return nil, err
	}
	out := &Document{Version: version, Body: nil}
	if !o.YAML {
		out.Body = root.indented()
		return out, nil
	}
	if out.Body, err = root.yaml(); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return out, nil
}

const jsonType = "application/json"

type exporter struct {
	s           *domain.Snapshot
	o           ExportOptions
	models      map[string]bool           // those that have a schema in the document
	validators  map[string]string         // id -> name in the document
	authorizers map[string]*writtenScheme // by id
	apiKey, iam *writtenScheme
	docs        docs
}

func (e *exporter) swagger() bool { return e.o.Format == Swagger2 }

func (e *exporter) document(version string) (*node, error) {
	root := newObject()
	if e.swagger() {
		root.add("swagger", newText("2.0")).add("info", e.info(version)).
			add("host", newText(e.o.Host)).add("basePath", newText("/"+e.o.Stage)).
			add("schemes", newTexts([]string{"https"}))
	} else {
		variable := newObject().add("default", newText(e.o.Stage))
		root.add("openapi", newText("3.0.1")).add("info", e.info(version)).
			add("servers", newList(newObject().
				add("url", newText("https://"+e.o.Host+"/{basePath}")).
				add("variables", newObject().add("basePath", variable))))
	}
	paths, err := e.paths()
	if err != nil {
		return nil, err
	}
	root.add("paths", paths)
	schemas, schemes := e.schemas().filled(), e.securitySchemes().filled()
	if e.swagger() {
		root.add("securityDefinitions", schemes).add("definitions", schemas)
	} else {
		root.add("components", newObject().add("schemas", schemas).add("securitySchemes", schemes))
	}
	e.extensions(root)
	return root, nil
}

func (e *exporter) info(version string) *node {
	info := newObject().add("title", optional(e.s.API.Name)).
		add("description", optional(e.s.API.Description)).add("version", newText(version))
	texts := e.docs.find("API", "", "", "", "").get("info")
	for _, name := range []string{"description", "termsOfService", "contact", "license"} {
		info.add(name, texts.get(name))
	}
	return info
}

// paths lists resources that have methods, and those that end a branch: the
// others follow from the paths below them. Recorded: a root without methods is
// not shown.
func (e *exporter) paths() (*node, error) {
	parents := map[string]bool{}
	for _, r := range e.s.Resources {
		parents[apigw.Val(r.ParentId)] = true
	}
	paths := newObject()
	for _, r := range e.s.Resources {
		if len(r.ResourceMethods) == 0 && (parents[apigw.Val(r.Id)] || r.ParentId == nil) {
			continue
		}
		path := apigw.Val(r.Path)
		item := newObject()
		if !e.swagger() {
			addTexts(item, e.docs.find("RESOURCE", path, "", "", ""), "summary", "description")
		}
		for _, verb := range operations {
			m, ok := r.ResourceMethods[verbs[verb]]
			if !ok {
				continue
			}
			operation, err := e.operation(&r, &m)
			if err != nil {
				return nil, err
			}
			item.add(verb, operation)
		}
		paths.add(path, item)
	}
	return paths, nil
}

// operations are the members of a path item, in the order of exports.
var operations = []string{"get", "post", "put", "patch", "delete", "head", "options", anyMethod}

// extensions adds what stands at the end of the document.
func (e *exporter) extensions(root *node) {
	api := &e.s.API
	if e.o.Extensions.Rest {
		if source := apigw.Val(api.ApiKeySource); source != "" && source != apigw.ApiKeySourceType_HEADER {
			root.add("x-amazon-apigateway-api-key-source", newText(source))
		}
	}
	if e.o.Extensions.Validators {
		root.add("x-amazon-apigateway-request-validators", e.requestValidators().filled())
	}
	if e.o.Extensions.Rest {
		root.add("x-amazon-apigateway-gateway-responses", e.gatewayResponses().filled())
		if len(api.BinaryMediaTypes) > 0 {
			root.add("x-amazon-apigateway-binary-media-types", newTexts(api.BinaryMediaTypes))
		}
		if api.MinimumCompressionSize != nil {
			root.add("x-amazon-apigateway-minimum-compression-size", newInt(*api.MinimumCompressionSize))
		}
		if api.Policy != nil {
			root.add("x-amazon-apigateway-policy", e.policy(*api.Policy))
		}
	}
	if e.o.Extensions.Documentation && e.o.DocumentationVersion != "" {
		root.add("x-amazon-apigateway-documentation", e.documentation())
	}
}

// nameValidators gives each validator a name of its own: two may have the same.
func (e *exporter) nameValidators() {
	taken := map[string]bool{}
	for _, v := range e.sortedValidators() {
		e.validators[apigw.Val(v.Id)] = free(taken, apigw.Val(v.Name))
	}
}

// sortedValidators sorts by name: ids change with each import.
func (e *exporter) sortedValidators() []apigw.RequestValidator {
	return slices.SortedStableFunc(slices.Values(e.s.Validators), func(a, b apigw.RequestValidator) int {
		return strings.Compare(apigw.Val(a.Name), apigw.Val(b.Name))
	})
}

// free returns a name that is not taken yet, and takes it.
func free(taken map[string]bool, name string) string {
	candidate := name
	for i := 2; taken[candidate]; i++ {
		candidate = fmt.Sprintf("%s-%d", name, i)
	}
	taken[candidate] = true
	return candidate
}

func (e *exporter) requestValidators() *node {
	all := newObject()
	for _, v := range e.sortedValidators() {
		all.add(e.validators[apigw.Val(v.Id)], newObject().
			add("validateRequestParameters", newBool(apigw.Val(v.ValidateRequestParameters))).
			add("validateRequestBody", newBool(apigw.Val(v.ValidateRequestBody))))
	}
	return all
}

func (e *exporter) gatewayResponses() *node {
	all := newObject()
	for _, r := range e.s.GatewayResponses {
		all.add(apigw.Val(r.ResponseType), newObject().
			add("statusCode", optional(r.StatusCode)).
			add("responseParameters", textMap(r.ResponseParameters)).
			add("responseTemplates", textMap(r.ResponseTemplates)))
	}
	return all
}

// textMap is a map of texts, or nil for an empty one.
func textMap(m map[string]string) *node {
	n := newObject()
	for _, key := range sortedKeys(m) {
		n.add(key, newText(m[key]))
	}
	return n.filled()
}

// policy writes the resources of this API in the short form, so that the
// policy means the API that a document is imported as.
func (e *exporter) policy(text string) *node {
	own := fmt.Sprintf("arn:aws:execute-api:%s:%s:%s/", e.s.Region, e.s.Account, apigw.Val(e.s.API.Id))
	policy := ofJSON(text)
	statements := policy.get("Statement")
	if statements == nil {
		return policy
	}
	for _, s := range append([]*node{statements}, statements.items...) {
		for _, name := range []string{"Resource", "NotResource"} {
			value := s.get(name)
			if value == nil {
				continue
			}
			for _, resource := range append([]*node{value}, value.items...) {
				if rest, ok := strings.CutPrefix(resource.text, own); ok {
					resource.text = "execute-api:/" + rest
				}
			}
		}
	}
	return policy
}
