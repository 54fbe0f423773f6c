package template

import (
	"cmp"
	"regexp"
	"strings"
)

// implicitAPI is the logical id of the API that SAM makes for events which name
// none.
const implicitAPI = "ServerlessRestApi"

// event is one API event of a function.
type event struct {
	id           string
	at           *value
	p            *props
	api          *api
	path, method string // the method as the document has it
}

// addImplicit adds the implicit API, if an event asks for it.
func (r *reader) addImplicit() {
	if r.resources[implicitAPI] != nil {
		return
	}
	for _, res := range r.ordered {
		events := res.raw.get("Events")
		if res.kind != functionType || !events.isObject() {
			continue
		}
		for _, m := range events.members {
			id := m.value.at("Properties", "RestApiId")
			if m.value.get("Type").str() != "Api" || (id != nil && cmp.Or(id.get("Ref"), id).str() != implicitAPI) {
				continue
			}
			api := &resource{id: implicitAPI, kind: apiType, at: m.at, whole: obj(), raw: obj("StageName", "Prod")}
			api.raw = inherit(r.inherited[apiType], api)
			r.resources[implicitAPI] = api
			r.ordered = append(r.ordered, api)
			return
		}
	}
}

// readFunctions lists the functions and writes their API events into the
// documents of the APIs. As in SAM, all paths are there before the first method
// is filled in.
func (r *reader) readFunctions() error {
	type filled struct {
		f      Function
		events []event
	}
	var all []filled
	for _, res := range r.ordered {
		switch {
		case res.off && res.kind == functionType:
			r.markOff(res)
		case !res.off && (res.kind == functionType || res.kind == "AWS::Lambda::Function"):
			f, events, err := r.function(res)
			if err != nil {
				return err
			}
			r.out.Functions = append(r.out.Functions, f)
			all = append(all, filled{f, events})
		}
	}
	for _, x := range all {
		for _, e := range x.events {
			if err := r.integrate(x.f, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reader) function(res *resource) (Function, []event, error) {
	f := Function{LogicalID: res.id}
	p, err := r.properties(res, "FunctionName", "Runtime", "Handler", "CodeUri", "Events", "AutoPublishAlias", "Tags", "PropagateTags")
	if err != nil {
		return f, nil, err
	}
	if f.Name, err = p.text("FunctionName"); err != nil {
		return f, nil, err
	}
	f.Name = cmp.Or(f.Name, res.id)
	f.Runtime, f.Handler = p.get("Runtime").str(), p.get("Handler").str()
	if code := p.v.get("CodeUri"); code.isText() && !strings.HasPrefix(code.text, "s3://") {
		f.CodeURI = p.get("CodeUri").text
	}
	if f.ARN, err = r.attribute(res.id, "Arn", res.at); err != nil {
		return f, nil, err
	}
	f.integrationARN = f.ARN
	var events []event
	if res.kind == functionType {
		p.used["AutoPublishAlias"] = true
		if f.integrationARN, err = r.published(res, res.at); err != nil {
			return f, nil, err
		}
		if events, err = r.events(p); err != nil {
			return f, nil, err
		}
	}
	all := newProps(res.raw, p.at)
	all.used = p.used
	r.rest(all, reasonFunction)
	return f, events, nil
}

// markOff adds the methods of a function whose condition does not hold, as
// parts that are off: SAM counts them when it lists the methods of a path.
func (r *reader) markOff(res *resource) {
	events := res.raw.get("Events")
	if !events.isObject() {
		return
	}
	for _, m := range events.members {
		p := m.value.get("Properties")
		id := cmp.Or(cmp.Or(p.at("RestApiId", "Ref"), p.get("RestApiId")).str(), implicitAPI)
		a := r.apis[id]
		if m.value.get("Type").str() != "Api" || a == nil || !a.managed || !p.get("Path").isText() || !p.get("Method").isText() {
			continue
		}
		if item := a.doc.child("paths").child(p.get("Path").text); item != nil {
			if method := methodKey(p.get("Method").text); item.get(method) == nil {
				off := obj()
				off.off = true
				item.set(method, off)
			}
		}
	}
}

// events reads the API events of a function and makes their paths.
func (r *reader) events(function *props) ([]event, error) {
	p, err := function.object("Events")
	if err != nil || p.v == nil {
		return nil, err
	}
	var out []event
	for _, m := range p.v.members {
		if kind := m.value.get("Type").str(); kind != "Api" {
			r.leave(p.at.child(m.key), m.at, "events of type "+cmp.Or(kind, "unknown")+" do not come from a REST API")
			continue
		}
		inner := newProps(m.value, p.at.child(m.key))
		inner.used["Type"] = true
		e := event{id: m.key, at: m.at}
		if e.p, err = inner.object("Properties"); err != nil {
			return nil, err
		}
		r.rest(inner, reasonProperty)
		known, err := r.eventTarget(&e)
		if err != nil {
			return nil, err
		}
		if known {
			r.propagate(function, e)
			out = append(out, e)
		}
	}
	return out, nil
}

// eventTarget finds the API of an event, and makes the path and the method if
// SAM writes that API's document.
func (r *reader) eventTarget(e *event) (bool, error) {
	path, err := e.p.text("Path")
	if err != nil {
		return false, err
	}
	method, err := e.p.text("Method")
	if err != nil {
		return false, err
	}
	if path == "" || method == "" {
		return false, e.at.errorf("the event %s needs a Path and a Method", e.id)
	}
	e.path, e.method = path, methodKey(method)
	id, err := e.p.text("RestApiId")
	if err != nil {
		return false, err
	}
	id = cmp.Or(id, implicitAPI)
	if e.api = r.apis[id]; e.api == nil {
		if res := r.resources[id]; res != nil && res.off {
			r.leave(e.p.at.parent, e.at, "the condition of its API "+id+" does not hold")
			return false, nil
		}
		return false, e.at.errorf("RestApiId must refer to an API of this template; %s is none", id)
	}
	switch {
	case e.api.managed:
		item := e.api.doc.child("paths").child(path)
		if item == nil {
			return false, e.at.errorf("%s is not a path", path)
		}
		item.child(e.method)
	case e.api.props.v.get("MergeDefinitions").isTrue() && e.api.doc.isObject():
	case e.api.doc.at("paths", path, e.method) == nil:
		r.leave(e.p.at.parent, e.at, "the definition of "+id+" has no such method, and SAM adds none to a definition of your own")
		return false, nil
	case e.api.doc.at("paths", path, e.method).isObject():
		// The definition says what the method does. SAM adds a permission only.
		return e.p.v.at("Auth", "OverrideApiAuth").isTrue(), nil
	default:
		return false, e.at.errorf("%s %s of the definition must be an object", method, path)
	}
	return true, nil
}

// propagate gives the tags of a function to the implicit API, if the function
// says so.
func (r *reader) propagate(function *props, e event) {
	if e.api.res.id != implicitAPI || !function.v.get("PropagateTags").isTrue() {
		return
	}
	function.used["PropagateTags"] = true
	e.api.extraTags = append(e.api.extraTags, function.get("Tags").membersOf()...)
}

// methodKey is the key of a method in a document.
func methodKey(method string) string {
	if method = strings.ToLower(method); method == "any" {
		return anyMethod
	}
	return method
}

const (
	anyMethod      = "x-amazon-apigateway-any-method"
	integrationKey = "x-amazon-apigateway-integration"
)

// integrate fills in the method of an event.
func (r *reader) integrate(f Function, e event) error {
	if !e.api.managed && !e.api.props.v.get("MergeDefinitions").isTrue() {
		return r.override(e)
	}
	doc := e.api.doc
	if !e.api.managed {
		doc = obj("swagger", "2.0", "paths", obj(e.path, obj(e.method, obj())))
		if e.api.doc.get("openapi") != nil {
			doc = obj("openapi", e.api.doc.get("openapi"), "paths", obj(e.path, obj(e.method, obj())))
		}
	}
	op := doc.at("paths", e.path, e.method)
	if op.get(integrationKey) != nil {
		return e.at.errorf("the method %s of %s is defined twice", strings.ToUpper(e.p.v.get("Method").str()), e.path)
	}
	w := &methodWriter{reader: r, event: e, doc: doc, op: op}
	if err := w.integration(f); err != nil {
		return err
	}
	for _, write := range []func() error{w.auth, w.requestModel, w.requestParameters} {
		if err := write(); err != nil {
			return err
		}
	}
	r.rest(e.p, reasonProperty)
	if !e.api.managed {
		return merge(e, doc)
	}
	return nil
}

// override sets the auth of an event on a method of the user's definition.
func (r *reader) override(e event) error {
	w := &methodWriter{reader: r, event: e, doc: e.api.doc, op: e.api.doc.at("paths", e.path, e.method)}
	e.p.used["RequestModel"], e.p.used["RequestParameters"] = true, true
	return w.auth()
}

// merge lays a generated method over that of the definition, with the schemes
// and validators that it uses.
func merge(e event, from *value) error {
	for _, m := range from.members {
		switch m.key {
		case "swagger", "openapi":
		case "paths":
			item := e.api.doc.child("paths").child(e.path)
			if item == nil || !item.child(e.method).isObject() {
				return e.at.errorf("%s of the definition is not a path", e.path)
			}
			for _, x := range m.value.at(e.path, e.method).members {
				item.child(e.method).put(x)
			}
		default:
			section := e.api.doc.child(m.key)
			for _, x := range m.value.members {
				if section != nil && section.get(x.key) == nil {
					section.put(x)
				}
			}
		}
	}
	return nil
}

var requestParameter = regexp.MustCompile(`^method\.request\.(querystring|path|header)\.(.+)$`)
