package sdk

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

// TestLife takes an API from its creation to its end.
func TestLife(t *testing.T) {
	server, client := start(t)
	backend := echo(t)
	api := postern.NewAPI(t, client, "shop")
	api.Proxy(t, "ANY", "/orders/{order}", backend+"/o/fixed")
	api.Mock(t, "GET", "/hello", "hello", map[string]string{"X-Stage": "context.stage"})

	want(t, "before the deployment", server.Get(t, api.ID, "dev", "/hello"), http.StatusForbidden, `{"message":"Forbidden"}`)
	api.Deploy(t, "dev")
	got := server.Get(t, api.ID, "dev", "/hello")
	want(t, "mock", got, http.StatusOK, "hello")
	if got.Header.Get("X-Stage") != "dev" {
		t.Errorf("X-Stage is %q", got.Header.Get("X-Stage"))
	}
	got, err := server.Call(t.Context(), "PUT", server.StageURL(api.ID, "dev")+"/orders/7?a=1", "", "body")
	if err != nil {
		t.Fatal(err)
	}
	want(t, "proxy", got, http.StatusOK, "PUT /o/fixed?a=1")

	// What is not deployed is not served, and what is deployed is frozen.
	api.Mock(t, "GET", "/later", "later", nil)
	want(t, "undeployed", server.Get(t, api.ID, "dev", "/later"), http.StatusForbidden, `{"message":"Missing Authentication Token"}`)
	resource := api.Resource(t, "/hello")
	if _, err := client.DeleteMethod(t.Context(), &apigateway.DeleteMethodInput{RestApiId: &api.ID, ResourceId: &resource, HttpMethod: new("GET")}); err != nil {
		t.Fatal(err)
	}
	want(t, "frozen", server.Get(t, api.ID, "dev", "/hello"), http.StatusOK, "hello")
	api.Deploy(t, "dev")
	want(t, "deployed", server.Get(t, api.ID, "dev", "/later"), http.StatusOK, "later")
	want(t, "deleted", server.Get(t, api.ID, "dev", "/hello"), http.StatusForbidden, `{"message":"Missing Authentication Token"}`)

	if _, err := client.DeleteStage(t.Context(), &apigateway.DeleteStageInput{RestApiId: &api.ID, StageName: new("dev")}); err != nil {
		t.Fatal(err)
	}
	want(t, "stage deleted", server.Get(t, api.ID, "dev", "/later"), http.StatusForbidden, `{"message":"Forbidden"}`)
	api.Deploy(t, "next")
	want(t, "next stage", server.Get(t, api.ID, "next", "/later"), http.StatusOK, "later")
	if _, err := client.DeleteRestApi(t.Context(), &apigateway.DeleteRestApiInput{RestApiId: &api.ID}); err != nil {
		t.Fatal(err)
	}
	want(t, "API deleted", server.Get(t, api.ID, "next", "/later"), http.StatusForbidden, `{"message":"Forbidden"}`)
}

// TestEntities reads back what was made, through the typed members of the SDK.
func TestEntities(t *testing.T) {
	_, client := start(t)
	ctx := t.Context()
	api := postern.NewAPI(t, client, "shop")
	resource := api.Proxy(t, "POST", "/a/{b}/{rest+}", "http://127.0.0.1:1/{rest}")

	tree, err := client.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: &api.ID, Embed: []string{"methods"}})
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]bool{}
	for _, r := range tree.Items {
		paths[*r.Path] = len(r.ResourceMethods) > 0
	}
	if want := map[string]bool{"/": false, "/a": false, "/a/{b}": false, "/a/{b}/{rest+}": true}; !maps.Equal(paths, want) {
		t.Errorf("resources %v, want %v", paths, want)
	}
	method, err := client.GetMethod(ctx, &apigateway.GetMethodInput{RestApiId: &api.ID, ResourceId: &resource, HttpMethod: new("POST")})
	if err != nil {
		t.Fatal(err)
	}
	if i := method.MethodIntegration; i == nil || i.Type != types.IntegrationTypeHttpProxy || *i.Uri != "http://127.0.0.1:1/{rest}" || i.TimeoutInMillis != 29000 {
		t.Errorf("integration %+v", i)
	}
	if _, err := client.UpdateResource(ctx, &apigateway.UpdateResourceInput{
		RestApiId: &api.ID, ResourceId: new(api.Resource(t, "/a")), PatchOperations: []types.PatchOperation{postern.Replace("/pathPart", "z")},
	}); err != nil {
		t.Fatal(err)
	}
	moved, err := client.GetResource(ctx, &apigateway.GetResourceInput{RestApiId: &api.ID, ResourceId: &resource})
	if err != nil || *moved.Path != "/z/{b}/{rest+}" {
		t.Errorf("a resource below one that was renamed: %+v, %v", moved, err)
	}
	deployment := api.Deploy(t, "")
	if _, err := client.UpdateDeployment(ctx, &apigateway.UpdateDeploymentInput{
		RestApiId: &api.ID, DeploymentId: &deployment, PatchOperations: []types.PatchOperation{postern.Replace("/description", "first")},
	}); err != nil {
		t.Fatal(err)
	}
	read, err := client.GetDeployment(ctx, &apigateway.GetDeploymentInput{RestApiId: &api.ID, DeploymentId: &deployment, Embed: []string{"apisummary"}})
	if err != nil || *read.Description != "first" || read.ApiSummary["/z/{b}/{rest+}"]["POST"].AuthorizationType == nil {
		t.Errorf("deployment %+v, %v", read, err)
	}
}

func TestTags(t *testing.T) {
	_, client := start(t)
	ctx := t.Context()
	api := postern.NewAPI(t, client, "shop")
	api.Mock(t, "GET", "/", "", nil)
	api.Deploy(t, "dev")
	for _, arn := range []string{
		"arn:aws:apigateway:us-east-1::/restapis/" + api.ID,
		"arn:aws:apigateway:us-east-1::/restapis/" + api.ID + "/stages/dev",
	} {
		if _, err := client.TagResource(ctx, &apigateway.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"a": "1", "b": "2", "c": ""}}); err != nil {
			t.Fatal(arn, err)
		}
		if _, err := client.UntagResource(ctx, &apigateway.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"a", "c"}}); err != nil {
			t.Fatal(arn, err)
		}
		got, err := client.GetTags(ctx, &apigateway.GetTagsInput{ResourceArn: &arn})
		if err != nil || !maps.Equal(got.Tags, map[string]string{"b": "2"}) {
			t.Errorf("%s: %v, %v", arn, got, err)
		}
	}
	stage, err := client.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api.ID, StageName: new("dev")})
	if err != nil || stage.Tags["b"] != "2" {
		t.Errorf("the stage shows %+v, %v", stage, err)
	}
}

func TestAccount(t *testing.T) {
	server, client := start(t, "--account", "AKIDOTHER=210987654321")
	ctx := t.Context()
	role := "arn:aws:iam::" + account + ":role/logs"
	if _, err := client.UpdateAccount(ctx, &apigateway.UpdateAccountInput{PatchOperations: []types.PatchOperation{postern.Replace("/cloudwatchRoleArn", role)}}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetAccount(ctx, &apigateway.GetAccountInput{})
	if err != nil || *got.CloudwatchRoleArn != role || got.ThrottleSettings.BurstLimit != 5000 || got.ThrottleSettings.RateLimit != 10000 {
		t.Errorf("account %+v, %v", got, err)
	}

	// Accounts and regions see nothing of each other.
	api := postern.NewAPI(t, client, "shop")
	for _, other := range []*apigateway.Client{
		server.Client(func(o *apigateway.Options) { o.Region = "eu-west-1" }),
		server.Client(func(o *apigateway.Options) {
			o.Credentials = credentials.NewStaticCredentialsProvider("AKIDOTHER", "test", "")
		}),
	} {
		list, err := other.GetRestApis(ctx, &apigateway.GetRestApisInput{})
		if err != nil || len(list.Items) != 0 {
			t.Errorf("a stranger sees %+v, %v", list, err)
		}
		if _, err := other.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &api.ID}); refusalOf(t, err).code != "NotFoundException" {
			t.Errorf("a stranger gets %v", err)
		}
		got, err := other.GetAccount(ctx, &apigateway.GetAccountInput{})
		if err != nil || got.CloudwatchRoleArn != nil {
			t.Errorf("a stranger's account is %+v, %v", got, err)
		}
	}
}

// TestPaginators walks lists page by page.
func TestPaginators(t *testing.T) {
	_, client := start(t)
	ctx := t.Context()
	var made []string
	for i := range 7 {
		made = append(made, postern.NewAPI(t, client, fmt.Sprintf("api-%d", i)).ID)
	}
	slices.Sort(made)
	var seen []string
	pages := 0
	for p := apigateway.NewGetRestApisPaginator(client, &apigateway.GetRestApisInput{Limit: new(int32(3))}); p.HasMorePages(); pages++ {
		page, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			seen = append(seen, *item.Id)
		}
	}
	slices.Sort(seen)
	if pages != 3 || !slices.Equal(seen, made) {
		t.Errorf("%d pages with %v, want 3 with %v", pages, seen, made)
	}

	api := postern.NewAPI(t, client, "tree")
	for i := range 30 {
		api.Resource(t, fmt.Sprintf("/r%d", i))
	}
	api.Mock(t, "GET", "/r0", "", nil)
	paths := map[string]bool{}
	for p := apigateway.NewGetResourcesPaginator(client, &apigateway.GetResourcesInput{RestApiId: &api.ID}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			if paths[*item.Path] {
				t.Errorf("%s comes twice", *item.Path)
			}
			paths[*item.Path] = true
		}
	}
	if len(paths) != 31 {
		t.Errorf("%d resources, want 31", len(paths))
	}
	for range 5 {
		api.Deploy(t, "")
	}
	deployments := 0
	for p := apigateway.NewGetDeploymentsPaginator(client, &apigateway.GetDeploymentsInput{RestApiId: &api.ID, Limit: new(int32(2))}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		deployments += len(page.Items)
	}
	if deployments != 5 {
		t.Errorf("%d deployments, want 5", deployments)
	}
}
