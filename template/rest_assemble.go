package template

import (
	"cmp"
	"strings"
)

// assembler gathers the AWS::ApiGateway resources of a template by API.
type assembler struct {
	*reader
	nodes       map[string]*node // by logical id
	authorizers map[string]string
	validators  map[string]string
}

// node is a resource of an API, as in a path.
type node struct {
	res          *resource
	p            *props
	api          *api
	parent, part string
	path         string // once known
	visiting     bool
}

// assemble writes the resources that refer to an API into its document.
func (r *reader) assemble() error {
	w := &assembler{reader: r, nodes: map[string]*node{}, authorizers: map[string]string{}, validators: map[string]string{}}
	parts := map[string]func(*api, *props) error{
		"AWS::ApiGateway::Resource": w.node, "AWS::ApiGateway::Model": w.model, "AWS::ApiGateway::RequestValidator": w.validator,
		"AWS::ApiGateway::Authorizer": w.authorizer, "AWS::ApiGateway::GatewayResponse": w.gatewayResponse,
		"AWS::ApiGateway::DocumentationPart": w.documentation,
	}
	if err := w.each(func(kind string) func(*api, *props) error { return parts[kind] }); err != nil {
		return err
	}
	for _, res := range r.ordered {
		if n := w.nodes[res.id]; n != nil {
			path, err := w.path(n)
			if err != nil {
				return err
			}
			n.api.doc.child("paths").child(path)
		}
	}
	return w.each(func(kind string) func(*api, *props) error {
		if kind == "AWS::ApiGateway::Method" {
			return w.method
		}
		return nil
	})
}

// each calls what takes a type of resource, for all of them in order.
func (w *assembler) each(taker func(kind string) func(*api, *props) error) error {
	for _, res := range w.ordered {
		take := taker(res.kind)
		if take == nil || res.off {
			continue
		}
		p, err := w.properties(res)
		if err != nil {
			return err
		}
		a, err := w.owner(p)
		if err != nil {
			return err
		}
		if a == nil {
			continue
		}
		if err := take(a, p); err != nil {
			return err
		}
		w.rest(p, reasonProperty)
	}
	return nil
}

// owner is the API of a resource, nil if it is not of this template: then the
// resource is left out.
func (r *reader) owner(p *props) (*api, error) {
	id, err := p.text("RestApiId")
	if err != nil {
		return nil, err
	}
	if id == "" {
		return nil, p.at.res.at.errorf("%s has no RestApiId", p.at.res.id)
	}
	a := r.apis[id]
	if a == nil {
		r.leave(p.at, p.at.res.at, "its API "+id+" is not in this template, or its condition does not hold")
	}
	return a, nil
}

func (w *assembler) node(a *api, p *props) error {
	n := &node{res: p.at.res, p: p, api: a}
	var err error
	if n.parent, err = p.text("ParentId"); err != nil {
		return err
	}
	if n.part, err = p.text("PathPart"); err != nil {
		return err
	}
	if n.parent == "" || n.part == "" {
		return n.res.at.errorf("%s needs a ParentId and a PathPart", n.res.id)
	}
	w.nodes[n.res.id] = n
	return nil
}

// path is the whole path of a resource.
func (w *assembler) path(n *node) (string, error) {
	// A loop rather than recursion: paths may be long, and lead in a circle.
	var chain []*node
	for n.path == "" {
		if n.visiting {
			return "", n.res.at.errorf("the parents of %s lead in a circle", n.res.id)
		}
		n.visiting = true
		chain = append(chain, n)
		if n.parent == rootID(n.api) {
			break
		}
		parent := w.nodes[n.parent]
		if parent == nil || parent.api != n.api {
			return "", n.p.v.get("ParentId").errorf("ParentId of %s: %s is not a resource of its API in this template", n.res.id, n.parent)
		}
		n = parent
	}
	path := n.path
	for i := len(chain) - 1; i >= 0; i-- {
		path = path + "/" + chain[i].part
		chain[i].path, chain[i].visiting = path, false
		if err := w.spend(n.res.at, len(path)); err != nil {
			return "", err
		}
	}
	return path, nil
}

// rootID stands for the id of an API's root resource.
func rootID(a *api) string { return a.res.id + ".RootResourceId" }

// named is a resource's property Name, or its logical id.
func (p *props) named() (string, error) {
	name, err := p.text("Name")
	return cmp.Or(name, p.at.res.id), err
}

// swagger reports whether a document is Swagger 2.0, else OpenAPI 3.
func (a *api) swagger() bool { return a.doc.get("swagger") != nil }

// schemas is where the models of a document are.
func (a *api) schemas() *value {
	if a.swagger() {
		return a.doc.child("definitions")
	}
	return a.doc.child("components").child("schemas")
}

// schemaRef is a reference to a model.
func (a *api) schemaRef(model string) *value {
	if a.swagger() {
		return obj("$ref", "#/definitions/"+model)
	}
	return obj("$ref", "#/components/schemas/"+model)
}

// addModel adds a model, unless the section is no object.
func (a *api) addModel(at *value, name string, schema *value) error {
	section := a.schemas()
	if section == nil {
		return at.errorf("the models of the definition must be an object")
	}
	section.set(name, schema)
	return nil
}

func (w *assembler) model(a *api, p *props) error {
	name, err := p.named()
	if err != nil {
		return err
	}
	schema := obj("type", "object")
	if given := p.get("Schema"); given != nil {
		if schema, err = jsonOf(given, "Schema"); err != nil {
			return err
		}
	}
	schema = a.localRefs(schema)
	if d := p.get("Description"); d.truthy() && schema.get("description") == nil {
		schema.set("description", d)
	}
	if kind := p.v.get("ContentType").str(); kind == "" || kind == "application/json" {
		p.used["ContentType"] = true
	}
	return a.addModel(p.at.res.at, name, schema)
}

// localRefs turns references to models by URL into references within the
// document.
func (a *api) localRefs(v *value) *value {
	out := v.clone()
	var walk func(v *value)
	walk = func(v *value) {
		for _, item := range v.items {
			walk(item)
		}
		for i, m := range v.members {
			if _, name, ok := strings.Cut(m.value.str(), "/models/"); ok && m.key == "$ref" && strings.HasPrefix(m.value.text, "https://apigateway.") {
				v.members[i].value = a.schemaRef(name).get("$ref")
				continue
			}
			if m.value != nil {
				walk(m.value)
			}
		}
	}
	walk(out)
	return out
}

func (w *assembler) validator(a *api, p *props) error {
	name, err := p.named()
	if err != nil {
		return err
	}
	w.validators[p.at.res.id] = name
	section := a.doc.child("x-amazon-apigateway-request-validators")
	section.set(name, obj(
		"validateRequestBody", boolean(p.get("ValidateRequestBody").isTrue()),
		"validateRequestParameters", boolean(p.get("ValidateRequestParameters").isTrue())))
	return nil
}

func (w *assembler) gatewayResponse(a *api, p *props) error {
	kind, err := p.text("ResponseType")
	if err != nil {
		return err
	}
	if kind == "" {
		return p.at.res.at.errorf("%s has no ResponseType", p.at.res.id)
	}
	a.doc.child("x-amazon-apigateway-gateway-responses").set(kind, obj("statusCode", p.get("StatusCode"),
		"responseParameters", p.get("ResponseParameters"), "responseTemplates", p.get("ResponseTemplates")))
	return nil
}

func (w *assembler) documentation(a *api, p *props) error {
	location, err := p.object("Location")
	if err != nil {
		return err
	}
	properties, err := jsonOf(p.get("Properties"), "Properties")
	if err != nil {
		return err
	}
	section := a.doc.child("x-amazon-apigateway-documentation")
	parts := section.get("documentationParts")
	if section == nil || (parts != nil && !parts.isList()) {
		return p.at.res.at.errorf("x-amazon-apigateway-documentation of the definition must have a list of documentationParts")
	}
	if parts == nil {
		parts = list()
		section.set("documentationParts", parts)
	}
	parts.items = append(parts.items, obj("location", obj("type", location.get("Type"), "path", location.get("Path"),
		"method", location.get("Method"), "statusCode", location.get("StatusCode"), "name", location.get("Name")),
		"properties", properties))
	w.rest(location, reasonProperty)
	return nil
}
