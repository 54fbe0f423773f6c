package postern

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// API builds an API through the AWS API. Its methods fail the test on a
// refusal.
type API struct {
	ID, Root string

	client    *apigateway.Client
	resources map[string]string // path -> id
}

// NewAPI makes an empty API.
func NewAPI(t testing.TB, client *apigateway.Client, name string) *API {
	t.Helper()
	made, err := client.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	return &API{ID: *made.Id, Root: *made.RootResourceId, client: client, resources: map[string]string{"/": *made.RootResourceId}}
}

// With returns the API as another client sees it.
func (a *API) With(client *apigateway.Client) *API {
	other := *a
	other.client = client
	return &other
}

// Resource makes a path with the parents that it lacks, and returns its id.
func (a *API) Resource(t testing.TB, path string) string {
	t.Helper()
	if id, ok := a.resources[path]; ok {
		return id
	}
	i := strings.LastIndexByte(path, '/')
	parent := a.Resource(t, max(path[:i], "/"))
	part := path[i+1:]
	made, err := a.client.CreateResource(t.Context(), &apigateway.CreateResourceInput{RestApiId: &a.ID, ParentId: &parent, PathPart: &part})
	if err != nil {
		t.Fatalf("resource %s: %v", path, err)
	}
	a.resources[path] = *made.Id
	return *made.Id
}

// Method makes a method that asks for no authorization and replaces its
// integration.
func (a *API) Method(t testing.TB, verb, path string, integration *apigateway.PutIntegrationInput) string {
	t.Helper()
	resource := a.Resource(t, path)
	_, err := a.client.PutMethod(t.Context(), &apigateway.PutMethodInput{
		RestApiId: &a.ID, ResourceId: &resource, HttpMethod: &verb, AuthorizationType: new("NONE"),
	})
	if err != nil {
		t.Fatalf("method %s %s: %v", verb, path, err)
	}
	integration.RestApiId, integration.ResourceId, integration.HttpMethod = &a.ID, &resource, &verb
	if _, err := a.client.PutIntegration(t.Context(), integration); err != nil {
		t.Fatalf("integration of %s %s: %v", verb, path, err)
	}
	return resource
}

// Proxy makes a method that passes requests on to a URL.
func (a *API) Proxy(t testing.TB, verb, path, uri string) string {
	t.Helper()
	return a.Method(t, verb, path, &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: new("ANY"), Uri: &uri,
	})
}

// Mock makes a method that answers 200 itself, with a body and headers. The
// value of a header is a mapping, such as "'text'" or "stageVariables.name".
func (a *API) Mock(t testing.TB, verb, path, body string, headers map[string]string) string {
	t.Helper()
	resource := a.Method(t, verb, path, &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeMock, RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
	})
	declared, mapped := map[string]bool{}, map[string]string{}
	for name, value := range headers {
		key := "method.response.header." + name
		declared[key], mapped[key] = false, value
	}
	_, err := a.client.PutMethodResponse(t.Context(), &apigateway.PutMethodResponseInput{
		RestApiId: &a.ID, ResourceId: &resource, HttpMethod: &verb, StatusCode: new("200"), ResponseParameters: declared,
	})
	if err == nil {
		_, err = a.client.PutIntegrationResponse(t.Context(), &apigateway.PutIntegrationResponseInput{
			RestApiId: &a.ID, ResourceId: &resource, HttpMethod: &verb, StatusCode: new("200"), ResponseParameters: mapped,
			ResponseTemplates: map[string]string{"application/json": body},
		})
	}
	if err != nil {
		t.Fatalf("response of %s %s: %v", verb, path, err)
	}
	return resource
}

// SetHeader replaces the mapping of a header of a method made by Mock.
func (a *API) SetHeader(t testing.TB, verb, path, name, value string) {
	t.Helper()
	_, err := a.client.UpdateIntegrationResponse(t.Context(), &apigateway.UpdateIntegrationResponseInput{
		RestApiId: &a.ID, ResourceId: new(a.Resource(t, path)), HttpMethod: &verb, StatusCode: new("200"),
		PatchOperations: []types.PatchOperation{Replace("/responseParameters/method.response.header."+name, value)},
	})
	if err != nil {
		t.Fatalf("header %s of %s %s: %v", name, verb, path, err)
	}
}

// Deploy makes a deployment and lets a stage serve it; an empty stage is left
// out. It returns the id of the deployment.
func (a *API) Deploy(t testing.TB, stage string) string {
	t.Helper()
	made, err := a.client.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: &a.ID, StageName: &stage})
	if err != nil {
		t.Fatalf("deployment to %q: %v", stage, err)
	}
	return *made.Id
}

// Patch updates a stage and returns it.
func (a *API) Patch(t testing.TB, stage string, operations ...types.PatchOperation) *apigateway.UpdateStageOutput {
	t.Helper()
	out, err := a.client.UpdateStage(t.Context(), &apigateway.UpdateStageInput{RestApiId: &a.ID, StageName: &stage, PatchOperations: operations})
	if err != nil {
		t.Fatalf("stage %s: %s: %v", stage, describe(operations), err)
	}
	return out
}

// Replace is the patch operation "replace".
func Replace(path, value string) types.PatchOperation {
	return types.PatchOperation{Op: types.OpReplace, Path: &path, Value: &value}
}

// Remove is the patch operation "remove".
func Remove(path string) types.PatchOperation {
	return types.PatchOperation{Op: types.OpRemove, Path: &path}
}

// Copy is the patch operation "copy".
func Copy(from, path string) types.PatchOperation {
	return types.PatchOperation{Op: types.OpCopy, Path: &path, From: &from}
}

func describe(operations []types.PatchOperation) string {
	var out strings.Builder
	for _, op := range operations {
		value := ""
		if op.Value != nil {
			value = *op.Value
		}
		fmt.Fprintf(&out, "%s %s %q; ", op.Op, *op.Path, value)
	}
	return out.String()
}
