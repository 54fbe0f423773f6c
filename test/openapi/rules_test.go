package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
)

const mockGet = `"get": {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": {"type": "mock"}}`

// oas30 is an OpenAPI document with paths and further members of the root.
func oas30(paths string, members ...string) string {
	return document(`"openapi": "3.0.1"`, paths, members)
}

// swagger is a Swagger document.
func swagger(paths string, members ...string) string {
	return document(`"swagger": "2.0"`, paths, members)
}

func document(version, paths string, members []string) string {
	all := append([]string{version, `"info": {"title": "test", "version": "1"}`, `"paths": {` + paths + `}`}, members...)
	return "{" + strings.Join(all, ", ") + "}"
}

func paths(resources map[string]apigw.Resource) []string {
	return slices.Sorted(maps.Keys(resources))
}

// TestBasePath has the example of the guide.
func TestBasePath(t *testing.T) {
	given := `"/e": {` + mockGet + `}, "/f": {` + mockGet + `}`
	inSwagger := swagger(given, `"basePath": "/a/b/c"`)
	byURL := oas30(given, `"servers": [{"url": "https://api.example.com/a/b/c"}]`)
	byVariable := oas30(given, `"servers": [{"url": "https://one.example.com/x"}, {"url": "https://two.example.com", "variables": {"basePath": {"default": "/a/b/c"}}}]`)
	for _, test := range []struct {
		mode string
		want []string
	}{
		{"", []string{"/", "/e", "/f"}},
		{"ignore", []string{"/", "/e", "/f"}},
		{"prepend", []string{"/", "/a", "/a/b", "/a/b/c", "/a/b/c/e", "/a/b/c/f"}},
		{"split", []string{"/", "/b", "/b/c", "/b/c/e", "/b/c/f"}},
	} {
		for name, body := range map[string]string{"swagger": inSwagger, "server url": byURL, "server variable": byVariable} {
			t.Run(test.mode+" "+name, func(t *testing.T) {
				h := newHarness(t)
				api := h.mustImport(body, parameters{"basepath": test.mode})
				if diff := cmp.Diff(test.want, paths(h.resources(*api.Id))); diff != "" {
					t.Errorf("the resources differ (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestEndpointType: the type is a parameter. Recorded: the addresses of both.
func TestEndpointType(t *testing.T) {
	vpc := `"x-amazon-apigateway-endpoint-configuration": {"vpcEndpointIds": ["vpce-1"], "disableExecuteApiEndpoint": true}`
	for _, test := range []struct {
		name, body, parameter string
		want                  string
	}{
		{"default", swagger(""), "", "[EDGE] ipv4 [] false"},
		{"regional", swagger(""), "REGIONAL", "[REGIONAL] ipv4 [] false"},
		{"private", swagger(""), "PRIVATE", "[PRIVATE] dualstack [] false"},
		{"VPC endpoints", swagger("", vpc), "", "[PRIVATE] dualstack [vpce-1] true"},
		{"VPC endpoints in a server", oas30("", `"servers": [{"url": "/", `+vpc+`}]`), "PRIVATE", "[PRIVATE] dualstack [vpce-1] true"},
		{"of the document", swagger("", `"x-amazon-apigateway-endpoint-configuration": {"types": ["regional"]}`), "", "[REGIONAL] ipv4 [] false"},
		{"unknown", swagger(""), "GLOBAL", "BadRequestException: Invalid endpoint configuration type specified: GLOBAL. Valid options are PRIVATE,EDGE,REGIONAL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := parameters{}
			if test.parameter != "" {
				p["endpointConfigurationTypes"] = test.parameter
			}
			api, err := newHarness(t).importAPI(test.body, p)
			got := message(err)
			if err == nil {
				c := api.EndpointConfiguration
				got = fmt.Sprint(c.Types, " ", *c.IpAddressType, " ", c.VpcEndpointIds, " ", *api.DisableExecuteApiEndpoint)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestIgnoreDocumentation(t *testing.T) {
	body := swagger(`"/": {`+mockGet+`}`, `"x-amazon-apigateway-documentation": {"version": "1", "documentationParts": [
		{"location": {"type": "API"}, "properties": {"info": {"description": "d"}}},
		{"location": {"type": "METHOD", "method": "GET"}, "properties": "{\"summary\":\"s\"}"}]}`)
	for _, test := range []struct {
		ignore string
		want   []string
	}{
		{"", []string{`API "" {"info":{"description":"d"}}`, `METHOD "/" {"summary":"s"}`, "version 1"}},
		{"documentation", nil},
	} {
		t.Run("ignore="+test.ignore, func(t *testing.T) {
			h := newHarness(t)
			api := h.mustImport(body, parameters{"ignore": test.ignore})
			parts, err := h.GetDocumentationParts(h.ctx, &apigw.GetDocumentationPartsRequest{RestApiId: *api.Id})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range parts.Items {
				got = append(got, fmt.Sprintf("%s %q %s", *p.Location.Type, apigw.Val(p.Location.Path), *p.Properties))
			}
			slices.Sort(got)
			versions, err := h.GetDocumentationVersions(h.ctx, &apigw.GetDocumentationVersionsRequest{RestApiId: *api.Id})
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range versions.Items {
				got = append(got, "version "+*v.Version)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the documentation differs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTexts has the warnings and errors that users quote, and ours that follow
// them. A failed import leaves nothing behind.
func TestTexts(t *testing.T) {
	lambda := `"uri": "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations"`
	get := func(members string) string { return `"/items": {"get": {"responses": {}, ` + members + `}}` }
	integration := func(members string) string {
		return swagger(get(`"x-amazon-apigateway-integration": {` + members + `}`))
	}
	for _, test := range []struct {
		name, body string
		errors     []string // lines; one that begins with "=" is the whole message
		warnings   []string
	}{
		{"no document", "\x00", []string{"=Invalid OpenAPI input."}, nil},
		{"OpenAPI 3.1", `{"openapi": "3.1.0", "info": {"title": "a"}, "paths": {}}`, []string{"=Invalid OpenAPI input."}, nil},
		{"Swagger 1.2", `{"swagger": "1.2", "info": {"title": "a"}, "paths": {}}`, []string{"=Invalid OpenAPI input."}, nil},
		{"template tag", "swagger: '2.0'\ninfo: {title: a}\nx: !Sub b\n", []string{"=Invalid OpenAPI input."}, nil},

		{"path part", swagger(`"/version/:v4 0": {` + mockGet + `}`), []string{"Unable to create resource at path '/version/:v4 0': Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end."}, nil},
		{"second variable", swagger(`"/a/{b}": {` + mockGet + `}, "/a/{c}": {` + mockGet + `}`), []string{"Unable to create resource at path '/a/{c}': A sibling ({b}) of this resource already has a variable path part -- only one is allowed"}, nil},
		{"below a greedy variable", swagger(`"/{a+}/b": {` + mockGet + `}`), []string{"Unable to create resource at path '/{a+}/b': Cannot create a child of a resource with a greedy path variable: {a+}"}, nil},

		{"model of another file", oas30("", `"components": {"schemas": {"X": {"$ref": "other.json#/X"}}}`), []string{"Unable to create model for 'X': Invalid model specified: Validation Result: warnings : [], errors : [Model reference must be in canonical form]"}, nil},
		{"model schema", oas30("", `"components": {"schemas": {"X": {"type": "any"}}}`), []string{"Unable to create model for 'X': Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]"}, nil},
		{"model name", swagger("", `"definitions": {"inline_response_200_1": {"type": "object"}}`), []string{"Model name must be alphanumeric: inline_response_200_1"}, nil},
		{"model of a model", oas30("", `"components": {"schemas": {"X": {"properties": {"y": {"$ref": "#/components/schemas/Y"}}}}}`), nil, []string{"Reference to model 'Y' not found. Ignoring."}},
		{"model of a body", oas30(get(`"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Y"}}}}`)), nil, []string{"Reference to model 'Y' not found. Ignoring."}},
		{"model of a kind", oas30(`"/events": {"post": {"responses": {"201": {"description": "", "content": {"text/plain": {"schema": {"type": "string"}}}}}}}`), nil, []string{"Unsupported model type 'StringSchema' in 201 response to method 'POST /events'. Ignoring."}},
		{"model that is none", oas30(get(`"requestBody": {"content": {"application/json": {"schema": "Pet"}}}`)), nil, []string{"Invalid format for model application/json for method GET"}},

		{"parameter name", swagger(get(`"parameters": [{"name": "a b", "in": "query", "type": "string"}]`)), []string{"Unable to put method 'GET' on resource at path '/items': Invalid mapping expression parameter specified: method.request.querystring.a b"}, nil},
		{"integration URI", integration(`"type": "http", "uri": "ftp://example.com"`), []string{"Unable to put integration on 'GET' for resource at path '/items': Invalid HTTP endpoint specified for URI"}, nil},
		{"ARN without action", integration(`"type": "aws", "uri": "arn:aws:apigateway:eu-west-1:sqs:queue"`), []string{"Unable to put integration on 'GET' for resource at path '/items': AWS ARN for integration must contain path or action"}, nil},
		{"timeout", integration(`"type": "aws_proxy", "timeoutInMillis": 29001, ` + lambda), []string{"Unable to put integration on 'GET' for resource at path '/items': Timeout should be between 50 ms and 29000 ms"}, nil},
		{"template function", integration(`"type": "aws_proxy", "uri": {"Fn::Sub": "arn"}`), []string{"=Unable to parse API definition because of a malformed integration at path /items."}, nil},
		{"template of an object", integration(`"type": "mock", "requestTemplates": {"application/json": {"statusCode": 200}}`), []string{"=Unable to parse API definition because of a malformed integration at path /items."}, nil},
		{"request parameter of an object", integration(`"type": "http", "uri": "http://example.com", "requestParameters": {"integration.request.header.a": {"b": 1}}`), nil, []string{`Invalid format for 'requestParameters'. Expected type string for property 'integration.request.header.a' of resource '/items' and method 'GET' but got '{"b":1}'`}},
		{"integration response", integration(`"type": "mock", "responses": {"default": {"statusCode": "200", "responseParameters": {"method.response.header.a": "b"}}}`), []string{"Unable to put integration response on 'GET' for resource at path '/items': Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: b]"}, nil},

		{"scheme oauth2", swagger("", `"securityDefinitions": {"oauth": {"type": "oauth2"}}`), nil, []string{"Unsupported security definition type 'oauth2' for 'oauth'. Ignoring."}},
		{"scheme http", oas30("", `"components": {"securitySchemes": {"basicAuth": {"type": "http", "scheme": "basic"}}}`), nil, []string{"Unsupported security definition type 'http' for 'basicAuth'. Ignoring."}},
		{"key in the query", swagger("", `"securityDefinitions": {"key": {"type": "apiKey", "name": "x-api-key", "in": "query"}}`), nil, []string{"Unsupported security definition type 'apiKey' for 'key'. Ignoring."}},
		{"authorizer type", swagger("", `"securityDefinitions": {"a": {"type": "apiKey", "name": "A", "in": "header", "x-amazon-apigateway-authorizer": {"type": "jwt"}}}`), []string{"Unable to create authorizer 'a': Invalid authorizer type specified. Valid options are TOKEN,REQUEST,COGNITO_USER_POOLS"}, nil},
		{"authorizer URI", swagger("", `"securityDefinitions": {"a": {"type": "apiKey", "name": "A", "in": "header", "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": "x"}}}`), []string{"Unable to create authorizer 'a': Invalid Authorizer URI: x. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."}, nil},

		{"servers", oas30("", `"servers": [{"url": "/"}, {"url": "/"}]`), nil, []string{"More than one server provided. Ignoring all but the first for defining endpoint configuration"}},
		{"validator", swagger(get(`"x-amazon-apigateway-request-validator": "v"`)), nil, []string{"Request validator 'v' not found. Ignoring."}},
		{"default validator", swagger(get(`"operationId": "a"`), `"x-amazon-apigateway-request-validator": "v"`), nil, []string{"Request validator 'v' not found. Ignoring."}},
		{"gateway response", swagger("", `"x-amazon-apigateway-gateway-responses": {"TEAPOT": {"statusCode": 418}}`), []string{"Unable to put gateway response 'TEAPOT': Invalid gateway response type specified"}, nil},
		{"policy", swagger("", `"x-amazon-apigateway-policy": {"Statement": "x"}`), []string{"Invalid policy document. Please check the policy syntax and ensure that Principals are valid."}, nil},
		{"documentation", swagger("", `"x-amazon-apigateway-documentation": {"documentationParts": [{"location": {"type": "API", "path": "/"}, "properties": {}}]}`), []string{"Unable to create documentation part: [Location type: API cannot have path, method, statusCode or name defined.]"}, nil},
		{"both", oas30(`"/a b": {`+mockGet+`}`, `"servers": [{"url": "/"}, {"url": "/"}]`),
			[]string{"Unable to create resource at path '/a b': Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end."},
			[]string{"More than one server provided. Ignoring all but the first for defining endpoint configuration"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t)
			api, err := h.importAPI(test.body, nil)
			if got, want := message(err), refusal(test.errors, test.warnings); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if err == nil {
				if diff := cmp.Diff(test.warnings, api.Warnings); diff != "" {
					t.Errorf("the warnings differ (-want +got):\n%s", diff)
				}
				_, err := h.ImportRestApi(h.ctx, &apigw.ImportRestApiRequest{Body: []byte(test.body), FailOnWarnings: new(true)})
				want := "BadRequestException: Warnings found during import:\n\t" + strings.Join(test.warnings, "\n\t")
				if got := message(err); got != want {
					t.Errorf("with failonwarnings: got %q, want %q", got, want)
				}
				return
			}
			if n := h.Mirror.View().Count(scope.APIs()); n != 0 {
				t.Errorf("%d APIs are left after an import that failed", n)
			}
		})
	}
}

// refusal is the message of an import that failed.
func refusal(failures, warnings []string) string {
	if len(failures) == 0 {
		return ""
	}
	if whole, ok := strings.CutPrefix(failures[0], "="); ok {
		return "BadRequestException: " + whole
	}
	text := "BadRequestException: Errors found during import:\n\t" + strings.Join(failures, "\n\t")
	if len(warnings) > 0 {
		text += "\nAdditionally, these warnings were found:\n\t" + strings.Join(warnings, "\n\t")
	}
	return text
}
