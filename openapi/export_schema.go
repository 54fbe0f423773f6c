package openapi

import (
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// schemaPrefix is where schemas stand in the document.
func (e *exporter) schemaPrefix() string {
	if e.swagger() {
		return definitionRef
	}
	return componentRef
}

// schemas writes the models that are JSON, sorted by name.
func (e *exporter) schemas() *node {
	all := newObject()
	for _, m := range e.s.Models {
		name := apigw.Val(m.Name)
		if !e.models[name] {
			continue
		}
		schema := ofJSON(apigw.Val(m.Schema))
		e.writeRefs(name, schema, false)
		texts := e.docs.find("MODEL", "", "", "", name)
		// A schema that is a reference has no other members.
		if schema.get("$ref") == nil && schema.kind == object {
			if schema.get("description") == nil && m.Description != nil && e.o.Extensions.Rest {
				schema.add("description", optional(m.Description))
			}
			addTexts(schema, texts, "title", "description")
		}
		all.add(name, schema)
	}
	return all
}

// reference is a schema that is a model; one that the document does not have
// is any.
func (e *exporter) reference(model string) *node {
	if !e.models[model] {
		return newObject()
	}
	return newObject().add("$ref", newText(e.schemaPrefix()+model))
}

// writeRefs turns references between models into those of the document, and
// takes away the mark of the dialect, which documents do not have. Within
// "properties" and the like the keys are names and not keywords.
func (e *exporter) writeRefs(model string, n *node, names bool) {
	if n == nil {
		return
	}
	for _, item := range n.items {
		e.writeRefs(model, item, false)
	}
	members := n.members
	n.members, n.index = nil, nil
	for _, m := range members {
		switch {
		case names:
			e.writeRefs(model, m.value, false)
		case m.key == "$schema":
			continue
		case m.key == "$ref" && m.value.kind == scalar:
			m.value = newText(e.documentRef(model, m.value.text))
		case !dataBelow[m.key]:
			e.writeRefs(model, m.value, namesBelow[m.key])
		}
		n.set(m)
	}
}

// documentRef is the reference of a stored schema as the document has it. One
// into the schema itself begins at the root of the schema there, and at the
// root of the document here.
func (e *exporter) documentRef(model, ref string) string {
	if found := canonicalRef.FindStringSubmatch(ref); found != nil {
		return e.schemaPrefix() + found[1]
	}
	if rest, ok := strings.CutPrefix(ref, "#"); ok {
		return e.schemaPrefix() + model + rest
	}
	return ref
}
