package control

import (
	"context"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

func errNoValidator() error {
	return fault.NotFoundf("Invalid Request Validator identifier specified")
}

// checkValidator. Recorded for a patch; a create follows it.
func checkValidator(v *apigw.RequestValidator) error {
	if strings.TrimSpace(apigw.Val(v.Name)) == "" {
		return fault.BadRequestf("Request Validator name cannot be blank")
	}
	return nil
}

// CreateRequestValidator makes a validator. Recorded: an unknown API is a 400.
func (s *Service) CreateRequestValidator(ctx context.Context, in *apigw.CreateRequestValidatorRequest) (*apigw.RequestValidator, error) {
	var out *apigw.RequestValidator
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, ok, err := t.parts(in.RestApiId)
		if err != nil {
			return err
		}
		if !ok {
			return fault.BadRequestf("Invalid REST API identifier specified")
		}
		v := apigw.RequestValidator{
			Id: new(s.IDs.Part()), Name: in.Name,
			ValidateRequestBody:       new(apigw.Val(in.ValidateRequestBody)),
			ValidateRequestParameters: new(apigw.Val(in.ValidateRequestParameters)),
		}
		if err := checkValidator(&v); err != nil {
			return err
		}
		t.put(parts.Validator(*v.Id), domain.New(v, domain.None{}))
		out = &v
		return nil
	})
	return out, err
}

// validator reads a validator; an unknown API is an unknown validator. Recorded.
func (t *tx) validator(api, id string) (string, *domain.Validator, error) {
	return part[apigw.RequestValidator](t, api, errNoValidator(), func(p domain.Parts) string { return p.Validator(id) })
}

// part reads one part of an API's definition that hides nothing, with its key.
// Whatever is missing, the API or the part, gives the same refusal.
func part[S any](t *tx, api string, missing error, key func(domain.Parts) string) (string, *domain.Record[S, domain.None], error) {
	parts, ok, err := t.parts(api)
	if err != nil {
		return "", nil, err
	}
	if !ok {
		return "", nil, missing
	}
	r, ok, err := get[S, domain.None](t, key(parts))
	if err == nil && !ok {
		err = missing
	}
	return key(parts), r, err
}

// partsOf returns the keys of an API's definition, or the refusal of an
// unknown API that names it.
func (t *tx) partsOf(api string) (domain.Parts, error) {
	if _, err := t.api(api); err != nil {
		return "", err
	}
	parts, _, err := t.parts(api)
	return parts, err
}

// GetRequestValidator answers one validator.
func (s *Service) GetRequestValidator(ctx context.Context, in *apigw.GetRequestValidatorRequest) (*apigw.RequestValidator, error) {
	var out *apigw.RequestValidator
	err := s.read(ctx, func(t *tx) error {
		_, v, err := t.validator(in.RestApiId, in.RequestValidatorId)
		if err == nil {
			out = &v.Shape
		}
		return err
	})
	return out, err
}

// GetRequestValidators lists the validators of an API.
func (s *Service) GetRequestValidators(ctx context.Context, in *apigw.GetRequestValidatorsRequest) (*apigw.RequestValidators, error) {
	out := &apigw.RequestValidators{}
	err := s.read(ctx, func(t *tx) (err error) {
		out.Items, out.Position, err = list(t, in.RestApiId, domain.Parts.Validators,
			func(v apigw.RequestValidator) string { return *v.Id }, in.Position, in.Limit)
		return err
	})
	return out, err
}

// list returns a page of the parts of one kind, sorted by key.
func list[S any](t *tx, api string, prefix func(domain.Parts) string, key func(S) string, position *string, limit *int32) ([]S, *string, error) {
	parts, err := t.partsOf(api)
	if err != nil {
		return nil, nil, err
	}
	items, err := shapes[S](t, prefix(parts))
	if err != nil {
		return nil, nil, err
	}
	if items == nil {
		items = []S{}
	}
	sortBy(items, key)
	return page(items, key, position, limit)
}

var validatorPatch = patch.Table[apigw.RequestValidator]{
	Refuse: patch.ListsPaths,
	Finish: checkValidator,
	Rows: []patch.Row[apigw.RequestValidator]{
		{Path: "/name", Ops: patch.Replace, Apply: func(v *apigw.RequestValidator, op patch.Op) error {
			v.Name = op.Text()
			return nil
		}},
		{Path: "/validateRequestParameters", Ops: patch.Replace, Apply: func(v *apigw.RequestValidator, op patch.Op) error {
			v.ValidateRequestParameters = op.Bool()
			return nil
		}},
		{Path: "/validateRequestBody", Ops: patch.Replace, Apply: func(v *apigw.RequestValidator, op patch.Op) error {
			v.ValidateRequestBody = op.Bool()
			return nil
		}},
	},
}

// UpdateRequestValidator patches a validator.
func (s *Service) UpdateRequestValidator(ctx context.Context, in *apigw.UpdateRequestValidatorRequest) (*apigw.RequestValidator, error) {
	var out *apigw.RequestValidator
	err := s.update(ctx, in.RestApiId, in.PatchOperations, func(t *tx) error {
		key, v, err := t.validator(in.RestApiId, in.RequestValidatorId)
		if err != nil {
			return err
		}
		if err := validatorPatch.Apply(&v.Shape, in.PatchOperations); err != nil {
			return err
		}
		t.put(key, v)
		out = &v.Shape
		return nil
	})
	return out, err
}

// DeleteRequestValidator removes a validator that no method uses.
func (s *Service) DeleteRequestValidator(ctx context.Context, in *apigw.DeleteRequestValidatorRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		key, _, err := t.validator(in.RestApiId, in.RequestValidatorId)
		if err != nil {
			return err
		}
		user, err := t.methodWith(in.RestApiId, func(m *apigw.Method) bool {
			return apigw.Val(m.RequestValidatorId) == in.RequestValidatorId
		})
		if err != nil {
			return err
		}
		if user != nil {
			return fault.Conflictf("Cannot delete request validator '%s', is referenced in method: %s", in.RequestValidatorId, user) // assumed
		}
		t.delete(key)
		return nil
	})
}

// methodRef names a method in a refusal.
type methodRef struct{ verb, path string }

// String is the form that most refusals have: "/path/VERB".
func (m *methodRef) String() string { return strings.TrimSuffix(m.path, "/") + "/" + m.verb }

// methodWith finds a method that meets a condition; nil if there is none. The
// commit depends on no method being written meanwhile.
func (t *tx) methodWith(api string, condition func(*apigw.Method) bool) (*methodRef, error) {
	parts, _, err := t.parts(api)
	if err != nil {
		return nil, err
	}
	t.settled(parts.Methods())
	for entry := range t.view.Scan(parts.Methods()) {
		m, err := domain.Decode[apigw.Method, domain.None](entry.Key, entry.Value)
		if err != nil {
			return nil, err
		}
		if !condition(&m.Shape) {
			continue
		}
		all, err := t.resources(parts)
		if err != nil {
			return nil, err
		}
		k, _ := domain.ParseKey(entry.Key)
		resource := k.Rest[len(k.Rest)-2]
		return &methodRef{*m.Shape.HttpMethod, pathOf(all, resource)}, nil
	}
	return nil, nil
}
