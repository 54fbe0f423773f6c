package examples

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/lint"
	"github.com/postern-gateway/postern/test/postern"
)

// TestDocuments: there is nothing to say about the examples, and each is here.
func TestDocuments(t *testing.T) {
	var found []string
	for _, pattern := range []string{"*.yaml", "*/*.yaml"} {
		files, err := filepath.Glob(path(t, "examples", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(data), "\nopenapi: ") {
				continue
			}
			found = append(found, filepath.Base(file))
			report, err := lint.Document(data, lint.Options{})
			if err != nil || len(report.Findings) > 0 {
				t.Errorf("%s: %+v, %v", file, report.Findings, err)
			}
		}
	}
	if diff := cmp.Diff([]string{"cors.yaml", "petstore-http.yaml", "petstore.yaml", "api.yaml"}, found); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}

// deploy imports an example and deploys it to the stage dev.
func deploy(t *testing.T, server *postern.Server, name string, variables map[string]string) (api string) {
	t.Helper()
	client := server.Client()
	imported, err := client.ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: []byte(read(t, "examples", name)), FailOnWarnings: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: imported.Id, StageName: new("dev"), Variables: variables})
	if err != nil {
		t.Fatal(err)
	}
	return *imported.Id
}

func TestPetstoreHTTP(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("type") == "dragon" {
			w.WriteHeader(http.StatusNotAcceptable)
			return
		}
		w.Header().Set("X-Count", "2")
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusCreated)
		}
		fmt.Fprint(w, r.Method, " ", r.URL.RequestURI())
	}))
	defer backend.Close()
	server := postern.Start(t, "--ephemeral")
	api := deploy(t, server, "petstore-http.yaml", map[string]string{"backend": strings.TrimPrefix(backend.URL, "http://")})
	for _, row := range []struct {
		method, path string
		status       int
		body         string
		total        string // X-Total
	}{
		{"GET", "/pets", 200, "GET /v1/pets", "2"},
		{"GET", "/pets?kind=dog", 200, "GET /v1/pets?type=dog", "2"},
		{"GET", "/pets?kind=dragon", 404, `{"message": "there are no such pets"}`, ""},
		{"POST", "/pets", 201, "POST /v1/pets", ""},
		{"GET", "/pets/7", 200, "GET /v1/pets/7", ""},
		{"GET", "/photos/a/b.png", 200, "GET /photos/a/b.png", ""},
		{"DELETE", "/photos/a", 200, "DELETE /photos/a", ""},
	} {
		got, err := server.Call(t.Context(), row.method, server.StageURL(api, "dev")+row.path, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != row.status || got.Body != row.body || got.Header.Get("X-Total") != row.total {
			t.Errorf("%s %s: %d %q, X-Total %q; want %d %q, %q", row.method, row.path, got.Status, got.Body, got.Header.Get("X-Total"), row.status, row.body, row.total)
		}
	}
}

func TestCORS(t *testing.T) {
	server := postern.Start(t, "--ephemeral")
	address := server.StageURL(deploy(t, server, "cors.yaml", nil), "dev") + "/pets"
	const origin = "https://app.example.com"
	for method, want := range map[string]struct {
		status int
		header map[string]string
	}{
		"GET": {200, map[string]string{"Access-Control-Allow-Origin": origin}},
		"OPTIONS": {204, map[string]string{
			"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Methods": "GET,OPTIONS",
			"Access-Control-Allow-Headers": "Content-Type,Authorization", "Access-Control-Max-Age": "600",
		}},
	} {
		got, err := server.Call(t.Context(), method, address, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != want.status {
			t.Errorf("%s: status %d, want %d", method, got.Status, want.status)
		}
		for name, value := range want.header {
			if got.Header.Get(name) != value {
				t.Errorf("%s: header %s is %q, want %q", method, name, got.Header.Get(name), value)
			}
		}
	}
}

// TestCanaryWalk: all of release one, then both, then only release two, before
// and after it is promoted.
func TestCanaryWalk(t *testing.T) {
	need(t, "bash", "aws", "curl", "sed", "awk")
	server := postern.Start(t, "--ephemeral")
	out := script(t, t.TempDir(), []string{"ENDPOINT=" + server.BaseURL}, path(t, "examples", "canary", "walk.sh"))
	var parts []string
	for part := range strings.SplitSeq(out, ":\n") {
		parts = append(parts, part)
	}
	if len(parts) != 5 {
		t.Fatalf("the walk has %d parts, want 4:\n%s", len(parts)-1, out)
	}
	for i, want := range [][]string{{"10 one feature off"}, {"one feature off", "two feature on"}, {"10 two feature on"}, {"10 two feature on"}} {
		for _, line := range want {
			if !strings.Contains(parts[i+1], line) {
				t.Errorf("part %d has no %q:\n%s", i+1, line, out)
			}
		}
	}
}

// TestTemplate runs the SAM example with a backend of its own.
func TestTemplate(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "backend ", r.URL.Path) }))
	defer backend.Close()
	cmd := exec.Command(postern.Binary(t), "up", "--output", "json", "--listen", "127.0.0.1:0",
		"--parameter", "StageName=live", "--parameter", "Backend="+backend.URL, path(t, "examples", "sam/template.yaml"))
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}()
	var up struct{ Event, Stage, URL, Endpoint, API string }
	if err := json.NewDecoder(stdout).Decode(&up); err != nil || up.Event != "up" || up.Stage != "live" {
		t.Fatalf("%+v, %v", up, err)
	}
	for path, want := range map[string]string{"/hello": "hello from postern in us-east-1", "/backend/a/b": "backend /a/b"} {
		answer, err := (&postern.Server{}).Call(t.Context(), "GET", up.URL+path, "", "")
		if err != nil || answer.Status != 200 || !strings.Contains(answer.Body, want) {
			t.Errorf("%s: %+v, %v; want %q", path, answer, err, want)
		}
	}
	stage, err := (&postern.Server{BaseURL: up.Endpoint}).Client().GetStage(t.Context(), &apigateway.GetStageInput{RestApiId: &up.API, StageName: new("live")})
	if err != nil {
		t.Fatal(err)
	}
	if got := stage.MethodSettings["*/*"].ThrottlingBurstLimit; got != 500 || stage.Variables["greeting"] != "hello" {
		t.Errorf("stage live: burst limit %d, variables %v", got, stage.Variables)
	}
}
