package vtl

import "github.com/postern-gateway/postern/value"

// loop is $foreach.
type loop struct {
	parent  *loop
	index   int
	last    bool
	stopped bool
	s       *state
}

func (l *loop) Get(name string) value.Value {
	switch name {
	case "index":
		return value.OfInt(int64(l.index))
	case "count":
		return value.OfInt(int64(l.index) + 1)
	case "hasNext":
		return value.OfBool(!l.last)
	case "first":
		return value.OfBool(l.index == 0)
	case "last":
		return value.OfBool(l.last)
	case "parent":
		if l.parent != nil {
			return value.OfHost(l.parent)
		}
	case "topmost":
		for l.parent != nil {
			l = l.parent
		}
		return value.OfHost(l)
	}
	return value.Value{}
}

var loopGetters = map[string]string{
	"getIndex": "index", "getCount": "count", "hasNext": "hasNext", "isFirst": "first", "isLast": "last",
	"getParent": "parent", "getTopmost": "topmost",
}

func (l *loop) Call(name string, args []value.Value) (value.Value, bool, error) {
	if getter, ok := loopGetters[name]; ok && len(args) == 0 {
		return l.Get(getter), true, nil
	}
	if name == "stop" && len(args) == 0 {
		l.stopped, l.s.stopping = true, true
		return value.Value{}, true, nil
	}
	return value.Value{}, false, nil
}

func (*loop) Map() *value.Map { return nil }

// foreach compiles a loop.
func foreach(slot int, over expr, body block) statement {
	return func(s *state) flow {
		list := over(s)
		items := list.Items()
		var members []value.Member
		if items == nil {
			if m := mapOf(list); m != nil {
				members = m.Members()
			}
		}
		n := min(max(len(items), len(members)), maxRounds)
		if n == 0 || s.err != nil {
			return next
		}
		s.allocate(valueSize)
		l := &loop{parent: s.loop, s: s}
		saved := [4]value.Value{s.vars[slot], s.vars[slotForeach], s.vars[slotCount], s.vars[slotHasNext]}
		s.loop = l
		f := next
		for i := range n {
			if items != nil {
				s.vars[slot] = items[i]
			} else {
				s.vars[slot] = members[i].Value
			}
			l.index, l.last = i, i == max(len(items), len(members))-1
			s.vars[slotForeach] = value.OfHost(l)
			s.vars[slotCount], s.vars[slotHasNext] = value.OfInt(int64(i)+1), value.OfBool(!l.last)
			s.spend(1)
			if f = body.run(s); f != next {
				break
			}
		}
		s.loop = l.parent
		s.vars[slot], s.vars[slotForeach], s.vars[slotCount], s.vars[slotHasNext] = saved[0], saved[1], saved[2], saved[3]
		switch {
		case f == stop:
			return stop
		case s.stopping && !l.stopped:
			return leave // it was an outer loop that is to end
		}
		s.stopping = false
		return next
	}
}

// mapOf returns the map of a value that is one, also of an object of the caller's.
func mapOf(v value.Value) *value.Map {
	switch v.Kind() {
	case value.Object:
		return v.Map()
	case value.Host:
		return v.Host().Map()
	}
	return nil
}

// definition is the value of a #define.
type definition struct {
	body  block
	depth int
}

func (*definition) Get(string) value.Value { return value.Value{} }
func (*definition) Call(string, []value.Value) (value.Value, bool, error) {
	return value.Value{}, false, nil
}
func (*definition) Map() *value.Map { return nil }

// render returns the text of the block at this moment.
func (d *definition) render(s *state) value.Value {
	if d.depth >= maxDefine {
		return value.OfString("")
	}
	d.depth++
	text := s.capture(d.body)
	d.depth--
	return value.OfString(text)
}
