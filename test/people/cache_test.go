package people

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

// TestCache: a stage keeps answers, shows what it keeps, and forgets it when
// it is told to.
func TestCache(t *testing.T) {
	var calls atomic.Int64
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		_, _ = w.Write([]byte("answer"))
	}))
	t.Cleanup(backend.Close)
	server := postern.Start(t, "--ephemeral", "--test-clock")
	client := server.Client()
	api := postern.NewAPI(t, client, "cached")
	api.Method(t, "GET", "/pets/{id}", &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: new("GET"), Uri: new(backend.URL + "/{id}"),
		RequestParameters:  map[string]string{"integration.request.path.id": "method.request.path.id"},
		CacheKeyParameters: []string{"integration.request.path.id"},
	})
	api.Deploy(t, "dev")
	target := api.ID + "/dev"
	ask := func(id string, after string, want int64) {
		t.Helper()
		before := calls.Load()
		if answer := server.Get(t, api.ID, "dev", "/pets/"+id); answer.Status != 200 || answer.Body != "answer" {
			t.Fatalf("%s: %+v", id, answer)
		}
		if got := calls.Load() - before; got != want {
			t.Errorf("/pets/%s after %s: %d calls of the backend, want %d", id, after, got, want)
		}
	}
	cache := func(args ...string) string {
		t.Helper()
		code, stdout, stderr := run(t, append([]string{"cache", "--endpoint", server.BaseURL, target}, args...)...)
		if code != 0 {
			t.Fatalf("cache %v: code %d, %s", args, code, stderr)
		}
		return stdout
	}
	clock := func(change string) {
		t.Helper()
		if answer, err := server.Call(t.Context(), "POST", server.BaseURL+"/_postern/clock", "", change); err != nil || answer.Status != 200 {
			t.Fatalf("clock %s: %+v, %v", change, answer, err)
		}
	}
	clock(`{"frozen": true}`)
	stage := api.Patch(t, "dev", postern.Replace("/cacheClusterEnabled", "true"), postern.Replace("/cacheClusterSize", "0.5"),
		postern.Replace("/*/*/caching/enabled", "true"), postern.Replace("/*/*/caching/ttlInSeconds", "60"))
	if stage.CacheClusterStatus != types.CacheClusterStatusCreateInProgress {
		t.Errorf("cluster is %s", stage.CacheClusterStatus)
	}
	ask("1", "the cluster was switched on", 1)
	ask("1", "the cluster was switched on", 1)
	clock(`{"advance": "1s"}`)
	ask("1", "the cluster is available", 1)
	ask("1", "a request", 0)
	ask("2", "a request for another pet", 1)
	var view struct {
		Entries []struct {
			Key, Method, Path string
			Hits              int
			AgeSeconds        float64
		}
	}
	clock(`{"advance": "5s"}`)
	if err := json.Unmarshal([]byte(cache("--output", "json")), &view); err != nil || len(view.Entries) != 2 ||
		view.Entries[0].Path != "/pets/1" || view.Entries[0].Hits != 1 || view.Entries[0].AgeSeconds != 5 || view.Entries[1].Path != "/pets/2" || view.Entries[1].Hits != 0 {
		t.Fatalf("entries: %+v, %v", view.Entries, err)
	}
	if text := cache(); !strings.Contains(text, "GET /pets/1 200") || !strings.Contains(text, "5 s old, 55 s left") {
		t.Errorf("list:\n%s", text)
	}
	if text := cache("--flush-key", view.Entries[0].Key); text != "1 entries removed\n" {
		t.Errorf("flush of a key: %s", text)
	}
	ask("1", "a flush of its key", 1)
	ask("2", "a flush of another key", 0)
	if text := cache("--flush-path", "/pets/2"); text != "1 entries removed\n" {
		t.Errorf("flush of a path: %s", text)
	}
	ask("2", "a flush of its path", 1)
	ask("1", "a flush of another path", 0)
	cache("--flush")
	ask("1", "a flush", 1)
	clock(`{"advance": "61s"}`)
	ask("1", "its time", 1)
	api.Patch(t, "dev", postern.Replace("/*/*/caching/dataEncrypted", "true"))
	ask("1", "encryption", 1)
	ask("1", "encryption", 0)
	if text := cache(); !strings.Contains(text, "encrypted") {
		t.Errorf("list:\n%s", text)
	}
	api.Patch(t, "dev", postern.Replace("/cacheClusterEnabled", "false"))
	ask("1", "the end of the cluster", 1)
	ask("1", "the end of the cluster", 1)
	if code, _, stderr := run(t, "cache", "--endpoint", server.BaseURL, target); code == 0 || !strings.Contains(stderr, "no cache cluster") {
		t.Errorf("without a cluster: code %d, %s", code, stderr)
	}
}

// TestCacheAfterStart: a stage that nobody has called since the start has its
// cache already.
func TestCacheAfterStart(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(backend.Close)
	server := postern.Start(t, "--data", t.TempDir())
	api := postern.NewAPI(t, server.Client(), "cached")
	api.Method(t, "GET", "/", &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: new("GET"), Uri: new(backend.URL),
	})
	api.Deploy(t, "dev")
	api.Patch(t, "dev", postern.Replace("/cacheClusterEnabled", "true"), postern.Replace("/*/*/caching/enabled", "true"))
	server.Stop(t)
	server = server.Restart(t)
	if code, _, stderr := run(t, "cache", "--endpoint", server.BaseURL, api.ID+"/dev"); code != 0 {
		t.Errorf("got code %d, %s; want an empty cache", code, stderr)
	}
}
