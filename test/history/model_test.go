package history

import (
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/anishathalye/porcupine"
)

// clients is how many clients act at once.
const clients = 16

// input is what one call asks of one object.
type input struct {
	object string // histories of different objects have nothing to do with each other
	ask    any    // set, look, create, remove, rename or list
}

// lost is the output of a call without an answer: it happened or it did not.
type lost struct{}

// record is a stage or an API with its tags, as far as the clients change it.
// Client i writes value i, and all clients write the last one.
type record [clients + 1]string

// set gives values to slots of a record. Its output is the record after it, or
// nil if the answer shows none.
type set []slot

type slot struct {
	number int
	value  string
}

// look reads a record.
type look struct{}

// names are the path parts that resources may have.
var names = [...]string{"a", "b", "c", "d"}

// tree is the resources below the root of an API: their ids by name, empty for
// a name that is free.
type tree [len(names)]string

// someID is the id of a resource that was made by a call without an answer.
const someID = "?"

// Calls on a tree. The output of create is the new id, or refused if there is
// one of this name; that of remove and rename is done, or refused or missing;
// that of list is a tree.
type (
	create struct{ name int }
	remove struct{ id string }
	rename struct {
		id   string
		name int
	}
	list struct{}
)

// outcome is the answer of a call on a tree that shows no value.
type outcome string

const (
	done    outcome = "done"
	refused outcome = "refused" // 409
	missing outcome = "missing" // 404
)

// model says what a control plane may answer.
var model = func() porcupine.Model {
	seed := maphash.MakeSeed()
	m := porcupine.NondeterministicModel{
		Partition: byObject,
		Init:      func() []any { return []any{nil} }, // the first call says of which kind the object is
		Step: func(state, in, out any) []any {
			switch ask := in.(input).ask.(type) {
			case set, look:
				now, _ := state.(record)
				return now.step(ask, out)
			default:
				now, _ := state.(tree)
				return now.step(ask, out)
			}
		},
		Hash: func(state any) uint64 { return maphash.Comparable(seed, state) },
	}
	return m.ToModel()
}()

func byObject(history []porcupine.Operation) [][]porcupine.Operation {
	place := map[string]int{}
	var parts [][]porcupine.Operation
	for _, op := range history {
		object := op.Input.(input).object
		i, ok := place[object]
		if !ok {
			i = len(parts)
			place[object] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], op)
	}
	return parts
}

// decide gives answers to calls that have none, where the answers of others tell
// what became of them. Values are written once: if an answer shows one, it was
// written; if none does, then all is as if it was not. What is left for the
// model to guess is little: with every lost call the states to follow double.
func decide(part []porcupine.Operation) []porcupine.Operation {
	seen := map[slot]bool{}
	for _, op := range part {
		if shown, ok := op.Output.(record); ok {
			for number, value := range shown {
				seen[slot{number, value}] = true
			}
		}
	}
	var decided []porcupine.Operation
	for _, op := range part {
		changes, ok := op.Input.(input).ask.(set)
		if ok && op.Output == (lost{}) && changes[0].value != "" {
			if !slices.ContainsFunc(changes, func(s slot) bool { return seen[s] }) {
				continue
			}
			op.Output = nil
		}
		decided = append(decided, op)
	}
	return decided
}

// step returns the states that may follow.
func (r record) step(ask, out any) []any {
	next := r
	if changes, ok := ask.(set); ok {
		for _, s := range changes {
			next[s.number] = s.value
		}
	}
	switch out := out.(type) {
	case lost:
		return []any{r, next}
	case nil:
		return []any{next}
	default:
		return only(next, out == next)
	}
}

func (t tree) step(ask, out any) []any {
	if out == (lost{}) {
		return append([]any{t}, t.unheard(ask)...)
	}
	switch ask := ask.(type) {
	case create:
		free := t[ask.name] == ""
		if out == refused {
			return only(t, !free)
		}
		t[ask.name] = out.(string)
		return only(t, free)
	case remove:
		i := slices.Index(t[:], ask.id)
		if out == missing {
			return only(t, i < 0)
		}
		if i < 0 {
			return nil
		}
		t[i] = ""
		return only(t, out == done)
	case rename:
		i := slices.Index(t[:], ask.id)
		switch {
		case out == missing:
			return only(t, i < 0)
		case i < 0:
			return nil
		case out == refused: // its own name counts as taken
			return only(t, t[ask.name] != "")
		case ask.name != i && t[ask.name] != "":
			return nil
		}
		t[i], t[ask.name] = "", ask.id
		return []any{t}
	case list:
		shown := out.(tree)
		for i, id := range shown {
			if t[i] != id && (t[i] != someID || id == "") {
				return nil
			}
		}
		return []any{shown}
	}
	panic(fmt.Sprintf("no such call: %T", ask))
}

// unheard returns the state after a call that happened without an answer; none
// if it cannot have changed anything.
func (t tree) unheard(ask any) []any {
	switch ask := ask.(type) {
	case create:
		if t[ask.name] == "" {
			t[ask.name] = someID
			return []any{t}
		}
	case remove:
		if i := slices.Index(t[:], ask.id); i >= 0 {
			t[i] = ""
			return []any{t}
		}
	case rename:
		if i := slices.Index(t[:], ask.id); i >= 0 && t[ask.name] == "" {
			t[i], t[ask.name] = "", ask.id
			return []any{t}
		}
	}
	return nil
}

// only returns a state if it may be.
func only(state any, may bool) []any {
	if !may {
		return nil
	}
	return []any{state}
}
