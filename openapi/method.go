package openapi

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

const anyMethod = "x-amazon-apigateway-any-method"

// verbs are the members of a path item that are methods.
var verbs = map[string]string{
	"get": "GET", "put": "PUT", "post": "POST", "delete": "DELETE", "options": "OPTIONS", "head": "HEAD", "patch": "PATCH",
	anyMethod: "ANY",
}

func (r *reader) path(m member, base string) {
	if !strings.HasPrefix(m.key, "/") {
		r.fail(m.at, "Unable to create resource at path '%s': paths must begin with a slash", m.key)
		return
	}
	resource := r.resource(cmp.Or(base+strings.TrimSuffix(m.key, "/"), "/"), m.at)
	item := r.resolve(m.value)
	shared := item.get("parameters")
	for _, operation := range r.objectOf(item, "a path") {
		if verb, ok := verbs[strings.ToLower(operation.key)]; ok {
			resource.Methods[verb] = r.method(verb, resource.Path, operation, shared)
			resource.Places[verb] = operation.at
		}
	}
}

// resource returns the resource at a path: two paths of a document may differ
// in a slash at their end only.
func (r *reader) resource(path string, at Place) *Resource {
	if i, ok := r.paths[path]; ok {
		return &r.out.Resources[i]
	}
	r.paths[path] = len(r.out.Resources)
	r.out.Resources = append(r.out.Resources, Resource{Path: path, Methods: map[string]apigw.Method{}, Places: map[string]Place{"": at}})
	return &r.out.Resources[len(r.out.Resources)-1]
}

func (r *reader) method(verb, path string, operation member, shared *node) apigw.Method {
	v := operation.value
	if v.absent() {
		v = &node{kind: object}
	}
	if v.kind != object {
		r.fail(v.place(), "an operation must be an object")
		v = &node{kind: object}
	}
	m := apigw.Method{
		HttpMethod:        &verb,
		AuthorizationType: new("NONE"),
		ApiKeyRequired:    new(false),
		OperationName:     apigw.Text(r.str(v.get("operationId"))),
	}
	where := "method '" + verb + " " + path + "'"
	for _, parameters := range []*node{shared, v.get("parameters")} {
		for _, p := range r.listOf(parameters, "parameters") {
			r.parameter(&m, r.resolve(p), v, where)
		}
	}
	declarePathParameters(&m, path)
	r.requestBody(&m, r.resolve(v.get("requestBody")), where)
	r.security(&m, v.get("security"))
	if kind := strings.ToUpper(r.str(v.get("x-amazon-apigateway-auth").get("type"))); kind != "" {
		m.AuthorizationType = &kind
		if kind == "NONE" || kind == "AWS_IAM" {
			m.AuthorizerId, m.AuthorizationScopes = nil, nil
		}
	}
	r.requestValidator(&m, v.get("x-amazon-apigateway-request-validator"))
	for _, response := range r.objectOf(v.get("responses"), "responses") {
		r.methodResponse(&m, response, v, where)
	}
	if i := r.resolve(v.get(integrationMember)); !i.absent() {
		m.MethodIntegration = r.integration(verb, path, i)
	}
	return m
}

func (r *reader) requestValidator(m *apigw.Method, n *node) {
	name := r.validator
	if n != nil {
		name = r.str(n)
	}
	if name == "" {
		return
	}
	if r.hasValidator(name) {
		m.RequestValidatorId = &name
		return
	}
	if n == nil {
		return // said at the root
	}
	r.warn(n.place(), "Request validator '%s' not found. Ignoring.", name)
}

var parameterPlaces = map[string]string{"query": "querystring", "header": "header", "path": "path"}

// parameter reads one parameter; cookie and formData are ignored, as by the
// service.
func (r *reader) parameter(m *apigw.Method, n, operation *node, where string) {
	if n == nil {
		return
	}
	in, name := r.str(n.get("in")), r.str(n.get("name"))
	if in == "body" {
		if model := r.modelFor(n.get("schema"), "body parameter of "+where); model != "" {
			for _, contentType := range r.mediaTypes(operation, "consumes") {
				setModel(&m.RequestModels, contentType, model)
			}
		}
		return
	}
	place, ok := parameterPlaces[in]
	if !ok || name == "" {
		return
	}
	if m.RequestParameters == nil {
		m.RequestParameters = map[string]bool{}
	}
	if in != "path" && r.boolean(n.get(multiValue)) {
		place = "multivalue" + place
	}
	m.RequestParameters["method.request."+place+"."+name] = r.boolean(n.get("required"))
}

// mediaTypes returns what an operation of Swagger 2.0 consumes or produces.
func (r *reader) mediaTypes(operation *node, key string) []string {
	var types []string
	for _, from := range []*node{operation, r.root} {
		for _, item := range r.listOf(from.get(key), key) {
			types = append(types, r.str(item))
		}
		if len(types) > 0 {
			return types
		}
	}
	return []string{jsonType}
}

func setModel(models *map[string]string, contentType, model string) {
	if *models == nil {
		*models = map[string]string{}
	}
	(*models)[contentType] = model
}

func (r *reader) requestBody(m *apigw.Method, n *node, where string) {
	for _, content := range r.objectOf(n.get("content"), "content") {
		if schema := content.value.get("schema"); !schema.absent() {
			if schema.kind != object {
				r.warn(schema.place(), "Invalid format for model %s for method %s", content.key, *m.HttpMethod)
				continue
			}
			if model := r.modelFor(schema, "request body of "+where); model != "" {
				setModel(&m.RequestModels, content.key, model)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{([^}+]+)\}`)

// declarePathParameters adds the placeholders that the document does not
// declare; greedy ones are left alone.
func declarePathParameters(m *apigw.Method, path string) {
	for _, found := range placeholder.FindAllStringSubmatch(path, -1) {
		key := "method.request.path." + found[1]
		if _, ok := m.RequestParameters[key]; ok {
			continue
		}
		if m.RequestParameters == nil {
			m.RequestParameters = map[string]bool{}
		}
		m.RequestParameters[key] = true
	}
}

var statusCode = regexp.MustCompile(`^[1-5]\d\d$`)

func (r *reader) methodResponse(m *apigw.Method, response member, operation *node, where string) {
	if !statusCode.MatchString(response.key) {
		return // default and ranges are no status codes
	}
	v := r.resolve(response.value)
	out := apigw.MethodResponse{StatusCode: &response.key}
	for _, header := range r.objectOf(v.get("headers"), "headers") {
		if out.ResponseParameters == nil {
			out.ResponseParameters = map[string]bool{}
		}
		out.ResponseParameters["method.response.header."+header.key] = false
	}
	where = response.key + " response to " + where
	if schema := v.get("schema"); schema != nil {
		if model := r.modelFor(schema, where); model != "" {
			for _, contentType := range r.mediaTypes(operation, "produces") {
				setModel(&out.ResponseModels, contentType, model)
			}
		}
	}
	for _, content := range r.objectOf(v.get("content"), "content") {
		if schema := content.value.get("schema"); schema != nil {
			if model := r.modelFor(schema, where); model != "" {
				setModel(&out.ResponseModels, content.key, model)
			}
		}
	}
	if m.MethodResponses == nil {
		m.MethodResponses = map[string]apigw.MethodResponse{}
	}
	m.MethodResponses[response.key] = out
}
