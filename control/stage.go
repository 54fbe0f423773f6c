package control

import (
	"context"
	"regexp"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

var stageName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

func checkStageName(name string) error {
	if stageName.MatchString(name) {
		return nil
	}
	return fault.BadRequestf("Stage name only allows a-zA-Z0-9_")
}

// newStage returns a stage with nothing but its name and deployment set.
func (t *tx) newStage(name, deployment string) *domain.Stage {
	return domain.New(apigw.Stage{
		StageName:           &name,
		DeploymentId:        &deployment,
		CacheClusterEnabled: new(false),
		TracingEnabled:      new(false),
		MethodSettings:      map[string]apigw.MethodSetting{},
		CreatedDate:         &t.now,
		LastUpdatedDate:     &t.now,
	}, domain.StageExt{})
}

// CreateStage makes a stage that serves a deployment.
func (s *Service) CreateStage(ctx context.Context, in *apigw.CreateStageRequest) (*apigw.Stage, error) {
	var out *apigw.Stage
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		if _, err := t.api(in.RestApiId); err != nil {
			return err
		}
		name := apigw.Val(in.StageName)
		if err := checkStageName(name); err != nil {
			return err
		}
		key := t.scope.StageKey(in.RestApiId, name)
		if t.exists(key) {
			return fault.Conflictf("Stage already exists")
		}
		if apigw.Val(in.DeploymentId) == "" {
			return fault.BadRequestf("DeploymentId cannot be empty")
		}
		if _, err := t.deployment(in.RestApiId, *in.DeploymentId); err != nil {
			return err
		}
		stage := t.newStage(name, *in.DeploymentId)
		draft := s.stageDraft(t, in.RestApiId, stage)
		if err := draft.fill(in); err != nil {
			return err
		}
		if err := s.checkTags(in.Tags); err != nil {
			return err
		}
		stage.Shape.Tags = in.Tags
		if err := s.Quotas.check(StagesPerAPI, t.view.Count(t.scope.Stages(in.RestApiId))+1); err != nil {
			return err
		}
		t.put(key, stage)
		out = presentStage(stage, t.now.Time)
		return nil
	})
	return out, err
}

// fill sets the members that CreateStage may give.
func (d *stageDraft) fill(in *apigw.CreateStageRequest) error {
	d.Shape.Description = apigw.Text(apigw.Val(in.Description))
	d.Shape.TracingEnabled = new(apigw.Val(in.TracingEnabled))
	if err := d.setVariables(&d.Shape.Variables, in.Variables); err != nil {
		return err
	}
	if err := d.setDocumentationVersion(apigw.Val(in.DocumentationVersion)); err != nil {
		return err
	}
	if err := d.setCache(in.CacheClusterEnabled, in.CacheClusterSize); err != nil {
		return err
	}
	if in.CanarySettings == nil {
		return nil
	}
	canary := newCanary(*d.Shape.DeploymentId)
	if id := apigw.Val(in.CanarySettings.DeploymentId); id != "" {
		if err := d.checkDeployment(id); err != nil {
			return err
		}
		canary.DeploymentId = &id
	}
	if p := in.CanarySettings.PercentTraffic; p != nil {
		if err := checkPercent(float64(*p)); err != nil {
			return err
		}
		canary.PercentTraffic = p
	}
	if in.CanarySettings.UseStageCache != nil {
		canary.UseStageCache = in.CanarySettings.UseStageCache
	}
	d.Shape.CanarySettings = canary
	return d.setVariables(&canary.StageVariableOverrides, in.CanarySettings.StageVariableOverrides)
}

// newCanary has the defaults that a canary gets when a patch first touches it.
// Recorded.
func newCanary(deployment string) *apigw.CanarySettings {
	return &apigw.CanarySettings{
		DeploymentId: &deployment, PercentTraffic: new(apigw.Double(0)), UseStageCache: new(false),
	}
}

// presentStage returns a stage as answers show it: with the state of its cache
// cluster at a time.
func presentStage(stage *domain.Stage, now time.Time) *apigw.Stage {
	shown := stage.Shape
	status := apigw.CacheClusterStatus_NOT_AVAILABLE
	shown.CacheClusterSize = nil
	if *shown.CacheClusterEnabled {
		shown.CacheClusterSize = &stage.Ext.CacheSize
		status = apigw.CacheClusterStatus_AVAILABLE
		if now.Before(stage.Ext.CacheReady) {
			status = apigw.CacheClusterStatus_CREATE_IN_PROGRESS
		}
	}
	shown.CacheClusterStatus = &status
	if shown.MethodSettings == nil {
		shown.MethodSettings = map[string]apigw.MethodSetting{}
	}
	if len(shown.Tags) == 0 {
		shown.Tags = nil
	}
	return &shown
}

// GetStage answers one stage.
func (s *Service) GetStage(ctx context.Context, in *apigw.GetStageRequest) (*apigw.Stage, error) {
	var out *apigw.Stage
	err := s.read(ctx, func(t *tx) error {
		stage, err := t.stage(in.RestApiId, in.StageName)
		if err == nil {
			out = presentStage(stage, t.now.Time)
		}
		return err
	})
	return out, err
}

// GetStages lists the stages of an API, all of them or those that use a
// deployment, be it in production or in the canary.
func (s *Service) GetStages(ctx context.Context, in *apigw.GetStagesRequest) (*apigw.Stages, error) {
	out := &apigw.Stages{Item: []apigw.Stage{}}
	err := s.read(ctx, func(t *tx) error {
		if _, err := t.api(in.RestApiId); err != nil {
			return err
		}
		for stage, err := range scan[apigw.Stage, domain.StageExt](t, t.scope.Stages(in.RestApiId)) {
			if err != nil {
				return err
			}
			if id := apigw.Val(in.DeploymentId); id == "" || uses(&stage.Shape, id) {
				out.Item = append(out.Item, *presentStage(stage, t.now.Time))
			}
		}
		return nil
	})
	return out, err
}

// uses reports whether a stage serves a deployment.
func uses(stage *apigw.Stage, deployment string) bool {
	return apigw.Val(stage.DeploymentId) == deployment ||
		stage.CanarySettings != nil && apigw.Val(stage.CanarySettings.DeploymentId) == deployment
}

// UpdateStage patches a stage. The whole list applies or nothing.
func (s *Service) UpdateStage(ctx context.Context, in *apigw.UpdateStageRequest) (*apigw.Stage, error) {
	var out *apigw.Stage
	// Unlike other updates it moves the date with an empty list too (guide).
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		stage, err := t.stage(in.RestApiId, in.StageName)
		if err != nil {
			return err
		}
		draft := s.stageDraft(t, in.RestApiId, stage)
		if err := stagePatch.Apply(draft, in.PatchOperations); err != nil {
			return err
		}
		stage.Shape.LastUpdatedDate = &t.now
		t.put(t.scope.StageKey(in.RestApiId, in.StageName), stage)
		out = presentStage(stage, t.now.Time)
		return nil
	})
	return out, err
}

// DeleteStage removes a stage to which no domain name leads. The head of the
// text is quoted by users, its end follows that of an API.
func (s *Service) DeleteStage(ctx context.Context, in *apigw.DeleteStageRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		if _, err := t.stage(in.RestApiId, in.StageName); err != nil {
			return err
		}
		domains, err := t.mappedBy(func(m *apigw.BasePathMapping) bool {
			return *m.RestApiId == in.RestApiId && apigw.Val(m.Stage) == in.StageName
		})
		if err != nil {
			return err
		}
		if domains != "" {
			return fault.BadRequestf("Deleting stage %s failed. Please remove all base path mappings related to the stage in your domains: %s", in.StageName, domains)
		}
		t.delete(t.scope.StageKey(in.RestApiId, in.StageName))
		return t.leavePlans(in.RestApiId, in.StageName)
	})
}

// FlushStageCache empties the response cache of a stage, on all nodes. It does
// not touch the date of the stage (assumed).
func (s *Service) FlushStageCache(ctx context.Context, in *apigw.FlushStageCacheRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		stage, err := t.stage(in.RestApiId, in.StageName)
		if err != nil {
			return err
		}
		if !apigw.Val(stage.Shape.CacheClusterEnabled) {
			return nil // there is nothing to empty (assumed: not an error)
		}
		stage.Ext.CacheGeneration++
		t.put(t.scope.StageKey(in.RestApiId, in.StageName), stage)
		return nil
	})
}

// FlushStageAuthorizersCache forgets the cached results of authorizers. There
// are none before authorizers act; the stage must exist.
func (s *Service) FlushStageAuthorizersCache(ctx context.Context, in *apigw.FlushStageAuthorizersCacheRequest) error {
	return s.stageExists(ctx, in.RestApiId, in.StageName)
}

func (s *Service) stageExists(ctx context.Context, api, name string) error {
	return s.read(ctx, func(t *tx) error {
		_, err := t.stage(api, name)
		return err
	})
}
