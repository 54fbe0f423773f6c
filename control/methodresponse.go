package control

import (
	"context"
	"regexp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

var responseParameter = regexp.MustCompile(`^method\.response\.header\.[a-zA-Z0-9:._$-]+$`)

// checkResponseParameters refuses keys that name no header of the response.
func checkResponseParameters[V any](parameters map[string]V) error {
	for _, key := range sortedKeys(parameters) {
		if !responseParameter.MatchString(key) {
			return fault.BadRequestf("Invalid mapping expression parameter specified: %s", key)
		}
	}
	return nil
}

// methodResponseDraft is a method response that is being patched.
type methodResponseDraft struct {
	*apigw.MethodResponse
	tx    *tx
	parts domain.Parts
}

func (d *methodResponseDraft) check() error {
	if err := checkResponseParameters(d.ResponseParameters); err != nil {
		return err
	}
	return d.tx.checkModels(d.parts, d.ResponseModels)
}

var methodResponsePatch = patch.Table[methodResponseDraft]{
	Resource: "MethodResponse",
	Refuse:   patch.Plain,
	Finish:   (*methodResponseDraft).check,
	Rows: []patch.Row[methodResponseDraft]{
		{Path: "/responseParameters/{name}", Ops: anyChange, Apply: func(d *methodResponseDraft, op patch.Op) error {
			return patchEntry(&d.ResponseParameters, op, errNoParameter, *op.Bool())
		}},
		{Path: "/responseParameters", Ops: anyChange, Apply: func(d *methodResponseDraft, op patch.Op) error {
			return patchMap(&d.ResponseParameters, op)
		}},
		{Path: "/responseModels/{type}", Ops: anyChange, Apply: func(d *methodResponseDraft, op patch.Op) error {
			return patchEntry(&d.ResponseModels, op, errNoContentType, op.Value())
		}},
		{Path: "/responseModels", Ops: anyChange, Apply: func(d *methodResponseDraft, op patch.Op) error {
			return patchMap(&d.ResponseModels, op)
		}},
	},
}

// PutMethodResponse declares a response of a method. Recorded: empty maps are
// kept and shown, absent ones are not.
func (s *Service) PutMethodResponse(ctx context.Context, in *apigw.PutMethodResponseRequest) (*apigw.MethodResponse, error) {
	var out *apigw.MethodResponse
	err := s.changeMethod(ctx, in.RestApiId, in.ResourceId, in.HttpMethod, func(t *tx, parts domain.Parts, m *apigw.Method) error {
		if _, ok := m.MethodResponses[in.StatusCode]; ok {
			return fault.Conflictf("Response already exists for this resource")
		}
		r := apigw.MethodResponse{
			StatusCode: &in.StatusCode, ResponseParameters: in.ResponseParameters, ResponseModels: in.ResponseModels,
		}
		if err := (&methodResponseDraft{&r, t, parts}).check(); err != nil {
			return err
		}
		if m.MethodResponses == nil {
			m.MethodResponses = map[string]apigw.MethodResponse{}
		}
		m.MethodResponses[in.StatusCode] = r
		out = &r
		return nil
	})
	return out, err
}

func methodResponse(m *apigw.Method, status string) (*apigw.MethodResponse, error) {
	r, ok := m.MethodResponses[status]
	if !ok {
		return nil, fault.NotFoundf("Invalid Response status code specified")
	}
	return &r, nil
}

// GetMethodResponse answers one response of a method.
func (s *Service) GetMethodResponse(ctx context.Context, in *apigw.GetMethodResponseRequest) (*apigw.MethodResponse, error) {
	var out *apigw.MethodResponse
	err := s.read(ctx, func(t *tx) error {
		_, m, err := t.method(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return err
		}
		out, err = methodResponse(&m.Shape, in.StatusCode)
		return err
	})
	return out, err
}

// UpdateMethodResponse patches a response of a method.
func (s *Service) UpdateMethodResponse(ctx context.Context, in *apigw.UpdateMethodResponseRequest) (*apigw.MethodResponse, error) {
	var out *apigw.MethodResponse
	err := s.update(ctx, in.RestApiId, in.PatchOperations, editMethod(in.RestApiId, in.ResourceId, in.HttpMethod, func(t *tx, parts domain.Parts, m *apigw.Method) error {
		r, err := methodResponse(m, in.StatusCode)
		if err != nil {
			return err
		}
		if err := methodResponsePatch.Apply(&methodResponseDraft{r, t, parts}, in.PatchOperations); err != nil {
			return err
		}
		m.MethodResponses[in.StatusCode] = *r
		out = r
		return nil
	}))
	return out, err
}

// DeleteMethodResponse removes a response of a method.
func (s *Service) DeleteMethodResponse(ctx context.Context, in *apigw.DeleteMethodResponseRequest) error {
	return s.changeMethod(ctx, in.RestApiId, in.ResourceId, in.HttpMethod, func(_ *tx, _ domain.Parts, m *apigw.Method) error {
		if _, err := methodResponse(m, in.StatusCode); err != nil {
			return err
		}
		delete(m.MethodResponses, in.StatusCode)
		if len(m.MethodResponses) == 0 {
			m.MethodResponses = nil
		}
		return nil
	})
}
