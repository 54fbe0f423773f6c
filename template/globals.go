package template

// The types of SAM that become part of an API.
const (
	apiType      = "AWS::Serverless::Api"
	functionType = "AWS::Serverless::Function"
)

// globals are the properties of the section Globals by type of resource.
func (r *reader) globals() (map[string]*value, error) {
	section := r.root.get("Globals")
	if section == nil {
		return nil, nil
	}
	if !section.isObject() {
		return nil, section.errorf("Globals must be an object")
	}
	out := map[string]*value{}
	for _, m := range section.members {
		if !m.value.isObject() {
			return nil, m.at.errorf("Globals.%s must be an object", m.key)
		}
		out["AWS::Serverless::"+m.key] = m.value
	}
	return out, nil
}

// inherit merges the globals of its type into a resource's properties, unless
// its attribute IgnoreGlobals says otherwise.
func inherit(global *value, res *resource) *value {
	if global == nil {
		return res.raw
	}
	ignore := res.whole.get("IgnoreGlobals")
	if ignore.str() == "*" {
		return res.raw
	}
	if ignore.isList() {
		global = global.clone()
		for _, name := range ignore.items {
			global.remove(name.str())
		}
	}
	if res.raw == nil {
		return global
	}
	return overlay(global, res.raw)
}

// overlay merges by SAM's rules: objects are merged, lists are joined, and of
// anything else the local one counts. A function counts as a scalar.
func overlay(global, local *value) *value {
	switch {
	case isCall(global) || isCall(local) || global.kind != local.kind:
		return local
	case local.isList():
		out := *local
		out.items = append(append([]*value{}, global.items...), local.items...)
		return &out
	case local.isObject():
		out := &value{kind: kindObject, file: local.file, line: local.line, column: local.column}
		for _, m := range global.members {
			out.put(m)
		}
		for _, m := range local.members {
			if i := out.find(m.key); i >= 0 {
				m.value = overlay(out.members[i].value, m.value)
			}
			out.put(m)
		}
		return out
	}
	return local
}

func isCall(v *value) bool {
	name, _ := intrinsic(v)
	return name != ""
}
