package changes

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// fields are the members of a shape that hold a value, by JSON pointer. A list
// is one value.
type fields map[string]string

// fieldsOf flattens a shape by way of its JSON.
func fieldsOf(shape any) fields {
	data, err := json.Marshal(shape)
	if err != nil {
		panic(fmt.Sprintf("%T cannot be encoded: %v", shape, err)) // shapes hold nothing that JSON refuses
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		panic(fmt.Sprintf("%s: %v", data, err)) // it was just encoded
	}
	out := fields{}
	out.add("", tree)
	return out
}

var pointer = strings.NewReplacer("~", "~0", "/", "~1")

func (f fields) add(at string, tree any) {
	switch tree := tree.(type) {
	case map[string]any:
		for name, value := range tree {
			f.add(at+"/"+pointer.Replace(name), value)
		}
	case string:
		f[at] = tree
	case nil:
		f[at] = "null" // a template may be null, which is not the same as none
	case []any:
		if len(tree) > 0 {
			f[at] = encode(tree)
		}
	default:
		f[at] = encode(tree)
	}
}

func encode(tree any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(tree) // what JSON made can be made JSON again
	return strings.TrimSuffix(out.String(), "\n")
}

func compareFields(before, after fields) []Detail {
	var out []Detail
	for member, value := range before {
		if now, ok := after[member]; !ok {
			out = append(out, Detail{Member: member, Before: &value})
		} else if now != value {
			out = append(out, Detail{Member: member, Before: &value, After: &now})
		}
	}
	for member, value := range after {
		if _, ok := before[member]; !ok {
			out = append(out, Detail{Member: member, After: &value})
		}
	}
	slices.SortFunc(out, func(a, b Detail) int { return cmp.Compare(a.Member, b.Member) })
	return out
}
