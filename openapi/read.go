package openapi

import (
	"cmp"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// Read reads a document. If there are problems, the definition is not to be used.
func Read(data []byte, o Options) (*Definition, []Problem) {
	text := strings.NewReplacer(
		"${AWS::AccountId}", o.Account, "${AWS::Region}", o.Region, "${AWS::Partition}", "aws",
	).Replace(string(data))
	root, err := parse([]byte(text))
	if err != nil {
		return nil, []Problem{{Text: "Invalid OpenAPI input: " + err.Error()}}
	}
	r := &reader{root: root}
	r.document()
	slices.SortFunc(r.out.Resources, func(a, b Resource) int { return cmp.Compare(a.Path, b.Path) })
	return &r.out, r.problems
}

// reader collects what a document defines.
type reader struct {
	root     *node
	swagger  bool // 2.0; else 3.0
	out      Definition
	problems []Problem
}

func (r *reader) problem(at *node, text string) {
	p := Problem{Text: text}
	if at != nil {
		p.Line, p.Column = at.line, at.column
	}
	r.problems = append(r.problems, p)
}

// notYet names what the service takes and this version does not.
func (r *reader) notYet(at *node, what string) {
	r.problem(at, what+" is not taken by this version of postern")
}

func (r *reader) document() {
	version := r.root.get("openapi")
	if version == nil {
		version = r.root.get("swagger")
		r.swagger = true
	}
	switch {
	case r.root.kind != object, version == nil,
		r.swagger && version.text != "2.0",
		!r.swagger && !strings.HasPrefix(version.text, "3.0"):
		r.problem(r.root, "Invalid OpenAPI input: want swagger: \"2.0\" or openapi: 3.0.x")
		return
	}
	info := r.root.get("info")
	r.out.API.Name = apigw.Text(r.str(info.get("title")))
	r.out.API.Description = apigw.Text(r.str(info.get("description")))
	r.out.API.Version = apigw.Text(r.str(info.get("version")))
	if r.out.API.Name == nil {
		r.problem(cmp.Or(info, r.root), "info.title is missing: it is the name of the API")
	}
	for _, m := range r.root.members {
		r.rootMember(m)
	}
	r.refuseModels()
	paths := r.root.get("paths")
	for _, m := range r.objectOf(paths, "paths") {
		if strings.HasPrefix(m.key, "x-") {
			continue
		}
		r.path(m)
	}
}

func (r *reader) rootMember(m member) {
	switch m.key {
	case "x-amazon-apigateway-api-key-source":
		r.out.API.ApiKeySource = apigw.Text(r.str(m.value))
	case "x-amazon-apigateway-binary-media-types":
		for _, item := range m.value.items {
			r.out.API.BinaryMediaTypes = append(r.out.API.BinaryMediaTypes, r.str(item))
		}
	case "x-amazon-apigateway-minimum-compression-size":
		r.out.API.MinimumCompressionSize = r.integer(m.value)
	case "x-amazon-apigateway-policy":
		r.out.API.Policy = new(m.value.json())
	case "x-amazon-apigateway-gateway-responses", "x-amazon-apigateway-request-validators",
		"x-amazon-apigateway-request-validator", "x-amazon-apigateway-documentation",
		"x-amazon-apigateway-endpoint-configuration", "security", "securityDefinitions":
		r.notYet(m.at, m.key)
	}
}

// refuseModels names the schemas of a document: they would become models.
func (r *reader) refuseModels() {
	components := r.root.get("components")
	for _, section := range []*node{r.root.get("definitions"), components.get("schemas"), components.get("securitySchemes")} {
		for _, m := range r.objectOf(section, "components") {
			r.notYet(m.at, "the component "+m.key)
		}
	}
}

// objectOf returns the members of an object; anything else is a problem.
func (r *reader) objectOf(n *node, what string) []member {
	if n == nil || n.kind == null {
		return nil
	}
	if n.kind != object {
		r.problem(n, what+" must be an object")
		return nil
	}
	return n.members
}

// str returns the text of a scalar; numbers and booleans are taken as they
// are written.
func (r *reader) str(n *node) string {
	if n == nil || n.kind == null {
		return ""
	}
	if n.kind != scalar {
		r.problem(n, "want a text")
		return ""
	}
	return n.text
}

// resolve follows a reference within the document, a few steps at most.
func (r *reader) resolve(n *node) *node {
	for range 10 {
		ref := n.get("$ref")
		if ref == nil {
			return n
		}
		path, ok := strings.CutPrefix(ref.text, "#/")
		if !ok {
			r.problem(ref, "only references within the document are supported: "+ref.text)
			return nil
		}
		target := r.root
		for segment := range strings.SplitSeq(path, "/") {
			target = target.get(strings.NewReplacer("~1", "/", "~0", "~").Replace(segment))
		}
		if target == nil {
			r.problem(ref, "nothing is defined at "+ref.text)
			return nil
		}
		n = target
	}
	r.problem(n, "the reference leads in a circle")
	return nil
}
