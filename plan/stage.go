package plan

import (
	"maps"

	"github.com/postern-gateway/postern/apigw"
)

// Stage is the runnable form of a stage.
type Stage struct {
	Name       string
	Production Release
	// Canary is nil if the stage has no canary settings. It gets Percent of
	// the requests, 0 to 100; with 0 it is there and gets none.
	Canary  *Release
	Percent float64
}

// Release is what one request runs: a deployment and the variables it sees.
type Release struct {
	DeploymentID string
	API          *API
	Variables    map[string]string // read only
}

// StageInput is what a stage is made of.
type StageInput struct {
	API *API // of the stage's deployment
	// Canary is the plan of the canary's deployment; nil if there is no canary
	// or it runs the stage's deployment.
	Canary *API
	Stage  *apigw.Stage
}

// CompileStage makes the plan of a stage. It costs little: nothing of a method
// depends on its stage but the variables, and those are read when a request runs.
func CompileStage(in StageInput) *Stage {
	s := &Stage{
		Name: apigw.Val(in.Stage.StageName),
		Production: Release{
			DeploymentID: apigw.Val(in.Stage.DeploymentId), API: in.API,
			Variables: maps.Clone(in.Stage.Variables),
		},
	}
	settings := in.Stage.CanarySettings
	if settings == nil {
		return s
	}
	canary := s.Production
	if id := apigw.Val(settings.DeploymentId); id != "" {
		canary.DeploymentID = id
	}
	if in.Canary != nil {
		canary.API = in.Canary
	}
	if len(settings.StageVariableOverrides) > 0 {
		// Recorded: overrides lie over the stage's variables, the others stay visible.
		canary.Variables = maps.Clone(in.Stage.Variables)
		if canary.Variables == nil {
			canary.Variables = map[string]string{}
		}
		maps.Copy(canary.Variables, settings.StageVariableOverrides)
	}
	s.Canary, s.Percent = &canary, float64(apigw.Val(settings.PercentTraffic))
	return s
}

// Draw returns the release for a request that drew u, 0 <= u < 100, and
// whether it is the canary.
func (s *Stage) Draw(u float64) (*Release, bool) {
	if s.Canary != nil && u < s.Percent {
		return s.Canary, true
	}
	return &s.Production, false
}
