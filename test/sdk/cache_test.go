package sdk

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/postern-gateway/postern/test/postern"
)

// TestCacheRenewal: with a credentials file, a client whose policy allows
// execute-api:InvalidateCache renews an entry with a signature by the SDK's
// signer; others do not.
func TestCacheRenewal(t *testing.T) {
	var calls atomic.Int64
	backend := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	t.Cleanup(backend.Close)
	server := postern.Start(t, "--ephemeral", "--credentials-file", credentialsFile(t, people), "--cache-delay", "1ns")
	api := postern.NewAPI(t, server.Client(as("AKIDADMIN", "admin-secret", "")), "cached")
	api.Proxy(t, "GET", "/", backend.URL)
	api.Deploy(t, "dev")
	api.Patch(t, "dev", postern.Replace("/cacheClusterEnabled", "true"), postern.Replace("/*/*/caching/enabled", "true"),
		postern.Replace("/*/*/caching/unauthorizedCacheControlHeaderStrategy", "FAIL_WITH_403"))
	renew := func(keys aws.Credentials) (status int, called int64) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.StageURL(api.ID, "dev")+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Cache-Control", "max-age=0")
		if keys.AccessKeyID != "" {
			empty := sha256.Sum256(nil)
			if err := v4.NewSigner().SignHTTP(t.Context(), keys, request, hex.EncodeToString(empty[:]), "execute-api", postern.Region, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		before := calls.Load()
		answer, err := postern.Do(http.DefaultClient, request)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Status, calls.Load() - before
	}
	for range 2 { // the second one is kept
		if answer := server.Get(t, api.ID, "dev", "/"); answer.Status != 200 {
			t.Fatalf("%+v", answer)
		}
	}
	if calls.Load() != 1 {
		t.Fatalf("%d calls for two requests", calls.Load())
	}
	for _, test := range []struct {
		name   string
		keys   aws.Credentials
		status int
		called int64
	}{
		{"allowed", aws.Credentials{AccessKeyID: "AKIDADMIN", SecretAccessKey: "admin-secret"}, 200, 1},
		{"allowed, with a session token", aws.Credentials{AccessKeyID: "ASIAADMIN", SecretAccessKey: "temporary-secret", SessionToken: "a/session+token="}, 200, 1},
		{"another policy", aws.Credentials{AccessKeyID: "AKIDREADER", SecretAccessKey: "reader-secret"}, 403, 0},
		{"another secret", aws.Credentials{AccessKeyID: "AKIDADMIN", SecretAccessKey: "guessed"}, 403, 0},
		{"another account", aws.Credentials{AccessKeyID: "AKIDOTHER", SecretAccessKey: "other-secret"}, 403, 0},
		{"not signed", aws.Credentials{}, 403, 0},
	} {
		if status, called := renew(test.keys); status != test.status || called != test.called {
			t.Errorf("%s: status %d, %d calls of the backend; want %d, %d", test.name, status, called, test.status, test.called)
		}
	}
}
