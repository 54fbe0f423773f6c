package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/postern-gateway/postern/apigw"
)

// Recorded: invoking a canary deployment (overrides lie over the stage's
// variables). The default of a deployment id is recorded with UpdateStage.
func TestCompileStageCanary(t *testing.T) {
	production, other := &API{ID: "a"}, &API{ID: "a"}
	for _, test := range []struct {
		name   string
		stage  apigw.Stage
		canary *API
		want   *Stage
	}{
		{
			"no canary",
			apigw.Stage{StageName: new("dev"), DeploymentId: new("d1"), Variables: map[string]string{"v": "1"}},
			nil,
			&Stage{Name: "dev", Production: Release{DeploymentID: "d1", API: production, Variables: map[string]string{"v": "1"}}},
		},
		{
			"overrides",
			apigw.Stage{
				StageName: new("dev"), DeploymentId: new("d1"),
				Variables: map[string]string{"testVar": "default", "defaultVar": "default"},
				CanarySettings: &apigw.CanarySettings{
					DeploymentId: new("d2"), PercentTraffic: new(apigw.Double(10.5)),
					StageVariableOverrides: map[string]string{"testVar": "canary", "noStageVar": "canary"},
				},
			},
			other,
			&Stage{
				Name: "dev", Percent: 10.5,
				Production: Release{DeploymentID: "d1", API: production, Variables: map[string]string{"testVar": "default", "defaultVar": "default"}},
				Canary:     &Release{DeploymentID: "d2", API: other, Variables: map[string]string{"testVar": "canary", "defaultVar": "default", "noStageVar": "canary"}},
			},
		},
		{
			"same deployment, overrides only",
			apigw.Stage{
				StageName: new("dev"), DeploymentId: new("d1"),
				CanarySettings: &apigw.CanarySettings{StageVariableOverrides: map[string]string{"v": "c"}},
			},
			nil,
			&Stage{
				Name:       "dev",
				Production: Release{DeploymentID: "d1", API: production},
				Canary:     &Release{DeploymentID: "d1", API: production, Variables: map[string]string{"v": "c"}},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := CompileStage(StageInput{API: production, Canary: test.canary, Stage: &test.stage})
			same := cmp.Comparer(func(x, y *API) bool { return x == y })
			if diff := cmp.Diff(test.want, got, same, cmpopts.IgnoreUnexported(Release{}), cmpopts.IgnoreFields(Stage{}, "ExecutionLog")); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

// The guide: fractions count; recorded: 0 is never and 100 is always.
func TestDraw(t *testing.T) {
	for _, test := range []struct {
		percent, u float64
		want       bool
	}{
		{0, 0, false}, {100, 0, true}, {100, 99.9999999, true},
		{10.5, 10.4999, true}, {10.5, 10.5, false}, {10.5, 50, false},
	} {
		s := &Stage{Canary: &Release{}, Percent: test.percent}
		release, canary := s.Draw(test.u)
		if canary != test.want || (release == s.Canary) != test.want {
			t.Errorf("%v%% with draw %v: canary %v, want %v", test.percent, test.u, canary, test.want)
		}
	}
	s := &Stage{Percent: 100}
	if _, canary := s.Draw(0); canary {
		t.Error("a stage without a canary drew one")
	}
}
