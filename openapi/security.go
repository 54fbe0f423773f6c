package openapi

import (
	"cmp"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// scheme is what a security scheme means for the methods that name it.
type scheme struct {
	apiKey        bool
	authorization string // authorizationType, or ""
}

// readSchemes reads security schemes and makes the authorizers among them, used
// or not.
func (r *reader) readSchemes() {
	schemes := r.root.get("securityDefinitions")
	if !r.swagger {
		schemes = r.root.get("components").get("securitySchemes")
	}
	for _, m := range r.objectOf(schemes, "security schemes") {
		r.scheme(m)
	}
}

func (r *reader) scheme(m member) {
	n := r.resolve(m.value)
	kind, authType := r.str(n.get("type")), r.str(n.get("x-amazon-apigateway-authtype"))
	extension := n.get("x-amazon-apigateway-authorizer")
	switch {
	case extension != nil:
		r.authorizer(m.key, n, extension, authType)
	case strings.HasPrefix(strings.ToLower(authType), "aws"):
		r.schemes[m.key] = scheme{authorization: "AWS_IAM"}
	case kind == "apiKey" && strings.EqualFold(r.str(n.get("name")), "x-api-key") && cmp.Or(r.str(n.get("in")), "header") == "header":
		r.schemes[m.key] = scheme{apiKey: true}
	default:
		r.warn(m.at, "Unsupported security definition type '%s' for '%s'. Ignoring.", kind, m.key)
	}
}

// authorizerTypes are the types of the extension: the stored type, the
// authorization of methods, and the authType where none is given.
var authorizerTypes = map[string]struct{ stored, authorization, authType string }{
	"token":              {"TOKEN", "CUSTOM", "custom"},
	"request":            {"REQUEST", "CUSTOM", "custom"},
	"cognito_user_pools": {"COGNITO_USER_POOLS", "COGNITO_USER_POOLS", "cognito_user_pools"},
}

func (r *reader) authorizer(name string, n, extension *node, authType string) {
	kind, ok := authorizerTypes[strings.ToLower(r.str(extension.get("type")))]
	if !ok {
		// Refused, and not ignored: its methods would be open. Assumed, the text.
		r.fail(extension.place(), "Unable to create authorizer '%s': Invalid authorizer type specified. Valid options are TOKEN,REQUEST,COGNITO_USER_POOLS", name)
		return
	}
	if authType == "" {
		authType = kind.authType
	}
	a := &apigw.Authorizer{
		Name: &name, Type: &kind.stored, AuthType: &authType,
		AuthorizerUri:                apigw.Text(r.str(extension.get("authorizerUri"))),
		AuthorizerCredentials:        apigw.Text(r.str(extension.get("authorizerCredentials"))),
		IdentityValidationExpression: apigw.Text(r.str(extension.get("identityValidationExpression"))),
		AuthorizerResultTtlInSeconds: r.integer(extension.get("authorizerResultTtlInSeconds")),
		IdentitySource:               r.identitySource(kind.stored, n, extension),
	}
	for _, arn := range r.listOf(extension.get("providerARNs"), "providerARNs") {
		a.ProviderARNs = append(a.ProviderARNs, r.str(arn))
	}
	r.out.places[part{Authorizer, name}] = extension.place()
	r.authorizers[name] = a
	r.schemes[name] = scheme{authorization: kind.authorization}
}

// identitySource returns where the credentials of an authorizer are. A request
// authorizer names its sources, the others have the header of their scheme; of
// each the other place counts if that one says nothing.
func (r *reader) identitySource(kind string, n, extension *node) *string {
	named := r.str(extension.get("identitySource"))
	parameter := r.str(n.get("name"))
	if parameter == unused {
		parameter = ""
	}
	place := "header"
	if kind == apigw.AuthorizerType_REQUEST {
		place = cmp.Or(parameterPlaces[r.str(n.get("in"))], place)
	}
	switch {
	case parameter == "" || kind == apigw.AuthorizerType_REQUEST && named != "":
		return apigw.Text(named)
	default:
		return new("method.request." + place + "." + parameter)
	}
}

// security applies the requirements of an operation. Several entries, or
// several schemes in one, all apply: that is how exports and SAM write an
// authorizer beside an API key. Schemes that are not defined are ignored.
func (r *reader) security(m *apigw.Method, n *node) {
	for _, entry := range r.listOf(n, "security") {
		for _, requirement := range r.objectOf(entry, "a security requirement") {
			s, ok := r.schemes[requirement.key]
			if !ok {
				continue
			}
			if s.apiKey {
				m.ApiKeyRequired = new(true)
			}
			if s.authorization == "" {
				continue
			}
			m.AuthorizationType = new(s.authorization)
			if r.authorizers[requirement.key] == nil {
				continue
			}
			m.AuthorizerId, m.AuthorizationScopes = new(requirement.key), nil
			if s.authorization == "COGNITO_USER_POOLS" {
				for _, scope := range r.listOf(requirement.value, "scopes") {
					m.AuthorizationScopes = append(m.AuthorizationScopes, r.str(scope))
				}
			}
		}
	}
}
