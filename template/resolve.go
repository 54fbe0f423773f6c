package template

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxWork bounds the values and the bytes of text that intrinsic functions may
// make of a template.
const maxWork = 16 << 20

// place is where a value is within a resource.
type place struct {
	res    *resource
	parent *place
	key    string
}

func (p *place) child(key string) *place { return &place{res: p.res, parent: p, key: key} }

func (p *place) path() []string {
	var keys []string
	for ; p != nil && p.parent != nil; p = p.parent {
		keys = append(keys, p.key)
	}
	slices.Reverse(keys)
	return keys
}

// unknown is why a value cannot be known before the template is deployed. The
// property that needs it is left out.
type unknown struct {
	at     *value
	reason string
}

func (u *unknown) Error() string { return u.reason }

// resolver computes intrinsic functions. Its methods return a nil value for
// AWS::NoValue, an *unknown for what only a deployment could tell, and an *Error
// for mistakes.
type resolver struct {
	options    Options
	parameters map[string]*value
	untold     map[string]string // why a declared parameter has no value
	mappings   *value
	conditions *value
	resources  map[string]*resource

	known   map[string]bool   // conditions that are computed
	named   map[string]string // properties that name resources
	pending map[string]bool   // conditions and names that are being computed
	work    int
	files   int
	leave   func(p *place, at *value, reason string)
}

// value computes a value within a property. What cannot be known is left out
// with its nearest member or item.
func (r *resolver) value(v *value, p *place) (*value, error) {
	if err := r.spend(v, 1); err != nil {
		return nil, err
	}
	if name, argument := intrinsic(v); name != "" {
		out, err := r.call(v, name, argument, p)
		if out.isText() && strings.Contains(out.text, "{{resolve:") {
			return nil, &unknown{v, "a dynamic reference is known to AWS only"}
		}
		return out, err
	}
	switch {
	case v.isList():
		return r.list(v, p)
	case v.isObject():
		return r.object(v, p)
	case v.isText() && strings.Contains(v.text, "{{resolve:"):
		return nil, &unknown{v, "a dynamic reference is known to AWS only"}
	}
	return v, nil
}

func (r *resolver) list(v *value, p *place) (*value, error) {
	out := &value{kind: kindList, file: v.file, line: v.line, column: v.column}
	for i, item := range v.items {
		x, err := r.part(item, p, fmt.Sprint(i))
		if err != nil {
			return nil, err
		}
		if x != nil {
			out.items = append(out.items, x)
		}
	}
	return out, nil
}

func (r *resolver) object(v *value, p *place) (*value, error) {
	out := &value{kind: kindObject, file: v.file, line: v.line, column: v.column}
	for _, m := range v.members {
		if m.key == "Fn::Transform" {
			included, err := r.transform(m.value, p)
			if err != nil {
				return nil, err
			}
			if !included.isObject() {
				return nil, m.at.errorf("what is included beside other members must be an object")
			}
			for _, x := range included.members {
				out.put(x)
			}
			continue
		}
		x, err := r.part(m.value, p, m.key)
		if err != nil {
			return nil, err
		}
		if x != nil {
			out.put(member{key: m.key, at: m.at, value: x})
		}
	}
	return out, nil
}

// part computes a member or an item, and leaves it out if it cannot be known.
func (r *resolver) part(v *value, p *place, key string) (*value, error) {
	if p == nil { // within a function's arguments: the whole cannot be known
		return r.value(v, nil)
	}
	at := p.child(key)
	x, err := r.value(v, at)
	var u *unknown
	if !errors.As(err, &u) {
		return x, err
	}
	if protects(at) {
		return nil, u.at.errorf("%s; without it the API could be open to more callers", u.reason)
	}
	r.leave(at, u.at, u.reason)
	return nil, nil
}

// protects reports whether a part decides who may call: leaving it out could
// open an API. The inner parts of an authorizer do not: without them it fails.
func protects(p *place) bool {
	path := p.path()
	if i := slices.Index(path, "Authorizers"); i >= 0 && i+2 < len(path) {
		return false
	}
	for _, key := range path {
		switch key {
		case "Auth", "Policy", "security", "securityDefinitions", "securitySchemes", "x-amazon-apigateway-policy",
			"AuthorizationType", "AuthorizerId", "ApiKeyRequired", "DisableExecuteApiEndpoint":
			return true
		}
	}
	return false
}

// spend counts work; a template that asks for too much of it is refused.
func (r *resolver) spend(at *value, work int) error {
	if r.work += work; r.work > maxWork {
		return at.errorf("the functions of this template make more than %d bytes", maxWork)
	}
	return nil
}

// intrinsic returns the function that an object calls, if it does.
func intrinsic(v *value) (name string, argument *value) {
	if !v.isObject() || len(v.members) != 1 {
		return "", nil
	}
	m := v.members[0]
	if m.key == "Ref" || strings.HasPrefix(m.key, "Fn::") {
		return m.key, m.value
	}
	return "", nil
}

// textOf computes a value that must be a scalar, and returns its text.
func (r *resolver) textOf(v *value, what string) (string, error) {
	x, err := r.value(v, nil)
	if err != nil {
		return "", err
	}
	if !x.isScalar() {
		return "", v.errorf("%s must be a text", what)
	}
	return x.text, nil
}

// condition computes a named condition.
func (r *resolver) condition(name string, at *value) (bool, error) {
	if known, ok := r.known[name]; ok {
		return known, nil
	}
	definition := r.conditions.get(name)
	if definition == nil {
		return false, at.errorf("the condition %s is not defined", name)
	}
	done, err := r.enter("condition "+name, at)
	if err != nil {
		return false, err
	}
	defer done()
	result, err := r.test(definition)
	if err != nil {
		var u *unknown
		if errors.As(err, &u) {
			return false, u.at.errorf("the condition %s cannot be decided: %s", name, u.reason)
		}
		return false, err
	}
	r.known[name] = result
	return result, nil
}

// enter guards against circles.
func (r *resolver) enter(what string, at *value) (func(), error) {
	if r.pending[what] {
		return nil, at.errorf("the %s leads in a circle", what)
	}
	if len(r.pending) > maxDepth {
		return nil, at.errorf("the %s refers to more than %d others in a row", what, maxDepth)
	}
	r.pending[what] = true
	return func() { delete(r.pending, what) }, nil
}

// test computes a condition's expression.
func (r *resolver) test(v *value) (bool, error) {
	if err := r.spend(v, 1); err != nil {
		return false, err
	}
	if !v.isObject() || len(v.members) != 1 {
		return false, v.errorf("want one condition function")
	}
	name, argument := v.members[0].key, v.members[0].value
	switch name {
	case "Condition":
		return r.condition(argument.str(), v)
	case "Fn::Equals":
		if !argument.isList() || len(argument.items) != 2 {
			return false, v.errorf("Fn::Equals takes two values")
		}
		var sides [2]string
		for i, item := range argument.items {
			x, err := r.value(item, nil)
			if err != nil {
				return false, err
			}
			sides[i] = x.str()
			if x != nil && !x.isScalar() {
				sides[i] = string(x.json())
			}
		}
		return sides[0] == sides[1], nil
	case "Fn::Not", "Fn::And", "Fn::Or":
		return r.combine(v, name, argument)
	}
	return false, v.errorf("%s is not a condition function", name)
}

func (r *resolver) combine(v *value, name string, argument *value) (bool, error) {
	if !argument.isList() || len(argument.items) == 0 || (name == "Fn::Not" && len(argument.items) != 1) {
		return false, v.errorf("%s takes a list of conditions", name)
	}
	result := name == "Fn::And"
	for _, item := range argument.items {
		x, err := r.test(item)
		if err != nil {
			return false, err
		}
		switch name {
		case "Fn::Not":
			result = !x
		case "Fn::And":
			result = result && x
		default:
			result = result || x
		}
	}
	return result, nil
}
