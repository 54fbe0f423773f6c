package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/test/postern"
)

// TestTerraform applies the module twice: the second plan has nothing to do.
// The provider comes from a folder, so that no network is needed.
func TestTerraform(t *testing.T) {
	need(t, "terraform")
	folder := ""
	for _, place := range []string{os.Getenv("TF_PLUGIN_MIRROR"), "/opt/tf-plugins", "/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins"} {
		if _, err := os.Stat(filepath.Join(place, "registry.terraform.io", "hashicorp", "aws")); place != "" && err == nil {
			folder = place
		}
	}
	if folder == "" {
		t.Skip("the AWS provider is in no folder; TF_PLUGIN_MIRROR can name one")
	}
	server := postern.Start(t, "--ephemeral")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(path(t, "examples"))); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "cli.tfrc")
	if err := os.WriteFile(config, fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", folder), 0o600); err != nil {
		t.Fatal(err)
	}
	module := filepath.Join(dir, "terraform")
	terraform := func(args ...string) string {
		t.Helper()
		env := []string{
			"TF_CLI_CONFIG_FILE=" + config, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", "AWS_EC2_METADATA_DISABLED=true",
			"TF_VAR_endpoint=" + server.BaseURL,
		}
		return script(t, module, env, "terraform", args...)
	}
	terraform("init", "-no-color")
	terraform("apply", "-no-color", "-auto-approve", "-input=false")
	terraform("plan", "-no-color", "-detailed-exitcode", "-input=false") // the code of a plan with changes is 2
	url := strings.TrimSpace(terraform("output", "-raw", "url"))
	got, err := server.Call(t.Context(), "GET", url+"/pets", "", "")
	if err != nil || got.Status != 200 || !strings.Contains(got.Body, `"type": "dog"`) {
		t.Errorf("%s/pets: %d %q, %v", url, got.Status, got.Body, err)
	}
	terraform("destroy", "-no-color", "-auto-approve", "-input=false")
}
