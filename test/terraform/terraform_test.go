package terraform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

const providerVersion = "5.100.0"

// mirror returns a folder with the provider, or skips the test.
func mirror(t *testing.T) string {
	t.Helper()
	home, _ := os.UserHomeDir() // without one, it is one place less
	places := []string{
		os.Getenv("TF_PLUGIN_MIRROR"), "/opt/tf-plugins", "/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins",
		filepath.Join(home, ".terraform.d", "plugins"),
	}
	provider := filepath.Join("registry.terraform.io", "hashicorp", "aws", providerVersion, runtime.GOOS+"_"+runtime.GOARCH)
	for _, place := range places {
		if _, err := os.Stat(filepath.Join(place, provider)); place != "" && err == nil {
			return place
		}
	}
	t.Skipf("the AWS provider %s is in none of %q; TF_PLUGIN_MIRROR can name the folder", providerVersion, places)
	return ""
}

// workspace is a folder in which terraform runs.
type workspace struct {
	t   *testing.T
	dir string
	env []string
}

// newWorkspace copies the configuration that a pattern matches, and the provider.
func newWorkspace(t *testing.T, pattern string, variables map[string]string) *workspace {
	t.Helper()
	if testing.Short() {
		t.Skip("Terraform takes a minute")
	}
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("there is no terraform")
	}
	folder := mirror(t)
	w := &workspace{t: t, dir: t.TempDir()}
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("the configuration is %q, %v", files, err)
	}
	for _, file := range append(files, "provider.tf") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		w.write(filepath.Base(file), string(data))
	}
	w.write("cli.tfrc", fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", folder))
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "AWS_") {
			w.env = append(w.env, variable)
		}
	}
	w.env = append(w.env, "TF_CLI_CONFIG_FILE="+filepath.Join(w.dir, "cli.tfrc"), "TF_IN_AUTOMATION=1", "TF_CLI_ARGS=-no-color", "CHECKPOINT_DISABLE=1", "AWS_EC2_METADATA_DISABLED=true")
	for name, value := range variables {
		w.env = append(w.env, "TF_VAR_"+name+"="+value)
	}
	w.terraform(0, "init")
	return w
}

func (w *workspace) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// terraform runs a command and fails the test unless it ends with a code.
func (w *workspace) terraform(code int, arguments ...string) string {
	w.t.Helper()
	begun := time.Now()
	cmd := exec.Command("terraform", arguments...)
	cmd.Dir, cmd.Env = w.dir, w.env
	output, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		w.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		w.t.Fatalf("terraform %v ended with %d, want %d:\n%s", arguments, got, code, output)
	}
	w.t.Logf("terraform %v: %v", arguments, time.Since(begun).Round(time.Second/10))
	return string(output)
}

// The codes of "plan -detailed-exitcode".
const (
	nothingToDo = 0
	changes     = 2
)

// apply applies a configuration, whose plan must have changes before and none
// after.
func (w *workspace) apply(variables ...string) string {
	w.t.Helper()
	arguments := []string{"plan", "-detailed-exitcode", "-input=false", "-out=plan"}
	for _, variable := range variables {
		arguments = append(arguments, "-var", variable)
	}
	planned := w.terraform(changes, arguments...)
	w.terraform(0, "apply", "-input=false", "plan")
	w.terraform(nothingToDo, arguments...)
	return planned
}

func (w *workspace) outputs() map[string]string {
	w.t.Helper()
	var all map[string]struct{ Value string }
	if err := json.Unmarshal([]byte(w.terraform(0, "output", "-json")), &all); err != nil {
		w.t.Fatal(err)
	}
	values := map[string]string{}
	for name, output := range all {
		values[name] = output.Value
	}
	return values
}

// TestLife applies the configuration, changes it in place and destroys it.
// After each change the plan is empty and the traffic shows the change.
func TestLife(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/orders/none" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.RequestURI(), r.Header.Get("X-Release"))
	}))
	defer backend.Close()
	server := postern.Start(t, "--ephemeral", "--account", "123456789012")
	w := newWorkspace(t, "*.tf", map[string]string{"endpoint": server.BaseURL, "backend": backend.URL})

	planned := w.apply()
	if !strings.Contains(planned, "Plan: 38 to add, 0 to change, 0 to destroy.") {
		t.Errorf("the first plan is not about 38 resources:\n%s", planned)
	}
	first := w.outputs()
	if !strings.HasPrefix(first["arn"], "arn:aws:execute-api:us-east-1:") || !strings.HasSuffix(first["arn"], ":"+first["api"]+"/prod") {
		t.Errorf("execution ARN %q", first["arn"])
	}
	show := func(path, want string, header map[string]string) {
		t.Helper()
		got := server.Get(t, first["api"], "prod", path)
		if got.Body != want {
			t.Errorf("%s: %d %q, want %q", path, got.Status, got.Body, want)
		}
		for name, value := range header {
			if got.Header.Get(name) != value {
				t.Errorf("%s: header %s is %q, want %q", path, name, got.Header.Get(name), value)
			}
		}
	}
	show("/greeting", "hello", map[string]string{"X-Release": "one", "X-Stage": "prod"})
	show("/orders?page=2", "GET /orders?page=2&number=2 one", nil)
	show("/orders/none", "GET /orders/none ", nil)
	show("/files/a/b", "GET /files/a/b ", nil)

	// A change of the definition: a new deployment takes the place of the old.
	planned = w.apply("greeting=good evening")
	if !strings.Contains(planned, "must be replaced") {
		t.Errorf("a change of the definition does not make a deployment:\n%s", planned)
	}
	if second := w.outputs(); second["deployment"] == first["deployment"] {
		t.Errorf("the deployment is still %s", first["deployment"])
	}
	show("/greeting", "good evening", map[string]string{"X-Release": "one"})

	// A change of the stages and their settings, in place.
	planned = w.apply("greeting=good evening", "release=two", "throttle=70")
	if !strings.Contains(planned, "0 to destroy") || strings.Contains(planned, "must be replaced") {
		t.Errorf("a change of settings is not in place:\n%s", planned)
	}
	show("/greeting", "good evening", map[string]string{"X-Release": "two"})

	// A canary comes and goes.
	for _, step := range []struct{ percent, release string }{{"100", "canary"}, {"-1", "two"}} {
		w.apply("greeting=good evening", "release=two", "throttle=70", "canary_percent="+step.percent)
		show("/greeting", "good evening", map[string]string{"X-Release": step.release})
	}

	w.terraform(0, "destroy", "-auto-approve", "-input=false")
	if got := server.Get(t, first["api"], "prod", "/greeting"); got.Status != http.StatusForbidden {
		t.Errorf("after destroy: %d %q", got.Status, got.Body)
	}
}
