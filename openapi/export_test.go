package openapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/openapi"
)

// documented is the document of TestDocumentationInPlace.
const documented = `openapi: 3.0.1
info:
  title: t
  description: the API
  version: "1"
servers:
  - url: https://abc.example.com/{basePath}
    variables:
      basePath:
        default: prod
paths:
  /pets/{id}:
    description: all pets
    get:
      tags:
        - pets
      summary: one
      parameters:
        - name: id
          in: path
          description: which
          required: true
          schema:
            type: string
        - name: q
          in: query
          description: what
          schema:
            type: string
      responses:
        "200":
          description: fine
          headers:
            H:
              description: head
              schema:
                type: string
          content: {}
        "404":
          description: 404 response
          content: {}
    post:
      summary: any
      parameters:
        - name: id
          in: path
          description: which
          required: true
          schema:
            type: string
      requestBody:
        description: a pet
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/Pet'
        required: true
      responses:
        "200":
          description: fine
          content: {}
components:
  schemas:
    Pet:
      type: object
      title: Pet!
`

// TestDocumentationInPlace: without the extension the texts of the parts stand
// in the members of the standard, the nearest for each.
func TestDocumentationInPlace(t *testing.T) {
	d := read(t, `{"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/pets/{id}": {
		"get": {"parameters": [{"name": "q", "in": "query"}], "responses": {"200": {"headers": {"H": {}}}, "404": {}}},
		"post": {"responses": {"200": {}}, "parameters": [{"in": "body", "schema": {"$ref": "#/definitions/Pet"}}]}}},
		"definitions": {"Pet": {"type": "object"}}, "x-amazon-apigateway-documentation": {"version": "1", "documentationParts": [
		{"location": {"type": "API"}, "properties": {"info": {"description": "the API"}}},
		{"location": {"type": "RESOURCE", "path": "/pets"}, "properties": {"description": "all pets"}},
		{"location": {"type": "METHOD", "path": "/pets/{id}", "method": "GET"}, "properties": {"summary": "one", "tags": ["pets"]}},
		{"location": {"type": "METHOD"}, "properties": {"summary": "any"}},
		{"location": {"type": "PATH_PARAMETER", "path": "/pets", "method": "*", "name": "id"}, "properties": {"description": "which"}},
		{"location": {"type": "QUERY_PARAMETER", "path": "/pets/{id}", "method": "GET", "name": "q"}, "properties": {"description": "what"}},
		{"location": {"type": "REQUEST_BODY", "path": "/pets/{id}", "method": "POST"}, "properties": {"description": "a pet"}},
		{"location": {"type": "RESPONSE", "statusCode": "200"}, "properties": {"description": "fine"}},
		{"location": {"type": "RESPONSE_HEADER", "path": "/pets/{id}", "statusCode": "200", "name": "H"}, "properties": {"description": "head"}},
		{"location": {"type": "MODEL", "name": "Pet"}, "properties": {"title": "Pet!"}}]}}`)
	o := openapi.ExportOptions{
		Format: openapi.OpenAPI3, YAML: true, Host: "abc.example.com", Stage: "prod",
		Documentation: d.DocumentationParts, DocumentationVersion: "1",
	}
	out, err := openapi.Export(snapshot(d), o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(documented, string(out.Body)); diff != "" {
		t.Errorf("the document differs (-want +got):\n%s", diff)
	}
}

// TestExtensions has which members each extension adds.
func TestExtensions(t *testing.T) {
	d := read(t, `{"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/": {"get": {"security": [{"a": []}, {"i": []}],
		"x-amazon-apigateway-auth": {"type": "AWS_IAM"}, "x-amazon-apigateway-integration": {"type": "mock"}}}},
		"securityDefinitions": {"a": {"type": "apiKey", "name": "A", "in": "header", "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": "u"}}},
		"x-amazon-apigateway-request-validators": {"v": {}}, "x-amazon-apigateway-request-validator": "v",
		"x-amazon-apigateway-gateway-responses": {"THROTTLED": {"statusCode": 429}}, "x-amazon-apigateway-policy": {"Statement": []},
		"x-amazon-apigateway-binary-media-types": ["a/b"], "x-amazon-apigateway-api-key-source": "AUTHORIZER",
		"x-amazon-apigateway-minimum-compression-size": 0,
		"x-amazon-apigateway-documentation": {"version": "1", "documentationParts": [{"location": {"type": "API"}, "properties": {}}]}}`)
	const prefix = "x-amazon-apigateway-"
	all := []string{
		"api-key-source", "authorizer", "authtype", "binary-media-types", "documentation", "gateway-responses", "integration",
		"minimum-compression-size", "policy", "request-validator", "request-validators",
	}
	for _, test := range []struct {
		list string
		want []string
	}{
		{"", nil},
		{"nonsense", nil},
		{"integrations", []string{"integration"}},
		{"authorizers", []string{"authorizer", "authtype"}},
		{"Validators", []string{"request-validator", "request-validators"}},
		{"documentation", []string{"documentation"}},
		{"integrations, authorizers", []string{"authorizer", "authtype", "integration"}},
		{"apigateway", all},
	} {
		for _, format := range []openapi.Format{openapi.OpenAPI3, openapi.Swagger2} {
			out, err := openapi.Export(snapshot(d), openapi.ExportOptions{
				Format: format, Extensions: openapi.ParseExtensions(test.list), Documentation: d.DocumentationParts, DocumentationVersion: "1",
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, name := range all {
				if strings.Contains(string(out.Body), `"`+prefix+name+`"`) {
					got = append(got, name)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s with %q: the extensions differ (-want +got):\n%s", format, test.list, diff)
			}
		}
	}
}

// TestParameterOrder: those of the path first, then backwards by name. Recorded.
func TestParameterOrder(t *testing.T) {
	d := read(t, `{"swagger": "2.0", "info": {"title": "t"}, "paths": {"/{id}": {"get": {"parameters": [
		{"name": "X-A", "in": "header"}, {"name": "page", "in": "query"}, {"name": "type", "in": "query"}]}}}}`)
	out, err := openapi.Export(snapshot(d), openapi.ExportOptions{Format: openapi.OpenAPI3})
	if err != nil {
		t.Fatal(err)
	}
	at := -1
	for _, name := range []string{"id", "type", "page", "X-A"} {
		next := strings.Index(string(out.Body), `"name": "`+name+`"`)
		if next <= at {
			t.Errorf("%s is not in its place:\n%s", name, out.Body)
		}
		at = next
	}
}

// TestYAMLTexts: texts that readers of YAML 1.1 take for something else are
// quoted.
func TestYAMLTexts(t *testing.T) {
	for _, text := range []string{"yes", "No", "on", "1:30", "<<", "true", "1.0", "2020-01-01", "~", "a: b", " a", "#a"} {
		d := read(t, `{"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/": {"get": {"operationId": "`+text+`"}}}}`)
		out, err := openapi.Export(snapshot(d), openapi.ExportOptions{Format: openapi.OpenAPI3, YAML: true})
		if err != nil {
			t.Fatal(err)
		}
		if body := string(out.Body); !strings.Contains(body, `operationId: "`+text+`"`) && !strings.Contains(body, `operationId: '`+text+`'`) {
			t.Errorf("%q is not quoted:\n%s", text, body)
		}
	}
}

// TestVersion: an API without a version has the time of its deployment.
// Recorded, the form.
func TestVersion(t *testing.T) {
	d := read(t, `{"swagger": "2.0", "info": {"title": "t"}, "paths": {}}`)
	out, err := openapi.Export(snapshot(d), openapi.ExportOptions{
		Format: openapi.OpenAPI3, Created: time.Date(2019, 7, 24, 20, 9, 15, 5e8, time.FixedZone("", 7200)),
	})
	if err != nil || out.Version != "2019-07-24T18:09:15Z" {
		t.Errorf("got %+v, %v", out, err)
	}
}

// TestNamesTaken: two validators of one name, patterns with one text and a
// pattern that is called like the key of none.
func TestNamesTaken(t *testing.T) {
	d := read(t, `{"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/": {"get": {"x-amazon-apigateway-integration": {"type": "mock", "responses": {
		"default": {"statusCode": 200}, "b": {"statusCode": 300}}}}}}, "x-amazon-apigateway-request-validators": {"v": {"validateRequestBody": true}}}`)
	s := snapshot(d)
	s.Validators = append(s.Validators, apigw.RequestValidator{Id: new("other"), Name: new("v")})
	m := s.Resources[0].ResourceMethods["GET"]
	m.RequestValidatorId = new("other")
	s.Resources[0].ResourceMethods["GET"] = m
	m.MethodIntegration.IntegrationResponses["400"] = apigw.IntegrationResponse{StatusCode: new("400")}
	m.MethodIntegration.IntegrationResponses["500"] = apigw.IntegrationResponse{StatusCode: new("500"), SelectionPattern: new("default")}
	out, err := openapi.Export(s, openapi.ExportOptions{Format: openapi.Swagger2, Extensions: openapi.ParseExtensions("apigateway")})
	if err != nil {
		t.Fatal(err)
	}
	again := read(t, string(out.Body))
	want(t, `[{"name": "v", "validateRequestBody": true, "validateRequestParameters": false}, {"name": "v-2", "validateRequestBody": false, "validateRequestParameters": false}]`, again.Validators)
	got := again.Resources[0].Methods["GET"]
	if *got.RequestValidatorId != "v-2" {
		t.Errorf("the method has the validator %s, want v-2", *got.RequestValidatorId)
	}
	want(t, `{"200": {"statusCode": "200"}, "300": {"statusCode": "300", "selectionPattern": "b"}, "500": {"statusCode": "500", "selectionPattern": "(?:default)"}}`, got.MethodIntegration.IntegrationResponses)
}
