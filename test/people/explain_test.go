package people

import (
	"bufio"
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/test/postern"
)

// volatile are the parts of an explanation that are never the same.
var volatile = regexp.MustCompile(` +[0-9.]+ ms|[0-9a-f]{8}-[0-9a-f-]{27}|after [0-9.]+ ms|[0-9.]+ tokens`)

// TestExplain: "why did I get this answer?"
func TestExplain(t *testing.T) {
	server := postern.Start(t, "--ephemeral")
	api := postern.NewAPI(t, server.Client(), "colors")
	resource := api.Mock(t, "GET", "/color", "red", nil)
	deployment := api.Deploy(t, "dev")
	url := server.StageURL(api.ID, "dev")
	explain := func(path, want string) {
		t.Helper()
		code, stdout, stderr := run(t, "explain", "--endpoint", server.BaseURL, "--curl", "curl -s '"+url+path+"' -H 'accept: application/json'")
		got := volatile.ReplaceAllString(stdout, "*")
		if diff := cmp.Diff(want, got); diff != "" || code != 0 {
			t.Errorf("explain %s: code %d, standard error %s; output (-want +got):\n%s", path, code, stderr, diff)
		}
	}
	head := "GET /restapis/" + api.ID + "/dev/_user_request_"
	stage := "*  stage           API " + api.ID + ", stage dev\n*  release         production, deployment " + deployment + "\n"
	explain("/color", head+"/color 200  *\n"+stage+
		"*  route           GET /color, resource "+resource+"\n*  account-throttle rate 10000 burst 5000 (account), * left\n*  call            status 200 *, 0 bytes\n"+
		"*  answer          status 200, 3 bytes\n")
	explain("/shade", head+"/shade 403  *\n"+stage+
		"*  route           no method of the deployment is GET /shade\n"+
		"*  failure         gateway response MISSING_AUTHENTICATION_TOKEN: Missing Authentication Token\n*  answer          status 403, 42 bytes\n")

	id := server.Get(t, api.ID, "dev", "/color").Header.Get("x-amzn-RequestId")
	if code, _, stderr := run(t, "explain", "--endpoint", server.BaseURL, id); code == 0 || !strings.Contains(stderr, "--explain-last") {
		t.Errorf("a request that nobody announced: code %d, %s", code, stderr)
	}
	remembering := postern.Start(t, "--ephemeral", "--explain-last", "5")
	api = postern.NewAPI(t, remembering.Client(), "colors")
	api.Mock(t, "GET", "/", "red", nil)
	api.Deploy(t, "dev")
	id = remembering.Get(t, api.ID, "dev", "/").Header.Get("x-amzn-RequestId")
	code, stdout, stderr := run(t, "explain", "--endpoint", remembering.BaseURL, "--output", "json", id)
	var e struct{ RequestID string }
	if err := json.Unmarshal([]byte(stdout), &e); err != nil || code != 0 || e.RequestID != id {
		t.Errorf("--output json: code %d, %s, standard error %s, %v", code, stdout, stderr, err)
	}
}

// TestTail: what a stage answers, while it happens, also behind signatures.
func TestTail(t *testing.T) {
	server := postern.Start(t, "--ephemeral")
	api := postern.NewAPI(t, server.Client(), "colors")
	api.Mock(t, "GET", "/color", "red", nil)
	api.Deploy(t, "dev")
	cmd := exec.CommandContext(t.Context(), postern.Binary(t), "tail", "--endpoint", server.BaseURL, "--output", "json",
		"--status", "4xx", "--path", "/shade/**", api.ID+"/dev")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	// It says nothing when it begins to listen: ask until it has heard.
	var line string
	for asked := 0; line == ""; asked++ {
		if asked == 10000 {
			t.Fatal("the tail has not shown any of 10000 requests")
		}
		for _, path := range []string{"/color", "/other", "/shade/7"} {
			server.Get(t, api.ID, "dev", path)
		}
		select {
		case line = <-lines:
		default:
		}
	}
	var got struct {
		Path, Release, Response string
		Status                  int
	}
	if err := json.Unmarshal([]byte(line), &got); err != nil || got.Path != "/shade/7" || got.Status != 403 || got.Release != "production" || got.Response != "MISSING_AUTHENTICATION_TOKEN" {
		t.Errorf("line %s: %+v, %v", line, got, err)
	}
	server.Stop(t) // ends the tail, and does not wait for it
	for line := range lines {
		if !strings.Contains(line, `"/shade/7"`) {
			t.Errorf("not wanted: %s", line)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the tail ended with %v", err)
	}
	for _, wrong := range []struct{ flag, value, want string }{
		{"--status", "many", "want a status"}, {"--path", "[", "syntax error"}, {"--release", "beta", "want production or canary"},
	} {
		server := postern.Start(t, "--ephemeral")
		api := postern.NewAPI(t, server.Client(), "colors")
		api.Mock(t, "GET", "/", "red", nil)
		api.Deploy(t, "dev")
		code, _, stderr := run(t, "tail", "--endpoint", server.BaseURL, wrong.flag, wrong.value, api.ID+"/dev")
		if code == 0 || !strings.Contains(stderr, wrong.want) {
			t.Errorf("%s %s: code %d, %s, want %q", wrong.flag, wrong.value, code, stderr, wrong.want)
		}
	}
}
