package template

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
)

// reader turns a parsed template into a result.
type reader struct {
	*resolver
	root      *value
	out       *Result
	ordered   []*resource       // in the order of the template
	inherited map[string]*value // the globals by type of resource
	apis      map[string]*api   // by logical id
	order     []*api
}

// resource is one entry of the section Resources.
type resource struct {
	id, kind string
	at       *value // the place of its id
	whole    *value
	raw      *value // its properties with the globals, functions not computed; nil if it has none
	off      bool   // its condition does not hold
}

// props are the computed properties of a resource, or an object within them.
// What nobody asked for is listed as left out by rest.
type props struct {
	v    *value
	at   *place
	used map[string]bool
}

func newProps(v *value, at *place) *props { return &props{v: v, at: at, used: map[string]bool{}} }

// get returns a property that has an effect.
func (p *props) get(key string) *value {
	p.used[key] = true
	return p.v.get(key)
}

// text returns a property that is a scalar, empty if it is absent.
func (p *props) text(key string) (string, error) {
	v := p.get(key)
	if v == nil || v.kind == kindNull {
		return "", nil
	}
	if !v.isScalar() {
		return "", v.errorf("%s must be a text", key)
	}
	return v.text, nil
}

// object returns a property that is an object.
func (p *props) object(key string) (*props, error) {
	v := p.get(key)
	if v != nil && v.kind != kindNull && !v.isObject() {
		return nil, v.errorf("%s must be an object", key)
	}
	return newProps(v, p.at.child(key)), nil
}

// items returns the items of a property that is a list.
func (p *props) items(key string) ([]*value, error) {
	v := p.get(key)
	if v != nil && v.kind != kindNull && !v.isList() {
		return nil, v.errorf("%s must be a list", key)
	}
	if v == nil {
		return nil, nil
	}
	return v.items, nil
}

// rest lists the properties that nobody asked for.
func (r *reader) rest(p *props, reason string) {
	if p.v == nil {
		return
	}
	for _, m := range p.v.members {
		if !p.used[m.key] {
			r.leave(p.at.child(m.key), cmp.Or(m.at, m.value), cmp.Or(reasons[m.key], reason))
		}
	}
}

// leaveOut lists a part of a resource.
func (r *reader) leaveOut(p *place, at *value, reason string) {
	l := LeftOut{Reason: reason, Property: strings.Join(p.path(), ".")}
	if p.res != nil {
		l.Resource, l.Type = p.res.id, p.res.kind
	}
	if at == nil && p.res != nil {
		at = p.res.at
	}
	if at != nil {
		l.Line, l.Column = at.line, at.column
		if at.file != "" {
			l.Reason += " (in " + at.file + ")"
		}
	}
	r.out.LeftOut = append(r.out.LeftOut, l)
}

func (r *reader) read(o Options) error {
	r.resolver = &resolver{
		options: o, parameters: map[string]*value{}, untold: map[string]string{},
		mappings: r.root.get("Mappings"), conditions: r.root.get("Conditions"), resources: map[string]*resource{},
		known: map[string]bool{}, named: map[string]string{}, pending: map[string]bool{}, leave: r.leaveOut,
	}
	if !r.root.isObject() || !r.root.get("Resources").isObject() {
		return r.root.errorf("not a template: there is no section Resources")
	}
	for _, step := range []func() error{
		r.declare, r.macros, r.collect, r.readAPIs, r.readFunctions, r.finishServerless, r.assemble, r.readStages,
	} {
		if err := step(); err != nil {
			return mistake(err)
		}
	}
	return r.finish()
}

// mistake turns what cannot be known into an error, where nothing smaller than
// the template could be left out.
func mistake(err error) error {
	var u *unknown
	if errors.As(err, &u) {
		return u.at.errorf("%s", u.reason)
	}
	return err
}

// declare takes the parameters with their defaults or the values given.
func (r *reader) declare() error {
	section := r.root.get("Parameters")
	for _, name := range slices.Sorted(maps.Keys(r.options.Parameters)) {
		if section.get(name) == nil {
			return section.errorf("the template declares no parameter %s", name)
		}
	}
	if section == nil {
		return nil
	}
	for _, m := range section.members {
		x, err := r.parameter(m)
		if err != nil {
			return err
		}
		r.parameters[m.key] = x
	}
	return nil
}

func (r *reader) parameter(m member) (*value, error) {
	x := m.value.get("Default")
	kind := m.value.get("Type").str()
	given, ok := r.options.Parameters[m.key]
	if ok {
		x = &value{text: given, line: m.at.line, column: m.at.column}
		if kind == "Number" {
			x = numeric(x)
		}
	} else if x != nil && strings.HasPrefix(kind, "AWS::SSM::Parameter::Value") {
		r.untold[m.key] = "the parameter " + m.key + " is in the parameter store: give it a value"
	}
	if x == nil {
		return nil, nil // an error where it is used
	}
	if !x.isScalar() {
		return nil, x.errorf("the default of %s must be a text", m.key)
	}
	if allowed := m.value.get("AllowedValues"); allowed.isList() && !slices.ContainsFunc(allowed.items, func(v *value) bool { return v.str() == x.text }) {
		return nil, m.at.errorf("the parameter %s does not allow the value %q", m.key, x.text)
	}
	if kind != "CommaDelimitedList" && !strings.HasPrefix(kind, "List<") {
		return x, nil
	}
	out := list()
	if x.text != "" {
		for item := range strings.SplitSeq(x.text, ",") {
			out.items = append(out.items, text(strings.TrimSpace(item)))
		}
	}
	return out, nil
}

// macros names the transforms of the whole template that do not run.
func (r *reader) macros() error {
	transform := r.root.get("Transform")
	if transform == nil {
		return nil
	}
	entries := []*value{transform}
	if transform.isList() {
		entries = transform.items
	}
	for _, entry := range entries {
		if entry.isText() && strings.HasPrefix(entry.text, "AWS::Serverless-") {
			continue
		}
		name := cmp.Or(entry.str(), entry.get("Name").str())
		r.out.LeftOut = append(r.out.LeftOut, LeftOut{
			Type: "Transform", Property: name, Reason: "the macro runs at AWS only", Line: entry.line, Column: entry.column,
		})
	}
	return nil
}

// collect lists the resources, with the globals in their properties.
func (r *reader) collect() error {
	var err error
	if r.inherited, err = r.globals(); err != nil {
		return err
	}
	sizes := map[string]int{}
	for kind, global := range r.inherited {
		sizes[kind] = global.size()
	}
	for _, m := range r.root.get("Resources").members {
		res := &resource{id: m.key, kind: m.value.get("Type").str(), at: m.at, whole: m.value, raw: m.value.get("Properties")}
		if strings.HasPrefix(m.key, "Fn::") {
			r.leave(&place{res: res}, m.at, m.key+" is not computed")
			continue
		}
		if !m.value.isObject() || res.kind == "" {
			return m.at.errorf("the resource %s has no Type", m.key)
		}
		if res.raw != nil && res.raw.kind == kindNull {
			res.raw = nil
		}
		if res.raw != nil && !res.raw.isObject() {
			return res.raw.errorf("the properties of %s must be an object", m.key)
		}
		if err := r.spend(m.at, sizes[res.kind]); err != nil {
			return err
		}
		res.raw = inherit(r.inherited[res.kind], res)
		r.resources[m.key] = res
		r.ordered = append(r.ordered, res)
	}
	r.addImplicit()
	for _, res := range r.ordered {
		if res.off, err = r.isOff(res.whole); err != nil {
			return err
		}
		if res.off {
			continue
		}
		if reason := whole(res.kind); reason != "" {
			r.leave(&place{res: res}, res.at, reason)
		}
	}
	return nil
}

// isOff reports whether a resource's condition does not hold.
func (r *reader) isOff(resource *value) (bool, error) {
	condition := resource.get("Condition")
	if condition == nil {
		return false, nil
	}
	holds, err := r.condition(condition.str(), condition)
	return !holds, err
}

// properties computes those of a resource: all, or those named.
func (r *reader) properties(res *resource, only ...string) (*props, error) {
	at := &place{res: res}
	raw := res.raw
	if len(only) > 0 && raw != nil {
		raw = &value{kind: kindObject, file: raw.file, line: raw.line, column: raw.column}
		for _, m := range res.raw.members {
			if slices.Contains(only, m.key) {
				raw.put(m)
			}
		}
	}
	if raw == nil {
		return newProps(obj(), at), nil
	}
	// An intrinsic function in place of all properties is no CloudFormation; an
	// object that looks like one is computed member by member all the same.
	v, err := r.object(raw, at)
	if err != nil {
		return nil, err
	}
	return newProps(v, at), nil
}
