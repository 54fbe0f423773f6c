package sdk

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern-gateway/postern/test/postern"
)

// TestDrain: a signal ends the process when the requests in flight are done.
// Nobody new is let in, and none of those that are in is turned away.
func TestDrain(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = w.Write([]byte("late"))
	}))
	defer backend.Close()
	finish := sync.OnceFunc(func() { close(release) })
	defer finish()
	server, client := start(t)
	api := postern.NewAPI(t, client, "slow")
	api.Proxy(t, "GET", "/slow", backend.URL)
	api.Deploy(t, "dev")

	type outcome struct {
		answer postern.Answer
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		answer, err := server.Call(t.Context(), http.MethodGet, server.StageURL(api.ID, "dev")+"/slow", "", "")
		done <- outcome{answer, err}
	}()
	<-entered
	server.Terminate(t)
	address := strings.TrimPrefix(server.BaseURL, "http://")
	for { // the signal takes a moment
		conn, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		// A connection from the queue of the listener is closed without an answer.
		_, _ = conn.Read(make([]byte, 1))
		conn.Close()
	}
	select {
	case <-server.Ended():
		t.Fatal("the process ended before the request")
	case early := <-done:
		t.Fatalf("the request ended early: %+v", early)
	default:
	}
	finish()
	late := <-done
	if late.err != nil {
		t.Fatal(late.err)
	}
	want(t, "the request in flight", late.answer, http.StatusOK, "late")
	server.Stop(t)
}

// TestDrainEnds: a request that never ends does not hold the process for ever.
func TestDrainEnds(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	backend := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-release
	}))
	defer backend.Close()
	defer close(release)
	server, client := start(t, "--drain", "50ms")
	api := postern.NewAPI(t, client, "slow")
	api.Proxy(t, "GET", "/slow", backend.URL)
	api.Deploy(t, "dev")
	failed := make(chan error, 1)
	go func() {
		_, err := server.Call(t.Context(), http.MethodGet, server.StageURL(api.ID, "dev")+"/slow", "", "")
		failed <- err
	}()
	<-entered
	server.Terminate(t)
	<-server.Ended()
	if err := <-failed; err == nil {
		t.Error("the request was answered")
	}
	server.Forget()
}

// TestDataIsKept: what was made is served again by the next process.
func TestDataIsKept(t *testing.T) {
	server := postern.Start(t, "--data", filepath.Join(t.TempDir(), "data"))
	api := hello(t, server.Client())
	server.Stop(t)
	server = server.Restart(t)
	want(t, "after a stop", server.Get(t, api, "dev", "/hello"), http.StatusOK, "hello")
	server.Kill(t)
	server = server.Restart(t)
	want(t, "after a kill", server.Get(t, api, "dev", "/hello"), http.StatusOK, "hello")
}

// TestSettings: flags come before variables, variables before the file.
func TestSettings(t *testing.T) {
	config := filepath.Join(t.TempDir(), "postern.yaml")
	text := "listen: 127.0.0.1:1\nephemeral: true\nallow-reset: true\npprof: false\naccount:\n  - \"111111111111\"\n  - AKIDTWO=222222222222\nquota: [resources-per-api=3]\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	server := postern.StartCommand(t, []string{"POSTERN_LISTEN=127.0.0.1:2", "POSTERN_PPROF=true", "POSTERN_CONFIG=" + config}, "serve", "--listen", "127.0.0.1:0")
	for path, want := range map[string]int{
		"/_postern/pprof/": http.StatusOK, // the variable, not the file
	} {
		got, err := server.Call(t.Context(), http.MethodGet, server.BaseURL+path, "", "")
		if err != nil || got.Status != want {
			t.Errorf("%s: %d, %v", path, got.Status, err)
		}
	}
	got, err := server.Call(t.Context(), http.MethodPost, server.BaseURL+"/_postern/reset", "", "")
	if err != nil || got.Status != http.StatusOK {
		t.Errorf("the file does not allow a reset: %d, %v", got.Status, err)
	}
	client := server.Client()
	api := postern.NewAPI(t, client, "small")
	api.Resource(t, "/a/b")
	_, err = client.CreateResource(t.Context(), &apigateway.CreateResourceInput{RestApiId: &api.ID, ParentId: &api.Root, PathPart: new("c")})
	if got := refusalOf(t, err); got.code != "LimitExceededException" {
		t.Errorf("the quota of the file does not hold: %+v", got)
	}
}

// TestRefusedStarts: a start that is refused says why, on one line, and ends
// with a code.
func TestRefusedStarts(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for name, c := range map[string]struct {
		env  []string
		args []string
		want []string
	}{
		"open":             {nil, []string{"--ephemeral", "--listen", "0.0.0.0:0"}, []string{"beyond loopback", "--insecure-open"}},
		"open control":     {nil, []string{"--ephemeral", "--control-listen", ":0"}, []string{"beyond loopback", "--insecure-open"}},
		"no credentials":   {nil, []string{"--ephemeral", "--credentials-file", missing}, []string{missing}},
		"open to others":   {nil, []string{"--ephemeral", "--credentials-file", readable(t)}, []string{"chmod 600"}},
		"open and closed":  {nil, []string{"--ephemeral", "--credentials-file", missing, "--insecure-open"}, []string{"leave out --insecure-open"}},
		"two accounts":     {nil, []string{"--ephemeral", "--credentials-file", missing, "--account", "111111111111"}, []string{"leave out --account"}},
		"two addresses":    {nil, []string{"--ephemeral", "--listen", "127.0.0.1:0", "--gateway-listen", "127.0.0.1:0"}, []string{"--listen is for both planes"}},
		"two stores":       {nil, []string{"--ephemeral", "--data", missing, "--listen", "127.0.0.1:0"}, []string{"exactly one"}},
		"no certificate":   {nil, []string{"--ephemeral", "--tls-cert", missing, "--tls-key", missing}, []string{missing}},
		"unknown quota":    {nil, []string{"--ephemeral", "--quota", "cats=1"}, []string{"cats", "resources-per-api"}},
		"bad account":      {[]string{"POSTERN_ACCOUNT=12"}, []string{"--ephemeral"}, []string{"account", "twelve digits"}},
		"bad variable":     {[]string{"POSTERN_PPROF=perhaps"}, []string{"--ephemeral"}, []string{"POSTERN_PPROF", "perhaps"}},
		"no file":          {nil, []string{"--config", missing}, []string{missing}},
		"unknown flag":     {nil, []string{"--cats"}, []string{"unknown flag: --cats"}},
		"bad log level":    {nil, []string{"--ephemeral", "--log-level", "loud"}, []string{"loud", "debug, info, warn or error"}},
		"bad log sink":     {nil, []string{"--ephemeral", "--log-sink", "syslog"}, []string{"syslog", "files, stdout"}},
		"two log sinks":    {nil, []string{"--ephemeral", "--log-sink", "files", "--log-sink", "files a*"}, []string{"at most once"}},
		"no log keys":      {[]string{"AWS_ACCESS_KEY_ID="}, []string{"--ephemeral", "--log-sink", "cloudwatch=http://127.0.0.1:1"}, []string{"AWS_ACCESS_KEY_ID"}},
		"no log files":     {nil, []string{"--ephemeral", "--listen", "127.0.0.1:0", "--log-dir", "/dev/null/logs"}, []string{"/dev/null"}},
		"bad log size":     {nil, []string{"--ephemeral", "--log-max-bytes", "-1"}, []string{"-1 bytes"}},
		"address in use":   {nil, []string{"--ephemeral", "--listen", occupied(t)}, []string{"address already in use"}},
		"unwritable place": {nil, []string{"--listen", "127.0.0.1:0", "--data", "/dev/null/data"}, []string{"/dev/null"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, output := postern.Run(t, c.env, append([]string{"serve"}, c.args...)...)
			if code == 0 {
				t.Error("the code is 0")
			}
			lines := strings.Split(output, "\n")
			if last := lines[len(lines)-1]; !strings.HasPrefix(last, "postern: ") || strings.Contains(output, "goroutine") {
				t.Errorf("the output ends with %q:\n%s", last, output)
			}
			for _, want := range c.want {
				if !strings.Contains(output, want) {
					t.Errorf("no %q in:\n%s", want, output)
				}
			}
		})
	}
}

// readable is a file that others can read.
func readable(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "readable")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func occupied(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// TestAdministration looks at the product's own paths.
func TestAdministration(t *testing.T) {
	server, client := start(t, "--allow-reset")
	call := func(method, path string) postern.Answer {
		t.Helper()
		got, err := server.Call(t.Context(), method, server.BaseURL+path, "", "")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	revision := func() int64 {
		t.Helper()
		var body struct{ Revision int64 }
		got := call("GET", "/_postern/revision")
		if err := json.Unmarshal([]byte(got.Body), &body); err != nil || body.Revision == 0 {
			t.Fatalf("revision %d %q: %v", got.Status, got.Body, err)
		}
		return body.Revision
	}
	want(t, "health", call("GET", "/_postern/health"), http.StatusOK, "{\"status\":\"ready\"}\n")
	before := revision()
	api := hello(t, client)
	if after := revision(); after <= before {
		t.Errorf("revision %d after %d", after, before)
	}
	if got := call("GET", "/_postern/plan/"+api+"/dev"); got.Status != http.StatusOK || !strings.Contains(got.Body, "/hello") {
		t.Errorf("plan %d %q", got.Status, got.Body)
	}
	metrics := call("GET", "/metrics")
	for _, want := range []string{"postern_plan_apis 1", "postern_plan_stages 1", "postern_panics_total 0", "postern_rollout_lag_revisions 0", "go_goroutines"} {
		if !strings.Contains(metrics.Body, want) {
			t.Errorf("no %q in the metrics", want)
		}
	}
	for _, path := range []string{"/_postern/pprof/", "/_postern/pprof/heap", "/_postern/none"} {
		if got := call("GET", path); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Status)
		}
	}

	// A page of another origin cannot empty the store through a browser.
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.BaseURL+"/_postern/reset", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	if got, err := postern.Do(http.DefaultClient, request); err != nil || got.Status != http.StatusForbidden {
		t.Errorf("a reset from another origin: %d, %v", got.Status, err)
	}
	want(t, "after a refused reset", server.Get(t, api, "dev", "/hello"), http.StatusOK, "hello")
	if got := call("POST", "/_postern/reset"); got.Status != http.StatusOK {
		t.Errorf("reset %d %q", got.Status, got.Body)
	}
	want(t, "after the reset", server.Get(t, api, "dev", "/hello"), http.StatusForbidden, `{"message":"Forbidden"}`)
	list, err := client.GetRestApis(t.Context(), &apigateway.GetRestApisInput{})
	if err != nil || len(list.Items) != 0 {
		t.Errorf("after the reset there is %+v, %v", list, err)
	}
	hello(t, client)
}

// TestAdministrationIsOptIn: reset and profiles are there only when asked for.
func TestAdministrationIsOptIn(t *testing.T) {
	server, _ := start(t)
	for path, method := range map[string]string{"/_postern/reset": "POST", "/_postern/pprof/": "GET"} {
		got, err := server.Call(t.Context(), method, server.BaseURL+path, "", "")
		if err != nil || got.Status != http.StatusNotFound {
			t.Errorf("%s: %d, %v", path, got.Status, err)
		}
	}
	server, _ = start(t, "--pprof")
	got, err := server.Call(t.Context(), http.MethodGet, server.BaseURL+"/_postern/pprof/goroutine?debug=1", "", "")
	if err != nil || !strings.Contains(got.Body, "goroutine profile") {
		t.Errorf("profile: %d, %v", got.Status, err)
	}
}
