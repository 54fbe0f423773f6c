package control

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

var verbs = []string{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"}

// The kinds of authorization of a method.
const (
	authNone    = "NONE"
	authIAM     = "AWS_IAM"
	authCustom  = "CUSTOM"
	authCognito = "COGNITO_USER_POOLS"
)

// PutMethod adds a method to a resource. The order of its checks is recorded.
func (s *Service) PutMethod(ctx context.Context, in *apigw.PutMethodRequest) (*apigw.Method, error) {
	var out *apigw.Method
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, _, err := t.resource(in.RestApiId, in.ResourceId)
		if err != nil {
			return err
		}
		if !slices.Contains(verbs, in.HttpMethod) {
			return fault.BadRequestf("Invalid HttpMethod specified. Valid options are %s", strings.Join(verbs, ","))
		}
		m := apigw.Method{
			HttpMethod:          &in.HttpMethod,
			AuthorizationType:   new(strings.ToUpper(apigw.Val(in.AuthorizationType))),
			AuthorizerId:        apigw.Text(apigw.Val(in.AuthorizerId)),
			ApiKeyRequired:      new(apigw.Val(in.ApiKeyRequired)),
			OperationName:       apigw.Text(apigw.Val(in.OperationName)),
			RequestParameters:   in.RequestParameters,
			RequestModels:       in.RequestModels,
			RequestValidatorId:  apigw.Text(apigw.Val(in.RequestValidatorId)),
			AuthorizationScopes: in.AuthorizationScopes,
		}
		if err := t.checkMethod(parts, &m); err != nil {
			return err
		}
		key := parts.Method(in.ResourceId, in.HttpMethod)
		if t.exists(key) {
			return fault.Conflictf("Method already exists for this resource")
		}
		t.put(key, domain.New(m, domain.None{}))
		out = &m
		return nil
	})
	return out, err
}

// checkMethod holds the rules over the whole of a method.
func (t *tx) checkMethod(parts domain.Parts, m *apigw.Method) error {
	if err := checkRequestParameters(m.RequestParameters); err != nil {
		return err
	}
	if err := t.checkAuthorization(parts, m); err != nil {
		return err
	}
	if id := apigw.Val(m.RequestValidatorId); id != "" && !t.exists(parts.Validator(id)) {
		return fault.BadRequestf("Invalid Request Validator identifier specified")
	}
	return t.checkModels(parts, m.RequestModels)
}

func (t *tx) checkAuthorization(parts domain.Parts, m *apigw.Method) error {
	switch *m.AuthorizationType {
	case authNone, authIAM:
		m.AuthorizerId = nil
	case authCustom, authCognito:
		a, ok, err := get[apigw.Authorizer, domain.None](t, parts.Authorizer(apigw.Val(m.AuthorizerId)))
		if err != nil {
			return err
		}
		cognito := ok && *a.Shape.Type == apigw.AuthorizerType_COGNITO_USER_POOLS
		if ok && cognito == (*m.AuthorizationType == authCognito) {
			break
		}
		// Recorded, the text.
		return fault.BadRequestf("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.")
	default:
		return fault.BadRequestf("Invalid authorization type specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS") // assumed
	}
	if len(m.AuthorizationScopes) > 0 && *m.AuthorizationType != authCognito {
		return fault.BadRequestf("Authorization Scopes are only valid for COGNITO_USER_POOLS authorization type")
	}
	if len(m.AuthorizationScopes) == 0 {
		m.AuthorizationScopes = nil
	}
	return nil
}

var requestParameter = regexp.MustCompile(`^method\.request\.(path|querystring|multivaluequerystring|header|multivalueheader)\.([a-zA-Z0-9:._$-]+)$`)

// checkRequestParameters: each key names a place of the request, and no two of
// them the same name.
func checkRequestParameters(parameters map[string]bool) error {
	names := map[string]bool{}
	for key := range parameters {
		place := requestParameter.FindStringSubmatch(key)
		if place == nil {
			continue
		}
		if names[place[2]] {
			return fault.BadRequestf("Parameter names must be unique across querystring, header and path")
		}
		names[place[2]] = true
	}
	for _, key := range sortedKeys(parameters) {
		switch {
		case requestParameter.MatchString(key):
		case strings.HasPrefix(key, "method.request."):
			return fault.BadRequestf("Invalid mapping expression parameter specified: %s", key)
		default: // Recorded: put-method with the key "true".
			return errMapping(key)
		}
	}
	return nil
}

// checkModels refuses models that the API does not have.
func (t *tx) checkModels(parts domain.Parts, models map[string]string) error {
	for _, contentType := range sortedKeys(models) {
		if !t.exists(parts.Model(models[contentType])) {
			return fault.BadRequestf("Invalid model identifier specified: %s", models[contentType])
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// GetMethod answers a method with its integration and responses.
func (s *Service) GetMethod(ctx context.Context, in *apigw.GetMethodRequest) (*apigw.Method, error) {
	var out *apigw.Method
	err := s.read(ctx, func(t *tx) error {
		_, m, err := t.method(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err == nil {
			out = &m.Shape
		}
		return err
	})
	return out, err
}

// UpdateMethod patches a method.
func (s *Service) UpdateMethod(ctx context.Context, in *apigw.UpdateMethodRequest) (*apigw.Method, error) {
	var out *apigw.Method
	err := s.update(ctx, in.RestApiId, in.PatchOperations, editMethod(in.RestApiId, in.ResourceId, in.HttpMethod, func(t *tx, parts domain.Parts, m *apigw.Method) error {
		if err := methodPatch.Apply(&methodDraft{m, t, parts}, in.PatchOperations); err != nil {
			return err
		}
		out = m
		return nil
	}))
	return out, err
}

// changeMethod is a change by editMethod.
func (s *Service) changeMethod(ctx context.Context, api, resource, verb string, f func(*tx, domain.Parts, *apigw.Method) error) error {
	return s.change(ctx, api, editMethod(api, resource, verb, f))
}

// editMethod runs f on the draft of a method and keeps what it made of it.
// A method is one record with its integration and all responses.
func editMethod(api, resource, verb string, f func(*tx, domain.Parts, *apigw.Method) error) func(*tx) error {
	return func(t *tx) error {
		key, m, err := t.method(api, resource, verb)
		if err != nil {
			return err
		}
		parts, _, err := t.parts(api)
		if err != nil {
			return err
		}
		if err := f(t, parts, &m.Shape); err != nil {
			return err
		}
		t.put(key, m)
		return nil
	}
}

// DeleteMethod removes a method with its integration and responses.
func (s *Service) DeleteMethod(ctx context.Context, in *apigw.DeleteMethodRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		key, _, err := t.method(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err == nil {
			t.delete(key)
		}
		return err
	})
}
