package control

import (
	"context"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// newDocumentationVersion freezes documentation parts.
func (t *tx) newDocumentationVersion(api, version string, description *string, parts []apigw.DocumentationPart) *domain.DocumentationVersion {
	r := domain.New(apigw.DocumentationVersion{
		Version: &version, CreatedDate: &t.now, Description: description,
	}, domain.DocumentationExt{OrderExt: t.order(), Parts: domain.PackParts(parts)})
	t.put(t.scope.DocumentationVersionKey(api, version), r)
	return r
}

// CreateDocumentationVersion freezes the documentation parts of an API under a
// name, and sets it on a stage if one is named.
func (s *Service) CreateDocumentationVersion(ctx context.Context, in *apigw.CreateDocumentationVersionRequest) (*apigw.DocumentationVersion, error) {
	var out *apigw.DocumentationVersion
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, err := t.partsOf(in.RestApiId)
		if err != nil {
			return err
		}
		version := apigw.Val(in.DocumentationVersion)
		if version == "" {
			return fault.BadRequestf("Documentation version must be non-empty") // assumed
		}
		if t.exists(t.scope.DocumentationVersionKey(in.RestApiId, version)) {
			return fault.Conflictf("Documentation version already exists") // assumed
		}
		t.settled(parts.DocumentationParts())
		frozen, err := shapes[apigw.DocumentationPart](t, parts.DocumentationParts())
		if err != nil {
			return err
		}
		r := t.newDocumentationVersion(in.RestApiId, version, apigw.Text(apigw.Val(in.Description)), frozen)
		if name := apigw.Val(in.StageName); name != "" {
			stage, err := t.stage(in.RestApiId, name)
			if err != nil {
				return err
			}
			stage.Shape.DocumentationVersion = &version
			t.put(t.scope.StageKey(in.RestApiId, name), stage)
		}
		out = &r.Shape
		return nil
	})
	return out, err
}

func (t *tx) documentationVersion(api, version string) (*domain.DocumentationVersion, error) {
	if _, err := t.api(api); err != nil {
		return nil, err
	}
	r, ok, err := get[apigw.DocumentationVersion, domain.DocumentationExt](t, t.scope.DocumentationVersionKey(api, version))
	if err == nil && !ok {
		err = fault.NotFoundf("Invalid Documentation version identifier specified")
	}
	return r, err
}

// GetDocumentationVersion answers one version.
func (s *Service) GetDocumentationVersion(ctx context.Context, in *apigw.GetDocumentationVersionRequest) (*apigw.DocumentationVersion, error) {
	var out *apigw.DocumentationVersion
	err := s.read(ctx, func(t *tx) error {
		r, err := t.documentationVersion(in.RestApiId, in.DocumentationVersion)
		if err == nil {
			out = &r.Shape
		}
		return err
	})
	return out, err
}

// GetDocumentationVersions lists the versions of an API by creation.
func (s *Service) GetDocumentationVersions(ctx context.Context, in *apigw.GetDocumentationVersionsRequest) (*apigw.DocumentationVersions, error) {
	out := &apigw.DocumentationVersions{}
	err := s.read(ctx, func(t *tx) error {
		if _, err := t.api(in.RestApiId); err != nil {
			return err
		}
		items := []*domain.DocumentationVersion{}
		for r, err := range scan[apigw.DocumentationVersion, domain.DocumentationExt](t, t.scope.DocumentationVersions(in.RestApiId)) {
			if err != nil {
				return err
			}
			items = append(items, r)
		}
		key := func(r *domain.DocumentationVersion) string {
			return byCreation(r.Shape.CreatedDate, r.Ext.OrderExt, r.Shape.Version)
		}
		sortBy(items, key)
		shown, position, err := page(items, key, in.Position, in.Limit)
		out.Items, out.Position = []apigw.DocumentationVersion{}, position
		for _, r := range shown {
			out.Items = append(out.Items, r.Shape)
		}
		return err
	})
	return out, err
}

var documentationVersionPatch = patch.Table[apigw.DocumentationVersion]{
	Refuse: patch.ListsPaths,
	Rows: []patch.Row[apigw.DocumentationVersion]{
		{Path: "/description", Ops: patch.Replace, Apply: func(v *apigw.DocumentationVersion, op patch.Op) error {
			return setText(&v.Description, op)
		}},
	},
}

// UpdateDocumentationVersion patches a version.
func (s *Service) UpdateDocumentationVersion(ctx context.Context, in *apigw.UpdateDocumentationVersionRequest) (*apigw.DocumentationVersion, error) {
	var out *apigw.DocumentationVersion
	err := s.update(ctx, in.RestApiId, in.PatchOperations, func(t *tx) error {
		r, err := t.documentationVersion(in.RestApiId, in.DocumentationVersion)
		if err != nil {
			return err
		}
		if err := documentationVersionPatch.Apply(&r.Shape, in.PatchOperations); err != nil {
			return err
		}
		t.put(t.scope.DocumentationVersionKey(in.RestApiId, in.DocumentationVersion), r)
		out = &r.Shape
		return nil
	})
	return out, err
}

// DeleteDocumentationVersion removes a version that no stage shows.
func (s *Service) DeleteDocumentationVersion(ctx context.Context, in *apigw.DeleteDocumentationVersionRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		if _, err := t.documentationVersion(in.RestApiId, in.DocumentationVersion); err != nil {
			return err
		}
		t.settled(t.scope.Stages(in.RestApiId))
		for stage, err := range scan[apigw.Stage, domain.StageExt](t, t.scope.Stages(in.RestApiId)) {
			if err != nil {
				return err
			}
			if apigw.Val(stage.Shape.DocumentationVersion) == in.DocumentationVersion {
				return fault.Conflictf("Documentation version %s is in use by stage %s", in.DocumentationVersion, *stage.Shape.StageName) // assumed
			}
		}
		t.delete(t.scope.DocumentationVersionKey(in.RestApiId, in.DocumentationVersion))
		return nil
	})
}
