package openapi_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/openapi"
)

// read reads a document that has no problems.
func read(t *testing.T, document string) *openapi.Definition {
	t.Helper()
	d, problems := openapi.Read([]byte(document), openapi.Options{Account: "123456789012", Region: "eu-west-1"})
	if len(problems) > 0 {
		t.Fatalf("problems: %v\n%s", problems, document)
	}
	return d
}

func asJSON(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// want compares a value with JSON text.
func want(t *testing.T, text string, got any) {
	t.Helper()
	var expected any
	if err := json.Unmarshal([]byte(text), &expected); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if diff := cmp.Diff(expected, asJSON(t, got)); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}

// TestIntegration has each field of the extension.
func TestIntegration(t *testing.T) {
	for _, test := range []struct{ name, given, want string }{
		{"case", `{"type": "Http_Proxy", "uri": "http://a", "httpMethod": "post", "passthroughBehavior": "never", "connectionType": "vpc_link", "connectionId": "c", "contentHandling": "convert_to_text"}`,
			`{"type": "HTTP_PROXY", "uri": "http://a", "httpMethod": "POST", "passthroughBehavior": "NEVER", "connectionType": "VPC_LINK", "connectionId": "c", "contentHandling": "CONVERT_TO_TEXT"}`},
		{"method of the method", `{"type": "http", "uri": "http://a"}`, `{"type": "HTTP", "uri": "http://a", "httpMethod": "PUT"}`},
		{"proxies post", `{"type": "aws_proxy", "uri": "a", "httpMethod": "GET"}`, `{"type": "AWS_PROXY", "uri": "a", "httpMethod": "POST"}`},
		{"a mock has no method", `{"type": "mock", "httpMethod": "GET"}`, `{"type": "MOCK"}`},
		{"settings", `{"type": "mock", "credentials": "c", "cacheNamespace": "n", "cacheKeyParameters": ["k"], "timeoutInMillis": "50", "tlsConfig": {"insecureSkipVerification": "true", "serverNameToVerify": "x"}, "responseTransferMode": "stream", "payloadFormatVersion": "1.0", "integrationSubtype": "x"}`,
			`{"type": "MOCK", "credentials": "c", "cacheNamespace": "n", "cacheKeyParameters": ["k"], "timeoutInMillis": 50, "tlsConfig": {"insecureSkipVerification": true}, "responseTransferMode": "STREAM"}`},
		{"templates", `{"type": "mock", "requestTemplates": {"a/b": "t", "c/d": ""}}`, `{"type": "MOCK", "requestTemplates": {"a/b": "t", "c/d": null}}`},
		{"responses", `{"type": "mock", "responses": {"default": {"statusCode": 204}, "4..": {"responseParameters": {"method.response.header.Age": 600, "method.response.header.b": "'600'"}, "responseTemplates": {"a/b": ""}}, "5..": {"statusCode": "500", "contentHandling": "CONVERT_TO_BINARY"}}}`,
			`{"type": "MOCK", "integrationResponses": {"204": {"statusCode": "204"},
			"200": {"statusCode": "200", "selectionPattern": "4..", "responseParameters": {"method.response.header.Age": "'600'", "method.response.header.b": "'600'"}, "responseTemplates": {"a/b": null}},
			"500": {"statusCode": "500", "selectionPattern": "5..", "contentHandling": "CONVERT_TO_BINARY"}}}`},
		{"one status twice", `{"type": "mock", "responses": {"a": {"statusCode": 200}, "b": {"statusCode": 200}}}`,
			`{"type": "MOCK", "integrationResponses": {"200": {"statusCode": "200", "selectionPattern": "b"}}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := read(t, `{"swagger": "2.0", "info": {"title": "a"}, "paths": {"/": {"put": {"x-amazon-apigateway-integration": `+test.given+`}}}}`)
			want(t, test.want, d.Resources[0].Methods["PUT"].MethodIntegration)
		})
	}
}

// TestAuthorizer has where each type of authorizer finds its credentials.
func TestAuthorizer(t *testing.T) {
	for _, test := range []struct{ scheme, extension, want string }{
		{`"name": "X", "in": "header"`, `"type": "token"`, `TOKEN custom method.request.header.X`},
		{`"name": "X", "in": "query"`, `"type": "TOKEN", "identitySource": "method.request.header.Y"`, `TOKEN custom method.request.header.X`},
		{`"name": "Unused", "in": "header"`, `"type": "token", "identitySource": "method.request.header.Y"`, `TOKEN custom method.request.header.Y`},
		{`"name": "X", "in": "header"`, `"type": "request"`, `REQUEST custom method.request.header.X`},
		{`"name": "x", "in": "query"`, `"type": "request"`, `REQUEST custom method.request.querystring.x`},
		{`"name": "X", "in": "header"`, `"type": "request", "identitySource": "context.path, stageVariables.v"`, `REQUEST custom context.path, stageVariables.v`},
		{`"name": "Unused", "in": "header"`, `"type": "request"`, `REQUEST custom `},
		{`"name": "X", "in": "header", "x-amazon-apigateway-authtype": "oauth2"`, `"type": "cognito_user_pools"`, `COGNITO_USER_POOLS oauth2 method.request.header.X`},
		{`"name": "X", "in": "header"`, `"type": "cognito_user_pools"`, `COGNITO_USER_POOLS cognito_user_pools method.request.header.X`},
	} {
		d := read(t, `{"swagger": "2.0", "info": {"title": "a"}, "paths": {}, "securityDefinitions": {"s": {"type": "apiKey", `+test.scheme+
			`, "x-amazon-apigateway-authorizer": {`+test.extension+`}}}}`)
		a := d.Authorizers[0]
		if got := fmt.Sprint(*a.Type, " ", *a.AuthType, " ", apigw.Val(a.IdentitySource)); got != test.want {
			t.Errorf("%s, %s: got %q, want %q", test.scheme, test.extension, got, test.want)
		}
	}
}

// TestModels has the forms of schemas and references.
func TestModels(t *testing.T) {
	ref := openapi.ModelRef
	for _, test := range []struct{ name, schema, want string }{
		{"reference", `{"properties": {"a": {"$ref": "#/definitions/B"}}}`, `{"properties":{"a":{"$ref":"` + ref + `B"}}}`},
		{"reference of OpenAPI", `{"items": {"$ref": "#/components/schemas/B"}}`, `{"items":{"$ref":"` + ref + `B"}}`},
		{"reference as stored", `{"items": {"$ref": "https://apigateway.amazonaws.com/restapis/abc/models/B"}}`, `{"items":{"$ref":"` + ref + `B"}}`},
		{"reference alone", `{"$ref": "#/definitions/B"}`, `{"$ref":"` + ref + `B"}`},
		{"reference to itself", `{"properties": {"a": {"$ref": "#/definitions/A"}}}`, `{"properties":{"a":{"$ref":"` + ref + `A"}}}`},
		{"reference into itself", `{"definitions": {"x": {}}, "items": {"$ref": "#/definitions/A/definitions/x"}}`, `{"definitions":{"x":{}},"items":{"$ref":"#/definitions/x"}}`},
		{"keywords of documents", `{"example": 1, "nullable": true, "readOnly": true, "x-a": 1, "xml": {}, "type": "object"}`, `{"type":"object"}`},
		{"names like keywords", `{"properties": {"example": {"example": 1}, "x-a": {}, "$ref": {"type": "string"}}}`, `{"properties":{"example":{},"x-a":{},"$ref":{"type":"string"}}}`},
		{"data like keywords", `{"enum": [{"example": 1, "$ref": "#/definitions/B"}], "default": {"x-a": 1}}`, `{"enum":[{"example":1,"$ref":"#/definitions/B"}],"default":{"x-a":1}}`},
		{"numbers", `{"minimum": 1.10, "maximum": 12345678901234567890}`, `{"minimum":1.10,"maximum":12345678901234567890}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := read(t, `{"swagger": "2.0", "info": {"title": "a"}, "paths": {}, "definitions": {"A": `+test.schema+`, "B": {"type": "object"}}}`)
			if got := *d.Models[0].Schema; got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestGeneratedModels: equal schemas are one model, others never share a name.
func TestGeneratedModels(t *testing.T) {
	var operations []string
	const n = 3000
	for i := range n {
		operations = append(operations, fmt.Sprintf(`"/p%d": {"get": {"responses": {
			"200": {"schema": {"type": "object", "title": "%d"}}, "404": {"schema": {"type": "object"}}}}}`, i, i))
	}
	d := read(t, `{"swagger": "2.0", "info": {"title": "a"}, "paths": {`+strings.Join(operations, ",")+`}}`)
	if len(d.Models) != n+1 {
		t.Errorf("%d models, want %d", len(d.Models), n+1)
	}
	for _, r := range d.Resources {
		i := strings.TrimPrefix(r.Path, "/p")
		name := r.Methods["GET"].MethodResponses["200"].ResponseModels["application/json"]
		at := slices.IndexFunc(d.Models, func(m apigw.Model) bool { return *m.Name == name })
		if at < 0 || !strings.Contains(*d.Models[at].Schema, `"`+i+`"`) {
			t.Fatalf("the model of %s is %s, which is not its schema", r.Path, name)
		}
	}
}

// TestMethod has what else an operation says.
func TestMethod(t *testing.T) {
	for _, test := range []struct{ name, path, item, root, want string }{
		{"parameters of the path", "/", `"parameters": [{"name": "q", "in": "query", "required": true}, {"name": "h", "in": "header"}], "get": {"parameters": [{"name": "q", "in": "query"}, {"name": "c", "in": "cookie"}]}`, ``,
			`{"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false, "requestParameters": {"method.request.querystring.q": false, "method.request.header.h": false}}`},
		{"placeholders", "/{a}/{b+}", `"get": {}`, ``,
			`{"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false, "requestParameters": {"method.request.path.a": true}}`},
		{"validators", "/", `"get": {"x-amazon-apigateway-request-validator": "b", "operationId": "o"}`, `"x-amazon-apigateway-request-validator": "a", "x-amazon-apigateway-request-validators": {"a": {}, "b": {}}`,
			`{"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false, "requestValidatorId": "b", "operationName": "o"}`},
		{"default validator", "/", `"get": {}`, `"x-amazon-apigateway-request-validator": "a", "x-amazon-apigateway-request-validators": {"a": {}, "b": {}}`,
			`{"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false, "requestValidatorId": "a"}`},
		{"responses", "/", `"get": {"produces": ["a/b"], "responses": {"200": {"schema": {"$ref": "#/definitions/M"}, "headers": {"H": {}}}, "default": {}, "5XX": {}, "404": {"$ref": "#/responses/R"}}}`,
			`"definitions": {"M": {"type": "object"}}, "responses": {"R": {"headers": {"I": {}}}}`,
			`{"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false, "methodResponses": {
			"200": {"statusCode": "200", "responseModels": {"a/b": "M"}, "responseParameters": {"method.response.header.H": false}},
			"404": {"statusCode": "404", "responseParameters": {"method.response.header.I": false}}}}`},
		{"unsupported verbs", "/", `"trace": {}, "get": null`, ``, `{"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.root != "" {
				test.root = ", " + test.root
			}
			d := read(t, `{"swagger": "2.0", "info": {"title": "a"}, "paths": {"`+test.path+`": {`+test.item+`}}`+test.root+`}`)
			if n := len(d.Resources[0].Methods); n != 1 {
				t.Errorf("%d methods, want 1", n)
			}
			want(t, test.want, d.Resources[0].Methods["GET"])
		})
	}
}

// TestSlashes: paths that differ in a slash at the end are one resource.
func TestSlashes(t *testing.T) {
	d := read(t, `{"swagger": "2.0", "info": {"title": "a"}, "paths": {"/a": {"get": {}}, "/a/": {"post": {}}}}`)
	if len(d.Resources) != 1 || len(d.Resources[0].Methods) != 2 {
		t.Errorf("got %+v, want one resource with two methods", d.Resources)
	}
}

// TestPlaces: problems say where they are, in JSON and in YAML.
func TestPlaces(t *testing.T) {
	for _, test := range []struct{ document, want string }{
		{"{\n \"openapi\": \"3.1.0\"\n}", `1:1: Invalid OpenAPI input. (OpenAPI 3.1.0 is not read, as by the service: want swagger: "2.0" or openapi: "3.0.x")`},
		{"openapi: 3.2\n", `1:1: Invalid OpenAPI input. (openapi: 3.2: want swagger: "2.0" or openapi: "3.0.x")`},
		{"{\"swagger\": \"2.0\",\n \"info\": {\"title\": \"a\"},\n \"paths\": [] }", `3:11: paths must be an object`},
		{"swagger: '2.0'\ninfo:\n  title: a\npaths:\n  pets: {}\n", `5:3: Unable to create resource at path 'pets': paths must begin with a slash`},
		{"swagger: '2.0'\nx: !Sub a\n", `2:4: Invalid OpenAPI input. (the tag !Sub has no meaning here; templates have to be resolved before)`},
		{"{\"a\" 1}", "1:6: Invalid OpenAPI input. (invalid character '1' after object key)"},
	} {
		_, problems := openapi.Read([]byte(test.document), openapi.Options{})
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), test.want) {
			t.Errorf("%q: got %v, want %s", test.document, problems, test.want)
		}
	}
}
