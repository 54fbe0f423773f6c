package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/postern-gateway/postern/test/postern"
)

// TestGitHubJob runs the steps of the workflow as a runner would, on a port of
// their own. The step that installs postern is replaced by the binary.
func TestGitHubJob(t *testing.T) {
	need(t, "bash", "aws", "curl")
	var workflow struct {
		Jobs map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Env    map[string]string
			Steps  []struct{ Name, Uses, Run string }
		}
	}
	text := strings.ReplaceAll(read(t, "examples", "github-actions.yml"), "127.0.0.1:4566", "127.0.0.1:"+freePort(t))
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatal(err)
	}
	job := workflow.Jobs["api"]
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "api.yaml"), []byte(read(t, "examples", "cors.yaml")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(postern.Binary(t), filepath.Join(dir, "postern")); err != nil {
		t.Fatal(err)
	}
	shared := filepath.Join(dir, "github-env")
	env := []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "GITHUB_ENV=" + shared}
	for name, value := range job.Env {
		env = append(env, name+"="+value)
	}
	env = append(env, "POSTERN_LISTEN="+strings.TrimPrefix(job.Env["POSTERN"], "http://"))
	ran, last := 0, ""
	for _, step := range job.Steps {
		switch {
		case step.Uses != "":
			continue
		case step.Name == "Install postern":
			folder := strings.TrimPrefix(step.Run, "go install github.com/postern-gateway/postern/")
			if _, err := os.Stat(path(t, strings.TrimSuffix(folder, "@latest"))); err != nil {
				t.Errorf("%s: %v", step.Run, err)
			}
			continue
		}
		if given, err := os.ReadFile(shared); err == nil {
			env = append(env, strings.Split(strings.TrimSpace(string(given)), "\n")...)
		}
		last = script(t, dir, env, "bash", "-eo", "pipefail", "-c", step.Run)
		ran++
	}
	if ran != 4 || !strings.Contains(last, `"type": "dog"`) {
		t.Errorf("%d steps ran, and the last one said %q", ran, last)
	}
}
