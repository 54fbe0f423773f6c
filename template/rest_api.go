package template

import (
	"cmp"
	"encoding/json"
	"strings"
)

const restAPIType = "AWS::ApiGateway::RestApi"

// beginREST begins the document of an AWS::ApiGateway::RestApi: its Body, or an
// empty one that the other resources fill.
func (r *reader) beginREST(a *api) error {
	body := a.props.get("Body")
	if location := a.props.v.get("BodyS3Location"); location.truthy() {
		return location.errorf("BodyS3Location of %s: %s", a.res.id, reasons["BodyS3Location"])
	}
	switch {
	case body.isObject():
		a.doc = body
	case body.isText():
		doc, err := parse([]byte(body.text), "")
		if err != nil || !doc.isObject() {
			return body.errorf("the Body of %s is not a definition", a.res.id)
		}
		a.doc = doc
	case body != nil && body.kind != kindNull:
		return body.errorf("the Body of %s must be an object", a.res.id)
	default:
		a.doc = obj("openapi", "3.0.1", "info", obj("version", "1.0"), "paths", obj())
		if !a.props.v.get("Name").truthy() {
			return a.res.at.errorf("the API %s has neither a Name nor a Body", a.res.id)
		}
	}
	a.props.used["Mode"] = true // of no effect on an API that is new
	if err := sound(a.doc); err != nil {
		return err
	}
	return r.describe(a)
}

// describe writes the properties of the API itself into the document, and sets
// the parameters of the import. The properties win over what the document says.
func (r *reader) describe(a *api) error {
	p := a.props
	for _, x := range [][2]string{{"Name", "title"}, {"Description", "description"}} {
		s, err := p.text(x[0])
		if err != nil {
			return err
		}
		if info := a.doc.child("info"); s != "" && info != nil {
			info.set(x[1], text(s))
		}
	}
	a.out.Name = cmp.Or(a.doc.at("info", "title").str(), a.res.id)
	if types := p.get("BinaryMediaTypes"); types.truthy() {
		if !types.isList() {
			return types.errorf("BinaryMediaTypes must be a list")
		}
		out := list()
		for _, item := range types.items {
			out.items = append(out.items, text(strings.ReplaceAll(item.str(), "~1", "/")))
		}
		a.doc.set("x-amazon-apigateway-binary-media-types", out)
	}
	if size := p.get("MinimumCompressionSize"); size.isScalar() {
		a.doc.set("x-amazon-apigateway-minimum-compression-size", numeric(size))
	}
	if source := p.get("ApiKeySourceType"); source.truthy() {
		a.doc.set("x-amazon-apigateway-api-key-source", source)
	}
	if policy := p.get("Policy"); policy.truthy() {
		x, err := jsonOf(policy, "Policy")
		if err != nil {
			return err
		}
		a.doc.set(policyKey, x)
	}
	a.out.FailOnWarnings = p.get("FailOnWarnings").isTrue()
	for _, m := range p.get("Parameters").membersOf() {
		a.parameter(m.key, m.value.str())
	}
	return r.describeEndpoint(a)
}

func (a *api) parameter(name, x string) {
	if a.out.Parameters == nil {
		a.out.Parameters = map[string]string{}
	}
	a.out.Parameters[name] = x
}

// describeEndpoint takes the endpoint configuration in the forms of SAM (a type,
// or Type and VPCEndpointIds) and of CloudFormation (Types, VpcEndpointIds), and
// the tags and the rest.
func (r *reader) describeEndpoint(a *api) error {
	serverless := a.res.kind == apiType
	if kind := a.props.get("EndpointConfiguration"); kind.isScalar() {
		a.parameter("endpointConfigurationTypes", kind.text)
	} else if kind != nil {
		p, err := a.props.object("EndpointConfiguration")
		if err != nil {
			return err
		}
		types := p.get("Types")
		if serverless {
			types = aList(p.get("Type"))
		}
		if items := aList(types).items; len(items) > 0 {
			a.parameter("endpointConfigurationTypes", items[0].str())
		}
		ids := p.get("VpcEndpointIds")
		if serverless && ids == nil {
			ids = p.get("VPCEndpointIds")
		}
		if ids.truthy() {
			setEndpoint(a.doc, "vpcEndpointIds", aList(ids))
		}
		r.rest(p, reasonProperty)
	}
	if !serverless {
		if disable := a.props.get("DisableExecuteApiEndpoint"); disable.isScalar() {
			setEndpoint(a.doc, "disableExecuteApiEndpoint", boolean(disable.isTrue()))
		}
		var err error
		a.out.Tags, err = tagsOf(a.props.get("Tags"))
		return err
	}
	return nil
}

// jsonOf is an object, given as it is or as a text of JSON.
func jsonOf(v *value, what string) (*value, error) {
	if v.isObject() {
		return v, nil
	}
	if v.isText() && json.Valid([]byte(v.text)) {
		if x, err := parse([]byte(v.text), ""); err == nil && x.isObject() {
			return x, nil
		}
	}
	return nil, v.errorf("%s must be an object, or the text of one as JSON", what)
}

// tagsOf takes tags as a list of Key and Value, or as a map.
func tagsOf(v *value) (map[string]string, error) {
	out := map[string]string{}
	switch {
	case !v.truthy():
		return nil, nil
	case v.isObject():
		for _, m := range v.members {
			out[m.key] = m.value.str()
		}
	case v.isList():
		for _, item := range v.items {
			if !item.get("Key").isScalar() {
				return nil, item.errorf("a tag needs a Key")
			}
			out[item.get("Key").text] = item.get("Value").str()
		}
	default:
		return nil, v.errorf("tags must be a list or a map")
	}
	return out, nil
}
