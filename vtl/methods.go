package vtl

import (
	"errors"
	"fmt"
	"sync"

	"github.com/postern-gateway/postern/value"
)

// method is a method of one type. It is only called with a number of
// arguments that it takes; others have no value, like an unknown method.
type method struct {
	min, max int
	call     func(s *state, v value.Value, args []value.Value) (value.Value, error)
}

var (
	errIndex  = errors.New("index out of bounds")
	errNumber = errors.New("not a number")
	errType   = errors.New("argument of a wrong type")
)

// methodTables holds the methods of all types, by name.
var methodTables = sync.OnceValue(func() map[string]*[value.Host + 1]method {
	out := make(map[string]*[value.Host + 1]method)
	add := func(table map[string]method, kinds ...value.Kind) {
		for name, m := range table {
			if out[name] == nil {
				out[name] = new([value.Host + 1]method)
			}
			for _, kind := range kinds {
				out[name][kind] = m
			}
		}
	}
	numbers := []value.Kind{value.Int, value.Long, value.Big, value.Double}
	add(commonMethods, append(numbers, value.Bool, value.String, value.List, value.Array, value.Object, value.Entry)...)
	add(stringMethods, value.String)
	add(patternMethods, value.String)
	add(listMethods, value.List, value.Array)
	add(mapMethods, value.Object)
	add(entryMethods, value.Entry)
	add(numberMethods, numbers...)
	add(booleanMethods, value.Bool)
	return out
})

var noMethods [value.Host + 1]method

func methodsNamed(name string) *[value.Host + 1]method {
	if m := methodTables()[name]; m != nil {
		return m
	}
	return &noMethods
}

var commonMethods = map[string]method{
	"toString": {0, 0, func(s *state, v value.Value, _ []value.Value) (value.Value, error) { return s.str(s.text(v)), nil }},
	"equals": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		number := v.IsNumber() && v.Kind() != args[0].Kind() // an Integer is no Long
		return value.OfBool(!number && s.same(v, args[0])), nil
	}},
	"getClass": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) { return property(v, "class"), nil }},
	"hashCode": {0, 0, func(s *state, v value.Value, _ []value.Value) (value.Value, error) {
		switch v.Kind() {
		case value.Int:
			return v, nil
		case value.String:
			if !s.allocate(unitsSize * len(v.Str())) {
				return value.Value{}, nil
			}
			h := int32(0)
			for _, u := range units(v.Str()) {
				h = 31*h + int32(u)
			}
			return value.OfInt(int64(h)), nil
		}
		return value.Value{}, nil
	}},
}

var entryMethods = map[string]method{
	"getKey":   {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) { return property(v, "key"), nil }},
	"getValue": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) { return property(v, "value"), nil }},
	"setValue": {1, 1, func(_ *state, v value.Value, args []value.Value) (value.Value, error) {
		return v.Map().Set(v.Str(), args[0]), nil
	}},
}

var mapMethods = map[string]method{
	"size": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) {
		return value.OfInt(int64(v.Map().Len())), nil
	}},
	"isEmpty": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) {
		return value.OfBool(v.Map().Len() == 0), nil
	}},
	"get": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		found, _ := v.Map().Get(s.text(args[0]))
		return found, nil
	}},
	"getOrDefault": {2, 2, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		if found, ok := v.Map().Get(s.text(args[0])); ok {
			return found, nil
		}
		return args[1], nil
	}},
	"put": {2, 2, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		s.spend(1)
		s.allocate(memberSize)
		return v.Map().Set(s.text(args[0]), args[1]), nil
	}},
	"putIfAbsent": {2, 2, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		s.spend(1)
		s.allocate(memberSize)
		if found, _ := v.Map().Get(s.text(args[0])); !found.IsNull() {
			return found, nil
		}
		return v.Map().Set(s.text(args[0]), args[1]), nil
	}},
	"putAll": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		other := mapOf(args[0])
		if other == nil {
			return value.Value{}, errType
		}
		if s.spend(other.Len()) && s.allocate(other.Len()*memberSize) {
			for _, member := range other.Members() {
				v.Map().Set(member.Key, member.Value)
			}
		}
		return value.Value{}, nil
	}},
	"remove": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		s.spend(v.Map().Len())
		return v.Map().Delete(s.text(args[0])), nil
	}},
	"clear": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) {
		v.Map().Clear()
		return value.Value{}, nil
	}},
	"containsKey": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		_, ok := v.Map().Get(s.text(args[0]))
		return value.OfBool(ok), nil
	}},
	"containsValue": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		return value.OfBool(search(s, members(s, v, memberValue), args[0], 1) >= 0), nil
	}},
	"keySet": {0, 0, func(s *state, v value.Value, _ []value.Value) (value.Value, error) {
		return value.OfList(members(s, v, func(_ *value.Map, m value.Member) value.Value { return value.OfString(m.Key) })...), nil
	}},
	"values": {0, 0, func(s *state, v value.Value, _ []value.Value) (value.Value, error) {
		return value.OfList(members(s, v, memberValue)...), nil
	}},
	"entrySet": {0, 0, func(s *state, v value.Value, _ []value.Value) (value.Value, error) {
		return value.OfList(members(s, v, func(m *value.Map, e value.Member) value.Value { return value.OfEntry(m, e.Key) })...), nil
	}},
}

func memberValue(_ *value.Map, m value.Member) value.Value { return m.Value }

// members lists something of every member of a map.
func members(s *state, v value.Value, of func(*value.Map, value.Member) value.Value) []value.Value {
	m := v.Map()
	if !s.spend(m.Len()) || !s.allocate(m.Len()*valueSize) {
		return nil
	}
	out := make([]value.Value, 0, m.Len())
	for _, member := range m.Members() {
		out = append(out, of(m, member))
	}
	return out
}

// search returns the first place of a value in a list, the last one if step
// is -1; -1 if it is not there.
func search(s *state, items []value.Value, v value.Value, step int) int {
	s.spend(len(items))
	i := 0
	if step < 0 {
		i = len(items) - 1
	}
	for ; i >= 0 && i < len(items) && s.err == nil; i += step {
		s.spend(1)
		if s.same(items[i], v) {
			return i
		}
	}
	return -1
}

// util is $util of one rendering.
type util struct{ s *state }

func (*util) Get(string) value.Value { return value.Value{} }
func (*util) Map() *value.Map        { return nil }

func (u *util) Call(name string, args []value.Value) (value.Value, bool, error) {
	f := utilities[name]
	if f == nil || len(args) != 1 {
		return value.Value{}, false, nil
	}
	text, ok := args[0].Text(maxOutput)
	if !ok {
		return value.Value{}, true, value.ErrSize
	}
	if u.s.spend(len(text) / partsPerStep); u.s.err != nil {
		return value.Value{}, true, nil
	}
	if name == "parseJson" && !u.s.allocate(documentSize(text)) {
		return value.Value{}, true, nil
	}
	v, err := f(text)
	u.s.allocate(2 * len(v.Str()))
	if err == nil && len(v.Str()) > maxOutput {
		err = value.ErrSize
	}
	if err != nil {
		err = fmt.Errorf("$util: %w", err)
	}
	return v, true, err
}
