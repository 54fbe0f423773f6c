package control

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// api reads an API, or refuses. Recorded: the text holds the account, and ids
// are case-sensitive.
func (t *tx) api(id string) (*domain.API, error) {
	r, ok, err := get[apigw.RestApi, domain.OrderExt](t, t.scope.APIKey(id))
	if err == nil && !ok {
		return nil, fault.NotFoundf("Invalid API identifier specified %s:%s", t.scope.Account, id)
	}
	return r, err
}

// errNoResource is also what an unknown API gives on calls that address a
// resource, a method or something below one. Recorded.
func errNoResource() error { return fault.NotFoundf("Invalid Resource identifier specified") }

func errNoMethod() error { return fault.NotFoundf("Invalid Method identifier specified") }

// parts returns the keys of an API's definition. The commit depends on the
// API being there and on its generation. The second value is false if there
// is no such API.
func (t *tx) parts(api string) (domain.Parts, bool, error) {
	generation, ok, err := get[int, domain.None](t, t.scope.GenerationKey(api))
	if err != nil || !ok {
		return "", false, err
	}
	return t.scope.Parts(api, generation.Shape), true, nil
}

// resource reads a resource of an API.
func (t *tx) resource(api, id string) (domain.Parts, *domain.Resource, error) {
	parts, ok, err := t.parts(api)
	if err != nil {
		return "", nil, err
	}
	if !ok {
		return "", nil, errNoResource()
	}
	r, ok, err := get[apigw.Resource, domain.None](t, parts.Resource(id))
	if err == nil && !ok {
		err = errNoResource()
	}
	return parts, r, err
}

// method reads a method, and returns its key too.
func (t *tx) method(api, resource, verb string) (string, *domain.Method, error) {
	parts, _, err := t.resource(api, resource)
	if err != nil {
		return "", nil, err
	}
	key := parts.Method(resource, verb)
	r, ok, err := get[apigw.Method, domain.None](t, key)
	if err == nil && !ok {
		err = errNoMethod()
	}
	return key, r, err
}

// resources reads all resources of an API, by id.
func (t *tx) resources(parts domain.Parts) (map[string]apigw.Resource, error) {
	all := map[string]apigw.Resource{}
	for r, err := range scan[apigw.Resource, domain.None](t, parts.Resources()) {
		if err != nil {
			return nil, err
		}
		all[apigw.Val(r.Shape.Id)] = r.Shape
	}
	return all, nil
}

// pathOf returns the path of a resource. Paths are not stored: moving a
// resource writes one record, whatever is below it.
func pathOf(all map[string]apigw.Resource, id string) string {
	var segments []string
	for range len(all) {
		r := all[id]
		if r.ParentId == nil {
			break
		}
		segments = append(segments, apigw.Val(r.PathPart))
		id = *r.ParentId
	}
	slices.Reverse(segments)
	return "/" + strings.Join(segments, "/")
}

// stage reads a stage of an API.
func (t *tx) stage(api, name string) (*domain.Stage, error) {
	if _, err := t.api(api); err != nil {
		return nil, err
	}
	r, ok, err := get[apigw.Stage, domain.StageExt](t, t.scope.StageKey(api, name))
	if err == nil && !ok {
		return nil, fault.NotFoundf("Invalid stage identifier specified")
	}
	return r, err
}

// deployment reads a deployment of an API.
func (t *tx) deployment(api, id string) (*domain.Deployment, error) {
	if _, err := t.api(api); err != nil {
		return nil, err
	}
	r, ok, err := get[apigw.Deployment, domain.DeploymentExt](t, t.scope.DeploymentKey(api, id))
	if err == nil && !ok {
		return nil, fault.NotFoundf("Invalid Deployment identifier specified")
	}
	return r, err
}
