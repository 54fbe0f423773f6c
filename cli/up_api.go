package cli

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/changes"
	"github.com/postern-gateway/postern/domain"
)

// upAPI is an API of the file on the node.
type upAPI struct {
	logicalID   string // empty for a plain document
	id          string // empty before the import
	served      *domain.Snapshot
	tags        map[string]string
	stages      []*upStage
	deployments []string // made here and not deleted yet, the oldest first
}

// kept is how many deployments stay behind the one that is served, so that a
// stage can be set back to them.
const kept = 3

// bringAPI brings one API of the file: it is imported and deployed, and then its
// stages get the deployment and their settings, each in one change.
func (u *up) bringAPI(ctx context.Context, s source, saved time.Time) error {
	api := u.of(s.LogicalID)
	if err := u.load(ctx, api, s); err != nil {
		return err
	}
	if err := u.tag(ctx, "/restapis/"+api.id, api.tags, s.Tags); err != nil {
		return err
	}
	api.tags = s.Tags
	deployment := &apigw.Deployment{}
	if err := u.client.call(ctx, "CreateDeployment", &apigw.CreateDeploymentRequest{RestApiId: api.id}, deployment); err != nil {
		return err
	}
	var settings []string
	for _, want := range s.Stages {
		changed, err := u.bringStage(ctx, api, want, *deployment.Id)
		if err != nil {
			return err
		}
		settings = append(settings, changed...)
	}
	took := u.clock.Now().Sub(saved)
	before := api.served
	deployed, err := u.client.definition(ctx, api.id, s.Stages[0].Name)
	if err != nil {
		return err
	}
	api.served = deployed.Snapshot
	if before == nil {
		err = u.reportUp(api, s)
	} else {
		err = u.reportServed(api, s, upEvent{
			Event: "served", API: api.id, Deployment: *deployment.Id, Milliseconds: took.Milliseconds(),
			Changes: changes.Compare(before, api.served), Settings: settings,
		})
	}
	if err != nil {
		return err
	}
	if err := u.removeStages(ctx, api, s); err != nil {
		return err
	}
	u.prune(ctx, api, *deployment.Id)
	return nil
}

// of returns the API of a logical id, at first one that the node does not have.
func (u *up) of(logicalID string) *upAPI {
	for _, api := range u.apis {
		if api.logicalID == logicalID {
			return api
		}
	}
	api := &upAPI{logicalID: logicalID}
	u.apis = append(u.apis, api)
	return api
}

// load imports a document, at first as a new API and then into it.
func (u *up) load(ctx context.Context, api *upAPI, s source) error {
	var strict *bool
	if s.FailOnWarnings {
		strict = &s.FailOnWarnings
	}
	if api.id != "" {
		mode := apigw.PutMode_overwrite
		return u.client.call(ctx, "PutRestApi", &apigw.PutRestApiRequest{
			RestApiId: api.id, Mode: &mode, Body: s.Document, Parameters: s.Parameters, FailOnWarnings: strict,
		}, nil)
	}
	made := &apigw.RestApi{}
	err := u.client.call(ctx, "ImportRestApi", &apigw.ImportRestApiRequest{Body: s.Document, Parameters: s.Parameters, FailOnWarnings: strict}, made)
	api.id = apigw.Val(made.Id)
	return err
}

// tag changes the tags of a resource, named by its path.
func (u *up) tag(ctx context.Context, path string, before, after map[string]string) error {
	arn := "arn:aws:apigateway:" + upRegion + "::" + path
	var gone []string
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, ok := after[key]; !ok {
			gone = append(gone, key)
		}
	}
	if gone != nil {
		if err := u.client.call(ctx, "UntagResource", &apigw.UntagResourceRequest{ResourceArn: arn, TagKeys: gone}, nil); err != nil {
			return err
		}
	}
	if len(after) == 0 || maps.Equal(before, after) {
		return nil
	}
	return u.client.call(ctx, "TagResource", &apigw.TagResourceRequest{ResourceArn: arn, Tags: after}, nil)
}

// removeOthers deletes the APIs that were in the file before and are not now.
func (u *up) removeOthers(ctx context.Context, sources []source) error {
	var left []*upAPI
	for _, api := range u.apis {
		if slices.ContainsFunc(sources, func(s source) bool { return s.LogicalID == api.logicalID }) {
			left = append(left, api)
			continue
		}
		if api.id == "" {
			continue // its import failed
		}
		if err := u.client.call(ctx, "DeleteRestApi", &apigw.DeleteRestApiRequest{RestApiId: api.id}, nil); err != nil {
			return err
		}
		if err := u.reportRemoved(api, ""); err != nil {
			return err
		}
	}
	u.apis = left
	return nil
}

// prune deletes the oldest deployments that were made here. One that somebody
// uses meanwhile, in another stage or a canary, is refused and tried again at
// the next save.
func (u *up) prune(ctx context.Context, api *upAPI, newest string) {
	api.deployments = append(api.deployments, newest)
	var left []string
	for i, id := range api.deployments {
		if i < len(api.deployments)-1-kept {
			in := &apigw.DeleteDeploymentRequest{RestApiId: api.id, DeploymentId: id}
			if u.client.call(ctx, "DeleteDeployment", in, nil) == nil {
				continue
			}
		}
		left = append(left, id)
	}
	api.deployments = left
}
