package template

import (
	"cmp"
	"strings"
)

// authorizer writes an AWS::ApiGateway::Authorizer as a security scheme.
func (w *assembler) authorizer(a *api, p *props) error {
	name, err := p.named()
	if err != nil {
		return err
	}
	kind, err := p.text("Type")
	if err != nil {
		return err
	}
	source, err := p.text("IdentitySource")
	if err != nil {
		return err
	}
	header := strings.TrimPrefix(source, "method.request.header.")
	authType := "custom"
	switch kind {
	case "TOKEN":
	case "COGNITO_USER_POOLS":
		authType = "cognito_user_pools"
	case "REQUEST":
		header = "Unused"
	default:
		return p.at.res.at.errorf("the authorizer %s has the Type %q; want TOKEN, REQUEST or COGNITO_USER_POOLS", p.at.res.id, kind)
	}
	extension := obj("type", strings.ToLower(kind), "authorizerUri", p.get("AuthorizerUri"),
		"authorizerCredentials", p.get("AuthorizerCredentials"),
		"identityValidationExpression", p.get("IdentityValidationExpression"), "providerARNs", p.get("ProviderARNs"))
	if ttl := p.get("AuthorizerResultTtlInSeconds"); ttl != nil {
		extension.set("authorizerResultTtlInSeconds", numeric(ttl))
	}
	if kind == "REQUEST" && source != "" {
		extension.set("identitySource", text(source))
	}
	w.authorizers[p.at.res.id] = name
	return a.addScheme(p.at.res.at, name, obj("type", "apiKey", "name", cmp.Or(header, "Authorization"), "in", "header",
		"x-amazon-apigateway-authtype", cmp.Or(p.get("AuthType").str(), authType), "x-amazon-apigateway-authorizer", extension))
}

// addScheme adds a security scheme unless it is there.
func (a *api) addScheme(at *value, name string, scheme *value) error {
	section := a.doc.child("securityDefinitions")
	if !a.swagger() {
		a.doc.remove("securityDefinitions")
		section = a.doc.child("components").child("securitySchemes")
	}
	if section == nil {
		return at.errorf("the security schemes of the definition must be an object")
	}
	if section.get(name) == nil {
		section.set(name, scheme)
	}
	return nil
}

// method writes an AWS::ApiGateway::Method.
func (w *assembler) method(a *api, p *props) error {
	id, err := p.text("ResourceId")
	if err != nil {
		return err
	}
	path := "/"
	if id != rootID(a) {
		n := w.nodes[id]
		if n == nil || n.api != a {
			return cmp.Or(p.v.get("ResourceId"), p.at.res.at).errorf("ResourceId of %s: %q is not a resource of its API in this template", p.at.res.id, id)
		}
		path = n.path
	}
	verb, err := p.text("HttpMethod")
	if err != nil {
		return err
	}
	item := a.doc.child("paths").child(path)
	if verb == "" || item == nil {
		return p.at.res.at.errorf("%s needs an HttpMethod on a path", p.at.res.id)
	}
	if item.get(methodKey(verb)) != nil {
		return p.at.res.at.errorf("%s: the method %s of %s is defined twice", p.at.res.id, verb, path)
	}
	m := &restMethod{assembler: w, api: a, p: p, op: obj("responses", obj())}
	item.set(methodKey(verb), m.op)
	if name := p.get("OperationName"); name.truthy() {
		m.op.set("operationId", name)
	}
	for _, write := range []func() error{m.request, m.security, m.validation, m.responses, m.integration} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// restMethod writes one AWS::ApiGateway::Method.
type restMethod struct {
	*assembler
	api *api
	p   *props
	op  *value
}

// request writes the parameters and the models of the request.
func (m *restMethod) request() error {
	p, err := m.p.object("RequestParameters")
	if err != nil {
		return err
	}
	parameters := list()
	for _, x := range p.v.membersOf() {
		found := requestParameter.FindStringSubmatch(x.key)
		if found == nil {
			return x.at.errorf("the request parameter %q must be method.request.querystring.NAME, .path.NAME or .header.NAME", x.key)
		}
		place := found[1]
		if place == "querystring" {
			place = "query"
		}
		parameter := obj("in", place, "name", found[2], "required", boolean(x.value.isTrue()))
		m.typed(parameter)
		parameters.items = append(parameters.items, parameter)
	}
	models, err := m.p.object("RequestModels")
	if err != nil {
		return err
	}
	content, err := m.content(models)
	if err != nil {
		return err
	}
	switch {
	case len(content.members) == 0:
	case !m.api.swagger():
		m.op.set("requestBody", obj("content", content))
	default:
		consumes := list()
		for i, x := range content.members {
			consumes.items = append(consumes.items, text(x.key))
			if i == 0 {
				parameters.items = append(parameters.items, obj("in", "body", "name", "body", "schema", x.value.get("schema")))
			} else if string(x.value.json()) != string(content.members[0].value.json()) {
				m.leave(models.at.child(x.key), x.at, "Swagger 2.0 has one model for all content types")
			}
		}
		m.op.set("consumes", consumes)
	}
	if len(parameters.items) > 0 {
		m.op.set("parameters", parameters)
	}
	return nil
}

// typed says that a parameter or a header is a text, as the version says it.
func (m *restMethod) typed(v *value) {
	if m.api.swagger() {
		v.set("type", text("string"))
	} else {
		v.set("schema", obj("type", "string"))
	}
}

// content are models by content type, in the form of OpenAPI 3. The models Empty
// and Error are there without a definition, as in every API that was not
// imported.
func (m *restMethod) content(models *props) (*value, error) {
	content := obj()
	for _, x := range models.v.membersOf() {
		name := x.value.str()
		if builtIn := builtInModels[name]; builtIn != nil && m.api.schemas().get(name) == nil {
			if err := m.api.addModel(x.at, name, builtIn()); err != nil {
				return nil, err
			}
		}
		if m.api.schemas().get(name) == nil {
			return nil, x.value.errorf("the model %q is not defined", name)
		}
		content.put(member{key: x.key, at: x.at, value: obj("schema", m.api.schemaRef(name))})
	}
	return content, nil
}

var builtInModels = map[string]func() *value{
	"Empty": func() *value { return obj("type", "object", "title", "Empty Schema") },
	"Error": func() *value {
		return obj("type", "object", "title", "Error Schema", "properties", obj("message", obj("type", "string")))
	},
}

// security writes who may call the method. What cannot be said here is an
// error: a method must not become open by being left out.
func (m *restMethod) security() error {
	security := list()
	kind, err := m.p.text("AuthorizationType")
	if err != nil {
		return err
	}
	at := cmp.Or(m.p.v.get("AuthorizationType"), m.p.at.res.at)
	switch kind {
	case "", "NONE":
		m.p.used["AuthorizerId"] = true // of no effect
	case "AWS_IAM":
		if err := m.api.addScheme(at, "sigv4", iamScheme()); err != nil {
			return err
		}
		security.items = append(security.items, obj("sigv4", list()))
	case "CUSTOM", "COGNITO_USER_POOLS":
		id, err := m.p.text("AuthorizerId")
		if err != nil {
			return err
		}
		name := m.authorizers[id]
		if name == "" {
			return at.errorf("AuthorizerId of %s: %q is not an authorizer in this template", m.p.at.res.id, id)
		}
		scopes := m.p.get("AuthorizationScopes")
		if !scopes.isList() {
			scopes = list()
		}
		security.items = append(security.items, obj(name, scopes))
	default:
		return at.errorf("the AuthorizationType %q is not known", kind)
	}
	if m.p.get("ApiKeyRequired").isTrue() {
		if err := m.api.addScheme(at, "api_key", keyScheme()); err != nil {
			return err
		}
		security.items = append(security.items, obj("api_key", list()))
	}
	if len(security.items) > 0 {
		m.op.set("security", security)
	}
	return nil
}

func (m *restMethod) validation() error {
	id, err := m.p.text("RequestValidatorId")
	if err != nil || id == "" {
		return err
	}
	name := m.validators[id]
	if name == "" {
		return m.p.v.get("RequestValidatorId").errorf("RequestValidatorId of %s: %q is not a validator in this template", m.p.at.res.id, id)
	}
	m.op.set("x-amazon-apigateway-request-validator", text(name))
	return nil
}

// responses writes the method responses.
func (m *restMethod) responses() error {
	items, err := m.p.items("MethodResponses")
	if err != nil {
		return err
	}
	for _, item := range items {
		p := newProps(item, m.p.at.child("MethodResponses"))
		status, err := p.text("StatusCode")
		if err != nil {
			return err
		}
		if status == "" {
			return item.errorf("a method response needs a StatusCode")
		}
		response := obj("description", status+" response")
		headers := obj()
		for _, x := range p.get("ResponseParameters").membersOf() {
			header := obj()
			m.typed(header)
			headers.set(strings.TrimPrefix(x.key, "method.response.header."), header)
		}
		if len(headers.members) > 0 {
			response.set("headers", headers)
		}
		models, err := p.object("ResponseModels")
		if err != nil {
			return err
		}
		if err := m.responseModels(response, models); err != nil {
			return err
		}
		m.rest(p, reasonProperty)
		m.op.child("responses").set(status, response)
	}
	return nil
}

func (m *restMethod) responseModels(response *value, models *props) error {
	content, err := m.content(models)
	if err != nil || len(content.members) == 0 {
		return err
	}
	if !m.api.swagger() {
		response.set("content", content)
		return nil
	}
	response.set("schema", content.members[0].value.get("schema"))
	produces := list()
	if before := m.op.get("produces"); before != nil {
		produces = before
	}
	for _, x := range content.members {
		produces.items = append(produces.items, text(x.key))
	}
	m.op.set("produces", produces)
	return nil
}

// integrationMembers are the names of an integration's properties in a document.
var integrationMembers = [][2]string{
	{"Type", "type"}, {"IntegrationHttpMethod", "httpMethod"}, {"Uri", "uri"}, {"Credentials", "credentials"},
	{"ConnectionType", "connectionType"}, {"ConnectionId", "connectionId"}, {"IntegrationTarget", "integrationTarget"},
	{"ContentHandling", "contentHandling"}, {"CacheNamespace", "cacheNamespace"}, {"CacheKeyParameters", "cacheKeyParameters"},
	{"PassthroughBehavior", "passthroughBehavior"}, {"RequestParameters", "requestParameters"},
	{"RequestTemplates", "requestTemplates"}, {"TimeoutInMillis", "timeoutInMillis"}, {"ResponseTransferMode", "responseTransferMode"},
}

// integration writes the integration and its responses.
func (m *restMethod) integration() error {
	p, err := m.p.object("Integration")
	if err != nil || p.v == nil {
		return err
	}
	out := obj()
	for _, x := range integrationMembers {
		if v := p.get(x[0]); v != nil {
			out.set(x[1], v)
		}
	}
	if kind := out.get("type"); kind.isScalar() {
		out.set("type", text(strings.ToLower(kind.text)))
	}
	if timeout := out.get("timeoutInMillis"); timeout != nil {
		out.set("timeoutInMillis", numeric(timeout))
	}
	items, err := p.items("IntegrationResponses")
	if err != nil {
		return err
	}
	responses := obj()
	for _, item := range items {
		response := newProps(item, p.at.child("IntegrationResponses"))
		pattern := cmp.Or(response.get("SelectionPattern").str(), "default")
		if responses.get(pattern) != nil {
			m.leave(response.at, item, "another response has the SelectionPattern "+pattern)
			continue
		}
		status := response.get("StatusCode").str()
		if status == "" {
			return item.errorf("an integration response needs a StatusCode")
		}
		responses.set(pattern, obj("statusCode", status,
			"responseParameters", response.get("ResponseParameters"), "responseTemplates", response.get("ResponseTemplates"),
			"contentHandling", response.get("ContentHandling")))
		m.rest(response, reasonProperty)
	}
	if len(responses.members) > 0 {
		out.set("responses", responses)
	}
	m.rest(p, reasonProperty)
	m.op.set(integrationKey, out)
	return nil
}
