package openapi

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

var modelName = regexp.MustCompile(`^[a-zA-Z0-9]+$`)

func (r *reader) schemas() *node {
	if r.swagger {
		return r.root.get("definitions")
	}
	return r.root.get("components").get("schemas")
}

// readModels makes a model of each schema that has a name.
func (r *reader) readModels() {
	for _, m := range r.objectOf(r.schemas(), "schemas") {
		if !modelName.MatchString(m.key) {
			r.fail(m.at, "Model name must be alphanumeric: %s", m.key)
			continue
		}
		r.out.places[part{Model, m.key}] = m.at
		r.models[m.key] = &apigw.Model{
			Name:        &m.key,
			Description: apigw.Text(r.str(m.value.get("description"))),
			ContentType: new("application/json"),
			Schema:      new(r.schemaText(m.key, m.value)),
		}
	}
}

// documentOnly are the keywords of OpenAPI that a stored schema does not have.
// The guide for some, assumed for the others.
var documentOnly = map[string]bool{
	"example": true, "examples": true, "externalDocs": true, "xml": true, "discriminator": true,
	"nullable": true, "readOnly": true, "writeOnly": true, "deprecated": true,
}

// schemaText returns a schema as it is stored: without the keywords that only
// documents have, and with references in one form.
func (r *reader) schemaText(model string, n *node) string {
	return r.storedSchema(model, n, false).json()
}

// storedSchema copies a schema. Within "properties" and the like the keys are
// names and not keywords.
func (r *reader) storedSchema(model string, n *node, names bool) *node {
	if n == nil {
		return nil
	}
	out := *n
	switch n.kind {
	case list:
		out.items = make([]*node, len(n.items))
		for i, item := range n.items {
			out.items[i] = r.storedSchema(model, item, false)
		}
	case object:
		out.members, out.index = nil, nil
		for _, m := range n.members {
			switch {
			case names:
				m.value = r.storedSchema(model, m.value, false)
			case documentOnly[m.key] || strings.HasPrefix(m.key, "x-"):
				continue
			case m.key == "$ref":
				if m.value = r.storedRef(model, m.value); m.value == nil {
					continue
				}
			case !dataBelow[m.key]:
				m.value = r.storedSchema(model, m.value, namesBelow[m.key])
			}
			out.set(m)
		}
	}
	return &out
}

// namesBelow are the keywords whose object has names for keys.
var namesBelow = map[string]bool{"properties": true, "patternProperties": true, "definitions": true, "dependencies": true}

// dataBelow are the keywords that hold values of the described data, which may
// look like a schema and is none.
var dataBelow = map[string]bool{"enum": true, "default": true, "required": true}

// ModelRef begins the references between models in the schemas of a
// [Definition]: the service's own form with an empty id of the API.
const ModelRef = "https://apigateway.amazonaws.com/restapis//models/"

const (
	definitionRef = "#/definitions/"
	componentRef  = "#/components/schemas/"
)

// storedRef turns a reference to a schema of the document into the one form
// that definitions use; nil if it has to go.
func (r *reader) storedRef(model string, ref *node) *node {
	text := r.str(ref)
	name := modelOf(text)
	out := *ref
	switch {
	case name != "" && r.schemas().get(name) == nil:
		r.warn(ref.place(), "Reference to model '%s' not found. Ignoring.", name)
		return nil
	case name != "":
		out.text, out.isText = ModelRef+name, true
		return &out
	}
	for _, prefix := range []string{definitionRef, componentRef} {
		if inner, ok := strings.CutPrefix(text, prefix+model+"/"); ok {
			out.text = "#/" + inner // into the schema itself
			return &out
		}
	}
	r.fail(ref.place(), "Unable to create model for '%s': Invalid model specified: Validation Result: warnings : [], errors : [Model reference must be in canonical form]", model)
	return nil
}

var canonicalRef = regexp.MustCompile(`^https://apigateway\.amazonaws\.com/restapis/[^/]*/models/([a-zA-Z0-9]+)$`)

// modelOf returns the name of the model that a reference means, or "".
func modelOf(ref string) string {
	for _, prefix := range []string{definitionRef, componentRef} {
		if name, ok := strings.CutPrefix(ref, prefix); ok && modelName.MatchString(name) {
			return name
		}
	}
	if m := canonicalRef.FindStringSubmatch(ref); m != nil {
		return m[1]
	}
	return ""
}

// modelFor returns the name of the model for a schema of a body or response: the
// one that it refers to, or one made of it. Empty, with a warning, if there is
// none to be had. where is as in "201 response to method 'POST /events'".
func (r *reader) modelFor(schema *node, where string) string {
	if ref := schema.get("$ref"); ref != nil {
		text := r.str(ref)
		name := modelOf(text)
		if name == "" || r.models[name] == nil {
			r.warn(ref.place(), "Reference to model '%s' not found. Ignoring.", text[strings.LastIndexByte(text, '/')+1:])
			return ""
		}
		return name
	}
	kind := r.str(schema.get("type"))
	if kind != "object" && kind != "array" && !slices.ContainsFunc(composing, func(keyword string) bool { return schema.get(keyword) != nil }) {
		if kind != "" {
			r.warn(schema.place(), "Unsupported model type '%sSchema' in %s. Ignoring.", strings.ToUpper(kind[:1])+kind[1:], where)
		}
		return ""
	}
	return r.generatedModel(schema.place(), r.schemaText(where, schema))
}

// composing are the keywords that make a schema without a type a model.
var composing = []string{"properties", "items", "additionalProperties", "allOf", "oneOf", "anyOf"}

// generatedModel returns the name of a model made of a schema without a name.
// Equal schemas are one model. Names of this form are quoted by users; that
// they follow from the schema keeps them from changing with each import.
func (r *reader) generatedModel(at Place, text string) string {
	sum := sha256.Sum256([]byte(text))
	digits := hex.EncodeToString(sum[:])
	for n := 6; ; n += 2 {
		name := "MODEL" + digits[:n]
		switch m := r.models[name]; {
		case m == nil:
			r.out.places[part{Model, name}] = at
			r.models[name] = &apigw.Model{Name: &name, ContentType: new(jsonType), Schema: &text}
			return name
		case *m.Schema == text:
			return name
		}
	}
}
