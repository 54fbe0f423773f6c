package gateway

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/observe"
)

const explainedID = "7b1d0a5c-3a4e-4c8e-9d7e-0123456789ab"

func explaining(t *testing.T, last int, backend integration.Invoker, stage apigw.Stage, methods ...method) *Gateway {
	t.Helper()
	g := serving(t, backend, stage, methods...)
	return New(Config{Table: g.table, HTTP: backend, Clock: clock.NewManual(testTime), IDs: ids.Seeded(1), ExplainLast: last})
}

func notes(e *observe.Explanation) []string {
	var out []string
	if e != nil {
		for _, note := range e.Notes {
			out = append(out, strings.TrimSpace(note.Step+": "+note.Text))
		}
	}
	return out
}

// TestExplain: what is said about requests that end at different places.
func TestExplain(t *testing.T) {
	failing := &recorder{err: &integration.Error{Kind: integration.Timeout, Cause: context.DeadlineExceeded}}
	stage := apigw.Stage{
		DeploymentId: new("d1"), MethodSettings: settings("ERROR", false),
		CanarySettings: &apigw.CanarySettings{DeploymentId: new("d1"), PercentTraffic: new(apigw.Double(100))},
	}
	for _, test := range []struct {
		name, request string
		backend       *recorder
		status        int
		want          []string
	}{
		{"no stage", "GET /prod/pets", nil, 403, []string{
			"stage: no stage has this address",
			"failure: gateway response not customisable: Forbidden", "answer: status 403, 23 bytes",
		}},
		{"no method", "GET /dev/cats", nil, 403, []string{
			"stage: API abcdefghij, stage dev", "release: canary, deployment d1; drew DRAWN, the canary gets what is below 100",
			"route: no method of the deployment is GET /cats",
			"failure: gateway response MISSING_AUTHENTICATION_TOKEN: Missing Authentication Token", "answer: status 403, 42 bytes",
		}},
		{"backend", "GET /dev/pets", failing, 504, []string{
			"stage: API abcdefghij, stage dev", "release: canary, deployment d1; drew DRAWN, the canary gets what is below 100",
			"route: GET /pets, resource id-pets", "settings: methodSettings */*",
			"map-request: GET http://b/", "call: no answer after 0.000 ms: context deadline exceeded",
			"call: ends the request",
			"failure: gateway response INTEGRATION_TIMEOUT: Endpoint request timed out; Execution failed due to a timeout error; context deadline exceeded",
			"answer: status 504, 41 bytes",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := explaining(t, 0, test.backend, stage, backendMethod("GET /pets", apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("http://b/")}))
			g.WantExplanation(explainedID)
			serve(t, g, request(test.request, []string{"x-amzn-RequestId: " + explainedID}, ""))
			e := g.Explanation(explainedID)
			got := notes(e)
			for i, note := range got {
				if before, after, ok := strings.Cut(note, "drew "); ok {
					_, after, _ = strings.Cut(after, ",")
					got[i] = before + "drew DRAWN," + after
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" || e.Status != test.status {
				t.Errorf("status %d, want %d; notes (-want +got):\n%s", e.Status, test.status, diff)
			}
		})
	}
}

// TestExplainWanted: only who was announced, or is among the last, is explained.
func TestExplainWanted(t *testing.T) {
	ask := func(g *Gateway, id string) *observe.Explanation {
		serve(t, g, request("GET /dev", []string{"x-amzn-RequestId: " + id}, ""))
		return g.Explanation(id)
	}
	other := strings.Replace(explainedID, "7", "8", 1)
	g := explaining(t, 0, nil, apigw.Stage{}, mockMethod("GET /", ""))
	if got := ask(g, explainedID); got != nil {
		t.Errorf("nobody asked: %v", notes(got))
	}
	g.WantExplanation(explainedID)
	if got := ask(g, other); got != nil {
		t.Errorf("another was asked for: %v", notes(got))
	}
	if got := ask(g, explainedID); got == nil || g.explanations.asked.Load() != 0 {
		t.Errorf("asked for: %v; %d are waited for", got, g.explanations.asked.Load())
	}
	g.WantExplanation(other)
	for i := range mostWanted {
		g.WantExplanation(fmt.Sprint(i)) // and never comes
	}
	g.WantExplanation(explainedID)
	if ask(g, explainedID) == nil || g.explanations.asked.Load() != mostWanted-1 {
		t.Errorf("the last announcement counts for nothing; %d are waited for", g.explanations.asked.Load())
	}
	if got := ask(g, other); got != nil {
		t.Errorf("the first of too many announcements counts: %v", notes(got))
	}
	g = explaining(t, 2*keptWhenAsked, nil, apigw.Stage{}, mockMethod("GET /", ""))
	g.WantExplanation(explainedID)
	first := ask(g, explainedID)
	if n := g.explanations.asked.Load(); n != 0 {
		t.Errorf("%d are waited for after the last one came", n)
	}
	for range 2*keptWhenAsked - 1 {
		serve(t, g, request("GET /dev", nil, ""))
	}
	if first == nil || g.Explanation(explainedID) == nil {
		t.Error("it is among the last and not explained")
	}
	serve(t, g, request("GET /dev", nil, ""))
	if g.Explanation(explainedID) != nil {
		t.Error("it is not among the last any more")
	}
}
