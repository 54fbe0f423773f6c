package terraform

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

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
	w := emptyWorkspace(t, variables)
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("the configuration is %q, %v", files, err)
	}
	for _, file := range files {
		w.copy(file, filepath.Base(file))
	}
	w.terraform(0, "init")
	return w
}

// emptyWorkspace has the provider alone, and is not initialized yet. It skips
// the test where there is no Terraform.
func emptyWorkspace(t *testing.T, variables map[string]string) *workspace {
	t.Helper()
	if testing.Short() {
		t.Skip("Terraform takes a minute")
	}
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("there is no terraform")
	}
	folder := mirror(t)
	w := &workspace{t: t, dir: t.TempDir()}
	w.copy("provider.tf", "provider.tf")
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
	return w
}

// copy brings a file of this package into the workspace.
func (w *workspace) copy(file, name string) {
	w.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(name, string(data))
}

func (w *workspace) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
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

// decode runs a command that prints JSON.
func (w *workspace) decode(into any, arguments ...string) {
	w.t.Helper()
	if err := json.Unmarshal([]byte(w.terraform(0, arguments...)), into); err != nil {
		w.t.Fatalf("terraform %v: %v", arguments, err)
	}
}

func (w *workspace) outputs() map[string]string {
	w.t.Helper()
	var all map[string]struct{ Value string }
	w.decode(&all, "output", "-json")
	values := map[string]string{}
	for name, output := range all {
		values[name] = output.Value
	}
	return values
}
