package control

import (
	"context"

	"github.com/dlclark/regexp2"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// checkIntegrationResponse holds the rules over one integration response.
func checkIntegrationResponse(r *apigw.IntegrationResponse) error {
	// The service takes Java expressions, which are a superset of RE2.
	if _, err := regexp2.Compile(apigw.Val(r.SelectionPattern), regexp2.None); err != nil {
		return fault.BadRequestf("Invalid regex pattern specified")
	}
	if err := checkResponseParameters(r.ResponseParameters); err != nil {
		return err
	}
	for _, key := range sortedKeys(r.ResponseParameters) {
		if value := r.ResponseParameters[key]; !domain.ValidResponseSource(value) {
			return errMapping(value)
		}
	}
	return checkTemplates(r.ResponseTemplates)
}

// PutIntegrationResponse sets how answers of the backend become one response
// of the method. Recorded: an empty selectionPattern and empty maps are shown,
// and the method need not have declared the status.
func (s *Service) PutIntegrationResponse(ctx context.Context, in *apigw.PutIntegrationResponseRequest) (*apigw.IntegrationResponse, error) {
	var out *apigw.IntegrationResponse
	err := s.changeMethod(ctx, in.RestApiId, in.ResourceId, in.HttpMethod, func(_ *tx, _ domain.Parts, m *apigw.Method) error {
		if m.MethodIntegration == nil {
			return errNoIntegration()
		}
		r := apigw.IntegrationResponse{
			StatusCode: &in.StatusCode, SelectionPattern: in.SelectionPattern, ContentHandling: in.ContentHandling,
			ResponseParameters: in.ResponseParameters, ResponseTemplates: in.ResponseTemplates,
		}
		for mediaType, text := range r.ResponseTemplates {
			r.ResponseTemplates[mediaType] = apigw.Text(apigw.Val(text)) // recorded: an empty template is null
		}
		if err := checkIntegrationResponse(&r); err != nil {
			return err
		}
		i := m.MethodIntegration
		if i.IntegrationResponses == nil {
			i.IntegrationResponses = map[string]apigw.IntegrationResponse{}
		}
		i.IntegrationResponses[in.StatusCode] = r
		out = &r
		return nil
	})
	return out, err
}

// GetIntegrationResponse answers one integration response.
func (s *Service) GetIntegrationResponse(ctx context.Context, in *apigw.GetIntegrationResponseRequest) (*apigw.IntegrationResponse, error) {
	var out *apigw.IntegrationResponse
	err := s.read(ctx, func(t *tx) error {
		_, m, err := t.method(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return err
		}
		if m.Shape.MethodIntegration == nil {
			return errNoIntegration()
		}
		r, ok := m.Shape.MethodIntegration.IntegrationResponses[in.StatusCode]
		if !ok {
			return fault.NotFoundf("Invalid Response status code specified")
		}
		out = &r
		return nil
	})
	return out, err
}

var integrationResponsePatch = patch.Table[apigw.IntegrationResponse]{
	Resource: "IntegrationResponse",
	Refuse:   patch.Plain,
	Finish:   checkIntegrationResponse,
	Rows: []patch.Row[apigw.IntegrationResponse]{
		{Path: "/selectionPattern", Ops: patch.Replace, Apply: func(d *apigw.IntegrationResponse, op patch.Op) error {
			d.SelectionPattern = new(op.Value())
			return nil
		}},
		{Path: "/contentHandling", Ops: patch.Replace, Apply: func(d *apigw.IntegrationResponse, op patch.Op) error {
			return setEnum(&d.ContentHandling, "ContentHandlingStrategy", "content handling", op)
		}},
		{Path: "/responseParameters/{name}", Ops: anyChange, Apply: func(d *apigw.IntegrationResponse, op patch.Op) error {
			return patchEntry(&d.ResponseParameters, op, errNoParameter, op.Value())
		}},
		{Path: "/responseParameters", Ops: anyChange, Apply: func(d *apigw.IntegrationResponse, op patch.Op) error {
			return patchMap(&d.ResponseParameters, op)
		}},
		{Path: "/responseTemplates/{type}", Ops: anyChange, Apply: func(d *apigw.IntegrationResponse, op patch.Op) error {
			if op.Kind != patch.Remove && !op.HasValue() {
				return fault.BadRequestf("Invalid patch value  'null' specified for op '%s'. Must be a string", op.Name)
			}
			return patchEntry(&d.ResponseTemplates, op, errNoContentType, apigw.Text(op.Value()))
		}},
		{Path: "/responseTemplates", Ops: anyChange, Apply: func(d *apigw.IntegrationResponse, op patch.Op) error {
			return patchMap(&d.ResponseTemplates, op)
		}},
	},
}

// UpdateIntegrationResponse patches one integration response.
func (s *Service) UpdateIntegrationResponse(ctx context.Context, in *apigw.UpdateIntegrationResponseRequest) (*apigw.IntegrationResponse, error) {
	var out *apigw.IntegrationResponse
	err := s.update(ctx, in.RestApiId, in.PatchOperations, editMethod(in.RestApiId, in.ResourceId, in.HttpMethod, func(_ *tx, _ domain.Parts, m *apigw.Method) error {
		if m.MethodIntegration == nil {
			return errNoIntegration()
		}
		r, ok := m.MethodIntegration.IntegrationResponses[in.StatusCode]
		if !ok {
			return fault.NotFoundf("Invalid Integration Response identifier specified")
		}
		if err := integrationResponsePatch.Apply(&r, in.PatchOperations); err != nil {
			return err
		}
		m.MethodIntegration.IntegrationResponses[in.StatusCode] = r
		out = &r
		return nil
	}))
	return out, err
}

// DeleteIntegrationResponse removes one integration response. Recorded: an
// unknown method gives the refusal of a missing integration.
func (s *Service) DeleteIntegrationResponse(ctx context.Context, in *apigw.DeleteIntegrationResponseRequest) error {
	return s.changeIntegration(ctx, in.RestApiId, in.ResourceId, in.HttpMethod, errNoIntegration(), func(m *apigw.Method) error {
		responses := m.MethodIntegration.IntegrationResponses
		if _, ok := responses[in.StatusCode]; !ok {
			return fault.NotFoundf("Invalid Response status code specified")
		}
		delete(responses, in.StatusCode)
		if len(responses) == 0 {
			m.MethodIntegration.IntegrationResponses = nil
		}
		return nil
	})
}
