package control

import (
	"context"
	"slices"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// CreateDeployment freezes the definition of an API and, if a stage is named,
// lets the stage or its canary serve it.
func (s *Service) CreateDeployment(ctx context.Context, in *apigw.CreateDeploymentRequest) (*apigw.Deployment, error) {
	var out *apigw.Deployment
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		api, err := t.api(in.RestApiId)
		if err != nil {
			return err
		}
		if in.CanarySettings != nil && apigw.Val(in.StageName) == "" {
			given := "null"
			if in.StageName != nil {
				given = ""
			}
			return fault.BadRequestf("Invalid deployment content specified.Non null and non empty stageName must be provided for canary deployment. Provided value is %s", given)
		}
		snapshot, err := t.snapshot(&api.Shape)
		if err != nil {
			return err
		}
		if reasons := undeployable(snapshot); len(reasons) > 0 {
			return fault.BadRequestf("%s", reasons[0].text)
		}
		chunks, hash := snapshot.Freeze()
		d := apigw.Deployment{
			Id: new(s.IDs.Part()), Description: apigw.Text(apigw.Val(in.Description)), CreatedDate: &t.now,
		}
		t.put(t.scope.DeploymentKey(in.RestApiId, *d.Id), domain.New(d, domain.DeploymentExt{OrderExt: t.order(), Hash: hash, Chunks: len(chunks)}))
		for i, chunk := range chunks {
			t.putRaw(t.scope.SnapshotKey(in.RestApiId, *d.Id, i), chunk)
		}
		if apigw.Val(in.StageName) != "" {
			if err := s.deployToStage(t, in, *d.Id); err != nil {
				return err
			}
		}
		out = &d
		return nil
	})
	return out, err
}

// refused is a reason why a definition cannot be deployed. Path and verb are
// empty if it is not about one method.
type refused struct{ path, verb, text string }

// undeployable lists why a definition cannot be deployed; the service answers
// the first reason. The texts are quoted by users of the real service.
func undeployable(s *domain.Snapshot) []refused {
	var out []refused
	methods := 0
	for _, r := range s.Resources {
		for _, verb := range sortedKeys(r.ResourceMethods) {
			methods++
			if r.ResourceMethods[verb].MethodIntegration == nil {
				out = append(out, refused{path: *r.Path, verb: verb, text: "No integration defined for method"})
			}
		}
	}
	if methods == 0 {
		out = append(out, refused{text: "The REST API doesn't contain any methods"})
	}
	if slices.Contains(s.API.EndpointConfiguration.Types, apigw.EndpointType_PRIVATE) && s.API.Policy == nil {
		out = append(out, refused{text: "Private REST API doesn't have a resource policy attached to it"})
	}
	return out
}

// snapshot collects the definition of an API.
func (t *tx) snapshot(api *apigw.RestApi) (*domain.Snapshot, error) {
	parts, _, err := t.parts(*api.Id)
	if err != nil {
		return nil, err
	}
	t.settled(string(parts))
	all, err := t.resources(parts)
	if err != nil {
		return nil, err
	}
	frozen := &domain.Snapshot{Account: t.scope.Account, Region: t.scope.Region, API: *api}
	frozen.API.Tags, frozen.API.CreatedDate = nil, nil
	for id, r := range all {
		r.Path = new(pathOf(all, id))
		if err := t.addMethods(parts, &r, true); err != nil {
			return nil, err
		}
		frozen.Resources = append(frozen.Resources, r)
	}
	sortBy(frozen.Resources, func(r apigw.Resource) string { return *r.Path })
	if frozen.Models, err = shapes[apigw.Model](t, parts.Models()); err != nil {
		return nil, err
	}
	if frozen.Authorizers, err = shapes[apigw.Authorizer](t, parts.Authorizers()); err != nil {
		return nil, err
	}
	if frozen.Validators, err = shapes[apigw.RequestValidator](t, parts.Validators()); err != nil {
		return nil, err
	}
	if frozen.GatewayResponses, err = shapes[apigw.GatewayResponse](t, parts.GatewayResponses()); err != nil {
		return nil, err
	}
	return frozen, nil
}

// deployToStage points a stage, or its canary, to a new deployment. A stage
// that does not exist is made. Empty texts and maps count as absent: Terraform
// sends all members always.
func (s *Service) deployToStage(t *tx, in *apigw.CreateDeploymentRequest, deployment string) error {
	name := *in.StageName
	key := t.scope.StageKey(in.RestApiId, name)
	stage, exists, err := get[apigw.Stage, domain.StageExt](t, key)
	if err != nil {
		return err
	}
	switch {
	case !exists && in.CanarySettings != nil:
		return fault.BadRequestf("Invalid deployment content specified.Stage %s must already be created before making a canary release deployment", name)
	case !exists:
		if err := checkStageName(name); err != nil {
			return err
		}
		if err := s.Quotas.check(StagesPerAPI, t.view.Count(t.scope.Stages(in.RestApiId))+1); err != nil {
			return err
		}
		stage = t.newStage(name, deployment)
	case in.CanarySettings == nil && stage.Shape.CanarySettings != nil && !s.ReplaceCanary:
		return fault.BadRequestf("Invalid deployment content specified.Non canary deployment not supported on stage %s because Canary is enabled. Provide CanarySettings in deploymentInput.", name)
	}
	draft := s.stageDraft(t, in.RestApiId, stage)
	if in.CanarySettings == nil {
		stage.Shape.DeploymentId = &deployment
		stage.Shape.CanarySettings = nil
	} else if err := draft.deployCanary(in.CanarySettings, deployment); err != nil {
		return err
	}
	if err := draft.deploySettings(in); err != nil {
		return err
	}
	stage.Shape.LastUpdatedDate = &t.now
	t.put(key, stage)
	return nil
}

// deployCanary replaces the canary as a whole. Recorded, but for a stage that
// already has one (assumed).
func (d *stageDraft) deployCanary(in *apigw.DeploymentCanarySettings, deployment string) error {
	canary := newCanary(deployment)
	if in.PercentTraffic != nil {
		if err := checkPercent(float64(*in.PercentTraffic)); err != nil {
			return err
		}
		canary.PercentTraffic = in.PercentTraffic
	}
	if in.UseStageCache != nil {
		canary.UseStageCache = in.UseStageCache
	}
	d.Shape.CanarySettings = canary
	return d.setVariables(&canary.StageVariableOverrides, in.StageVariableOverrides)
}

// deploySettings sets the members of the stage that a deployment may carry.
func (d *stageDraft) deploySettings(in *apigw.CreateDeploymentRequest) error {
	if text := apigw.Text(apigw.Val(in.StageDescription)); text != nil {
		d.Shape.Description = text
	}
	if in.TracingEnabled != nil {
		d.Shape.TracingEnabled = in.TracingEnabled
	}
	if len(in.Variables) > 0 {
		if err := d.setVariables(&d.Shape.Variables, in.Variables); err != nil {
			return err
		}
	}
	return d.setCache(in.CacheClusterEnabled, in.CacheClusterSize)
}

// GetDeployment answers one deployment, with a summary of its methods if asked.
func (s *Service) GetDeployment(ctx context.Context, in *apigw.GetDeploymentRequest) (*apigw.Deployment, error) {
	var out *apigw.Deployment
	err := s.read(ctx, func(t *tx) error {
		d, err := t.deployment(in.RestApiId, in.DeploymentId)
		if err != nil {
			return err
		}
		out = &d.Shape
		if !slices.Contains(in.Embed, "apisummary") {
			return nil
		}
		snapshot, err := t.frozen(in.RestApiId, in.DeploymentId)
		if err == nil {
			out.ApiSummary = summary(snapshot)
		}
		return err
	})
	return out, err
}

// frozen reads the definition that a deployment froze.
func (t *tx) frozen(api, deployment string) (*domain.Snapshot, error) {
	prefix := t.scope.Snapshot(api, deployment)
	var chunks [][]byte
	for entry := range t.view.Scan(prefix) {
		chunks = append(chunks, entry.Value)
	}
	return domain.Thaw(prefix, chunks)
}

func summary(snapshot *domain.Snapshot) map[string]map[string]apigw.MethodSnapshot {
	all := map[string]map[string]apigw.MethodSnapshot{}
	for _, r := range snapshot.Resources {
		for verb, m := range r.ResourceMethods {
			if all[*r.Path] == nil {
				all[*r.Path] = map[string]apigw.MethodSnapshot{}
			}
			all[*r.Path][verb] = apigw.MethodSnapshot{AuthorizationType: m.AuthorizationType, ApiKeyRequired: m.ApiKeyRequired}
		}
	}
	return all
}

// GetDeployments lists the deployments of an API, the newest first.
func (s *Service) GetDeployments(ctx context.Context, in *apigw.GetDeploymentsRequest) (*apigw.Deployments, error) {
	out := &apigw.Deployments{}
	err := s.read(ctx, func(t *tx) error {
		if _, err := t.api(in.RestApiId); err != nil {
			return err
		}
		items := []*domain.Deployment{}
		for d, err := range scan[apigw.Deployment, domain.DeploymentExt](t, t.scope.Deployments(in.RestApiId)) {
			if err != nil {
				return err
			}
			items = append(items, d)
		}
		key := func(d *domain.Deployment) string {
			return byCreationNewest(d.Shape.CreatedDate, d.Ext.OrderExt, d.Shape.Id)
		}
		sortBy(items, key)
		shown, position, err := page(items, key, in.Position, in.Limit)
		out.Items, out.Position = []apigw.Deployment{}, position
		for _, d := range shown {
			out.Items = append(out.Items, d.Shape)
		}
		return err
	})
	return out, err
}

// UpdateDeployment patches the description of a deployment.
func (s *Service) UpdateDeployment(ctx context.Context, in *apigw.UpdateDeploymentRequest) (*apigw.Deployment, error) {
	var out *apigw.Deployment
	err := s.update(ctx, in.RestApiId, in.PatchOperations, func(t *tx) error {
		d, err := t.deployment(in.RestApiId, in.DeploymentId)
		if err != nil {
			return err
		}
		if err := deploymentPatch.Apply(&d.Shape, in.PatchOperations); err != nil {
			return err
		}
		t.put(t.scope.DeploymentKey(in.RestApiId, in.DeploymentId), d)
		out = &d.Shape
		return nil
	})
	return out, err
}

// DeleteDeployment removes a deployment that no stage serves. Recorded for
// production, assumed for a canary.
func (s *Service) DeleteDeployment(ctx context.Context, in *apigw.DeleteDeploymentRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		if _, err := t.deployment(in.RestApiId, in.DeploymentId); err != nil {
			return err
		}
		t.settled(t.scope.Stages(in.RestApiId))
		for stage, err := range scan[apigw.Stage, domain.StageExt](t, t.scope.Stages(in.RestApiId)) {
			if err != nil {
				return err
			}
			if uses(&stage.Shape, in.DeploymentId) {
				return fault.BadRequestf("Active stages pointing to this deployment must be moved or deleted")
			}
		}
		t.delete(t.scope.DeploymentKey(in.RestApiId, in.DeploymentId))
		t.deleteAll(t.scope.Snapshot(in.RestApiId, in.DeploymentId))
		return nil
	})
}
