package control

import (
	"context"
	"regexp"
	"slices"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// checkGatewayResponse. Guide for the rules, assumed for the texts.
func checkGatewayResponse(r *apigw.GatewayResponse) error {
	for _, key := range sortedKeys(r.ResponseParameters) {
		if !gatewayResponseTarget.MatchString(key) {
			return errMapping(key)
		}
		if !gatewayResponseSource.MatchString(r.ResponseParameters[key]) {
			return errMapping(r.ResponseParameters[key])
		}
	}
	if status := apigw.Val(r.StatusCode); status != "" && !gatewayStatus.MatchString(status) {
		return fault.BadRequestf("Invalid status code specified: %s", status)
	}
	return nil
}

var (
	gatewayStatus         = regexp.MustCompile(`^[1-5]\d\d$`)
	gatewayResponseTarget = regexp.MustCompile(`^gatewayresponse\.(header|path|querystring)\.[a-zA-Z0-9:._$-]+$`)
	gatewayResponseSource = regexp.MustCompile(`^(method\.request\.(header|querystring|path|multivalueheader|multivaluequerystring)\.[a-zA-Z0-9:._$-]+|context\.[a-zA-Z0-9._$-]+|stageVariables\.\w+|'(?s:.*)')$`)
)

// defaultGatewayResponse is what an API answers that says nothing of a type. Recorded.
func defaultGatewayResponse(responseType string) apigw.GatewayResponse {
	return apigw.GatewayResponse{
		ResponseType:       &responseType,
		StatusCode:         apigw.Text(domain.GatewayResponseStatus(responseType)),
		ResponseParameters: map[string]string{},
		ResponseTemplates:  map[string]string{"application/json": `{"message":$context.error.messageString}`},
		DefaultResponse:    new(true),
	}
}

// gatewayResponse returns the response of a type: the one that was put, else
// what the family of its class gives, else the default. Recorded: a family
// shows through with its parameters, templates and status, a type that was put
// shows nothing of it.
func (t *tx) gatewayResponse(parts domain.Parts, responseType string) (*apigw.GatewayResponse, error) {
	own, ok, err := get[apigw.GatewayResponse, domain.None](t, parts.GatewayResponse(responseType))
	if err != nil {
		return nil, err
	}
	if ok {
		return &own.Shape, nil
	}
	out := defaultGatewayResponse(responseType)
	family := domain.GatewayResponseFamily(responseType)
	if family == "" {
		return &out, nil
	}
	class, ok, err := get[apigw.GatewayResponse, domain.None](t, parts.GatewayResponse(family))
	if err == nil && ok {
		out.ResponseParameters, out.ResponseTemplates = class.Shape.ResponseParameters, class.Shape.ResponseTemplates
		if class.Shape.StatusCode != nil {
			out.StatusCode = class.Shape.StatusCode
		}
	}
	return &out, err
}

// PutGatewayResponse sets the response of a type. Recorded: what is not given
// is that of the default.
func (s *Service) PutGatewayResponse(ctx context.Context, in *apigw.PutGatewayResponseRequest) (*apigw.GatewayResponse, error) {
	var out *apigw.GatewayResponse
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, err := t.partsOf(in.RestApiId)
		if err != nil {
			return err
		}
		r := newGatewayResponse(in.ResponseType, in.StatusCode, in.ResponseParameters, in.ResponseTemplates)
		if err := checkGatewayResponse(&r); err != nil {
			return err
		}
		t.put(parts.GatewayResponse(in.ResponseType), domain.New(r, domain.None{}))
		out = &r
		return nil
	})
	return out, err
}

func newGatewayResponse(responseType string, status *string, parameters, templates map[string]string) apigw.GatewayResponse {
	r := defaultGatewayResponse(responseType)
	r.DefaultResponse = new(false)
	if apigw.Val(status) != "" {
		r.StatusCode = status
	}
	if parameters != nil {
		r.ResponseParameters = parameters
	}
	if templates != nil {
		r.ResponseTemplates = templates
	}
	return r
}

// GetGatewayResponse answers the response of a type, put or derived.
func (s *Service) GetGatewayResponse(ctx context.Context, in *apigw.GetGatewayResponseRequest) (*apigw.GatewayResponse, error) {
	var out *apigw.GatewayResponse
	err := s.read(ctx, func(t *tx) error {
		parts, err := t.partsOf(in.RestApiId)
		if err == nil {
			out, err = t.gatewayResponse(parts, in.ResponseType)
		}
		return err
	})
	return out, err
}

// GetGatewayResponses lists all types, sorted, without paging. Recorded.
func (s *Service) GetGatewayResponses(ctx context.Context, in *apigw.GetGatewayResponsesRequest) (*apigw.GatewayResponses, error) {
	out := &apigw.GatewayResponses{}
	err := s.read(ctx, func(t *tx) error {
		parts, err := t.partsOf(in.RestApiId)
		if err != nil {
			return err
		}
		for _, responseType := range slices.Sorted(slices.Values(apigw.Schema["GatewayResponseType"].Enum)) {
			r, err := t.gatewayResponse(parts, responseType)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, *r)
		}
		return nil
	})
	return out, err
}

// errEmptyValue. Recorded, for a null value of an entry that is there.
func errEmptyValue(member string) error {
	return fault.BadRequestf("Invalid null or empty value in %s", member)
}

// patchNonEmpty changes one entry of a map whose values must not be empty. The
// map stays, empty: it is always shown.
func patchNonEmpty(m *map[string]string, op patch.Op, member string, missing func() error) error {
	if _, ok := (*m)[op.Args[0]]; !ok && op.Kind != patch.Add {
		return missing()
	}
	if op.Kind != patch.Remove && op.Value() == "" {
		return errEmptyValue(member)
	}
	err := patchEntry(m, op, missing, op.Value())
	if *m == nil {
		*m = map[string]string{}
	}
	return err
}

// refuseGatewayResponse says of every path and operation that it does not take
// that the path is unknown. Recorded.
func refuseGatewayResponse(op patch.Op, _ patch.Ops, _ []patch.RowInfo) error {
	return fault.BadRequestf("Invalid patch path %s", op.Path)
}

var gatewayResponsePatch = patch.Table[apigw.GatewayResponse]{
	Refuse: refuseGatewayResponse,
	Finish: checkGatewayResponse,
	Rows: []patch.Row[apigw.GatewayResponse]{
		{Path: "/statusCode", Ops: patch.Replace, Apply: func(r *apigw.GatewayResponse, op patch.Op) error {
			return setText(&r.StatusCode, op)
		}},
		{Path: "/responseParameters/{name}", Ops: anyChange, Apply: func(r *apigw.GatewayResponse, op patch.Op) error {
			return patchNonEmpty(&r.ResponseParameters, op, "responseParameters", errNoParameter)
		}},
		{Path: "/responseParameters", Ops: anyChange, Apply: func(r *apigw.GatewayResponse, op patch.Op) error {
			return patchWhole(&r.ResponseParameters, op)
		}},
		// Recorded for parameters; a template that is not there gives the same (assumed).
		{Path: "/responseTemplates/{type}", Ops: anyChange, Apply: func(r *apigw.GatewayResponse, op patch.Op) error {
			return patchNonEmpty(&r.ResponseTemplates, op, "responseTemplates", errNoParameter)
		}},
		{Path: "/responseTemplates", Ops: anyChange, Apply: func(r *apigw.GatewayResponse, op patch.Op) error {
			return patchWhole(&r.ResponseTemplates, op)
		}},
	},
}

// patchWhole sets a whole map that is always shown.
func patchWhole(m *map[string]string, op patch.Op) error {
	err := patchMap(m, op)
	if *m == nil {
		*m = map[string]string{}
	}
	return err
}

// UpdateGatewayResponse patches the response of a type. Recorded: patching one
// that was never put makes it. An empty list does not, so it shows what
// GetGatewayResponse does.
func (s *Service) UpdateGatewayResponse(ctx context.Context, in *apigw.UpdateGatewayResponseRequest) (*apigw.GatewayResponse, error) {
	var out *apigw.GatewayResponse
	if len(in.PatchOperations) == 0 {
		return s.GetGatewayResponse(ctx, &apigw.GetGatewayResponseRequest{RestApiId: in.RestApiId, ResponseType: in.ResponseType})
	}
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, err := t.partsOf(in.RestApiId)
		if err != nil {
			return err
		}
		own, ok, err := get[apigw.GatewayResponse, domain.None](t, parts.GatewayResponse(in.ResponseType))
		if err != nil {
			return err
		}
		if !ok {
			own = domain.New(newGatewayResponse(in.ResponseType, nil, nil, nil), domain.None{})
		}
		if err := gatewayResponsePatch.Apply(&own.Shape, in.PatchOperations); err != nil {
			return err
		}
		t.put(parts.GatewayResponse(in.ResponseType), own)
		out = &own.Shape
		return nil
	})
	return out, err
}

// DeleteGatewayResponse takes back the response of a type. Recorded.
func (s *Service) DeleteGatewayResponse(ctx context.Context, in *apigw.DeleteGatewayResponseRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, err := t.partsOf(in.RestApiId)
		if err != nil {
			return err
		}
		key := parts.GatewayResponse(in.ResponseType)
		if !t.exists(key) {
			return fault.NotFoundf("Gateway response type not defined on api")
		}
		t.delete(key)
		return nil
	})
}
