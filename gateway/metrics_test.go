package gateway

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/observe/trace"
	"github.com/postern-gateway/postern/plan"
)

// watched serves a stage whose counters and spans the test sees.
func watched(t *testing.T, backend integration.Invoker, stage apigw.Stage, methods ...method) (*Gateway, *live.State, *[]*trace.Span) {
	t.Helper()
	api, _ := plan.CompileAPI(snapshot(methods...))
	state, spans := live.New(clock.NewManual(testTime)), &[]*trace.Span{}
	g := servingPlan(backend, plan.StageInput{API: api, Stage: &stage, Live: state})
	return New(Config{
		Table: g.table, HTTP: backend, Clock: clock.NewManual(testTime), IDs: ids.Seeded(1),
		Live: state, Trace: func(s *trace.Span) { *spans = append(*spans, s) },
	}), state, spans
}

// TestCount: which series a request counts for.
func TestCount(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200}}
	stage := apigw.Stage{
		MethodSettings: map[string]apigw.MethodSetting{"pets/GET": {MetricsEnabled: new(true)}},
		CanarySettings: &apigw.CanarySettings{PercentTraffic: new(apigw.Double(0))},
	}
	locked := backendMethod("GET /locked", apigw.Integration{Type: new("HTTP"), Uri: new("http://backend/")})
	locked.ApiKeyRequired = new(true)
	g, state, _ := watched(t, backend, stage, locked,
		backendMethod("ANY /pets", apigw.Integration{Type: new("HTTP"), Uri: new("http://backend/")}),
		mockMethod("GET /mock", "{}"))
	for line, n := range map[string]int{
		"GET /dev/pets": 3, "POST /dev/pets": 4, "GET /dev/mock": 5, "GET /dev/none": 6, // a stage without the path
		"GET /dev/locked": 2, // refused before the backend is called
		"GET /prod/pets":  7, // no stage: nobody counts it
	} {
		for range n {
			serve(t, g, request(line, nil, ""))
		}
	}
	type row struct {
		Method, Resource string
		Codes            map[int]uint64
		Backend          uint64
	}
	var got []row
	for _, total := range state.Metrics.Totals() {
		if total.Account != "123456789012" || total.Region != "us-east-1" || total.API != testAPI || total.Name != testAPI || total.Stage != "dev" || total.Canary {
			t.Errorf("series %+v", total.Key)
		}
		got = append(got, row{total.Method, total.Resource, total.Codes, total.Backends[metrics.HTTP].Count()})
	}
	want := []row{
		{"", "", map[int]uint64{200: 9, 403: 8}, 4},
		{"GET", "/pets", map[int]uint64{200: 3}, 3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

// TestCountCanary: a canary's requests have series of their own.
func TestCountCanary(t *testing.T) {
	stage := apigw.Stage{
		MethodSettings: map[string]apigw.MethodSetting{"mock/GET": {MetricsEnabled: new(true)}},
		CanarySettings: &apigw.CanarySettings{PercentTraffic: new(apigw.Double(100))},
	}
	g, state, _ := watched(t, nil, stage, mockMethod("GET /mock", "{}"), mockMethod("GET /", "{}"))
	serve(t, g, request("GET /dev/mock", nil, ""))
	serve(t, g, request("GET /dev", nil, ""))
	serve(t, g, request("GET /dev", nil, ""))
	for _, total := range state.Metrics.Totals() {
		want := map[string]uint64{"/mock": 1, "": 2}[total.Resource]
		if !total.Canary || total.Codes[200] != want {
			t.Errorf("series %+v counts %v, want the canary's with %d", total.Key, total.Codes, want)
		}
	}
}

// TestCountOutlivesPlans: a stage that is compiled anew goes on counting.
func TestCountOutlivesPlans(t *testing.T) {
	g, state, _ := watched(t, nil, apigw.Stage{}, mockMethod("GET /mock", "{}"))
	serve(t, g, request("GET /dev/mock", nil, ""))
	api, _ := plan.CompileAPI(snapshot(mockMethod("GET /mock", "{}")))
	g.table.Set(testAPI, map[string]*plan.Stage{"dev": plan.CompileStage(plan.StageInput{
		API: api, Stage: &apigw.Stage{StageName: new("dev")}, Live: state,
	})})
	serve(t, g, request("GET /dev/mock", nil, ""))
	if got := state.Metrics.Totals(); len(got) != 1 || got[0].Codes[200] != 2 {
		t.Errorf("series %+v, want one with two requests", got)
	}
}
