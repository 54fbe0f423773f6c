package steps

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/observe"
	"github.com/postern-gateway/postern/plan/spec"
	"github.com/postern-gateway/postern/value"
)

// TestVerdictContext: what a function gives to the request is text as it wrote it.
func TestVerdictContext(t *testing.T) {
	document, err := value.ParseJSON(`{"principalId":"p","policyDocument":{"Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"*"}]},
		"context":{"user":12345678,"large":9007199254740993,"part":0.25,"yes":true,"text":"a","none":null}}`)
	if err != nil {
		t.Fatal(err)
	}
	verdict, err := readVerdict(document)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"user": "12345678", "large": "9007199254740993", "part": "0.25", "yes": "true", "text": "a"}
	if diff := cmp.Diff(want, verdict.Context); diff != "" {
		t.Errorf("context (-want +got):\n%s", diff)
	}
}

// TestIncomingIdentity: a token is in clear only in the log of a test invocation.
func TestIncomingIdentity(t *testing.T) {
	a, err := CompileAuthorizer(spec.Authorizer{Type: spec.TokenAuthorizer, Sources: []string{"method.request.header.Auth"}, Pattern: "Bearer .*"})
	if err != nil {
		t.Fatal(err)
	}
	for test, want := range map[bool]string{false: "Incoming identity: ***********secret", true: "Incoming identity: Basic notsosecret"} {
		r := &Request{Clock: clock.NewManual(time.Unix(1700000000, 0)), Journal: &observe.Journal{}}
		r.Journal.Reset(true, true)
		r.Context.Test = test
		r.TakeHeader(exchange.Header{{Name: "Auth", Value: "Basic notsosecret"}})
		if verdict := a.Ask(t.Context(), r, ""); verdict.Response != spec.Unauthorized {
			t.Fatalf("verdict %+v", verdict)
		}
		if got := r.Journal.Lines()[1].Text; got != want {
			t.Errorf("test invocation %t: %q, want %q", test, got, want)
		}
	}
}
