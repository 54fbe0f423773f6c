package openapi

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
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
			if !names && (documentOnly[m.key] || strings.HasPrefix(m.key, "x-")) {
				continue
			}
			if !names && m.key == "$ref" {
				m.value = r.storedRef(model, m.value)
			} else if m.value.kind != scalar {
				m.value = r.storedSchema(model, m.value, !names && namesBelow[m.key])
			}
			out.set(m)
		}
	}
	return &out
}

// namesBelow are the keywords whose object has names for keys.
var namesBelow = map[string]bool{"properties": true, "patternProperties": true, "definitions": true, "dependencies": true}

// storedRef turns a reference to a schema of the document into the one form
// that definitions use.
func (r *reader) storedRef(model string, ref *node) *node {
	name := modelOf(r.str(ref))
	switch {
	case name == "" && strings.HasPrefix(ref.text, "#"):
		return ref // into the schema itself
	case name == "":
		r.fail(ref.place(), "Unable to create model for '%s': Invalid model specified: Validation Result: warnings : [], errors : [Model reference must be in canonical form]", model)
		return ref
	case r.schemas().get(name) == nil:
		r.warn(ref.place(), "Reference to model '%s' not found. Ignoring.", name)
	}
	out := *ref
	out.text, out.isText = definitionRef+name, true
	return &out
}

const definitionRef = "#/definitions/"

var canonicalRef = regexp.MustCompile(`^https://apigateway\.amazonaws\.com/restapis/[^/]+/models/([a-zA-Z0-9]+)$`)

// modelOf returns the name of the model that a reference means, or "".
func modelOf(ref string) string {
	for _, prefix := range []string{definitionRef, "#/components/schemas/"} {
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
		name := modelOf(r.str(ref))
		if name == "" || r.models[name] == nil {
			r.warn(ref.place(), "Reference to model '%s' not found. Ignoring.", ref.text[strings.LastIndexByte(ref.text, '/')+1:])
			return ""
		}
		return name
	}
	kind := r.str(schema.get("type"))
	composed := schema.get("properties") != nil || schema.get("allOf") != nil || schema.get("oneOf") != nil || schema.get("anyOf") != nil
	if kind != "object" && kind != "array" && !composed {
		if kind == "" {
			return ""
		}
		r.warn(schema.place(), "Unsupported model type '%sSchema' in %s. Ignoring.", strings.ToUpper(kind[:1])+kind[1:], where)
		return ""
	}
	text := r.schemaText(where, schema)
	sum := sha256.Sum256([]byte(text))
	name := "MODEL" + hex.EncodeToString(sum[:3])
	r.out.places[part{Model, name}] = schema.place()
	r.models[name] = &apigw.Model{Name: &name, ContentType: new("application/json"), Schema: &text}
	return name
}
