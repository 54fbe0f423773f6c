package openapi

import (
	"net/url"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// rootMember reads the extensions of the document itself.
func (r *reader) rootMember(m member) {
	api := &r.out.API
	switch m.key {
	case "x-amazon-apigateway-api-key-source":
		api.ApiKeySource = apigw.Text(strings.ToUpper(r.str(m.value)))
	case "x-amazon-apigateway-binary-media-types":
		for _, item := range r.listOf(m.value, m.key) {
			api.BinaryMediaTypes = append(api.BinaryMediaTypes, r.str(item))
		}
	case "x-amazon-apigateway-minimum-compression-size":
		api.MinimumCompressionSize = r.integer(m.value)
	case "x-amazon-apigateway-policy":
		switch {
		case m.value.absent():
		case m.value.kind == scalar:
			api.Policy = apigw.Text(m.value.text) // the text of a policy
		default:
			api.Policy = new(m.value.json())
		}
	case "x-amazon-apigateway-endpoint-configuration":
		r.endpoint(m.value)
	case "x-amazon-apigateway-gateway-responses":
		for _, response := range r.objectOf(m.value, m.key) {
			r.gatewayResponse(response)
		}
	case "x-amazon-apigateway-request-validators":
		for _, validator := range r.objectOf(m.value, m.key) {
			r.out.places[part{Validator, validator.key}] = validator.at
			r.out.Validators = append(r.out.Validators, apigw.RequestValidator{
				Name:                      &validator.key,
				ValidateRequestBody:       new(r.boolean(validator.value.get("validateRequestBody"))),
				ValidateRequestParameters: new(r.boolean(validator.value.get("validateRequestParameters"))),
			})
		}
	case "x-amazon-apigateway-request-validator":
		r.validator = r.str(m.value)
	case "x-amazon-apigateway-documentation":
		r.documentation(m.value)
	}
}

// checkDefaultValidator warns once of a default that names no validator.
func (r *reader) checkDefaultValidator() {
	n := r.root.get("x-amazon-apigateway-request-validator")
	if r.validator != "" && !r.hasValidator(r.validator) {
		r.warn(n.place(), "Request validator '%s' not found. Ignoring.", r.validator)
	}
}

func (r *reader) hasValidator(name string) bool {
	return slices.ContainsFunc(r.out.Validators, func(v apigw.RequestValidator) bool { return *v.Name == name })
}

func (r *reader) gatewayResponse(m member) {
	out := apigw.GatewayResponse{
		ResponseType:       &m.key,
		StatusCode:         apigw.Text(r.str(m.value.get("statusCode"))),
		ResponseParameters: r.texts(m.value.get("responseParameters"), "responseParameters"),
		ResponseTemplates:  r.texts(m.value.get("responseTemplates"), "responseTemplates"),
	}
	if len(out.ResponseTemplates) == 0 {
		out.ResponseTemplates = nil // SAM writes {} and means the default template
	}
	r.out.places[part{GatewayResponse, m.key}] = m.at
	r.out.GatewayResponses = append(r.out.GatewayResponses, out)
}

// endpoint reads what a document may say of the endpoint. The type of the
// endpoint is a parameter of the import; a document's own is tolerated.
func (r *reader) endpoint(n *node) {
	if v := n.get("disableExecuteApiEndpoint"); v != nil {
		r.out.API.DisableExecuteApiEndpoint = new(r.boolean(v))
	}
	config := apigw.Val(r.out.API.EndpointConfiguration)
	for _, item := range r.listOf(n.get("vpcEndpointIds"), "vpcEndpointIds") {
		config.VpcEndpointIds = append(config.VpcEndpointIds, r.str(item))
	}
	for _, item := range r.listOf(n.get("types"), "types") {
		config.Types = append(config.Types, strings.ToUpper(r.str(item)))
	}
	if config.VpcEndpointIds != nil || config.Types != nil {
		r.out.API.EndpointConfiguration = &config
	}
}

func (r *reader) documentation(n *node) {
	if r.options.IgnoreDocumentation {
		return
	}
	r.out.DocumentationVersion = r.str(n.get("version"))
	for _, part := range r.listOf(n.get("documentationParts"), "documentationParts") {
		if documented, ok := r.documentationPart(part); ok {
			r.out.DocumentationParts = append(r.out.DocumentationParts, documented)
		}
	}
}

// ReadDocumentation reads the documentation parts of a document, and nothing
// else; false if it is none.
func ReadDocumentation(data []byte) ([]apigw.DocumentationPart, bool) {
	root, err := parse(data)
	if err != nil || root.kind != object {
		return nil, false
	}
	extension := root.get("x-amazon-apigateway-documentation")
	if extension == nil {
		extension = root // the extension by itself
	}
	if extension.get("documentationParts") == nil {
		return nil, false
	}
	r := &reader{root: root}
	r.documentation(extension)
	return r.out.DocumentationParts, !Failed(r.problems)
}

// methodLevel are the kinds of parts whose location has a path, "/" if it is
// not given. Recorded.
var methodLevel = map[string]bool{
	"RESOURCE": true, "METHOD": true, "PATH_PARAMETER": true, "QUERY_PARAMETER": true, "REQUEST_HEADER": true,
	"REQUEST_BODY": true, "RESPONSE": true, "RESPONSE_HEADER": true, "RESPONSE_BODY": true,
}

func (r *reader) documentationPart(n *node) (apigw.DocumentationPart, bool) {
	l := n.get("location")
	location := apigw.DocumentationPartLocation{
		Type:       apigw.Text(strings.ToUpper(r.str(l.get("type")))),
		Path:       apigw.Text(r.str(l.get("path"))),
		Method:     apigw.Text(r.str(l.get("method"))),
		StatusCode: apigw.Text(r.str(l.get("statusCode"))),
		Name:       apigw.Text(r.str(l.get("name"))),
	}
	if location.Type == nil {
		r.fail(n.place(), "A documentation part has no location type")
		return apigw.DocumentationPart{}, false
	}
	if location.Path == nil && methodLevel[*location.Type] {
		location.Path = new("/")
	}
	properties := n.get("properties")
	text := "{}"
	switch {
	case properties.absent():
	case properties.kind == scalar:
		text = properties.text // already a text of JSON
	default:
		text = properties.json()
	}
	return apigw.DocumentationPart{Location: &location, Properties: &text}, true
}

// readServers reads what servers say of the endpoint (OpenAPI 3.0).
func (r *reader) readServers() {
	servers := r.listOf(r.root.get("servers"), "servers")
	if len(servers) == 0 {
		return
	}
	if len(servers) > 1 {
		r.warn(servers[1].place(), "More than one server provided. Ignoring all but the first for defining endpoint configuration")
	}
	r.endpoint(servers[0].get("x-amazon-apigateway-endpoint-configuration"))
}

// basePath returns what is put before every path: "" or "/a/b". The guide.
func (r *reader) basePath() string {
	if r.options.BasePath != BasePathPrepend && r.options.BasePath != BasePathSplit {
		return ""
	}
	base := strings.Trim(r.documentBasePath(), "/")
	if r.options.BasePath == BasePathSplit {
		_, base, _ = strings.Cut(base, "/") // the first part is the stage's name
	}
	if base == "" {
		return ""
	}
	return "/" + base
}

func (r *reader) documentBasePath() string {
	if r.swagger {
		return r.str(r.root.get("basePath"))
	}
	servers := r.listOf(r.root.get("servers"), "servers")
	for _, server := range servers {
		if v := server.get("variables").get("basePath"); v != nil {
			return r.str(v.get("default"))
		}
	}
	if len(servers) == 0 {
		return ""
	}
	u, err := url.Parse(r.str(servers[0].get("url")))
	if err != nil {
		return ""
	}
	return u.Path
}
