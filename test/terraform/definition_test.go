package terraform

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern-gateway/postern/test/postern"
)

// TestDefinition is the life of an API whose definition is an OpenAPI document.
func TestDefinition(t *testing.T) {
	t.Parallel()
	server := postern.Start(t, "--ephemeral", "--account", "123456789012")
	w := newWorkspace(t, "definition/*.tf", map[string]string{"endpoint": server.BaseURL})
	w.apply()
	first := w.outputs()
	greeting := func(path, want string) {
		t.Helper()
		if got := server.Get(t, first["api"], "live", path); strings.TrimSpace(got.Body) != want {
			t.Errorf("%s: %d %q, want %q", path, got.Status, got.Body, want)
		}
	}
	missing := `{"message":"Missing Authentication Token"}`
	paths := func(want ...string) {
		t.Helper()
		var document struct{ Paths map[string]any }
		if err := json.Unmarshal([]byte(w.outputs()["export"]), &document); err != nil {
			t.Fatal(err)
		}
		for _, path := range want {
			if document.Paths[path] == nil {
				t.Errorf("the export has no %s: %v", path, document.Paths)
			}
		}
		if len(document.Paths) != len(want) {
			t.Errorf("the export has %d paths, want %v", len(document.Paths), want)
		}
	}
	policy := func(address string) {
		t.Helper()
		api, err := server.Client().GetRestApi(t.Context(), &apigateway.GetRestApiInput{RestApiId: new(first["guarded"])})
		if err != nil || api.Policy == nil || !strings.Contains(*api.Policy, address) {
			t.Errorf("the policy of the guarded API does not name %s: %+v, %v", address, api, err)
		}
	}
	greeting("/greeting", "hello")
	greeting("/extra", "hello")
	paths("/greeting", "/extra")
	policy("192.0.2.0/24")

	// What the body has no more is gone after an overwrite, and stays in a merge.
	w.apply("greeting=good evening", "extra=false", "denied=198.51.100.0/24")
	greeting("/greeting", "good evening")
	greeting("/extra", missing)
	paths("/greeting")
	policy("198.51.100.0/24")
	w.apply("greeting=bonjour", "denied=198.51.100.0/24") // both paths again
	w.apply("greeting=bonsoir", "extra=false", "mode=merge", "denied=198.51.100.0/24")
	greeting("/greeting", "bonsoir")
	greeting("/extra", "bonjour")
	paths("/greeting", "/extra")

	w.terraform(0, "destroy", "-auto-approve", "-input=false")
	greeting("/greeting", `{"message":"Forbidden"}`)
}
