package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

type kind int

const (
	kindText kind = iota
	kindNumber
	kindBool
	kindNull
	kindList
	kindObject
)

// value is one value of a template or a document with its place. A nil value is
// an absent one; all reading methods accept it. Scalars are never changed once
// made, so copies of containers may share them.
type value struct {
	kind    kind
	text    string // of a scalar; of a number or boolean as JSON writes it
	items   []*value
	members []member
	index   map[string]int // of members, once there are many

	file         string
	line, column int
	// off marks a part that the template's conditions leave away, but that the
	// SAM translator still counts when it lists methods. JSON does not show it.
	off bool
}

// member is a member of an object, in the order of the source.
type member struct {
	key   string
	at    *value // the key's place; nil for members made here
	value *value
}

// indexFrom is the size from which an object has an index.
const indexFrom = 12

func (v *value) find(key string) int {
	if v == nil {
		return -1
	}
	if v.index != nil {
		if i, ok := v.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range v.members {
		if v.members[i].key == key {
			return i
		}
	}
	return -1
}

// get returns a member, or nil.
func (v *value) get(key string) *value {
	if i := v.find(key); i >= 0 {
		return v.members[i].value
	}
	return nil
}

// at follows several keys.
func (v *value) at(keys ...string) *value {
	for _, key := range keys {
		v = v.get(key)
	}
	return v
}

// put adds a member or replaces the one before it. It wants an object.
func (v *value) put(m member) {
	if i := v.find(m.key); i >= 0 {
		v.members[i] = m
		return
	}
	v.members = append(v.members, m)
	switch {
	case v.index != nil:
		v.index[m.key] = len(v.members) - 1
	case len(v.members) == indexFrom:
		v.reindex()
	}
}

func (v *value) reindex() {
	v.index = make(map[string]int, len(v.members))
	for i, m := range v.members {
		v.index[m.key] = i
	}
}

func (v *value) set(key string, x *value) { v.put(member{key: key, value: x}) }

func (v *value) remove(key string) {
	i := v.find(key)
	if i < 0 {
		return
	}
	v.members = append(v.members[:i:i], v.members[i+1:]...)
	if v.index != nil {
		v.reindex()
	}
}

// child returns a member that is an object, and makes it if it is absent or
// empty. It is nil if the member is something else.
func (v *value) child(key string) *value {
	if v == nil {
		return nil
	}
	c := v.get(key)
	if !c.truthy() {
		c = obj()
		v.set(key, c)
	}
	if c.kind != kindObject {
		return nil
	}
	return c
}

func (v *value) isObject() bool { return v != nil && v.kind == kindObject }
func (v *value) isList() bool   { return v != nil && v.kind == kindList }
func (v *value) isText() bool   { return v != nil && v.kind == kindText }

// isScalar reports whether a value can stand for a text.
func (v *value) isScalar() bool { return v != nil && v.kind <= kindBool }

// isTrue reports a boolean true, or the text of one.
func (v *value) isTrue() bool { return v.isScalar() && v.text == "true" }

// str is the text of a scalar, and empty otherwise.
func (v *value) str() string {
	if !v.isScalar() {
		return ""
	}
	return v.text
}

// truthy says whether a property counts as given: Python's rule, that the SAM
// translator follows.
func (v *value) truthy() bool {
	if v == nil {
		return false
	}
	switch v.kind {
	case kindText:
		return v.text != ""
	case kindBool:
		return v.text == "true"
	case kindNumber:
		return strings.Trim(v.text, "-0.") != ""
	case kindList:
		return len(v.items) > 0
	case kindObject:
		return len(v.members) > 0
	default:
		return false
	}
}

// clone copies the containers of a value.
func (v *value) clone() *value {
	if v == nil || v.kind < kindList {
		return v
	}
	c := &value{kind: v.kind, file: v.file, line: v.line, column: v.column, off: v.off}
	for _, item := range v.items {
		c.items = append(c.items, item.clone())
	}
	for _, m := range v.members {
		c.put(member{key: m.key, at: m.at, value: m.value.clone()})
	}
	return c
}

// size counts the values within a value, itself included.
func (v *value) size() int {
	if v == nil {
		return 0
	}
	n := 1
	for _, item := range v.items {
		n += item.size()
	}
	for _, m := range v.members {
		n += m.value.size()
	}
	return n
}

func text(s string) *value { return &value{text: s} }

func boolean(b bool) *value { return &value{kind: kindBool, text: fmt.Sprint(b)} }

func list(items ...*value) *value { return &value{kind: kindList, items: items} }

// obj makes an object from pairs of key and value; pairs without a value are
// left away. A value is a string or a *value.
func obj(pairs ...any) *value {
	o := &value{kind: kindObject}
	for i := 0; i+1 < len(pairs); i += 2 {
		switch x := pairs[i+1].(type) {
		case string:
			o.set(pairs[i].(string), text(x))
		case *value:
			if x != nil {
				o.set(pairs[i].(string), x)
			}
		}
	}
	return o
}

// numeric is a number for a text that is one, as CloudFormation takes both.
func numeric(v *value) *value {
	if v.isText() && isNumber(v.text) {
		return &value{kind: kindNumber, text: v.text, line: v.line, column: v.column, file: v.file}
	}
	return v
}

func isNumber(s string) bool {
	return s != "" && strings.IndexByte("-0123456789", s[0]) >= 0 && json.Valid([]byte(s))
}

// errorf is an error at the place of a value.
func (v *value) errorf(format string, args ...any) *Error {
	e := &Error{Text: fmt.Sprintf(format, args...)}
	if v != nil {
		e.File, e.Line, e.Column = v.file, v.line, v.column
	}
	return e
}

// json returns a value as compact JSON, members in their order.
func (v *value) json() []byte {
	var out bytes.Buffer
	v.writeJSON(&out)
	return out.Bytes()
}

func (v *value) writeJSON(out *bytes.Buffer) {
	switch {
	case v == nil || v.kind == kindNull:
		out.WriteString("null")
	case v.kind == kindNumber || v.kind == kindBool:
		out.WriteString(v.text)
	case v.kind == kindText:
		writeText(out, v.text)
	case v.kind == kindList:
		out.WriteByte('[')
		for i, item := range v.items {
			if i > 0 {
				out.WriteByte(',')
			}
			item.writeJSON(out)
		}
		out.WriteByte(']')
	default:
		out.WriteByte('{')
		first := true
		for _, m := range v.members {
			if m.value != nil && m.value.off {
				continue
			}
			if !first {
				out.WriteByte(',')
			}
			first = false
			writeText(out, m.key)
			out.WriteByte(':')
			m.value.writeJSON(out)
		}
		out.WriteByte('}')
	}
}

func writeText(out *bytes.Buffer, s string) {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	out.Truncate(out.Len() - 1)
}

// membersOf returns the members of an object, and none of anything else.
func (v *value) membersOf() []member {
	if !v.isObject() {
		return nil
	}
	return v.members
}
