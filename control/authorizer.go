package control

import (
	"context"
	"regexp"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// maximalAuthorizerTTL is in seconds. Guide.
const maximalAuthorizerTTL = 3600

var (
	// Recorded: a URI with blanks after the "path/" is taken.
	authorizerURI  = regexp.MustCompile(`^arn:[^:]+:apigateway:[^:]*:[^:]*lambda:path/.+`)
	identitySource = regexp.MustCompile(`^\s*(method\.request\.(header|querystring|multivaluequerystring|multivalueheader)\.[a-zA-Z0-9._$-]+|context\.[a-zA-Z0-9._$-]+|stageVariables\.\w+)\s*$`)
)

// checkAuthorizer holds the rules over an authorizer. The texts are quoted by
// users of the real service, some of them in part.
func checkAuthorizer(a *apigw.Authorizer) error {
	if apigw.Val(a.Name) == "" {
		return fault.BadRequestf("Authorizer name must be non-empty") // assumed
	}
	if ttl := a.AuthorizerResultTtlInSeconds; ttl != nil && (*ttl < 0 || *ttl > maximalAuthorizerTTL) {
		return fault.BadRequestf("Authorizer result TTL outside allowable range. TTL must be between 0 and 3600 seconds.")
	}
	source := apigw.Val(a.IdentitySource)
	switch apigw.Val(a.Type) {
	case apigw.AuthorizerType_COGNITO_USER_POOLS:
		if len(a.ProviderARNs) == 0 {
			return fault.BadRequestf("Provider ARNs must be specified for COGNITO_USER_POOLS authorizers") // assumed
		}
		return nil
	case apigw.AuthorizerType_TOKEN:
		if source == "" {
			return fault.BadRequestf("IdentitySource cannot be empty")
		}
	case apigw.AuthorizerType_REQUEST:
		// Without caching a request authorizer needs no source.
		if source == "" && (a.AuthorizerResultTtlInSeconds == nil || *a.AuthorizerResultTtlInSeconds > 0) {
			return fault.BadRequestf("IdentitySource cannot be empty")
		}
		for part := range strings.SplitSeq(source, ",") {
			if source != "" && !identitySource.MatchString(part) {
				return fault.BadRequestf("Invalid request identity source expression: %s", strings.TrimSpace(part))
			}
		}
	}
	uri := apigw.Val(a.AuthorizerUri)
	if !authorizerURI.MatchString(uri) && !strings.Contains(uri, "${stageVariables.") {
		return fault.BadRequestf("Invalid Authorizer URI: %s. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.", uri)
	}
	return nil
}

func errNoAuthorizer() error { return fault.NotFoundf("Invalid Authorizer identifier specified") }

// claimAuthorizerName makes a name of an authorizer unique within its API.
func (t *tx) claimAuthorizerName(parts domain.Parts, a *apigw.Authorizer) error {
	key := parts.AuthorizerName(*a.Name)
	if t.exists(key) {
		return fault.BadRequestf("Authorizer name must be unique. Authorizer %s already exists in this RestApi.", *a.Name)
	}
	t.put(key, domain.New(*a.Id, domain.None{}))
	return nil
}

// CreateAuthorizer makes an authorizer. Recorded: an unknown API is a 409, and
// a time to live that is not given is not shown.
func (s *Service) CreateAuthorizer(ctx context.Context, in *apigw.CreateAuthorizerRequest) (*apigw.Authorizer, error) {
	var out *apigw.Authorizer
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, ok, err := t.parts(in.RestApiId)
		if err != nil {
			return err
		}
		if !ok {
			return fault.ConcurrentModification()
		}
		a := apigw.Authorizer{
			Id: new(s.IDs.Part()), Name: in.Name, Type: in.Type, ProviderARNs: in.ProviderARNs,
			AuthType:              apigw.Text(apigw.Val(in.AuthType)),
			AuthorizerUri:         apigw.Text(apigw.Val(in.AuthorizerUri)),
			AuthorizerCredentials: apigw.Text(apigw.Val(in.AuthorizerCredentials)), IdentitySource: apigw.Text(apigw.Val(in.IdentitySource)),
			IdentityValidationExpression: apigw.Text(apigw.Val(in.IdentityValidationExpression)),
			AuthorizerResultTtlInSeconds: in.AuthorizerResultTtlInSeconds,
		}
		if a.AuthType == nil {
			a.AuthType = new("custom")
			if apigw.Val(a.Type) == apigw.AuthorizerType_COGNITO_USER_POOLS {
				a.AuthType = new("cognito_user_pools")
			}
		}
		if err := checkAuthorizer(&a); err != nil {
			return err
		}
		if err := s.Quotas.check(AuthorizersPerAPI, t.view.Count(parts.Authorizers())+1); err != nil {
			return err
		}
		if err := t.claimAuthorizerName(parts, &a); err != nil {
			return err
		}
		t.put(parts.Authorizer(*a.Id), domain.New(a, domain.None{}))
		out = &a
		return nil
	})
	return out, err
}

func (t *tx) authorizer(api, id string) (string, *domain.Authorizer, error) {
	if _, err := t.api(api); err != nil {
		return "", nil, err
	}
	return part[apigw.Authorizer](t, api, errNoAuthorizer(), func(p domain.Parts) string { return p.Authorizer(id) })
}

// GetAuthorizer answers one authorizer.
func (s *Service) GetAuthorizer(ctx context.Context, in *apigw.GetAuthorizerRequest) (*apigw.Authorizer, error) {
	var out *apigw.Authorizer
	err := s.read(ctx, func(t *tx) error {
		_, a, err := t.authorizer(in.RestApiId, in.AuthorizerId)
		if err == nil {
			out = &a.Shape
		}
		return err
	})
	return out, err
}

// GetAuthorizers lists the authorizers of an API.
func (s *Service) GetAuthorizers(ctx context.Context, in *apigw.GetAuthorizersRequest) (*apigw.Authorizers, error) {
	out := &apigw.Authorizers{}
	err := s.read(ctx, func(t *tx) (err error) {
		out.Items, out.Position, err = list(t, in.RestApiId, domain.Parts.Authorizers,
			func(a apigw.Authorizer) string { return *a.Id }, in.Position, in.Limit)
		return err
	})
	return out, err
}

// authorizerDraft is an authorizer that is being patched.
type authorizerDraft struct {
	*apigw.Authorizer
	tx    *tx
	parts domain.Parts
}

func setText(member **string, op patch.Op) error {
	*member = op.Text()
	return nil
}

var authorizerPatch = patch.Table[authorizerDraft]{
	Refuse: patch.ListsPaths,
	Finish: func(d *authorizerDraft) error { return checkAuthorizer(d.Authorizer) },
	Rows: []patch.Row[authorizerDraft]{
		{Path: "/name", Ops: patch.Replace, Apply: func(d *authorizerDraft, op patch.Op) error {
			if op.Value() == apigw.Val(d.Name) || op.Value() == "" {
				return setText(&d.Name, op)
			}
			d.tx.delete(d.parts.AuthorizerName(*d.Name))
			d.Name = op.Text()
			return d.tx.claimAuthorizerName(d.parts, d.Authorizer)
		}},
		{Path: "/type", Ops: patch.Replace, Apply: func(d *authorizerDraft, op patch.Op) error {
			return setEnum(&d.Type, "AuthorizerType", "authorizer type", op)
		}},
		{Path: "/authType", Ops: patch.Replace, Apply: func(d *authorizerDraft, op patch.Op) error { return setText(&d.AuthType, op) }},
		{Path: "/authorizerUri", Ops: patch.Replace, Apply: func(d *authorizerDraft, op patch.Op) error { return setText(&d.AuthorizerUri, op) }},
		{Path: "/authorizerCredentials", Ops: patch.Replace, Apply: func(d *authorizerDraft, op patch.Op) error {
			return setText(&d.AuthorizerCredentials, op)
		}},
		{Path: "/identityValidationExpression", Ops: patch.Replace, Apply: func(d *authorizerDraft, op patch.Op) error {
			return setText(&d.IdentityValidationExpression, op)
		}},
		{Path: "/authorizerResultTtlInSeconds", Ops: patch.Replace, Apply: func(d *authorizerDraft, op patch.Op) error {
			ttl, ok := op.Int()
			if !ok {
				ttl = -1 // refused by the check of the range
			}
			d.AuthorizerResultTtlInSeconds = &ttl
			return nil
		}},
		{Path: "/identitySource", Ops: patch.Add | patch.Replace, Apply: func(d *authorizerDraft, op patch.Op) error { return setText(&d.IdentitySource, op) }},
		{Path: "/identitySource", Ops: patch.Remove, Apply: func(d *authorizerDraft, _ patch.Op) error {
			d.IdentitySource = nil
			return nil
		}},
		// One client joins several ARNs by commas.
		{Path: "/providerARNs", Ops: patch.Add, Apply: func(d *authorizerDraft, op patch.Op) error {
			for arn := range strings.SplitSeq(op.Value(), ",") {
				d.ProviderARNs = append(without(d.ProviderARNs, arn), arn)
			}
			return nil
		}},
		{Path: "/providerARNs", Ops: patch.Remove, Apply: func(d *authorizerDraft, op patch.Op) error {
			for arn := range strings.SplitSeq(op.Value(), ",") {
				d.ProviderARNs = without(d.ProviderARNs, arn)
			}
			return nil
		}},
	},
}

// UpdateAuthorizer patches an authorizer.
func (s *Service) UpdateAuthorizer(ctx context.Context, in *apigw.UpdateAuthorizerRequest) (*apigw.Authorizer, error) {
	var out *apigw.Authorizer
	err := s.update(ctx, in.RestApiId, in.PatchOperations, func(t *tx) error {
		key, a, err := t.authorizer(in.RestApiId, in.AuthorizerId)
		if err != nil {
			return err
		}
		parts, _, err := t.parts(in.RestApiId)
		if err != nil {
			return err
		}
		if err := authorizerPatch.Apply(&authorizerDraft{&a.Shape, t, parts}, in.PatchOperations); err != nil {
			return err
		}
		t.put(key, a)
		out = &a.Shape
		return nil
	})
	return out, err
}

// DeleteAuthorizer removes an authorizer that no method uses. The text is
// quoted by users, its order of verb and path too.
func (s *Service) DeleteAuthorizer(ctx context.Context, in *apigw.DeleteAuthorizerRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		key, a, err := t.authorizer(in.RestApiId, in.AuthorizerId)
		if err != nil {
			return err
		}
		user, err := t.methodWith(in.RestApiId, func(m *apigw.Method) bool { return apigw.Val(m.AuthorizerId) == in.AuthorizerId })
		if err != nil {
			return err
		}
		if user != nil {
			return fault.Conflictf("Cannot delete authorizer '%s', is referenced in method: %s/%s", *a.Shape.Name, user.verb, user.path)
		}
		parts, _, err := t.parts(in.RestApiId)
		if err != nil {
			return err
		}
		t.delete(key)
		t.delete(parts.AuthorizerName(*a.Shape.Name))
		return nil
	})
}
