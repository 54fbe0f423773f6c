package terraform

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

// TestLife applies the configuration, changes it in place and destroys it.
// After each change the plan is empty and the traffic shows the change.
func TestLife(t *testing.T) {
	t.Parallel()
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

// TestRefused: what the service refuses reaches the user as the typed error that
// it is, with its text.
func TestRefused(t *testing.T) {
	t.Parallel()
	w := emptyWorkspace(t, nil)
	server := postern.Start(t, "--ephemeral", "--account", "123456789012")
	w.env = append(w.env, "TF_VAR_endpoint="+server.BaseURL)
	w.copy("refused/refused.tf", "refused.tf")
	w.terraform(0, "init")
	output := w.terraform(1, "apply", "-auto-approve", "-input=false")
	for _, want := range []string{
		"ConflictException: Model name already exists for this REST API",
		"BadRequestException: Resource's path part only allow",
		"NotFoundException: Invalid API identifier specified",
		"BadRequestException: The REST API doesn't contain any methods",
	} {
		if !strings.Contains(output, want) {
			t.Errorf("the output does not say %q:\n%s", want, output)
		}
	}
	w.terraform(0, "destroy", "-auto-approve", "-input=false")
	checkEmpty(t, server)
}
