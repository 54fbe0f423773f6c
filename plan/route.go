package plan

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/mapping"
)

// node is one path segment of the route tree.
type node struct {
	literals map[string]*node
	single   *node  // {name}
	greedy   *node  // {name+}; a leaf
	name     string // of the parameter, for the children single and greedy
	methods  [verbs]*Method
}

// Verbs in the order of node.methods. Any comes last.
const (
	verbDelete = iota
	verbGet
	verbHead
	verbOptions
	verbPatch
	verbPost
	verbPut
	verbAny
	verbs
)

// verbNumber returns the place of a verb in a node. The guide: ANY stands for
// these seven, so no other verb ever matches.
func verbNumber(verb string) (int, bool) {
	number := slices.Index(verbNames[:], verb)
	return number, number >= 0
}

// verbNames are the verbs that ANY stands for.
var verbNames = [verbAny]string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// add returns the node of a resource path, made if it is new.
func (n *node) add(path string) *node {
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if part != "" {
			n = n.child(part)
		}
	}
	return n
}

func (n *node) child(part string) *node {
	slot := &n.single
	name, parameter := strings.CutPrefix(part, "{")
	name, closed := strings.CutSuffix(name, "}")
	if !parameter || !closed {
		if n.literals == nil {
			n.literals = map[string]*node{}
		}
		if n.literals[part] == nil {
			n.literals[part] = &node{}
		}
		return n.literals[part]
	}
	if plain, ok := strings.CutSuffix(name, "+"); ok {
		slot, name = &n.greedy, plain
	}
	if *slot == nil {
		*slot = &node{name: name}
	}
	return *slot
}

// Match finds the method for a raw path (what follows the stage: empty, or
// beginning with a slash) and a verb, and appends the raw path parameters to params. Nil if there is none.
//
// Recorded: extra slashes in front and one at the end do not count, empty
// segments inside a greedy value are kept, a literal wins over a greedy
// sibling. Assumed: a path without the verb falls through to the next best
// path that has it or ANY.
func (a *API) Match(path, verb string, params []mapping.Param) (*Method, []mapping.Param) {
	number, ok := verbNumber(verb)
	if !ok {
		return nil, params
	}
	for strings.HasPrefix(path, "//") {
		path = path[1:]
	}
	path = strings.TrimSuffix(path, "/")
	return a.root.find(path, number, params)
}

// find walks down rest, which is empty or begins with a slash. It visits a
// node at most once, so a path costs at most the size of the tree.
func (n *node) find(rest string, verb int, params []mapping.Param) (*Method, []mapping.Param) {
	if rest == "" {
		if m := n.methods[verb]; m != nil {
			return m, params
		}
		return n.methods[verbAny], params
	}
	segment, next := rest[1:], ""
	if i := strings.IndexByte(segment, '/'); i >= 0 {
		segment, next = segment[:i], segment[i:]
	}
	if child := n.literals[segment]; child != nil {
		if m, found := child.find(next, verb, params); m != nil {
			return m, found
		}
	}
	if n.single != nil && segment != "" {
		if m, found := n.single.find(next, verb, append(params, mapping.Param{Name: n.single.name, Value: segment})); m != nil {
			return m, found
		}
	}
	if n.greedy != nil && len(rest) > 1 {
		return n.greedy.find("", verb, append(params, mapping.Param{Name: n.greedy.name, Value: rest[1:]}))
	}
	return nil, params
}
