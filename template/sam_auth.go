package template

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// addAuth writes the property Auth.
func (r *reader) addAuth(a *api) error {
	p, err := a.props.object("Auth")
	if err != nil || !p.v.truthy() {
		return err
	}
	if err := a.editable("Auth"); err != nil {
		return err
	}
	w := &authWriter{reader: r, api: a, p: p, fallback: p.get("DefaultAuthorizer").str(), scopes: map[string]*value{"AWS_IAM": list()}}
	if err := w.authorizers(); err != nil {
		return err
	}
	if err := w.defaults(); err != nil {
		return err
	}
	if policy := p.get("ResourcePolicy"); policy.truthy() {
		b := a.policyOf(a.doc)
		for _, path := range a.doc.get("paths").members {
			if err := b.add(policy, path.key); err != nil {
				return err
			}
		}
		if err := b.custom(policy.get("CustomStatements")); err != nil {
			return err
		}
		b.store()
	}
	p.used["InvokeRole"] = true // events read it
	r.rest(p, reasonProperty)
	return nil
}

// authWriter writes the authorizers of an API and what methods need by default.
type authWriter struct {
	*reader
	api      *api
	p        *props
	fallback string            // the DefaultAuthorizer
	scopes   map[string]*value // of each authorizer
}

func (w *authWriter) authorizers() error {
	section, err := w.p.object("Authorizers")
	if err != nil {
		return err
	}
	if w.fallback == "AWS_IAM" {
		addScheme(w.api.doc, "AWS_IAM", iamScheme())
	}
	for _, m := range section.v.membersOf() {
		p, err := section.object(m.key)
		if err != nil {
			return err
		}
		scheme, err := w.authorizer(m, p)
		if err != nil {
			return err
		}
		w.api.doc.child("securityDefinitions").set(m.key, scheme)
		w.scopes[m.key] = list()
		if scopes := p.get("AuthorizationScopes"); scopes.isList() {
			w.scopes[m.key] = scopes
		}
		p.used["DisableFunctionDefaultPermissions"] = true
		w.rest(p, reasonProperty)
	}
	if w.fallback != "" && w.scopes[w.fallback] == nil {
		return w.p.v.get("DefaultAuthorizer").errorf("the DefaultAuthorizer %s is not defined in Authorizers", w.fallback)
	}
	return nil
}

// authorizer is the security scheme of one entry of Authorizers.
func (w *authWriter) authorizer(m member, p *props) (*value, error) {
	identity, err := p.object("Identity")
	if err != nil {
		return nil, err
	}
	header := cmp.Or(identity.get("Header").str(), "Authorization")
	var extension *value
	pools, function := p.get("UserPoolArn"), p.get("FunctionArn")
	kind := cmp.Or(p.get("FunctionPayloadType").str(), "TOKEN")
	authType := "custom"
	switch {
	case pools.truthy():
		authType = "cognito_user_pools"
		if !pools.isList() {
			pools = list(pools)
		}
		extension = obj("type", "cognito_user_pools", "providerARNs", pools)
	case !function.isText():
		return nil, m.at.errorf("the authorizer %s has neither a UserPoolArn nor a FunctionArn", m.key)
	case kind != "TOKEN" && kind != "REQUEST":
		return nil, m.at.errorf("the authorizer %s has the FunctionPayloadType %s", m.key, kind)
	default:
		extension = obj("type", strings.ToLower(kind), "authorizerUri", "arn:"+w.options.Partition+":apigateway:"+w.options.Region+
			":lambda:path/2015-03-31/functions/"+function.text+"/invocations",
			"authorizerResultTtlInSeconds", identity.get("ReauthorizeEvery"))
		if role := p.get("FunctionInvokeRole").str(); role != "" && role != "NONE" {
			extension.set("authorizerCredentials", text(role))
		}
	}
	if kind == "REQUEST" && !pools.truthy() {
		header = "Unused"
		sources, err := identitySources(identity)
		if err != nil {
			return nil, err
		}
		if ttl, err := strconv.Atoi(identity.get("ReauthorizeEvery").str()); sources == "" && (err != nil || ttl > 0) {
			return nil, m.at.errorf("the authorizer %s needs an Identity with Headers, QueryStrings, StageVariables or Context", m.key)
		}
		if sources != "" {
			extension.set("identitySource", text(sources))
		}
	} else if expression := identity.get("ValidationExpression"); expression.truthy() {
		extension.set("identityValidationExpression", expression)
	}
	w.rest(identity, reasonProperty)
	return obj("type", "apiKey", "name", header, "in", "header",
		"x-amazon-apigateway-authtype", authType, "x-amazon-apigateway-authorizer", extension), nil
}

// identitySources is what a REQUEST authorizer caches by.
func identitySources(identity *props) (string, error) {
	var out []string
	for _, kind := range [][2]string{
		{"Headers", "method.request.header."}, {"QueryStrings", "method.request.querystring."},
		{"StageVariables", "stageVariables."}, {"Context", "context."},
	} {
		items, err := identity.items(kind[0])
		if err != nil {
			return "", err
		}
		for _, item := range items {
			out = append(out, kind[1]+item.str())
		}
	}
	return strings.Join(out, ", "), nil
}

// defaults gives each method the default authorizer and the API key, unless it
// says otherwise itself.
func (w *authWriter) defaults() error {
	toPreflight := func(key string) bool { v := w.p.get(key); return v == nil || v.truthy() }
	authorizeOptions := toPreflight("AddDefaultAuthorizerToCorsPreflight")
	keyOptions := toPreflight("AddApiKeyRequiredToCorsPreflight")
	needsKey := w.p.get("ApiKeyRequired").truthy()
	if needsKey {
		addScheme(w.api.doc, "api_key", keyScheme())
	}
	for _, path := range w.api.doc.get("paths").members {
		for _, m := range path.value.membersOf() {
			if !m.value.isObject() || m.value.get(integrationKey) == nil {
				continue
			}
			security := m.value.get("security")
			if security != nil && !security.isList() {
				return security.errorf("the security of %s %s must be a list", m.key, path.key)
			}
			options := strings.EqualFold(m.key, "options")
			if w.fallback != "" && (!options || authorizeOptions) {
				w.authorize(m.value)
			}
			if needsKey {
				requireKey(m.value, options && !keyOptions)
			}
		}
	}
	return nil
}

// authorize adds the default authorizer to a method that has none. NONE asks
// for no authorizer, and stays only if it is all there is: an empty list would
// say the same, but SAM leaves it.
func (w *authWriter) authorize(op *value) {
	var own, others []*value
	none := -1
	for _, entry := range securityOf(op) {
		switch {
		case slices.ContainsFunc(entry.membersOf(), func(m member) bool { return w.scopes[m.key] != nil }):
			own = append(own, entry)
		default:
			if entry.get("NONE") != nil && none < 0 {
				none = len(others)
			}
			others = append(others, entry)
		}
	}
	switch {
	case none >= 0:
		others, own = slices.Delete(others, none, none+1), nil
	case own == nil:
		own = []*value{obj(w.fallback, w.scopes[w.fallback])}
	}
	if all := append(others, own...); len(all) > 0 {
		op.set("security", list(all...))
		if all[0].get("AWS_IAM") != nil {
			addScheme(w.api.doc, "AWS_IAM", iamScheme())
		}
	}
}

// requireKey adds the API key to a method, unless an event said that it needs
// none (api_key_false) or it is a preflight that does without.
func requireKey(op *value, without bool) {
	var others []*value
	refused := false
	for _, entry := range securityOf(op) {
		switch {
		case entry.get("api_key_false") != nil:
			refused = true
		case entry.get("api_key") == nil:
			others = append(others, entry)
		}
	}
	if !refused && !without {
		others = append(others, obj("api_key", list()))
	}
	if others != nil || op.get("security") != nil {
		op.set("security", list(others...))
	}
}

func securityOf(op *value) []*value {
	if security := op.get("security"); security.isList() {
		return security.items
	}
	return nil
}

// addScheme adds a security scheme unless it is there.
func addScheme(doc *value, name string, scheme *value) {
	if section := doc.child("securityDefinitions"); section != nil && section.get(name) == nil {
		section.set(name, scheme)
	}
}

func iamScheme() *value {
	return obj("type", "apiKey", "name", "Authorization", "in", "header", "x-amazon-apigateway-authtype", "awsSigv4")
}

func keyScheme() *value { return obj("type", "apiKey", "name", "x-api-key", "in", "header") }
