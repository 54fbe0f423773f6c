package sdk

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

const forbidden = `{"message":"Forbidden"}`

// domainClient makes domain names and their mappings.
type domainClient struct {
	*testing.T
	*apigateway.Client
}

// named makes a regional domain name, with more members if edit is not nil.
func (c domainClient) named(name string, edit func(*apigateway.CreateDomainNameInput)) {
	c.Helper()
	in := &apigateway.CreateDomainNameInput{
		DomainName: &name, EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}},
	}
	if edit != nil {
		edit(in)
	}
	if _, err := c.CreateDomainName(c.Context(), in); err != nil {
		c.Fatal(err)
	}
}

func (c domainClient) mapped(name, base, api, stage string) {
	c.Helper()
	_, err := c.CreateBasePathMapping(c.Context(), &apigateway.CreateBasePathMappingInput{DomainName: &name, BasePath: &base, RestApiId: &api, Stage: &stage})
	if err != nil {
		c.Fatal(err)
	}
}

func (c domainClient) patched(name string, operations ...types.PatchOperation) {
	c.Helper()
	if _, err := c.UpdateDomainName(c.Context(), &apigateway.UpdateDomainNameInput{DomainName: &name, PatchOperations: operations}); err != nil {
		c.Fatal(err)
	}
}

// TestCustomDomain: what a base path reaches changes with the mappings, for the
// very next request.
func TestCustomDomain(t *testing.T) {
	server, client := start(t)
	api := postern.NewAPI(t, client, "shop")
	api.Mock(t, "GET", "/hello", "hello", map[string]string{"X-Path": "context.path", "X-Domain": "context.domainName"})
	api.Deploy(t, "dev")
	c := domainClient{t, client}
	expect := func(what, host, path string, status int, body, shown string) {
		t.Helper()
		got, err := server.Call(t.Context(), http.MethodGet, server.GatewayURL+path, host, "")
		if err != nil {
			t.Fatal(err)
		}
		want(t, what, got, status, body)
		if got.Header.Get("X-Path") != shown {
			t.Errorf("%s: $context.path is %q, want %q", what, got.Header.Get("X-Path"), shown)
		}
		if status == http.StatusOK && got.Header.Get("X-Domain") != host {
			t.Errorf("%s: $context.domainName is %q, want %q", what, got.Header.Get("X-Domain"), host)
		}
	}

	c.named("shop.example", nil)
	expect("no mapping", "shop.example", "/v1/hello", 403, forbidden, "")
	c.mapped("shop.example", "v1", api.ID, "dev")
	expect("mapping", "shop.example", "/v1/hello", 200, "hello", "/v1/hello")
	expect("slashes", "shop.example", "//v1//hello/", 200, "hello", "/v1//hello/")
	expect("not a whole segment", "shop.example", "/v1x/hello", 403, forbidden, "")
	expect("another base path", "shop.example", "/hello", 403, forbidden, "")
	expect("no resource", "shop.example", "/v1/no", 403, `{"message":"Missing Authentication Token"}`, "")
	expect("a path form", "shop.example", "/restapis/"+api.ID+"/dev/_user_request_/hello", 403, forbidden, "")
	c.mapped("shop.example", "", api.ID, "")
	expect("the stage in the path", "shop.example", "/dev/hello", 200, "hello", "/hello")
	expect("no such stage", "shop.example", "/prod/hello", 403, forbidden, "")
	_, err := client.UpdateBasePathMapping(t.Context(), &apigateway.UpdateBasePathMappingInput{
		DomainName: new("shop.example"), BasePath: new("v1"), PatchOperations: []types.PatchOperation{postern.Replace("/basePath", "v2")},
	})
	if err != nil {
		t.Fatal(err)
	}
	expect("renamed", "shop.example", "/v2/hello", 200, "hello", "/v2/hello")
	expect("old name", "shop.example", "/v1/hello", 403, forbidden, "")

	c.named("*.shop.example", nil)
	c.mapped("*.shop.example", "", api.ID, "dev")
	expect("wildcard", "eu.shop.example", "/hello", 200, "hello", "/hello")
	c.patched("*.shop.example", postern.Replace("/routingMode", "ROUTING_RULE_ONLY"))
	expect("rules only, of which there are none", "eu.shop.example", "/hello", 403, forbidden, "")
	c.patched("*.shop.example", postern.Replace("/routingMode", "ROUTING_RULE_THEN_BASE_PATH_MAPPING"))
	expect("rules, of which there are none, then mappings", "eu.shop.example", "/hello", 200, "hello", "/hello")

	_, err = client.UpdateRestApi(t.Context(), &apigateway.UpdateRestApiInput{RestApiId: &api.ID, PatchOperations: []types.PatchOperation{postern.Replace("/disableExecuteApiEndpoint", "true")}})
	if err != nil {
		t.Fatal(err)
	}
	api.Deploy(t, "dev")
	want(t, "disabled endpoint", server.Get(t, api.ID, "dev", "/hello"), 403, forbidden)
	expect("custom domain of a disabled endpoint", "shop.example", "/v2/hello", 200, "hello", "/v2/hello")

	for _, base := range []string{"v2", "(none)"} {
		if _, err := client.DeleteBasePathMapping(t.Context(), &apigateway.DeleteBasePathMappingInput{DomainName: new("shop.example"), BasePath: &base}); err != nil {
			t.Fatal(err)
		}
	}
	expect("mappings deleted", "shop.example", "/v2/hello", 403, forbidden, "")

	// A name of the machine is never a custom domain name: the AWS API is there.
	c.named("localhost", nil)
	c.mapped("localhost", "", api.ID, "dev")
	got, err := server.Call(t.Context(), http.MethodGet, server.GatewayURL+"/_postern/health", "localhost", "")
	if err != nil || got.Status != http.StatusOK {
		t.Errorf("localhost: got %d %q, %v; want the health of the node", got.Status, got.Body, err)
	}
}
