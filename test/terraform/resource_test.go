package terraform

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/test/postern"
)

// TestResources takes each resource and data source of the provider through its
// life: apply, an empty plan, a change in place, an empty plan, import into an
// empty state, destroy. All folders of resource/ are the modules of one
// configuration, at Terraform's usual parallelism; with POSTERN_FULL=1 each is
// also one of its own.
func TestResources(t *testing.T) {
	t.Parallel()
	folders := resourceFolders(t)
	t.Run("all", func(t *testing.T) { live(t, folders) })
	if os.Getenv("POSTERN_FULL") == "" {
		return
	}
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) { live(t, []string{folder}) })
	}
}

func resourceFolders(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("resource/*/main.tf")
	if err != nil || len(files) == 0 {
		t.Fatalf("no configuration: %q, %v", files, err)
	}
	var folders []string
	for _, file := range files {
		folders = append(folders, filepath.Base(filepath.Dir(file)))
	}
	return folders
}

func live(t *testing.T, folders []string) {
	w := emptyWorkspace(t, nil) // before a server is started in vain
	server := postern.Start(t, "--ephemeral", "--account", "123456789012")
	w.env = append(w.env, "TF_VAR_endpoint="+server.BaseURL)
	w.modules(folders)
	w.terraform(0, "init")

	first := w.change("first")
	for _, change := range first.ResourceChanges {
		if got := strings.Join(change.Change.Actions, " "); got != "create" && got != "read" {
			t.Errorf("%s: the first plan is to %s", change.Address, got)
		}
	}
	second := w.change("second", "-var", "changed=true")
	for _, change := range second.ResourceChanges {
		want := "update"
		if change.Type == "aws_api_gateway_rest_api_put" {
			want = "delete create" // it has nothing to be changed in place
		}
		if got := strings.Join(change.Change.Actions, " "); got != want && got != "no-op" && got != "read" {
			t.Errorf("%s: the change is to %s, want %s: %v", change.Address, got, want, change.Change.ReplacePaths)
		}
	}
	var state stateFile
	w.decode(&state, "show", "-json")
	resources := state.resources()
	checkServed(t, server, resources)
	imported(t, server, folders, resources)
	if len(folders) > 1 {
		w.covered(first, second)
	}
	if r, ok := resources["module.deployment.aws_api_gateway_deployment.staged"]; ok {
		endCanary(t, server, r)
	}
	w.terraform(0, "destroy", "-auto-approve", "-input=false", "-var", "changed=true")
	checkEmpty(t, server)
}

// modules makes a configuration of folders of resource/.
func (w *workspace) modules(folders []string) {
	w.t.Helper()
	var root strings.Builder
	root.WriteString("variable \"changed\" {\n  type    = bool\n  default = false\n}\n")
	for _, folder := range folders {
		fmt.Fprintf(&root, "module %q {\n  source  = \"./%s\"\n  changed = var.changed\n}\n", folder, folder)
		w.copy(filepath.Join("resource", folder, "main.tf"), filepath.Join(folder, "main.tf"))
		if folder == "domain_name" {
			certificate, key := selfSigned(w.t)
			w.write(filepath.Join(folder, "certificate.pem"), certificate)
			w.write(filepath.Join(folder, "key.pem"), key)
		}
	}
	w.write("main.tf", root.String())
}

// selfSigned makes a certificate to upload.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"uploaded.example.com"}}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	return block("CERTIFICATE", raw), block("PRIVATE KEY", secret)
}

// planFile is what "terraform show -json" prints of a plan, as far as it is used.
type planFile struct {
	ResourceChanges []plannedChange `json:"resource_changes"`
	Configuration   struct {
		RootModule struct {
			ModuleCalls map[string]struct {
				Module struct {
					Resources []configured
				}
			} `json:"module_calls"`
		} `json:"root_module"`
	}
}

type plannedChange struct {
	Address string
	Type    string
	Change  struct {
		Actions       []string
		Before, After map[string]any
		ReplacePaths  any `json:"replace_paths"`
	}
}

type configured struct {
	Mode, Type  string
	Expressions map[string]any
}

// change plans, applies and plans again, which must find nothing to do. It
// returns the first plan.
func (w *workspace) change(name string, variables ...string) planFile {
	w.t.Helper()
	arguments := append([]string{"plan", "-detailed-exitcode", "-input=false"}, variables...)
	w.terraform(changes, append(arguments, "-out="+name)...)
	var planned planFile
	w.decode(&planned, "show", "-json", name)
	w.terraform(0, "apply", "-input=false", name)
	w.terraform(nothingToDo, arguments...)
	return planned
}

// stateFile is what "terraform show -json" prints of a state.
type stateFile struct {
	Values struct {
		RootModule struct {
			ChildModules []struct {
				Resources []resource
			} `json:"child_modules"`
		} `json:"root_module"`
	}
}

// resource is a resource or data source in the state.
type resource struct {
	Address    string
	Mode, Type string
	Values     map[string]any
}

func (s stateFile) resources() map[string]resource {
	all := map[string]resource{}
	for _, module := range s.Values.RootModule.ChildModules {
		for _, r := range module.Resources {
			all[r.Address] = r
		}
	}
	return all
}

// importKeys are the attributes whose values, joined by slashes, name a
// resource for its import; where there are none, it is the id.
var importKeys = map[string][]string{
	"aws_api_gateway_authorizer":                     {"rest_api_id", "id"},
	"aws_api_gateway_deployment":                     {"rest_api_id", "id"},
	"aws_api_gateway_domain_name_access_association": {"arn"},
	"aws_api_gateway_gateway_response":               {"rest_api_id", "response_type"},
	"aws_api_gateway_integration":                    {"rest_api_id", "resource_id", "http_method"},
	"aws_api_gateway_integration_response":           {"rest_api_id", "resource_id", "http_method", "status_code"},
	"aws_api_gateway_method":                         {"rest_api_id", "resource_id", "http_method"},
	"aws_api_gateway_method_response":                {"rest_api_id", "resource_id", "http_method", "status_code"},
	"aws_api_gateway_method_settings":                {"rest_api_id", "stage_name", "method_path"},
	"aws_api_gateway_model":                          {"rest_api_id", "name"},
	"aws_api_gateway_request_validator":              {"rest_api_id", "id"},
	"aws_api_gateway_resource":                       {"rest_api_id", "id"},
	"aws_api_gateway_stage":                          {"rest_api_id", "stage_name"},
	"aws_api_gateway_usage_plan_key":                 {"usage_plan_id", "key_id"},
}

// notImported are the resources, by a prefix of their address, that the provider
// cannot import without a difference, whatever the service answers.
var notImported = map[string]string{
	"module.rest_api_put.aws_api_gateway_rest_api_put.":       "the provider has no import for it",
	"module.deployment.aws_api_gateway_deployment.":           "triggers, stage_name, variables and canary_settings are not read",
	"module.rest_api.aws_api_gateway_rest_api.defined":        "body and how it is put are not read",
	"module.account.aws_api_gateway_account.":                 "reset_on_delete is not read",
	"module.domain_name.aws_api_gateway_domain_name.uploaded": "the texts of a certificate are not read",
}

// imported imports all resources into an empty state; the plan must have nothing
// to add or change but what cannot be imported.
func imported(t *testing.T, server *postern.Server, folders []string, resources map[string]resource) {
	t.Helper()
	w := emptyWorkspace(t, map[string]string{"endpoint": server.BaseURL, "changed": "true"})
	w.modules(folders)
	var blocks strings.Builder
	imports, adds := 0, 0
	for address, r := range resources {
		switch {
		case r.Mode == "data":
			continue
		case excused(address):
			adds++
			continue
		}
		keys, ok := importKeys[r.Type]
		if !ok {
			keys = []string{"id"}
		}
		var id []string
		for _, key := range keys {
			id = append(id, fmt.Sprint(r.Values[key]))
		}
		fmt.Fprintf(&blocks, "import {\n  to = %s\n  id = %q\n}\n", address, strings.Join(id, "/"))
		imports++
	}
	if imports == 0 {
		return
	}
	w.write("imports.tf", blocks.String())
	w.terraform(0, "init")
	planned := w.terraform(changes, "plan", "-detailed-exitcode", "-input=false")
	want := fmt.Sprintf("Plan: %d to import, %d to add, 0 to change, 0 to destroy.", imports, adds)
	if !strings.Contains(planned, want) {
		t.Errorf("the plan of the import has no line %q:\n%s", want, planned)
	}
}

func excused(address string) bool {
	for prefix := range notImported {
		if strings.HasPrefix(address, prefix) {
			return true
		}
	}
	return false
}
