package sdk

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

// TestAPIKeys: who gets in changes with the key, its plan and the plan's
// stages, for the very next request, and is the same after a restart.
func TestAPIKeys(t *testing.T) {
	server := postern.Start(t, "--data", t.TempDir())
	client := server.Client()
	api := postern.NewAPI(t, client, "keys")
	api.Mock(t, "GET", "/", "in", nil)
	_, err := client.UpdateMethod(t.Context(), &apigateway.UpdateMethodInput{
		RestApiId: &api.ID, ResourceId: &api.Root, HttpMethod: new("GET"),
		PatchOperations: []types.PatchOperation{postern.Replace("/apiKeyRequired", "true")},
	})
	if err != nil {
		t.Fatal(err)
	}
	api.Deploy(t, "dev")
	key, err := client.CreateApiKey(t.Context(), &apigateway.CreateApiKeyInput{Name: new("k"), Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := client.CreateUsagePlan(t.Context(), &apigateway.CreateUsagePlanInput{Name: new("p")})
	if err != nil {
		t.Fatal(err)
	}
	expect := func(after string, server *postern.Server, status int) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.StageURL(api.ID, "dev")+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-API-Key", *key.Value)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != status {
			t.Errorf("after %s: %d, want %d", after, answer.StatusCode, status)
		}
	}
	patchPlan := func(client *apigateway.Client, op types.Op) {
		t.Helper()
		_, err := client.UpdateUsagePlan(t.Context(), &apigateway.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: []types.PatchOperation{
			{Op: op, Path: new("/apiStages"), Value: new(api.ID + ":dev")},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	enable := func(value string) {
		t.Helper()
		_, err := client.UpdateApiKey(t.Context(), &apigateway.UpdateApiKeyInput{ApiKey: key.Id, PatchOperations: []types.PatchOperation{postern.Replace("/enabled", value)}})
		if err != nil {
			t.Fatal(err)
		}
	}
	expect("nothing", server, 403)
	_, err = client.CreateUsagePlanKey(t.Context(), &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id, KeyType: new("API_KEY")})
	if err != nil {
		t.Fatal(err)
	}
	expect("joining a plan without stages", server, 403)
	patchPlan(client, types.OpAdd)
	expect("adding the stage", server, 200)
	enable("false")
	expect("disabling the key", server, 403)
	enable("true")
	expect("enabling the key", server, 200)
	server.Stop(t)
	server = server.Restart(t)
	client = server.Client()
	expect("a restart", server, 200)
	if got := server.Get(t, api.ID, "dev", "/"); got.Status != 403 {
		t.Errorf("without a key: %d", got.Status)
	}
	patchPlan(client, types.OpRemove)
	expect("removing the stage", server, 403)
	patchPlan(client, types.OpAdd)
	if _, err := client.DeleteApiKey(t.Context(), &apigateway.DeleteApiKeyInput{ApiKey: key.Id}); err != nil {
		t.Fatal(err)
	}
	expect("deleting the key", server, 403)
}
