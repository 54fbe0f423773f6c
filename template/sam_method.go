package template

import (
	"slices"
	"strings"
)

// methodWriter writes the method of one event into a document.
type methodWriter struct {
	*reader
	event
	doc, op *value
}

// integration writes the call of the function.
func (w *methodWriter) integration(f Function) error {
	version, invocations := "2015-03-31", "invocations"
	transfer, err := w.p.text("ResponseTransferMode")
	if err != nil {
		return err
	}
	integration := obj("type", "aws_proxy", "httpMethod", "POST")
	if transfer == "RESPONSE_STREAM" {
		version, invocations = "2021-11-15", "response-streaming-invocations"
	}
	integration.set("uri", text("arn:"+w.options.Partition+":apigateway:"+w.options.Region+
		":lambda:path/"+version+"/functions/"+f.integrationARN+"/"+invocations))
	if transfer == "RESPONSE_STREAM" {
		integration.set("responseTransferMode", text("STREAM"))
	}
	if credentials := w.credentials(); credentials != "" {
		integration.set("credentials", text(credentials))
	}
	if timeout := w.p.get("TimeoutInMillis"); timeout.truthy() {
		integration.set("timeoutInMillis", numeric(timeout))
	}
	w.op.set(integrationKey, integration)
	if w.op.get("responses") == nil {
		w.op.set("responses", obj())
	}
	return nil
}

// credentials are the role that calls the function for a caller with a
// signature: by default the caller's own.
func (w *methodWriter) credentials() string {
	own, shared := w.p.v.get("Auth"), w.api.props.v.get("Auth")
	if own.get("Authorizer").str() != "AWS_IAM" && (shared.get("DefaultAuthorizer").str() != "AWS_IAM" || own.truthy()) {
		return ""
	}
	role := "CALLER_CREDENTIALS"
	for _, auth := range []*value{shared, own} {
		given := auth.get("InvokeRole")
		switch {
		case given.truthy():
			role = given.str()
		case given != nil:
			role = "NONE"
		}
	}
	switch role {
	case "NONE":
		return ""
	case "CALLER_CREDENTIALS":
		return "arn:" + w.options.Partition + ":iam::*:user/*"
	}
	return role
}

// auth writes the Auth of an event: its authorizer, its API key, its part of the
// resource policy.
func (w *methodWriter) auth() error {
	p, err := w.p.object("Auth")
	if err != nil || p.v == nil {
		return err
	}
	for _, key := range []string{"InvokeRole", "OverrideApiAuth"} {
		p.used[key] = true
	}
	shared := w.api.props.v.get("Auth")
	authorizer := p.get("Authorizer").str()
	scopes := p.get("AuthorizationScopes")
	switch {
	case authorizer == "" && scopes.truthy():
		return w.at.errorf("the event %s has AuthorizationScopes without an Authorizer", w.id)
	case authorizer == "NONE" && !shared.get("DefaultAuthorizer").truthy():
		return w.at.errorf("the event %s has the Authorizer NONE, but its API has no DefaultAuthorizer", w.id)
	case authorizer != "" && authorizer != "NONE" && authorizer != "AWS_IAM" && !shared.at("Authorizers", authorizer).truthy():
		return w.at.errorf("the event %s has the Authorizer %s, which its API does not define", w.id, authorizer)
	}
	if authorizer != "" {
		if scopes == nil && authorizer != "NONE" {
			scopes = shared.at("Authorizers", authorizer, "AuthorizationScopes")
		}
		if scopes == nil {
			scopes = list()
		}
		if err := w.secure(authorizer, scopes); err != nil {
			return err
		}
		if first := w.op.get("security").items[0]; first.get("AWS_IAM") != nil {
			addScheme(w.doc, "AWS_IAM", iamScheme())
		}
	}
	if key := p.get("ApiKeyRequired"); key != nil {
		if !key.truthy() && !shared.get("ApiKeyRequired").truthy() {
			return w.at.errorf("the event %s has ApiKeyRequired false, but its API does not require keys", w.id)
		}
		scheme := "api_key_false"
		if key.truthy() {
			scheme = "api_key"
			addScheme(w.doc, "api_key", keyScheme())
		}
		if err := w.secure(scheme, list()); err != nil {
			return err
		}
	}
	if policy := p.get("ResourcePolicy"); policy.truthy() {
		b := w.api.policyOf(w.doc)
		if err := b.add(policy, w.path); err != nil {
			return err
		}
		if err := b.custom(policy.get("CustomStatements")); err != nil {
			return err
		}
		b.store()
	}
	w.rest(p, reasonProperty)
	return nil
}

// secure adds a scheme to the method's security.
func (w *methodWriter) secure(scheme string, scopes *value) error {
	security := w.op.get("security")
	if security != nil && !security.isList() {
		return security.errorf("the security of %s must be a list", w.path)
	}
	out := list()
	if security != nil {
		out.items = slices.Clone(security.items)
	}
	out.items = append(out.items, obj(scheme, scopes))
	w.op.set("security", out)
	return nil
}

// requestModel writes the body's model and the validator.
func (w *methodWriter) requestModel() error {
	p, err := w.p.object("RequestModel")
	if err != nil || p.v == nil {
		return err
	}
	name, err := p.text("Model")
	if err != nil {
		return err
	}
	if name == "" {
		return p.v.errorf("the RequestModel of %s names no Model", w.id)
	}
	if !w.api.props.v.at("Models", name).truthy() {
		return w.at.errorf("the event %s has the model %s, which its API does not define", w.id, name)
	}
	name = strings.ToLower(name)
	required := p.get("Required")
	if w.doc.get("swagger") != nil {
		w.parameter(obj("in", "body", "name", name, "schema", obj("$ref", "#/definitions/"+name), "required", required))
	} else {
		w.op.set("requestBody", obj(
			"content", obj("application/json", obj("schema", obj("$ref", "#/components/schemas/"+name))), "required", required))
	}
	body, parameters := p.get("ValidateBody"), p.get("ValidateParameters")
	if body != nil || parameters != nil {
		w.validator(body.isTrue(), parameters.isTrue())
	}
	w.rest(p, reasonProperty)
	return nil
}

func (w *methodWriter) validator(body, parameters bool) {
	name := "no-validation"
	switch {
	case body && parameters:
		name = "body-and-params"
	case body:
		name = "body-only"
	case parameters:
		name = "params-only"
	}
	section := w.doc.child("x-amazon-apigateway-request-validators")
	if section != nil && section.get(name) == nil {
		section.set(name, obj("validateRequestBody", boolean(body), "validateRequestParameters", boolean(parameters)))
	}
	w.op.set("x-amazon-apigateway-request-validator", text(name))
}

func (w *methodWriter) parameter(p *value) {
	parameters := list(p)
	if before := w.op.get("parameters"); before.isList() {
		parameters.items = append(slices.Clone(before.items), p)
	}
	w.op.set("parameters", parameters)
}

// requestParameters writes the parameters that an event declares: names, or
// objects of a name with Required and Caching.
func (w *methodWriter) requestParameters() error {
	items, err := w.p.items("RequestParameters")
	if err != nil {
		return err
	}
	for _, item := range items {
		key, settings := item.str(), (*value)(nil)
		if item.isObject() && len(item.members) > 0 {
			key, settings = item.members[0].key, item.members[0].value
		}
		found := requestParameter.FindStringSubmatch(key)
		if found == nil {
			return item.errorf("the request parameter %q must be method.request.querystring.NAME, .path.NAME or .header.NAME", key)
		}
		place := found[1]
		if place == "querystring" {
			place = "query"
		}
		p := obj("in", place, "name", found[2], "required", boolean(settings.get("Required").isTrue()), "type", "string")
		if w.doc.get("swagger") == nil {
			p.remove("type")
			p.set("schema", obj("type", "string"))
		}
		w.parameter(p)
		if settings.get("Caching").isTrue() {
			integration := w.op.get(integrationKey)
			keys := list(text(key))
			if before := integration.get("cacheKeyParameters"); before.isList() {
				keys.items = append(slices.Clone(before.items), text(key))
			}
			integration.set("cacheKeyParameters", keys)
		}
	}
	return nil
}
