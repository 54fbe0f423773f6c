package template

import (
	"slices"
	"strings"
)

// cors are the settings of the property Cors. Absent ones are nil.
type cors struct{ methods, headers, origin, maxAge, credentials *value }

// addCORS gives each path an OPTIONS method that answers preflight requests.
func (r *reader) addCORS(a *api) error {
	v := a.props.get("Cors")
	if !v.truthy() {
		return nil
	}
	if err := a.editable("Cors"); err != nil {
		return err
	}
	c := cors{origin: v}
	if v.isObject() {
		p, _ := a.props.object("Cors")
		c = cors{p.get("AllowMethods"), p.get("AllowHeaders"), p.get("AllowOrigin"), p.get("MaxAge"), p.get("AllowCredentials")}
		if c.origin == nil {
			c.origin = text("'*'")
		}
		r.rest(p, reasonProperty)
	} else if !v.isScalar() {
		return v.errorf("Cors must be a text or an object")
	}
	allowed := c.credentials != nil && c.credentials.kind == kindBool && c.credentials.text == "true"
	switch {
	case allowed && c.origin.str() == "'*'":
		return v.errorf("AllowCredentials needs an AllowOrigin other than '*'")
	case !c.origin.truthy():
		return v.errorf("Cors needs an AllowOrigin")
	}
	seen := map[string]bool{} // /path and /path/ are one resource
	for _, m := range a.doc.get("paths").members {
		path := m.key
		if path != "/" {
			path = strings.TrimRight(path, "/")
		}
		if seen[path] {
			continue
		}
		seen[path] = true
		if item := m.value; item.isObject() && item.get("options") == nil {
			item.set("options", c.preflight(item, allowed))
		}
	}
	return nil
}

// preflight is the method that answers a preflight request by itself.
func (c cors) preflight(item *value, credentials bool) *value {
	parameters, headers := obj(), obj()
	add := func(name, kind string, x *value) {
		parameters.set("method.response.header.Access-Control-"+name, x)
		headers.set("Access-Control-"+name, obj("type", kind))
	}
	add("Allow-Origin", "string", c.origin)
	if c.headers.truthy() {
		add("Allow-Headers", "string", c.headers)
	}
	methods := c.methods
	if !methods.truthy() {
		methods = text("'" + allowedMethods(item) + "'")
	}
	add("Allow-Methods", "string", methods)
	if c.maxAge != nil && c.maxAge.kind != kindNull {
		add("Max-Age", "integer", c.maxAge)
	}
	if credentials {
		add("Allow-Credentials", "string", text("'true'"))
	}
	return obj(
		"summary", "CORS support", "consumes", list(text("application/json")), "produces", list(text("application/json")),
		integrationKey, obj(
			"type", "mock",
			"requestTemplates", obj("application/json", "{\n  \"statusCode\" : 200\n}\n"),
			"responses", obj("default", obj(
				"statusCode", "200", "responseParameters", parameters, "responseTemplates", obj("application/json", "{}\n"))),
		),
		"responses", obj("200", obj("description", "Default response for CORS method", "headers", headers)),
	)
}

// allowedMethods lists the methods of a path for Access-Control-Allow-Methods:
// all there are, if any is allowed.
func allowedMethods(item *value) string {
	if item.get(anyMethod) != nil {
		return "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
	}
	methods := []string{"OPTIONS"}
	for _, m := range item.members {
		methods = append(methods, strings.ToUpper(m.key))
	}
	slices.Sort(methods)
	return strings.Join(slices.Compact(methods), ",")
}
