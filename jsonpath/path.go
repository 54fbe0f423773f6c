package jsonpath

import (
	"fmt"

	"github.com/postern-gateway/postern/value"
)

// Path is a parsed path. It may be used by many goroutines at a time.
type Path struct {
	text     string
	steps    []step
	function *function // at the end, or nil
	definite bool
}

// Error is a mistake in a path.
type Error struct {
	Offset int // bytes from the beginning
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("JSONPath, offset %d: %s", e.Offset, e.Reason) }

// The bounds of one evaluation.
const (
	maxVisits = 1 << 18 // nodes looked at
	maxLength = 8 << 10 // bytes of a path
	maxNested = 50      // of filters
)

// String returns the path as it was written.
func (p *Path) String() string { return p.text }

// Definite reports whether the path gives one value, not a list.
func (p *Path) Definite() bool { return p.definite }

// Get evaluates the path. False: a definite path leads nowhere, a function
// has nothing to compute with, or the path looks at too much.
func (p *Path) Get(root value.Value) (value.Value, bool) { return p.GetWithin(root, nil) }

// Timer says when an evaluation has taken too long.
type Timer interface{ Expired() bool }

// GetWithin is Get, which also fails once the time is up. The timer is asked
// before each match of a regular expression: nothing else takes long.
func (p *Path) GetWithin(root value.Value, timer Timer) (value.Value, bool) {
	e := &evaluation{root: root, visits: maxVisits, timer: timer}
	return e.get(p, root)
}

// evaluation is the work of one Get.
type evaluation struct {
	root   value.Value
	visits int
	timer  Timer // nil: there is time
}

// visit counts a node; false: there were too many.
func (e *evaluation) visit() bool {
	e.visits--
	return e.visits >= 0
}

func (e *evaluation) get(p *Path, from value.Value) (value.Value, bool) {
	var found value.Value
	if p.definite {
		at := from
		for i := range p.steps {
			next, ok := p.steps[i].(single).one(at)
			if !ok || !e.visit() {
				return value.Value{}, false
			}
			at = next
		}
		found = at
	} else {
		nodes := []value.Value{from}
		for _, s := range p.steps {
			var out []value.Value
			for _, node := range nodes {
				s.each(e, node, func(v value.Value) { out = append(out, v) })
			}
			nodes = out
		}
		found = value.OfArray(nodes...)
	}
	if e.visits < 0 {
		return value.Value{}, false
	}
	if p.function != nil {
		return p.function.apply(e, found)
	}
	return found, true
}

// step is a link of a path.
type step interface {
	// each calls f for what the step leads to from a node.
	each(e *evaluation, node value.Value, f func(value.Value))
}

// single is a step that leads to one value at most.
type single interface {
	step
	one(node value.Value) (value.Value, bool)
}

// child is a key.
type child string

func (c child) one(node value.Value) (value.Value, bool) {
	if node.Kind() != value.Object {
		return value.Value{}, false
	}
	return node.Map().Get(string(c))
}

func (c child) each(e *evaluation, node value.Value, f func(value.Value)) {
	if v, ok := c.one(node); ok && e.visit() {
		f(v)
	}
}

// place is an index; a negative one counts from the end.
type place int

func (p place) one(node value.Value) (value.Value, bool) {
	items, i := node.Items(), int(p)
	if i < 0 {
		i += len(items)
	}
	if i < 0 || i >= len(items) {
		return value.Value{}, false
	}
	return items[i], true
}

func (p place) each(e *evaluation, node value.Value, f func(value.Value)) {
	if v, ok := p.one(node); ok && e.visit() {
		f(v)
	}
}

// children are several keys at the end of a path: they give one object of those
// that are there.
type children []string

func (c children) one(node value.Value) (value.Value, bool) {
	if node.Kind() != value.Object {
		return value.Value{}, false
	}
	out := value.NewMap()
	for _, key := range c {
		if v, ok := node.Map().Get(key); ok {
			out.Set(key, v)
		}
	}
	return value.OfMap(out), true
}

func (c children) each(e *evaluation, node value.Value, f func(value.Value)) {
	for range c {
		e.visit()
	}
	if v, ok := c.one(node); ok && e.visits >= 0 {
		f(v)
	}
}

// members are several keys within a path, which goes on from each of them.
type members []string

func (m members) each(e *evaluation, node value.Value, f func(value.Value)) {
	for _, key := range m {
		child(key).each(e, node, f)
	}
}

// places are several indexes.
type places []place

func (p places) each(e *evaluation, node value.Value, f func(value.Value)) {
	for _, i := range p {
		i.each(e, node, f)
	}
}

// slice is a range of indexes. Ends that are left out are those of the array.
type slice struct {
	from, to       int
	hasFrom, hasTo bool
}

func (s slice) each(e *evaluation, node value.Value, f func(value.Value)) {
	items := node.Items()
	n := len(items)
	end := func(i int) int {
		if i < 0 {
			i += n
		}
		return min(max(i, 0), n)
	}
	from, to := 0, n
	if s.hasFrom {
		from = end(s.from)
	}
	if s.hasTo {
		to = end(s.to)
	}
	for i := from; i < to && e.visit(); i++ {
		f(items[i])
	}
}

// wildcard is all members or items.
type wildcard struct{}

func (wildcard) each(e *evaluation, node value.Value, f func(value.Value)) {
	for _, item := range node.Items() {
		if !e.visit() {
			return
		}
		f(item)
	}
	if node.Kind() == value.Object {
		for _, member := range node.Map().Members() {
			if !e.visit() {
				return
			}
			f(member.Value)
		}
	}
}

// descend is "..": the node and all below it, parents before children.
type descend struct{ next step }

func (d descend) each(e *evaluation, node value.Value, f func(value.Value)) {
	if !e.visit() {
		return
	}
	d.next.each(e, node, f)
	wildcard{}.each(e, node, func(v value.Value) {
		if v.IsList() || v.Kind() == value.Object {
			d.each(e, v, f)
		}
	})
}

// where is a filter: of an array it takes the items that pass, an object
// passes itself.
type where struct{ test condition }

func (w where) each(e *evaluation, node value.Value, f func(value.Value)) {
	if node.Kind() == value.Object {
		if e.visit() && w.test(e, node) {
			f(node)
		}
		return
	}
	for _, item := range node.Items() {
		if e.visit() && w.test(e, item) {
			f(item)
		}
	}
}
