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
