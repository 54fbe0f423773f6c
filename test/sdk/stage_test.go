package sdk

import (
	"maps"
	"net/http"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

// staged is an API whose answers show the deployment, a stage variable and
// whether the canary gave them.
type staged struct {
	*postern.API
	server        *postern.Server
	first, second string // deployments, with X-Deployment: 1 and 2
}

func newStaged(t *testing.T) *staged {
	t.Helper()
	server, client := start(t)
	s := &staged{API: postern.NewAPI(t, client, "stages"), server: server}
	s.Mock(t, "GET", "/", "", map[string]string{
		"X-Deployment": "'1'", "X-Variable": "stageVariables.v", "X-Canary": "context.isCanaryRequest",
	})
	s.first = s.Deploy(t, "")
	s.SetHeader(t, "GET", "/", "X-Deployment", "'2'")
	s.second = s.Deploy(t, "")
	_, err := client.CreateStage(t.Context(), &apigateway.CreateStageInput{RestApiId: &s.ID, StageName: new("dev"), DeploymentId: &s.first})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shows fails the test unless the next request sees a deployment, the value of
// the variable and the canary: "true", "false", or "" where the stage has none.
func (s *staged) shows(t *testing.T, after, deployment, variable, canary string) {
	t.Helper()
	got := s.server.Get(t, s.ID, "dev", "/")
	have := [3]string{got.Header.Get("X-Deployment"), got.Header.Get("X-Variable"), got.Header.Get("X-Canary")}
	if want := [3]string{deployment, variable, canary}; got.Status != http.StatusOK || have != want {
		t.Errorf("after %s: %d, deployment, variable and canary %q, want %q", after, got.Status, have, want)
	}
}

// TestChangesAreInForce makes many changes; each shows in the next request.
func TestChangesAreInForce(t *testing.T) {
	s := newStaged(t)
	for i := range 300 {
		value, deployment, marker := strconv.Itoa(i), s.first, "1"
		if i%2 == 0 {
			deployment, marker = s.second, "2"
		}
		s.Patch(t, "dev", postern.Replace("/variables/v", value), postern.Replace("/deploymentId", deployment))
		s.shows(t, "change "+value, marker, value, "")
	}
}

func TestVariables(t *testing.T) {
	s := newStaged(t)
	s.Patch(t, "dev", postern.Replace("/variables/v", "a"), postern.Replace("/variables/w", "b"))
	s.shows(t, "two variables", "1", "a", "")
	if got := s.Patch(t, "dev", postern.Remove("/variables/v")); !maps.Equal(got.Variables, map[string]string{"w": "b"}) {
		t.Errorf("variables %v", got.Variables)
	}
	s.shows(t, "a removal", "1", "", "")
	s.Patch(t, "dev", postern.Replace("/deploymentId", s.second))
	s.shows(t, "a new deployment", "2", "", "")
	s.Patch(t, "dev", postern.Replace("/deploymentId", s.first))
	s.shows(t, "a rollback", "1", "", "")
}

func TestCanary(t *testing.T) {
	s := newStaged(t)
	s.Patch(t, "dev", postern.Replace("/variables/v", "base"))
	got := s.Patch(t, "dev",
		postern.Replace("/canarySettings/percentTraffic", "100"), postern.Replace("/canarySettings/deploymentId", s.second),
		postern.Replace("/canarySettings/stageVariableOverrides/v", "override"))
	if c := got.CanarySettings; c == nil || c.PercentTraffic != 100 || *c.DeploymentId != s.second || c.StageVariableOverrides["v"] != "override" {
		t.Errorf("canary %+v", got.CanarySettings)
	}
	s.shows(t, "a canary of 100 %", "2", "override", "true")
	s.Patch(t, "dev", postern.Replace("/canarySettings/percentTraffic", "0"))
	s.shows(t, "a canary of 0 %", "1", "base", "false")

	got = s.Patch(t, "dev",
		postern.Copy("/canarySettings/deploymentId", "/deploymentId"), postern.Copy("/canarySettings/stageVariableOverrides", "/variables"),
		postern.Remove("/canarySettings"))
	if got.CanarySettings != nil || *got.DeploymentId != s.second || got.Variables["v"] != "override" {
		t.Errorf("promoted %+v", got)
	}
	s.shows(t, "the promotion", "2", "override", "")

	// A canary by CreateDeployment, and back without it.
	s.SetHeader(t, "GET", "/", "X-Deployment", "'3'")
	_, err := s.server.Client().CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{
		RestApiId: &s.ID, StageName: new("dev"),
		CanarySettings: &types.DeploymentCanarySettings{PercentTraffic: 100, StageVariableOverrides: map[string]string{"v": "third"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.shows(t, "a canary deployment", "3", "third", "true")
	s.Patch(t, "dev", postern.Remove("/canarySettings"))
	s.shows(t, "its rollback", "2", "override", "")
}

// TestCanaryShare: a half of the traffic is a half, give or take.
func TestCanaryShare(t *testing.T) {
	s := newStaged(t)
	s.Patch(t, "dev", postern.Replace("/canarySettings/percentTraffic", "50"), postern.Replace("/canarySettings/deploymentId", s.second))
	canary := 0
	const requests = 600
	for range requests {
		got := s.server.Get(t, s.ID, "dev", "/")
		if isCanary := got.Header.Get("X-Canary") == "true"; isCanary {
			canary++
		} else if got.Header.Get("X-Deployment") != "1" {
			t.Fatalf("deployment %q without canary", got.Header.Get("X-Deployment"))
		}
	}
	// Ten standard deviations: chance does not fail this in the age of the universe.
	if canary < requests/2-122 || canary > requests/2+122 {
		t.Errorf("%d of %d requests met the canary of 50 %%", canary, requests)
	}
}

// TestStageSettings reads back what a patch set, through the SDK's types.
func TestStageSettings(t *testing.T) {
	s := newStaged(t)
	destination := "arn:aws:logs:us-east-1:" + account + ":log-group:shop"
	got := s.Patch(t, "dev",
		postern.Replace("/description", "text"), postern.Replace("/tracingEnabled", "true"),
		postern.Replace("/cacheClusterEnabled", "true"), postern.Replace("/cacheClusterSize", "1.6"),
		postern.Replace("/accessLogSettings/destinationArn", destination), postern.Replace("/accessLogSettings/format", "$context.requestId"),
		postern.Replace("/*/*/throttling/rateLimit", "12.5"), postern.Replace("/*/*/throttling/burstLimit", "7"),
		postern.Replace("/~1a~1{b}/GET/logging/loglevel", "INFO"), postern.Replace("/~1a~1{b}/GET/caching/ttlInSeconds", "60"))
	if *got.Description != "text" || !got.TracingEnabled || !got.CacheClusterEnabled || got.CacheClusterSize != types.CacheClusterSizeSize1Point6Gb ||
		got.CacheClusterStatus != types.CacheClusterStatusCreateInProgress || *got.AccessLogSettings.DestinationArn != destination {
		t.Errorf("stage %+v", got)
	}
	if all := got.MethodSettings["*/*"]; all.ThrottlingRateLimit != 12.5 || all.ThrottlingBurstLimit != 7 {
		t.Errorf("settings of all methods %+v", all)
	}
	if one := got.MethodSettings["~1a~1{b}/GET"]; aws.ToString(one.LoggingLevel) != "INFO" || one.CacheTtlInSeconds != 60 {
		t.Errorf("settings of one method %+v, of %v", one, got.MethodSettings)
	}
	s.shows(t, "the settings", "1", "", "")
	got = s.Patch(t, "dev", postern.Remove("/accessLogSettings"), postern.Remove("/*/*"), postern.Remove("/~1a~1{b}/GET"))
	if got.AccessLogSettings != nil || len(got.MethodSettings) != 0 {
		t.Errorf("after the removals %+v", got)
	}
}

// TestRefusedPatchChangesNothing: one bad operation refuses the list.
func TestRefusedPatchChangesNothing(t *testing.T) {
	s := newStaged(t)
	client := s.server.Client()
	s.Patch(t, "dev", postern.Replace("/variables/v", "kept"))
	_, err := client.UpdateStage(t.Context(), &apigateway.UpdateStageInput{RestApiId: &s.ID, StageName: new("dev"), PatchOperations: []types.PatchOperation{
		postern.Replace("/variables/v", "lost"), postern.Replace("/deploymentId", "nosuch"),
	}})
	if got := refusalOf(t, err); got != (refusal{400, "BadRequestException", "Deployment id does not exist"}) {
		t.Errorf("refused with %+v", got)
	}
	s.shows(t, "the refusal", "1", "kept", "")
}
