package control

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/openapi"
)

// carry copies into the next generation what the document does not replace;
// an overwrite keeps nothing.
func carry[S any](im *importer, old map[string]*S, replaced map[string]bool, put func(*S)) {
	if im.overwrite {
		return
	}
	for _, name := range sortedKeys(old) {
		if !replaced[name] {
			put(old[name])
		}
	}
}

// keptID returns the id of what had the same name before, or a new one.
func keptID[S any](im *importer, old map[string]*S, name string, id func(*S) *string) *string {
	if before, ok := old[name]; ok {
		return id(before)
	}
	return new(im.service.IDs.Part())
}

func (im *importer) putModels() {
	replaced := map[string]bool{}
	put := func(m *apigw.Model) { im.tx.put(im.parts.Model(*m.Name), domain.New(*m, domain.None{})) }
	for _, m := range im.definition.Models {
		m.Id = keptID(im, im.old.models, *m.Name, func(m *apigw.Model) *string { return m.Id })
		m.Schema = new(canonicalRefs(*m.Schema, *im.api.Id))
		if err := checkModel(&m); err != nil {
			im.fail(im.definition.PlaceOf(openapi.Model, *m.Name), fmt.Sprintf("Unable to create model for '%s': ", *m.Name), err)
			continue
		}
		replaced[*m.Name] = true
		put(&m)
	}
	carry(im, im.old.models, replaced, put)
}

// canonicalRefs gives references between models the form in which the service
// stores them. Recorded.
func canonicalRefs(schema, api string) string {
	return strings.ReplaceAll(schema, `"`+openapi.ModelRef, `"https://apigateway.amazonaws.com/restapis/`+api+`/models/`)
}

func (im *importer) putAuthorizers() {
	replaced := map[string]bool{}
	put := func(a *apigw.Authorizer) {
		im.authorizers++
		im.tx.put(im.parts.AuthorizerName(*a.Name), domain.New(*a.Id, domain.None{}))
		im.tx.put(im.parts.Authorizer(*a.Id), domain.New(*a, domain.None{}))
	}
	for i := range im.definition.Authorizers {
		a := &im.definition.Authorizers[i]
		a.Id = keptID(im, im.old.authorizers, *a.Name, func(a *apigw.Authorizer) *string { return a.Id })
		if err := checkAuthorizer(a); err != nil {
			im.fail(im.definition.PlaceOf(openapi.Authorizer, *a.Name), fmt.Sprintf("Unable to create authorizer '%s': ", *a.Name), err)
			continue
		}
		replaced[*a.Name] = true
		put(a)
	}
	carry(im, im.old.authorizers, replaced, put)
}

func (im *importer) putValidators() {
	replaced := map[string]bool{}
	put := func(v *apigw.RequestValidator) { im.tx.put(im.parts.Validator(*v.Id), domain.New(*v, domain.None{})) }
	for i := range im.definition.Validators {
		v := &im.definition.Validators[i]
		v.Id = keptID(im, im.old.validators, *v.Name, func(v *apigw.RequestValidator) *string { return v.Id })
		if err := checkValidator(v); err != nil {
			im.fail(im.definition.PlaceOf(openapi.Validator, *v.Name), "Unable to create request validator: ", err)
			continue
		}
		replaced[*v.Name] = true
		put(v)
	}
	carry(im, im.old.validators, replaced, put)
}

func (im *importer) putGatewayResponses() {
	replaced := map[string]bool{}
	put := func(r *apigw.GatewayResponse) {
		im.tx.put(im.parts.GatewayResponse(*r.ResponseType), domain.New(*r, domain.None{}))
	}
	for _, given := range im.definition.GatewayResponses {
		kind := *given.ResponseType
		at := im.definition.PlaceOf(openapi.GatewayResponse, kind)
		if !slices.Contains(apigw.Schema["GatewayResponseType"].Enum, kind) {
			im.fail(at, fmt.Sprintf("Unable to put gateway response '%s': ", kind), fault.BadRequestf("Invalid gateway response type specified"))
			continue
		}
		r := newGatewayResponse(kind, given.StatusCode, given.ResponseParameters, given.ResponseTemplates)
		if err := checkGatewayResponse(&r); err != nil {
			im.fail(at, fmt.Sprintf("Unable to put gateway response '%s': ", kind), err)
			continue
		}
		replaced[kind] = true
		put(&r)
	}
	carry(im, im.old.responses, replaced, put)
}

// putResources makes the tree: the root, what is kept, and the paths of the
// document with the parents that they lack. A path that is not right is left
// out, with an error for the first segment that is wrong.
func (im *importer) putResources() {
	im.resources = map[string]*apigw.Resource{"/": {Id: im.api.RootResourceId}}
	paths := map[string]bool{}
	if !im.overwrite {
		for path := range im.old.resources {
			paths[path] = true
		}
	}
	for _, r := range im.definition.Resources {
		paths[r.Path] = true
	}
	failed := map[string]bool{}
	for _, path := range sortedKeys(paths) {
		im.putPath(path, failed)
	}
	for _, path := range sortedKeys(im.resources) {
		r := im.resources[path]
		im.tx.put(im.parts.Resource(*r.Id), domain.New(*r, domain.None{}))
	}
}

// putPath makes a resource with its parents and reports whether it could.
func (im *importer) putPath(path string, failed map[string]bool) bool {
	if im.resources[path] != nil {
		return true
	}
	if failed[path] {
		return false
	}
	i := strings.LastIndexByte(path, '/')
	above, part := max(path[:i], "/"), path[i+1:]
	if !im.putPath(above, failed) {
		failed[path] = true
		return false
	}
	parent := im.resources[above]
	r := &apigw.Resource{ParentId: parent.Id, PathPart: &part}
	r.Id = keptID(im, im.old.resources, path, func(r *apigw.Resource) *string { return r.Id })
	err := checkImportedPart(part)
	if err == nil {
		err = im.tx.place(im.parts, parent, r)
	}
	if err != nil {
		failed[path] = true
		im.fail(im.definition.PlaceOfMethod(path, ""), fmt.Sprintf("Unable to create resource at path '%s': ", path), err)
		return false
	}
	im.resources[path] = r
	// The record has to be there when a sibling names it in a refusal.
	im.tx.put(im.parts.Resource(*r.Id), domain.New(*r, domain.None{}))
	return true
}

// putMethods writes the methods of the document and, in a merge, those that it
// does not replace. A method of the document replaces one completely.
func (im *importer) putMethods() {
	given := map[string]openapiMethods{}
	for _, r := range im.definition.Resources {
		given[r.Path] = r.Methods
	}
	for _, path := range sortedKeys(im.resources) {
		r := im.resources[path]
		for _, verb := range slices.Sorted(maps.Keys(given[path])) {
			m := given[path][verb]
			im.putMethod(path, *r.Id, verb, &m)
		}
		if im.overwrite {
			continue
		}
		for verb, m := range im.old.methods[path] {
			if _, replaced := given[path][verb]; !replaced {
				im.tx.put(im.parts.Method(*r.Id, verb), domain.New(*m, domain.None{}))
			}
		}
	}
}

type openapiMethods = map[string]apigw.Method

// putMethod gives a method of the document its ids and defaults, and holds the
// rules of the single operations over each of its parts.
func (im *importer) putMethod(path, resource, verb string, m *apigw.Method) {
	at := im.definition.PlaceOfMethod(path, verb)
	im.resolveNames(m)
	if err := im.tx.checkMethod(im.parts, m); err != nil {
		im.fail(at, fmt.Sprintf("Unable to put method '%s' on resource at path '%s': ", verb, path), err)
		return
	}
	for _, status := range sortedKeys(m.MethodResponses) {
		r := m.MethodResponses[status]
		if err := (&methodResponseDraft{&r, im.tx, im.parts}).check(); err != nil {
			im.fail(at, fmt.Sprintf("Unable to put method response '%s' on '%s' for resource at path '%s': ", status, verb, path), err)
		}
	}
	if i := m.MethodIntegration; i != nil {
		responses := i.IntegrationResponses
		in := &apigw.PutIntegrationRequest{
			ResourceId: resource, Type: i.Type, IntegrationHttpMethod: i.HttpMethod, Uri: i.Uri,
			ConnectionType: i.ConnectionType, ConnectionId: i.ConnectionId, Credentials: i.Credentials,
			RequestParameters: i.RequestParameters, RequestTemplates: i.RequestTemplates, PassthroughBehavior: i.PassthroughBehavior,
			CacheNamespace: i.CacheNamespace, CacheKeyParameters: i.CacheKeyParameters, ContentHandling: i.ContentHandling,
			TimeoutInMillis: i.TimeoutInMillis, TlsConfig: i.TlsConfig, ResponseTransferMode: i.ResponseTransferMode,
			IntegrationTarget: i.IntegrationTarget,
		}
		complete := newIntegration(in)
		complete.IntegrationResponses = responses
		m.MethodIntegration = complete
		if err := im.service.checkIntegration(im.tx.scope.Account, m, complete); err != nil {
			im.fail(at, fmt.Sprintf("Unable to put integration on '%s' for resource at path '%s': ", verb, path), err)
		}
		for _, status := range sortedKeys(responses) {
			r := responses[status]
			if err := checkIntegrationResponse(&r); err != nil {
				im.fail(at, fmt.Sprintf("Unable to put integration response on '%s' for resource at path '%s': ", verb, path), err)
			}
		}
	}
	im.tx.put(im.parts.Method(resource, verb), domain.New(*m, domain.None{}))
}

// resolveNames turns the names of an authorizer and a validator into ids. A
// name that means nothing stays, and the rules refuse it.
func (im *importer) resolveNames(m *apigw.Method) {
	for _, a := range im.definition.Authorizers {
		if m.AuthorizerId != nil && *a.Name == *m.AuthorizerId {
			m.AuthorizerId = a.Id
			break
		}
	}
	for _, v := range im.definition.Validators {
		if m.RequestValidatorId != nil && *v.Name == *m.RequestValidatorId {
			m.RequestValidatorId = v.Id
			break
		}
	}
}

func (im *importer) putDocumentation() {
	replaced := map[string]bool{}
	var all []apigw.DocumentationPart
	put := func(p *apigw.DocumentationPart) {
		im.tx.put(im.parts.Location(*p.Location), domain.New(*p.Id, domain.None{}))
		im.tx.put(im.parts.DocumentationPart(*p.Id), domain.New(*p, domain.None{}))
		all = append(all, *p)
	}
	for _, p := range im.definition.DocumentationParts {
		if err := checkLocation(p.Location); err != nil {
			im.fail(openapi.Place{}, "Unable to create documentation part: ", err)
			continue
		}
		at := place(*p.Location)
		if replaced[at] {
			im.fail(openapi.Place{}, "Unable to create documentation part: ", fault.Conflictf("Documentation part already exists for the specified location"))
			continue
		}
		p.Id = keptID(im, im.old.documented, at, func(p *apigw.DocumentationPart) *string { return p.Id })
		replaced[at] = true
		put(&p)
	}
	carry(im, im.old.documented, replaced, put)
	im.documentation = len(all)
	// A version is what it was when it was made: a second import of one document
	// leaves it alone (assumed).
	if version := im.definition.DocumentationVersion; version != "" && !im.tx.exists(im.tx.scope.DocumentationVersionKey(*im.api.Id, version)) {
		im.tx.newDocumentationVersion(*im.api.Id, version, nil, all)
	}
}
