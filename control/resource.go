package control

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

var (
	plainPart    = regexp.MustCompile(`^[a-zA-Z0-9._:-]+$`)
	importedPart = regexp.MustCompile(`^[a-zA-Z0-9._:,$-]+$`)
	variablePart = regexp.MustCompile(`^\{[a-zA-Z0-9._:$-]+\+?\}$`)
)

// maxPathPart is the longest path part, in bytes: no URL that the gateway takes
// is longer. Part of a key, so it must have a bound.
const maxPathPart = 10240

// checkPathPart. The text is quoted by users of the real service.
func checkPathPart(part string) error { return checkPart(part, plainPart) }

// checkImportedPart also takes "$" and ",", which paths of OData have and
// definitions that are in use are written with (assumed).
func checkImportedPart(part string) error { return checkPart(part, importedPart) }

func checkPart(part string, plain *regexp.Regexp) error {
	if len(part) <= maxPathPart && (plain.MatchString(part) || variablePart.MatchString(part)) {
		return nil
	}
	return fault.BadRequestf("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.")
}

func isVariable(part string) bool { return strings.HasPrefix(part, "{") }
func isGreedy(part string) bool   { return strings.HasSuffix(part, "+}") }

// putChild claims the place of a resource below its parent.
func (t *tx) putChild(parts domain.Parts, r *apigw.Resource) {
	t.put(parts.Child(*r.ParentId, *r.PathPart), domain.New(*r.Id, domain.None{}))
	if isVariable(*r.PathPart) {
		t.put(parts.Variable(*r.ParentId), domain.New(*r.Id, domain.None{}))
	}
}

// deleteChild gives up the place of a resource below its parent.
func (t *tx) deleteChild(parts domain.Parts, r *apigw.Resource) {
	t.delete(parts.Child(*r.ParentId, *r.PathPart))
	if isVariable(*r.PathPart) {
		t.delete(parts.Variable(*r.ParentId))
	}
}

// place checks that a resource may stand below its parent, and claims the
// place. Its path part is known to be right.
//
// Recorded: create-resource with a greedy parent, with a second variable
// sibling and with a name that is taken.
func (t *tx) place(parts domain.Parts, parent, r *apigw.Resource) error {
	part := *r.PathPart
	if isGreedy(apigw.Val(parent.PathPart)) {
		return errBelowGreedy(*parent.PathPart)
	}
	if t.exists(parts.Child(*r.ParentId, part)) {
		return fault.Conflictf("Another resource with the same parent already has this name: %s", part)
	}
	if isVariable(part) {
		sibling, ok, err := get[string, domain.None](t, parts.Variable(*r.ParentId))
		if err != nil {
			return err
		}
		if ok {
			other, _, err := get[apigw.Resource, domain.None](t, parts.Resource(sibling.Shape))
			if err != nil {
				return err
			}
			return fault.BadRequestf("A sibling (%s) of this resource already has a variable path part -- only one is allowed", apigw.Val(other.Shape.PathPart))
		}
	}
	t.putChild(parts, r)
	return nil
}

// CreateResource adds a resource below another one.
func (s *Service) CreateResource(ctx context.Context, in *apigw.CreateResourceRequest) (*apigw.Resource, error) {
	var out *apigw.Resource
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, parent, err := t.resource(in.RestApiId, in.ParentId)
		if err != nil {
			return err
		}
		if err := s.Quotas.check(ResourcesPerAPI, t.view.Count(parts.Resources())+1); err != nil {
			return err
		}
		r := apigw.Resource{Id: new(s.IDs.Part()), ParentId: &in.ParentId, PathPart: in.PathPart}
		if r.PathPart == nil {
			r.PathPart = new("")
		}
		if err := checkPathPart(*r.PathPart); err != nil {
			return err
		}
		if err := t.place(parts, &parent.Shape, &r); err != nil {
			return err
		}
		t.put(parts.Resource(*r.Id), domain.New(r, domain.None{}))
		out, err = t.presentResource(parts, r, false)
		return err
	})
	return out, err
}

// presentResource returns a resource with its path and its methods: whole, or
// their names only.
func (t *tx) presentResource(parts domain.Parts, r apigw.Resource, whole bool) (*apigw.Resource, error) {
	path := "/"
	for at := r; at.ParentId != nil; {
		path = "/" + *at.PathPart + strings.TrimSuffix(path, "/")
		parent, _, err := get[apigw.Resource, domain.None](t, parts.Resource(*at.ParentId))
		if err != nil {
			return nil, err
		}
		at = parent.Shape
	}
	r.Path = &path
	return &r, t.addMethods(parts, &r, whole)
}

func (t *tx) addMethods(parts domain.Parts, r *apigw.Resource, whole bool) error {
	for method, err := range scan[apigw.Method, domain.None](t, parts.MethodsOf(*r.Id)) {
		if err != nil {
			return err
		}
		if r.ResourceMethods == nil {
			r.ResourceMethods = map[string]apigw.Method{}
		}
		shown := apigw.Method{}
		if whole {
			shown = method.Shape
		}
		r.ResourceMethods[*method.Shape.HttpMethod] = shown
	}
	return nil
}

// GetResource answers one resource.
func (s *Service) GetResource(ctx context.Context, in *apigw.GetResourceRequest) (*apigw.Resource, error) {
	var out *apigw.Resource
	err := s.read(ctx, func(t *tx) error {
		parts, r, err := t.resource(in.RestApiId, in.ResourceId)
		if err != nil {
			return err
		}
		out, err = t.presentResource(parts, r.Shape, slices.Contains(in.Embed, "methods"))
		return err
	})
	return out, err
}

// GetResources lists the resources of an API, sorted by path.
func (s *Service) GetResources(ctx context.Context, in *apigw.GetResourcesRequest) (*apigw.Resources, error) {
	out := &apigw.Resources{}
	err := s.read(ctx, func(t *tx) error {
		if _, err := t.api(in.RestApiId); err != nil {
			return err
		}
		parts, _, err := t.parts(in.RestApiId)
		if err != nil {
			return err
		}
		all, err := t.resources(parts)
		if err != nil {
			return err
		}
		items := make([]apigw.Resource, 0, len(all))
		for id, r := range all {
			r.Path = new(pathOf(all, id))
			items = append(items, r)
		}
		key := func(r apigw.Resource) string { return *r.Path }
		sortBy(items, key)
		out.Items, out.Position, err = page(items, key, in.Position, in.Limit)
		for i := range out.Items {
			if err == nil {
				err = t.addMethods(parts, &out.Items[i], slices.Contains(in.Embed, "methods"))
			}
		}
		return err
	})
	return out, err
}

// resourceDraft is a resource that is being patched, with what the rules need.
type resourceDraft struct {
	*apigw.Resource
	tx    *tx
	parts domain.Parts
}

var resourcePatch = patch.Table[resourceDraft]{
	Resource: "Resource",
	Refuse:   patch.ListsPaths,
	Rows: []patch.Row[resourceDraft]{
		{Path: "/parentId", Ops: patch.Replace, Apply: setParent},
		{Path: "/pathPart", Ops: patch.Replace, Apply: func(d *resourceDraft, op patch.Op) error {
			if d.ParentId == nil {
				return fault.BadRequestf("Root resource cannot update its pathPart.")
			}
			return d.move(*d.ParentId, op.Value())
		}},
	},
}

func setParent(d *resourceDraft, op patch.Op) error {
	if d.ParentId == nil {
		return fault.BadRequestf("Root resource cannot update its parentId.")
	}
	// Whoever moves a resource depends on nobody else moving one: two moves
	// that are right by themselves could make a cycle.
	d.tx.settled(d.parts.Resources())
	for at := op.Value(); ; {
		if at == *d.Id {
			return fault.BadRequestf("Resources cannot be cyclical.")
		}
		r, ok, err := get[apigw.Resource, domain.None](d.tx, d.parts.Resource(at))
		if err != nil {
			return err
		}
		if !ok {
			return errNoResource()
		}
		if r.Shape.ParentId == nil {
			return d.move(op.Value(), *d.PathPart)
		}
		at = *r.Shape.ParentId
	}
}

// move puts a resource to another place. Moving it to where it is, is no change.
func (d *resourceDraft) move(parent, part string) error {
	if parent == *d.ParentId && part == *d.PathPart {
		return nil
	}
	above, _, err := get[apigw.Resource, domain.None](d.tx, d.parts.Resource(parent))
	if err != nil {
		return err
	}
	if part != *d.PathPart { // one that an import made may move
		if err := checkPathPart(part); err != nil {
			return err
		}
	}
	if isGreedy(part) {
		if err := d.refuseChildren(part); err != nil {
			return err
		}
	}
	d.tx.deleteChild(d.parts, d.Resource)
	d.ParentId, d.PathPart = &parent, &part
	return d.tx.place(d.parts, &above.Shape, d.Resource)
}

// refuseChildren keeps a resource that has children from becoming greedy: none
// could be made below it.
func (d *resourceDraft) refuseChildren(part string) error {
	d.tx.settled(d.parts.Resources())
	all, err := d.tx.resources(d.parts)
	if err != nil {
		return err
	}
	for _, r := range all {
		if apigw.Val(r.ParentId) == *d.Id {
			return errBelowGreedy(part)
		}
	}
	return nil
}

// errBelowGreedy. Recorded: create-resource below a greedy one.
func errBelowGreedy(part string) error {
	return fault.BadRequestf("Cannot create a child of a resource with a greedy path variable: %s", part)
}

// UpdateResource moves or renames a resource.
func (s *Service) UpdateResource(ctx context.Context, in *apigw.UpdateResourceRequest) (*apigw.Resource, error) {
	var out *apigw.Resource
	err := s.update(ctx, in.RestApiId, in.PatchOperations, func(t *tx) error {
		parts, r, err := t.resource(in.RestApiId, in.ResourceId)
		if err != nil {
			return err
		}
		draft := resourceDraft{Resource: &r.Shape, tx: t, parts: parts}
		if err := resourcePatch.Apply(&draft, in.PatchOperations); err != nil {
			return err
		}
		t.put(parts.Resource(in.ResourceId), r)
		out, err = t.presentResource(parts, r.Shape, false)
		return err
	})
	return out, err
}

// DeleteResource removes a resource with all below it.
func (s *Service) DeleteResource(ctx context.Context, in *apigw.DeleteResourceRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, r, err := t.resource(in.RestApiId, in.ResourceId)
		if err != nil {
			return err
		}
		if r.Shape.ParentId == nil {
			return fault.BadRequestf("Root resource cannot be deleted.")
		}
		// A child or method that another node adds meanwhile must not be left
		// without its resource.
		t.settled(parts.Resources())
		t.settled(parts.Methods())
		all, err := t.resources(parts)
		if err != nil {
			return err
		}
		children := map[string][]string{}
		for id, r := range all {
			if r.ParentId != nil {
				children[*r.ParentId] = append(children[*r.ParentId], id)
			}
		}
		for doomed := []string{in.ResourceId}; len(doomed) > 0; doomed = doomed[1:] {
			r := all[doomed[0]]
			t.deleteChild(parts, &r)
			t.delete(parts.Resource(doomed[0]))
			t.deleteAll(parts.MethodsOf(doomed[0]))
			doomed = append(doomed, children[doomed[0]]...)
		}
		return nil
	})
}
