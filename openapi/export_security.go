package openapi

import (
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// writtenScheme is a security scheme of a document that is written.
type writtenScheme struct {
	name       string
	used       bool // by a method; authorizers are listed anyway
	authorizer *apigw.Authorizer
}

// nameSchemes gives each scheme a name. Authorizers keep theirs; the names of
// the others are the service's, quoted by users.
func (e *exporter) nameSchemes() {
	e.authorizers = map[string]*writtenScheme{}
	taken := map[string]bool{}
	for i := range e.s.Authorizers {
		a := &e.s.Authorizers[i]
		e.authorizers[apigw.Val(a.Id)] = &writtenScheme{name: free(taken, apigw.Val(a.Name)), authorizer: a}
	}
	e.iam = &writtenScheme{name: free(taken, "sigv4")}
	e.apiKey = &writtenScheme{name: free(taken, "api_key")}
}

// security lists what a method asks for. Several entries all apply: that is how
// the service writes an authorizer beside an API key.
func (e *exporter) security(m *apigw.Method) *node {
	var entries []*node
	require := func(s *writtenScheme, scopes []string) {
		s.used = true
		entries = append(entries, newObject().add(s.name, newTexts(scopes)))
	}
	switch {
	case apigw.Val(m.AuthorizationType) == "AWS_IAM":
		require(e.iam, nil)
	case e.authorizers[apigw.Val(m.AuthorizerId)] != nil:
		require(e.authorizers[*m.AuthorizerId], m.AuthorizationScopes)
	}
	if apigw.Val(m.ApiKeyRequired) {
		require(e.apiKey, nil)
	}
	if entries == nil {
		return nil
	}
	return newList(entries...)
}

// securitySchemes lists the authorizers, and the other schemes if a method asks
// for them. The paths have to be written before.
func (e *exporter) securitySchemes() *node {
	byName := map[string]*node{}
	for _, s := range e.authorizers {
		byName[s.name] = e.authorizerScheme(s.authorizer)
	}
	if e.apiKey.used {
		byName[e.apiKey.name] = headerScheme("x-api-key")
	}
	if e.iam.used {
		byName[e.iam.name] = headerScheme("Authorization")
		if e.o.Extensions.Authorizers {
			byName[e.iam.name].add(authTypeMember, newText("awsSigv4"))
		}
	}
	all := newObject()
	for _, name := range sortedKeys(byName) {
		all.add(name, byName[name])
	}
	return all
}

func headerScheme(name string) *node {
	return newObject().add("type", newText("apiKey")).add("name", newText(name)).add("in", newText("header"))
}

const authTypeMember = "x-amazon-apigateway-authtype"

// unused stands for the header of a scheme that has none, or several sources.
// The guide.
const unused = "Unused"

func (e *exporter) authorizerScheme(a *apigw.Authorizer) *node {
	kind, source := apigw.Val(a.Type), apigw.Val(a.IdentitySource)
	n := headerScheme(unused)
	header, isHeader := strings.CutPrefix(source, "method.request.header.")
	query, isQuery := strings.CutPrefix(source, "method.request.querystring.")
	switch {
	case isHeader && !strings.Contains(header, ","):
		n = headerScheme(header)
	case isQuery && !strings.Contains(query, ",") && kind == apigw.AuthorizerType_REQUEST:
		n = newObject().add("type", newText("apiKey")).add("name", newText(query)).add("in", newText("query"))
	case source == "" && kind == apigw.AuthorizerType_COGNITO_USER_POOLS:
		n = headerScheme("Authorization") // where the service then looks
	}
	n.add("description", e.docs.find("AUTHORIZER", "", "", "", apigw.Val(a.Name)).get("description"))
	if !e.o.Extensions.Authorizers {
		return n
	}
	extension := newObject().add("type", newText(strings.ToLower(kind))).
		add("authorizerUri", optional(a.AuthorizerUri)).
		add("authorizerCredentials", optional(a.AuthorizerCredentials))
	if kind == apigw.AuthorizerType_REQUEST || n.get("name").text == unused {
		extension.add("identitySource", apigwText(source))
	}
	extension.add("identityValidationExpression", optional(a.IdentityValidationExpression))
	if a.AuthorizerResultTtlInSeconds != nil {
		extension.add("authorizerResultTtlInSeconds", newInt(*a.AuthorizerResultTtlInSeconds))
	}
	if len(a.ProviderARNs) > 0 {
		extension.add("providerARNs", newTexts(a.ProviderARNs))
	}
	return n.add(authTypeMember, optional(a.AuthType)).add("x-amazon-apigateway-authorizer", extension)
}

// apigwText is a text, or nil if it is empty.
func apigwText(s string) *node { return optional(apigw.Text(s)) }
