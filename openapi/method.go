package openapi

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// verbs are the members of a path item that are methods.
var verbs = map[string]string{
	"get": "GET", "put": "PUT", "post": "POST", "delete": "DELETE", "options": "OPTIONS", "head": "HEAD", "patch": "PATCH",
	"x-amazon-apigateway-any-method": "ANY",
}

func (r *reader) path(m member) {
	if !strings.HasPrefix(m.key, "/") {
		r.problem(m.at, "the path "+m.key+" must begin with a slash")
		return
	}
	resource := Resource{Path: m.key, Methods: map[string]apigw.Method{}}
	if m.key != "/" {
		resource.Path = strings.TrimSuffix(m.key, "/")
	}
	shared := m.value.get("parameters")
	for _, operation := range r.objectOf(m.value, "a path") {
		if verb, ok := verbs[operation.key]; ok {
			resource.Methods[verb] = r.method(verb, resource.Path, operation, shared)
		} else if operation.key == "trace" {
			r.problem(operation.at, "the method TRACE is not supported")
		}
	}
	r.out.Resources = append(r.out.Resources, resource)
}

func (r *reader) method(verb, path string, operation member, shared *node) apigw.Method {
	v := operation.value
	m := apigw.Method{
		HttpMethod:        &verb,
		AuthorizationType: new("NONE"),
		ApiKeyRequired:    new(false),
		OperationName:     apigw.Text(r.str(v.get("operationId"))),
	}
	for _, parameters := range []*node{shared, v.get("parameters")} {
		if parameters != nil && parameters.kind == list {
			for _, p := range parameters.items {
				r.parameter(&m, p)
			}
		}
	}
	declarePathParameters(&m, path)
	if body := v.get("requestBody"); body != nil {
		r.notYet(body, "requestBody")
	}
	r.security(v.get("security"))
	if validator := v.get("x-amazon-apigateway-request-validator"); validator != nil {
		r.notYet(validator, "x-amazon-apigateway-request-validator")
	}
	r.auth(&m, v.get("x-amazon-apigateway-auth"))
	for _, response := range r.objectOf(v.get("responses"), "responses") {
		r.methodResponse(&m, response)
	}
	if i := v.get("x-amazon-apigateway-integration"); i != nil {
		m.MethodIntegration = r.integration(verb, i)
	} else {
		r.problem(operation.at, "No integration defined for method "+verb+" "+path)
	}
	return m
}

// security takes only what makes a method open: an empty list, or the scheme
// NONE that SAM writes.
func (r *reader) security(n *node) {
	if n == nil {
		return
	}
	for _, entry := range n.items {
		for _, scheme := range entry.members {
			if scheme.key != "NONE" {
				r.notYet(scheme.at, "the security scheme "+scheme.key)
			}
		}
	}
}

func (r *reader) auth(m *apigw.Method, n *node) {
	if kind := strings.ToUpper(r.str(n.get("type"))); kind != "" {
		m.AuthorizationType = &kind
	}
}

var parameterPlaces = map[string]string{"query": "querystring", "header": "header", "path": "path"}

func (r *reader) parameter(m *apigw.Method, n *node) {
	n = r.resolve(n)
	place, ok := parameterPlaces[r.str(n.get("in"))]
	if !ok {
		if r.str(n.get("in")) == "body" {
			r.notYet(n, "a body parameter")
		}
		return // cookie and formData are ignored, as by the service
	}
	if m.RequestParameters == nil {
		m.RequestParameters = map[string]bool{}
	}
	m.RequestParameters["method.request."+place+"."+r.str(n.get("name"))] = r.str(n.get("required")) == "true"
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

func (r *reader) methodResponse(m *apigw.Method, response member) {
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
	if schema := v.get("schema"); schema != nil {
		r.notYet(schema, "the schema of a response")
	}
	for _, content := range r.objectOf(v.get("content"), "content") {
		if schema := content.value.get("schema"); schema != nil {
			r.notYet(schema, "the schema of a response")
		}
	}
	if m.MethodResponses == nil {
		m.MethodResponses = map[string]apigw.MethodResponse{}
	}
	m.MethodResponses[response.key] = out
}

func (r *reader) integer(n *node) *int32 {
	if n == nil || n.kind == null {
		return nil
	}
	value, err := strconv.ParseInt(r.str(n), 10, 32)
	if err != nil {
		r.problem(n, "want an integer")
		return nil
	}
	return new(int32(value))
}
