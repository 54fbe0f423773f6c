package openapi

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

func (e *exporter) operation(r *apigw.Resource, m *apigw.Method) (*node, error) {
	path, verb := apigw.Val(r.Path), apigw.Val(m.HttpMethod)
	operation := newObject()
	texts := e.docs.find("METHOD", path, verb, "", "")
	for _, name := range []string{"tags", "summary", "description", "deprecated"} {
		operation.add(name, texts.get(name))
	}
	operation.add("operationId", optional(m.OperationName))
	body, err := e.body(path, m)
	if err != nil {
		return nil, err
	}
	parameters := e.parameters(path, m)
	if e.swagger() {
		consumes, produces := consumed(m, body), produced(m)
		operation.add("consumes", consumes).add("produces", produces)
		if body != nil {
			parameters = append(parameters, body)
		}
		body = nil
	}
	if len(parameters) > 0 {
		operation.add("parameters", newList(parameters...))
	}
	operation.add("requestBody", body).add("responses", e.responses(path, m)).add("security", e.security(m))
	if name, ok := e.validators[apigw.Val(m.RequestValidatorId)]; ok && e.o.Extensions.Validators {
		operation.add("x-amazon-apigateway-request-validator", newText(name))
	}
	if e.o.Extensions.Integrations && m.MethodIntegration != nil {
		operation.add(integrationMember, e.integration(apigw.Val(r.Id), m.MethodIntegration))
	}
	if e.o.Extensions.Postman {
		operation.add("x-postman-meta", e.postman(m))
	}
	return operation, nil
}

// postman tells the Postman tool how requests of a method are signed. The
// member and its two members are what that tool reads.
func (e *exporter) postman(m *apigw.Method) *node {
	if apigw.Val(m.AuthorizationType) != "AWS_IAM" {
		return newObject().add("currentHelper", newText("noAuth")).add("helperAttributes", newObject())
	}
	return newObject().add("currentHelper", newText("awsSigV4")).add("helperAttributes", newObject().
		add("region", newText(e.s.Region)).add("service", newText("execute-api")))
}

// A parameter of a document, from a key of requestParameters.
type parameter struct {
	in, name string
	required bool
	multi    bool // the values of a repeated parameter
}

// multiValue marks a parameter of which a method declares all values. OpenAPI
// has no word for it that the service would read back.
const multiValue = "x-postern-multi-value"

var parameterOrder = map[string]int{"path": 0, "query": 1, "header": 2}

func (e *exporter) parameters(path string, m *apigw.Method) []*node {
	var all []*node
	for _, p := range declared(path, m) {
		n := newObject().add("name", newText(p.name)).add("in", newText(p.in))
		kind := map[string]string{"path": "PATH_PARAMETER", "query": "QUERY_PARAMETER", "header": "REQUEST_HEADER"}[p.in]
		n.add("description", e.docs.find(kind, path, apigw.Val(m.HttpMethod), "", p.name).get("description"))
		if p.required || e.swagger() {
			n.add("required", newBool(p.required))
		}
		if e.swagger() {
			n.add("type", newText("string"))
		} else {
			n.add("schema", newObject().add("type", newText("string")))
		}
		if p.multi && e.o.Extensions.Integrations {
			n.add(multiValue, newBool(true))
		}
		all = append(all, n)
	}
	return all
}

// declared returns the parameters of a method: those of the path first, then
// by name, backwards. Recorded: "type" before "page"; the order of the service
// itself is that of a hash table.
func declared(path string, m *apigw.Method) []parameter {
	var all []parameter
	has := map[string]bool{}
	for key, required := range m.RequestParameters {
		rest, _ := strings.CutPrefix(key, "method.request.")
		place, name, _ := strings.Cut(rest, ".")
		p := parameter{name: name, required: required}
		switch place {
		case "path":
			p.in, p.required = "path", true // a path without it is another path
			has[name] = true
		case "querystring", "multivaluequerystring":
			p.in, p.multi = "query", place != "querystring"
		case "header", "multivalueheader":
			p.in, p.multi = "header", place != "header"
		default:
			continue
		}
		all = append(all, p)
	}
	// A document that does not declare the variables of its paths is not valid.
	for _, found := range placeholder.FindAllStringSubmatch(path, -1) {
		if name := found[1]; !has[name] && !strings.HasSuffix(name, "+") {
			all = append(all, parameter{in: "path", name: name, required: true})
		}
	}
	slices.SortFunc(all, func(a, b parameter) int {
		return cmp.Or(cmp.Compare(parameterOrder[a.in], parameterOrder[b.in]), cmp.Compare(b.name, a.name))
	})
	return all
}

// body writes the models of a request: a requestBody, or in Swagger the one
// body parameter that an operation can have.
func (e *exporter) body(path string, m *apigw.Method) (*node, error) {
	if len(m.RequestModels) == 0 {
		return nil, nil
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(m.RequestModels)), func(name string) bool { return e.models[name] }) {
		// The guide, for the beginning of the text.
		return nil, &NoExportError{fmt.Sprintf("Only found non-JSON body models for method '%s' on resource at path '%s'", apigw.Val(m.HttpMethod), path)}
	}
	description := e.docs.find("REQUEST_BODY", path, apigw.Val(m.HttpMethod), "", "").get("description")
	if e.swagger() {
		name := e.principal(m.RequestModels)
		return newObject().add("in", newText("body")).add("name", newText(name)).add("description", description).
			add("required", newBool(true)).add("schema", e.reference(name)), nil
	}
	return newObject().add("description", description).add("content", e.content(m.RequestModels)).
		add("required", newBool(true)), nil
}

// content writes models by media type.
func (e *exporter) content(models map[string]string) *node {
	content := newObject()
	for _, mediaType := range sortedKeys(models) {
		content.add(mediaType, newObject().add("schema", e.reference(models[mediaType])))
	}
	return content
}

// principal returns the model that Swagger shows: that of JSON, else the first.
func (e *exporter) principal(models map[string]string) string {
	if name := models[jsonType]; e.models[name] {
		return name
	}
	for _, mediaType := range sortedKeys(models) {
		if e.models[models[mediaType]] {
			return models[mediaType]
		}
	}
	return ""
}

// consumed lists the media types of the body parameter; without one those that
// have a request template.
func consumed(m *apigw.Method, body *node) *node {
	types := map[string]bool{}
	if body != nil {
		for mediaType, model := range m.RequestModels {
			if model == body.get("name").text {
				types[mediaType] = true
			}
		}
	} else if m.MethodIntegration != nil {
		for mediaType := range m.MethodIntegration.RequestTemplates {
			types[mediaType] = true
		}
	}
	return mediaTypes(types)
}

// produced lists the media types of the response models; without any those
// that have a response template.
func produced(m *apigw.Method) *node {
	types := map[string]bool{}
	for _, r := range m.MethodResponses {
		for mediaType := range r.ResponseModels {
			types[mediaType] = true
		}
	}
	if len(types) == 0 && m.MethodIntegration != nil {
		for _, r := range m.MethodIntegration.IntegrationResponses {
			for mediaType := range r.ResponseTemplates {
				types[mediaType] = true
			}
		}
	}
	return mediaTypes(types)
}

func mediaTypes(types map[string]bool) *node {
	if len(types) == 0 {
		return nil
	}
	return newTexts(sortedKeys(types))
}

// responses writes the responses of a method. Recorded: the description, and
// an empty content in OpenAPI. An operation has to have a response: one
// without gets a default, which an import does not read.
func (e *exporter) responses(path string, m *apigw.Method) *node {
	all := newObject()
	verb := apigw.Val(m.HttpMethod)
	for _, status := range byStatus(m.MethodResponses) {
		r := m.MethodResponses[status]
		description := e.docs.find("RESPONSE", path, verb, status, "").get("description")
		if description == nil {
			description = newText(status + " response")
		}
		response := newObject().add("description", description)
		headers := newObject()
		for _, key := range sortedKeys(r.ResponseParameters) {
			name := strings.TrimPrefix(key, "method.response.header.")
			header := newObject().add("description", e.docs.find("RESPONSE_HEADER", path, verb, status, name).get("description"))
			if e.swagger() {
				header.add("type", newText("string"))
			} else {
				header.add("schema", newObject().add("type", newText("string")))
			}
			headers.add(name, header)
		}
		if e.swagger() {
			if name := e.principal(r.ResponseModels); name != "" {
				response.add("schema", e.reference(name))
			}
			response.add("headers", headers.filled())
		} else {
			response.add("headers", headers.filled()).add("content", e.content(r.ResponseModels))
		}
		all.add(status, response)
	}
	if all.filled() == nil {
		all.add("default", newObject().add("description", newText("default response")))
	}
	return all
}

// byStatus returns the keys in the order in which the gateway tries them.
func byStatus[V any](m map[string]V) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
	})
}
