package template

import (
	"cmp"
	"regexp"
	"strings"
)

// api is a REST API while its document is made.
type api struct {
	res       *resource
	props     *props
	doc       *value
	managed   bool // SAM writes the document
	stageName string
	extraTags []member // from functions that propagate theirs
	policy    *policyWriter
	out       API
}

var openapi3 = regexp.MustCompile(`^3(\.\d)(\.\d)?$`)

// readAPIs begins the documents of all APIs.
func (r *reader) readAPIs() error {
	for _, res := range r.ordered {
		if res.off || (res.kind != apiType && res.kind != restAPIType) {
			continue
		}
		p, err := r.properties(res)
		if err != nil {
			return err
		}
		a := &api{res: res, props: p, out: API{LogicalID: res.id}}
		if res.kind == apiType {
			err = r.beginServerless(a)
		} else {
			err = r.beginREST(a)
		}
		if err == nil {
			err = sound(a.doc)
		}
		if err != nil {
			return err
		}
		r.apis[res.id] = a
		r.order = append(r.order, a)
	}
	return nil
}

func (r *reader) beginServerless(a *api) error {
	body, uri := a.props.get("DefinitionBody"), a.props.get("DefinitionUri")
	version := a.props.get("OpenApiVersion").str()
	if version != "" && !openapi3.MatchString(version) && !strings.HasPrefix(version, "2.") {
		return a.props.v.get("OpenApiVersion").errorf("the OpenApiVersion must be of the form 3.0.0")
	}
	var err error
	if a.stageName, err = a.props.text("StageName"); err != nil {
		return err
	}
	if a.stageName == "" {
		return a.res.at.errorf("the API %s has no StageName", a.res.id)
	}
	switch {
	case body.truthy() && uri.truthy():
		return uri.errorf("the API %s has both a DefinitionBody and a DefinitionUri", a.res.id)
	case body.truthy():
		if !body.isObject() {
			return body.errorf("the DefinitionBody of %s must be an object", a.res.id)
		}
		a.doc = body
	case uri.truthy():
		a.doc, err = r.localDefinition(uri)
		return err
	default:
		a.managed = true
		a.doc = obj("swagger", "2.0", "info", obj("version", "1.0", "title", r.options.StackName), "paths", obj())
		if openapi3.MatchString(version) {
			a.doc.remove("swagger")
			a.doc.set("openapi", text(version))
		}
	}
	return nil
}

// localDefinition reads the file of a DefinitionUri. Functions in it are not
// computed, neither by SAM.
func (r *reader) localDefinition(uri *value) (*value, error) {
	if !uri.isText() {
		return nil, uri.errorf("a DefinitionUri in S3 is not read: fetch the definition, and name the file")
	}
	doc, err := r.file(uri.text, uri)
	if err != nil {
		return nil, err
	}
	if !doc.isObject() {
		return nil, doc.errorf("a definition must be an object")
	}
	return doc, nil
}

// finishServerless adds to the documents what SAM does, in its order.
func (r *reader) finishServerless() error {
	for _, a := range r.order {
		if a.res.kind != apiType {
			continue
		}
		for _, add := range []func(*api) error{
			r.addCORS, r.addAuth, r.addGatewayResponses, r.addModels, r.addEndpoint, r.describe, r.openAPI3,
		} {
			if err := add(a); err != nil {
				return err
			}
		}
		for _, key := range []string{"AlwaysDeploy", "MergeDefinitions", "Mode"} {
			a.props.used[key] = true // of no effect on an API that is new
		}
	}
	return nil
}

// editable says whether SAM can change the document for a property.
func (a *api) editable(property string) error {
	switch {
	case a.props.v.get("DefinitionUri").truthy():
		return a.props.v.get(property).errorf("%s works with a DefinitionBody only, not with a DefinitionUri", property)
	case !a.doc.get("paths").isObject(),
		!a.doc.get("swagger").truthy() && !openapi3.MatchString(a.doc.get("openapi").str()):
		return a.props.v.get(property).errorf("%s cannot be added: the DefinitionBody is not a Swagger or OpenAPI document", property)
	}
	return nil
}

// sections are the members of a document that SAM adds to.
var sections = []string{
	"securityDefinitions", "definitions", "components", "x-amazon-apigateway-gateway-responses", "x-amazon-apigateway-policy",
	"x-amazon-apigateway-request-validators", "x-amazon-apigateway-endpoint-configuration", "info",
}

// sound checks that what is added to can be added to.
func sound(doc *value) error {
	if paths := doc.get("paths"); paths != nil && !paths.isObject() {
		return paths.errorf("paths of the definition must be an object")
	}
	for _, key := range sections {
		if section := doc.get(key); section.truthy() && !section.isObject() {
			return section.errorf("%s of the definition must be an object", key)
		}
	}
	for _, m := range doc.get("paths").membersOf() {
		if m.value != nil && m.value.kind != kindNull && !m.value.isObject() {
			return cmp.Or(m.at, m.value).errorf("the path %s of the definition must be an object", m.key)
		}
	}
	return nil
}

// addGatewayResponses writes the property GatewayResponses.
func (r *reader) addGatewayResponses(a *api) error {
	p, err := a.props.object("GatewayResponses")
	if err != nil || !p.v.truthy() {
		return err
	}
	if err := a.editable("GatewayResponses"); err != nil {
		return err
	}
	section := a.doc.child("x-amazon-apigateway-gateway-responses")
	for _, m := range p.v.members {
		response, err := p.object(m.key)
		if err != nil {
			return err
		}
		parameters, err := response.object("ResponseParameters")
		if err != nil {
			return err
		}
		prefixed := obj()
		for _, kind := range [][2]string{{"Headers", "header."}, {"Paths", "path."}, {"QueryStrings", "querystring."}} {
			for _, x := range parameters.get(kind[0]).membersOf() {
				prefixed.set("gatewayresponse."+kind[1]+x.key, x.value)
			}
		}
		r.rest(parameters, reasonProperty)
		templates := response.get("ResponseTemplates")
		if templates == nil {
			templates = obj()
		}
		out := obj("responseParameters", prefixed, "responseTemplates", templates)
		if status := response.get("StatusCode"); status.truthy() {
			out.set("statusCode", text(status.str()))
		}
		r.rest(response, reasonProperty)
		section.set(m.key, out)
	}
	return nil
}

// addModels writes the property Models; SAM lowers the names.
func (r *reader) addModels(a *api) error {
	p, err := a.props.object("Models")
	if err != nil || !p.v.truthy() {
		return err
	}
	if err := a.editable("Models"); err != nil {
		return err
	}
	for _, m := range p.v.members {
		if !m.value.get("type").truthy() {
			return m.at.errorf("the model %s has no type", m.key)
		}
		a.doc.child("definitions").set(strings.ToLower(m.key), m.value)
	}
	return nil
}

// addEndpoint writes the property DisableExecuteApiEndpoint.
func (r *reader) addEndpoint(a *api) error {
	disable := a.props.get("DisableExecuteApiEndpoint")
	if disable == nil || disable.kind == kindNull {
		return nil
	}
	if err := a.editable("DisableExecuteApiEndpoint"); err != nil {
		return err
	}
	setEndpoint(a.doc, "disableExecuteApiEndpoint", boolean(disable.isTrue()))
	return nil
}

// setEndpoint writes a member of the endpoint configuration: of the document in
// Swagger, of each server in OpenAPI 3.
func setEndpoint(doc *value, key string, x *value) {
	const extension = "x-amazon-apigateway-endpoint-configuration"
	owners := []*value{doc}
	if doc.get("swagger") == nil {
		if !doc.get("servers").truthy() {
			doc.set("servers", list(obj()))
		}
		owners = doc.get("servers").items
	}
	for _, owner := range owners {
		if owner.isObject() {
			if section := owner.child(extension); section != nil {
				section.set(key, x)
			}
		}
	}
}

// openAPI3 turns what SAM wrote in the form of Swagger into that of OpenAPI 3,
// if the document is one.
func (r *reader) openAPI3(a *api) error {
	if a.props.v.get("DefinitionUri").truthy() || a.doc.get("swagger") != nil || !openapi3.MatchString(a.doc.get("openapi").str()) {
		return nil
	}
	for _, moved := range [][2]string{{"securityDefinitions", "securitySchemes"}, {"definitions", "schemas"}} {
		from, to := moved[0], moved[1]
		section := a.doc.get(from)
		if !section.truthy() {
			continue
		}
		target := a.doc.child("components").child(to)
		if target == nil {
			return section.errorf("components.%s of the definition must be an object", to)
		}
		for _, m := range section.membersOf() {
			target.put(m)
		}
		a.doc.remove(from)
	}
	for _, path := range a.doc.get("paths").membersOf() {
		options := path.value.get("options")
		if !options.isObject() {
			continue
		}
		options.remove("produces")
		options.remove("consumes")
		headers := options.at("responses", "200", "headers")
		for i, m := range headers.membersOf() {
			if m.value.get("schema") == nil {
				headers.members[i].value = obj("schema", m.value)
			}
		}
	}
	return nil
}
