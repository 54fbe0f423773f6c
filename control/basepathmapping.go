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

// basePathForm has the characters of the guide.
var basePathForm = regexp.MustCompile(`^[A-Za-z0-9$_.+!*'()-]{1,300}$`)

// basePathOf returns the name under which a base path is kept.
func basePathOf(text string) (string, error) {
	switch {
	case text == "":
		return domain.NoBasePath, nil
	case strings.Contains(text, "/"):
		return "", fault.BadRequestf("API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base path mapping, use API Gateway V2.")
	case !basePathForm.MatchString(text):
		return "", fault.BadRequestf("Base path can only contain letters, numbers and $-_.+!*'() and can be at most 300 characters") // guide for the rule, assumed for the text
	}
	return text, nil
}

// stageOf returns the stage of a mapping; both ways of saying that requests
// name the stage themselves are none. Guide.
func stageOf(text string) *string {
	if text == domain.NoBasePath {
		return nil
	}
	return apigw.Text(text)
}

// mapping reads a base path mapping with its key.
func (t *tx) mapping(name string, id *string, basePath string) (key string, m *domain.Mapping, err error) {
	ref, _, err := t.domainNamed(name, id)
	if err != nil {
		return "", nil, err
	}
	key = t.scope.MappingKey(ref, basePath)
	m, ok, err := get[apigw.BasePathMapping, domain.None](t, key)
	if err == nil && !ok {
		err = fault.NotFoundf("Invalid base path mapping identifier specified")
	}
	return key, m, err
}

// mappedBy returns the domain names with a mapping that meets a condition, as a
// refusal lists them. The commit depends on no mapping being written meanwhile.
func (t *tx) mappedBy(condition func(*apigw.BasePathMapping) bool) (string, error) {
	t.settled(t.scope.AllMappings())
	var domains []string
	for entry := range t.view.Scan(t.scope.AllMappings()) {
		m, err := domain.Decode[apigw.BasePathMapping, domain.None](entry.Key, entry.Value)
		if err != nil {
			return "", err
		}
		if k, _ := domain.ParseKey(entry.Key); condition(&m.Shape) && !slices.Contains(domains, k.Rest[0]) {
			domains = append(domains, k.Rest[0])
		}
	}
	return strings.Join(domains, ", "), nil
}

// checkMappedAPI and checkMappedStage make the commit depend on what a mapping
// leads to being there. The texts are quoted by users.
func (t *tx) checkMappedAPI(m *apigw.BasePathMapping) error {
	if !t.exists(t.scope.APIKey(apigw.Val(m.RestApiId))) {
		return fault.BadRequestf("Invalid REST API identifier specified")
	}
	return nil
}

func (t *tx) checkMappedStage(m *apigw.BasePathMapping) error {
	if m.Stage != nil && !t.exists(t.scope.StageKey(*m.RestApiId, *m.Stage)) {
		return fault.BadRequestf("Invalid stage identifier specified")
	}
	return nil
}

// claimBasePath refuses a base path that is taken. old is the one that the
// mapping leaves, if it has one.
func (s *Service) claimBasePath(t *tx, ref, basePath, old string) error {
	if t.exists(t.scope.MappingKey(ref, basePath)) {
		return fault.Conflictf("Base path already exists for this domain name")
	}
	if !s.LoneRootMapping {
		return nil
	}
	t.settled(t.scope.Mappings(ref))
	for entry := range t.view.Scan(t.scope.Mappings(ref)) {
		k, _ := domain.ParseKey(entry.Key)
		if other := k.Rest[1]; other != old && (other == domain.NoBasePath || basePath == domain.NoBasePath) {
			return fault.Conflictf("Only one base path mapping is allowed if the base path is empty.")
		}
	}
	return nil
}

// CreateBasePathMapping lets a path below a domain name lead to an API.
func (s *Service) CreateBasePathMapping(ctx context.Context, in *apigw.CreateBasePathMappingRequest) (*apigw.BasePathMapping, error) {
	var out *apigw.BasePathMapping
	err := s.change(ctx, domain.DomainRef(in.DomainName, apigw.Val(in.DomainNameId)), func(t *tx) error {
		ref, _, err := t.domainNamed(in.DomainName, in.DomainNameId)
		if err != nil {
			return err
		}
		basePath, err := basePathOf(apigw.Val(in.BasePath))
		if err != nil {
			return err
		}
		m := apigw.BasePathMapping{BasePath: &basePath, RestApiId: in.RestApiId, Stage: stageOf(apigw.Val(in.Stage))}
		if err := t.checkMappedAPI(&m); err != nil {
			return err
		}
		if err := t.checkMappedStage(&m); err != nil {
			return err
		}
		if err := s.claimBasePath(t, ref, basePath, ""); err != nil {
			return err
		}
		t.put(t.scope.MappingKey(ref, basePath), domain.New(m, domain.None{}))
		out = &m
		return nil
	})
	return out, err
}

// GetBasePathMapping answers one mapping.
func (s *Service) GetBasePathMapping(ctx context.Context, in *apigw.GetBasePathMappingRequest) (*apigw.BasePathMapping, error) {
	var out *apigw.BasePathMapping
	err := s.read(ctx, func(t *tx) error {
		_, m, err := t.mapping(in.DomainName, in.DomainNameId, in.BasePath)
		if err == nil {
			out = &m.Shape
		}
		return err
	})
	return out, err
}

// GetBasePathMappings lists the mappings of a domain name by base path.
func (s *Service) GetBasePathMappings(ctx context.Context, in *apigw.GetBasePathMappingsRequest) (*apigw.BasePathMappings, error) {
	out := &apigw.BasePathMappings{}
	err := s.read(ctx, func(t *tx) error {
		ref, _, err := t.domainNamed(in.DomainName, in.DomainNameId)
		if err != nil {
			return err
		}
		items, err := shapes[apigw.BasePathMapping](t, t.scope.Mappings(ref))
		if err != nil {
			return err
		}
		if items == nil {
			items = []apigw.BasePathMapping{}
		}
		key := func(m apigw.BasePathMapping) string { return *m.BasePath }
		sortBy(items, key)
		out.Items, out.Position, err = page(items, key, in.Position, in.Limit)
		return err
	})
	return out, err
}

// mappingDraft is a mapping that is being patched.
type mappingDraft struct {
	*apigw.BasePathMapping
	service  *Service
	tx       *tx
	ref, old string
}

var mappingPatch = patch.Table[mappingDraft]{
	Resource: "BasePathMapping",
	Refuse:   patch.ListsPaths,
	Finish:   func(d *mappingDraft) error { return d.tx.checkMappedStage(d.BasePathMapping) },
	Rows: []patch.Row[mappingDraft]{
		{Path: "/basePath", Ops: patch.Replace, Apply: func(d *mappingDraft, op patch.Op) error {
			basePath, err := basePathOf(op.Value())
			if err == nil && basePath != d.old {
				err = d.service.claimBasePath(d.tx, d.ref, basePath, d.old)
			}
			d.BasePath = &basePath
			return err
		}},
		{Path: "/restapiId", Ops: patch.Replace, Apply: func(d *mappingDraft, op patch.Op) error {
			d.RestApiId = op.Text()
			return d.tx.checkMappedAPI(d.BasePathMapping)
		}},
		{Path: "/stage", Ops: patch.Replace, Apply: func(d *mappingDraft, op patch.Op) error {
			d.Stage = stageOf(op.Value())
			return nil
		}},
	},
}

// mappingPaths are other spellings that the guide and clients use.
var mappingPaths = map[string]string{"/basepath": "/basePath", "/restApiId": "/restapiId"}

// UpdateBasePathMapping patches a mapping. A new base path moves it in the same
// commit, so that requests find it under the one or the other.
func (s *Service) UpdateBasePathMapping(ctx context.Context, in *apigw.UpdateBasePathMappingRequest) (*apigw.BasePathMapping, error) {
	var out *apigw.BasePathMapping
	operations := slices.Clone(in.PatchOperations)
	for i, operation := range operations {
		if path, ok := mappingPaths[strings.TrimRight(apigw.Val(operation.Path), " ")]; ok {
			operations[i].Path = &path
		}
	}
	ref := domain.DomainRef(in.DomainName, apigw.Val(in.DomainNameId))
	err := s.update(ctx, ref, in.PatchOperations, func(t *tx) error {
		key, m, err := t.mapping(in.DomainName, in.DomainNameId, in.BasePath)
		if err != nil {
			return err
		}
		draft := mappingDraft{&m.Shape, s, t, ref, *m.Shape.BasePath}
		if err := mappingPatch.Apply(&draft, operations); err != nil {
			return err
		}
		if *m.Shape.BasePath != draft.old {
			t.delete(key)
		}
		t.put(t.scope.MappingKey(ref, *m.Shape.BasePath), m)
		out = &m.Shape
		return nil
	})
	return out, err
}

// DeleteBasePathMapping removes a mapping.
func (s *Service) DeleteBasePathMapping(ctx context.Context, in *apigw.DeleteBasePathMappingRequest) error {
	return s.change(ctx, domain.DomainRef(in.DomainName, apigw.Val(in.DomainNameId)), func(t *tx) error {
		key, _, err := t.mapping(in.DomainName, in.DomainNameId, in.BasePath)
		if err == nil {
			t.delete(key)
		}
		return err
	})
}
