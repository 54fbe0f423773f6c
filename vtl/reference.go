package vtl

import (
	"github.com/postern-gateway/postern/value"
)

// reference is a variable and what is read of it.
type reference struct {
	at    position
	slot  int
	steps []step
}

// step is a link of a reference's chain: a property, a method or an index.
type step struct {
	name    string // of a property or a method
	args    []expr // of a method
	index   expr
	methods *[value.Host + 1]method // of a method, by the type it is called on
}

// eval returns the value. What has none is the empty string (recorded).
func (r *reference) eval(s *state) value.Value {
	v := r.chain(s, len(r.steps))
	if v.IsNull() {
		return value.OfString("")
	}
	return v
}

// chain evaluates the first n links.
func (r *reference) chain(s *state, n int) value.Value {
	v := s.vars[r.slot]
	if v.Kind() == value.Host {
		if d, ok := v.Host().(*definition); ok {
			v = d.render(s)
		}
	}
	for i := 0; i < n && !v.IsNull(); i++ {
		s.at = r.at
		st := &r.steps[i]
		switch {
		case st.index != nil:
			v = s.element(v, st.index(s), r.at)
		case st.methods != nil:
			v = s.call(st, v, r.at)
		default:
			v = property(v, st.name)
		}
		if s.err != nil {
			return value.Value{}
		}
	}
	return v
}

// property reads a property: a getter, else a key, else a question.
func property(v value.Value, name string) value.Value {
	if v.Kind() == value.Host {
		return v.Host().Get(name)
	}
	if name == "class" {
		return value.OfHost(class(classNames[v.Kind()]))
	}
	switch v.Kind() {
	case value.Object:
		if found, ok := v.Map().Get(name); ok {
			return found
		}
	case value.Entry:
		switch name {
		case "key":
			return value.OfString(v.Str())
		case "value":
			found, _ := v.Map().Get(v.Str())
			return found
		}
	}
	if name == "empty" {
		switch v.Kind() {
		case value.String:
			return value.OfBool(v.Str() == "")
		case value.List, value.Array:
			return value.OfBool(len(v.Items()) == 0)
		case value.Object:
			return value.OfBool(v.Map().Len() == 0)
		}
	}
	return value.Value{}
}

// element reads an element by index or key.
func (s *state) element(v, index value.Value, at position) value.Value {
	if v.IsList() && index.IsInteger() {
		if i, ok := place(v, index); ok {
			return v.Items()[i]
		}
		s.fail(at, "index "+s.text(index)+" is outside of the list")
		return value.Value{}
	}
	switch v.Kind() {
	case value.Object:
		found, _ := v.Map().Get(s.text(index))
		return found
	case value.Host:
		return v.Host().Get(s.text(index))
	}
	return value.Value{}
}

// place returns the place that an index means; a negative one counts from the end.
func place(list, index value.Value) (int, bool) {
	n := int64(len(list.Items()))
	i := index.Int64()
	if i < 0 {
		i += n
	}
	return int(i), i >= 0 && i < n
}

// call calls a method. An unknown one has no value.
func (s *state) call(st *step, v value.Value, at position) value.Value {
	base := len(s.args)
	for _, arg := range st.args {
		s.args = append(s.args, value.Value{})
		got := arg(s) // may use s.args itself
		s.args[len(s.args)-1] = got
	}
	args := s.args[base:]
	s.at = at
	var out value.Value
	if s.err == nil {
		out = s.invoke(st, v, args, at)
	}
	clear(args)
	s.args = s.args[:base]
	return out
}

func (s *state) invoke(st *step, v value.Value, args []value.Value, at position) value.Value {
	if v.Kind() == value.Host {
		// What a caller's object does takes an unknown time.
		if v.Host() != value.Provider(&s.util) && (!s.spend(hostSteps) || !s.inTime()) {
			return value.Value{}
		}
		out, ok, err := v.Host().Call(st.name, args)
		s.spend(len(out.Str())/textPerStep + len(out.Items()))
		s.allocate(len(out.Str()) + listCopies*len(out.Items())*valueSize)
		if err != nil {
			s.fail(at, st.name+": "+err.Error())
		}
		if ok {
			return out
		}
		m := v.Host().Map()
		if m == nil {
			return value.Value{}
		}
		v = value.OfMap(m)
	}
	m := &st.methods[v.Kind()]
	if m.call == nil || len(args) < m.min || len(args) > m.max {
		return value.Value{}
	}
	out, err := m.call(s, v, args)
	if err != nil {
		s.fail(at, st.name+": "+err.Error())
	}
	return out
}

// assign sets what the reference names; where there is nothing to set it in,
// it does nothing.
func (r *reference) assign(s *state, v value.Value) {
	if len(r.steps) == 0 {
		s.vars[r.slot] = v
		return
	}
	holder := r.chain(s, len(r.steps)-1)
	last := &r.steps[len(r.steps)-1]
	key := value.OfString(last.name)
	if last.index != nil {
		key = last.index(s)
	}
	if s.err != nil || !s.spend(1) {
		return
	}
	if holder.IsList() {
		i, ok := place(holder, key)
		if !ok || !key.IsInteger() {
			s.fail(r.at, "index "+s.text(key)+" is outside of the list")
			return
		}
		holder.Items()[i] = v
		return
	}
	if m := mapOf(holder); m != nil && s.allocate(memberSize) {
		m.Set(s.text(key), v)
	}
}

// classNames are the types that templates ask for.
var classNames = [...]string{
	value.Bool: "java.lang.Boolean", value.Int: "java.lang.Integer", value.Long: "java.lang.Long",
	value.Big: "java.math.BigInteger", value.Double: "java.lang.Double", value.String: "java.lang.String",
	value.List: "java.util.ArrayList", value.Array: "net.minidev.json.JSONArray",
	value.Object: "java.util.LinkedHashMap", value.Entry: "java.util.LinkedHashMap$Entry", value.Host: "",
}

// class is what $x.class answers: it has a name and nothing else.
type class string

func (c class) Get(name string) value.Value {
	if name == "name" {
		return value.OfString(string(c))
	}
	return value.Value{}
}

func (c class) Call(name string, args []value.Value) (value.Value, bool, error) {
	if name == "getName" && len(args) == 0 {
		return c.Get("name"), true, nil
	}
	return value.Value{}, false, nil
}

func (class) Map() *value.Map { return nil }
