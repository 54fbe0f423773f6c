package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of a template or a document.
const (
	maxTemplate = 1 << 20 // CloudFormation's limit of a template
	maxBytes    = 6 << 20 // the service's limit of a definition
	maxNodes    = 1 << 19 // after aliases are resolved
	maxDepth    = 200
)

// parse reads YAML or JSON. The short forms of intrinsic functions become the
// long ones, so that !Ref X and {"Ref": "X"} are the same value.
func parse(data []byte, file string) (*value, error) {
	if len(data) > maxBytes {
		return nil, &Error{File: file, Text: fmt.Sprintf("%d bytes; the limit is %d", len(data), maxBytes)}
	}
	if json.Valid(data) {
		data = yamlOfJSON(data)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, &Error{File: file, Text: strings.TrimSpace(file + " " + err.Error())}
	}
	if len(document.Content) == 0 {
		return nil, &Error{File: file, Text: strings.TrimSpace(file + " is empty")}
	}
	c := converter{file: file, left: maxNodes}
	return c.convert(document.Content[0], 0)
}

// yamlOfJSON replaces what JSON allows and the YAML parser does not: tabs
// between values, and characters written as two escapes.
func yamlOfJSON(data []byte) []byte {
	out := make([]byte, 0, len(data))
	inside := false
	for i := 0; i < len(data); i++ {
		switch {
		case data[i] == '"':
			inside = !inside
		case !inside && data[i] == '\t':
			out = append(out, ' ')
			continue
		case inside && data[i] == '\\':
			if i+1 < len(data) && data[i+1] == 'u' {
				n := escapes(data[i:])
				var s string
				if json.Unmarshal([]byte(`"`+string(data[i:i+n])+`"`), &s) == nil && s != "" && s[0] >= 0x80 {
					out = append(out, s...)
					i += n - 1
					continue
				}
			}
			out = append(out, data[i])
			i++
		}
		out = append(out, data[i])
	}
	return out
}

// escapes is the length of the \u escape that text begins with, or of two that
// are a surrogate pair.
func escapes(text []byte) int {
	if len(text) >= 12 && text[6] == '\\' && text[7] == 'u' && bytes.IndexByte([]byte("dD"), text[2]) >= 0 {
		return 12
	}
	return 6
}

// converter turns YAML nodes into values and bounds what aliases may make of
// them.
type converter struct {
	file string
	left int
}

func (c *converter) convert(y *yaml.Node, depth int) (*value, error) {
	v := &value{file: c.file, line: y.Line, column: y.Column}
	if c.left--; c.left < 0 {
		return nil, v.errorf("there are more than %d values", maxNodes)
	}
	if depth > maxDepth {
		return nil, v.errorf("nested deeper than %d levels", maxDepth)
	}
	if y.Kind == yaml.AliasNode {
		return c.convert(y.Alias, depth+1)
	}
	if err := c.fill(v, y, depth); err != nil {
		return nil, err
	}
	if strings.HasPrefix(y.Tag, "!") && !strings.HasPrefix(y.Tag, "!!") && y.Tag != "!" {
		return longForm(y.Tag, v)
	}
	return v, nil
}

func (c *converter) fill(v *value, y *yaml.Node, depth int) error {
	switch y.Kind {
	case yaml.SequenceNode:
		v.kind = kindList
		for _, item := range y.Content {
			x, err := c.convert(item, depth+1)
			if err != nil {
				return err
			}
			v.items = append(v.items, x)
		}
		return nil
	case yaml.MappingNode:
		v.kind = kindObject
		return c.members(v, y, depth)
	}
	v.text = y.Value
	switch y.ShortTag() {
	case "!!null":
		v.kind = kindNull
	case "!!bool":
		v.kind, v.text = kindBool, strings.ToLower(y.Value)
	case "!!int", "!!float":
		// Others, such as 0x1F and 012345678901, stay texts.
		if isNumber(y.Value) {
			v.kind = kindNumber
		}
	}
	return nil
}

func (c *converter) members(v *value, y *yaml.Node, depth int) error {
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		x, err := c.convert(y.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		at := &value{file: c.file, line: key.Line, column: key.Column}
		if key.ShortTag() == "!!merge" {
			c.merge(v, x)
			continue
		}
		if key.Kind != yaml.ScalarNode {
			return at.errorf("a key must be a text or a number")
		}
		v.put(member{key: key.Value, at: at, value: x})
	}
	return nil
}

// merge adds the members of a merge key ("<<") that the object does not have.
func (c *converter) merge(v, from *value) {
	for _, source := range append([]*value{from}, from.items...) {
		for _, m := range source.members {
			if v.find(m.key) < 0 {
				v.put(m)
			}
		}
	}
}

// shortForms are the tags of intrinsic functions without their "Fn::".
var shortForms = map[string]bool{
	"And": true, "Base64": true, "Cidr": true, "Equals": true, "FindInMap": true, "GetAZs": true, "GetAtt": true, "If": true,
	"ImportValue": true, "Join": true, "Length": true, "Not": true, "Or": true, "Select": true, "Split": true, "Sub": true,
	"ToJsonString": true, "Transform": true,
}

func longForm(tag string, v *value) (*value, error) {
	name := tag[1:]
	switch {
	case name == "Ref" || name == "Condition":
	case shortForms[name]:
		name = "Fn::" + name
	default:
		return nil, v.errorf("the tag %s is not known", tag)
	}
	inner := *v
	out := &value{kind: kindObject, file: v.file, line: v.line, column: v.column}
	out.put(member{key: name, at: v, value: &inner})
	return out, nil
}
