package vtl

import (
	"slices"

	"github.com/postern-gateway/postern/value"
)

var listMethods = map[string]method{
	"size": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) {
		return value.OfInt(int64(len(v.Items()))), nil
	}},
	"isEmpty": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) {
		return value.OfBool(len(v.Items()) == 0), nil
	}},
	"get": {1, 1, func(_ *state, v value.Value, args []value.Value) (value.Value, error) {
		i, err := index(args[0], len(v.Items()))
		if err != nil {
			return value.Value{}, err
		}
		return v.Items()[i], nil
	}},
	"set": {2, 2, func(_ *state, v value.Value, args []value.Value) (value.Value, error) {
		i, err := index(args[0], len(v.Items()))
		if err != nil {
			return value.Value{}, err
		}
		old := v.Items()[i]
		v.Items()[i] = args[1]
		return old, nil
	}},
	"add": {1, 2, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		if len(args) == 1 {
			return value.OfBool(true), insert(s, v, len(v.Items()), args[0])
		}
		i, err := index(args[0], len(v.Items())+1)
		if err != nil {
			return value.Value{}, err
		}
		return value.Value{}, insert(s, v, i, args[1])
	}},
	"addAll": {1, 2, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		i, other := len(v.Items()), args[len(args)-1]
		if len(args) == 2 {
			var err error
			if i, err = index(args[0], i+1); err != nil {
				return value.Value{}, err
			}
		}
		if !other.IsList() {
			return value.Value{}, errType
		}
		return value.OfBool(len(other.Items()) > 0), insert(s, v, i, slices.Clone(other.Items())...)
	}},
	"remove": {1, 1, remove},
	"contains": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		return value.OfBool(search(s, v.Items(), args[0], 1) >= 0), nil
	}},
	"indexOf": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		return value.OfInt(int64(search(s, v.Items(), args[0], 1))), nil
	}},
	"lastIndexOf": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		return value.OfInt(int64(search(s, v.Items(), args[0], -1))), nil
	}},
	"containsAll": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		for _, item := range args[0].Items() {
			if search(s, v.Items(), item, 1) < 0 {
				return value.OfBool(false), nil
			}
		}
		return value.OfBool(true), nil
	}},
	"removeAll": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		return keep(s, v, args[0], false), nil
	}},
	"retainAll": {1, 1, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		return keep(s, v, args[0], true), nil
	}},
	"subList": {2, 2, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		from, err := index(args[0], len(v.Items())+1)
		to, err2 := index(args[1], len(v.Items())+1)
		if err != nil || err2 != nil || from > to {
			return value.Value{}, errIndex
		}
		s.spend(to - from)
		if !s.allocate((to - from) * valueSize) {
			return value.Value{}, nil
		}
		return value.OfList(slices.Clone(v.Items()[from:to])...), nil
	}},
	"clear": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) {
		v.Sequence().Items = nil
		return value.Value{}, nil
	}},
	// Loops take an iterator or its list alike.
	"iterator": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) { return v, nil }},
	"toArray":  {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) { return v, nil }},
}

// index returns an argument that must be a place below n.
func index(arg value.Value, n int) (int, error) {
	if !arg.IsInteger() {
		return 0, errType
	}
	i := arg.Int64()
	if i < 0 || i >= int64(n) {
		return 0, errIndex
	}
	return int(i), nil
}

// insert puts items into a list. Items that move cost a little, too.
func insert(s *state, v value.Value, i int, items ...value.Value) error {
	list := v.Sequence()
	// Lists grow by more than one item at a time, and leave their old room.
	if s.spend(len(items)+(len(list.Items)-i)/textPerStep) && s.allocate(listCopies*len(items)*valueSize) {
		list.Items = slices.Insert(list.Items, i, items...)
	}
	return nil
}

// remove takes an integer for a place and other values for themselves.
func remove(s *state, v value.Value, args []value.Value) (value.Value, error) {
	list := v.Sequence()
	i := 0
	if args[0].Kind() == value.Int {
		var err error
		if i, err = index(args[0], len(list.Items)); err != nil {
			return value.Value{}, err
		}
	} else if i = search(s, list.Items, args[0], 1); i < 0 {
		return value.OfBool(false), nil
	}
	old := list.Items[i]
	s.spend(len(list.Items) / textPerStep)
	list.Items = slices.Delete(list.Items, i, i+1)
	if args[0].Kind() == value.Int {
		return old, nil
	}
	return value.OfBool(true), nil
}

// keep drops the items that are not, or that are, in another list.
func keep(s *state, v, other value.Value, in bool) value.Value {
	list := v.Sequence()
	before := len(list.Items)
	others := slices.Clone(other.Items())
	list.Items = slices.DeleteFunc(list.Items, func(item value.Value) bool {
		return (search(s, others, item, 1) >= 0) != in
	})
	return value.OfBool(len(list.Items) != before)
}
