package sdk

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern-gateway/postern/test/postern"
)

// setClock moves the clock of a server that runs with --test-clock, and
// returns the time that it says.
func setClock(t *testing.T, server *postern.Server, change string) time.Time {
	t.Helper()
	answer, err := server.Call(t.Context(), http.MethodPost, server.BaseURL+"/_postern/clock", "", change)
	var state struct{ Now time.Time }
	if err == nil && answer.Status == http.StatusOK {
		err = json.Unmarshal([]byte(answer.Body), &state)
	}
	if err != nil || state.Now.IsZero() {
		t.Fatalf("clock %s: %+v, %v", change, answer, err)
	}
	return state.Now
}

// TestThrottle: a user's test of its limits needs no sleep.
func TestThrottle(t *testing.T) {
	server := postern.Start(t, "--ephemeral", "--test-clock", "--account-throttle", "100:20")
	client := server.Client()
	api := postern.NewAPI(t, client, "throttled")
	api.Mock(t, "GET", "/a", "a", nil)
	api.Mock(t, "GET", "/b", "b", nil)
	api.Deploy(t, "dev")
	setClock(t, server, `{"frozen": true}`)
	admitted := func(path string) int {
		t.Helper()
		for n := range 1000 {
			if answer := server.Get(t, api.ID, "dev", path); answer.Status != 200 {
				if answer.Status != 429 || answer.Body != `{"message":"Too Many Requests"}` || answer.Header.Get("x-amzn-ErrorType") != "TooManyRequestsException" {
					t.Fatalf("%s: %+v", path, answer)
				}
				return n
			}
		}
		t.Fatal("no limit")
		return 0
	}
	expect := func(after string, path string, want int) {
		t.Helper()
		if got := admitted(path); got != want {
			t.Errorf("after %s: %d of %s admitted, want %d", after, got, path, want)
		}
	}
	api.Patch(t, "dev", postern.Replace("/*/*/throttling/rateLimit", "2"), postern.Replace("/*/*/throttling/burstLimit", "3"),
		postern.Replace("/~1b/GET/throttling/burstLimit", "1"))
	expect("a setting of all methods", "/a", 3)
	expect("a setting of its own", "/b", 1)
	api.Patch(t, "dev", postern.Replace("/*/*/throttling/burstLimit", "30"))
	expect("a larger burst, without time", "/a", 0)
	setClock(t, server, `{"advance": "2s"}`)
	expect("two seconds", "/a", 4)
	api.Patch(t, "dev", postern.Replace("/*/*/throttling/rateLimit", "-1"), postern.Replace("/*/*/throttling/burstLimit", "-1"))
	setClock(t, server, `{"advance": "1h"}`)
	expect("no limit but the account's", "/a", 20)

	account, err := client.GetAccount(t.Context(), &apigateway.GetAccountInput{})
	if err != nil || account.ThrottleSettings.RateLimit != 100 || account.ThrottleSettings.BurstLimit != 20 {
		t.Errorf("account: %+v, %v", account.ThrottleSettings, err)
	}
	before := setClock(t, server, `{"frozen": true}`)
	made := postern.NewAPI(t, client, "dated")
	got, err := client.GetRestApi(t.Context(), &apigateway.GetRestApiInput{RestApiId: &made.ID})
	if err != nil || !got.CreatedDate.Equal(before.Truncate(time.Second)) {
		t.Errorf("made at %v, the clock says %v; %v", got.CreatedDate, before, err)
	}
}

// TestClockRefuses: what is not a change of the clock, and a node without one.
func TestClockRefuses(t *testing.T) {
	server := postern.Start(t, "--ephemeral", "--test-clock")
	for _, change := range []string{"", "{", `{"advance": "-1s"}`, `{"advance": "soon"}`, `{"advance": "1000000h"}`, `{"freeze": true}`} {
		answer, err := server.Call(t.Context(), http.MethodPost, server.BaseURL+"/_postern/clock", "", change)
		if err != nil || answer.Status != http.StatusBadRequest {
			t.Errorf("clock %q: %+v, %v, want 400", change, answer, err)
		}
	}
	without := postern.Start(t, "--ephemeral")
	if answer, err := without.Call(t.Context(), http.MethodPost, without.BaseURL+"/_postern/clock", "", `{"frozen": true}`); err != nil || answer.Status != http.StatusNotFound {
		t.Errorf("without --test-clock: %+v, %v", answer, err)
	}
}
