package openapi

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The builders of documents to be written. Where a value is nil, add leaves
// the member out, so that absent things need no condition.

func newObject() *node { return &node{kind: object} }

func newText(s string) *node { return &node{text: strings.ToValidUTF8(s, "\uFFFD"), isText: true} }

// optional is a text that may be absent.
func optional(s *string) *node {
	if s == nil {
		return nil
	}
	return newText(*s)
}

func newInt(n int32) *node { return &node{text: strconv.Itoa(int(n))} }

func newBool(b bool) *node { return &node{text: strconv.FormatBool(b)} }

func newList(items ...*node) *node { return &node{kind: list, items: items} }

func newTexts(texts []string) *node {
	n := newList()
	for _, text := range texts {
		n.items = append(n.items, newText(text))
	}
	return n
}

// add appends a member and returns the object.
func (n *node) add(key string, value *node) *node {
	if value != nil {
		n.set(member{key: strings.ToValidUTF8(key, "\uFFFD"), value: value})
	}
	return n
}

// filled returns an object that has members, else nil.
func (n *node) filled() *node {
	if n == nil || len(n.members) == 0 {
		return nil
	}
	return n
}

// ofJSON is a value from its JSON text; a text that is none stays a text.
func ofJSON(text string) *node {
	n, err := parseJSON([]byte(text))
	if err != nil {
		return newText(text)
	}
	return n
}

// indented returns a value as JSON for people, members in their order.
func (n *node) indented() []byte {
	var out bytes.Buffer
	// json writes what json.Indent takes.
	_ = json.Indent(&out, []byte(n.json()), "", "  ")
	out.WriteByte('\n')
	return out.Bytes()
}

// yaml returns a value as YAML for people.
func (n *node) yaml() ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(n.toYAML()); err != nil {
		return nil, err
	}
	return out.Bytes(), enc.Close()
}

func (n *node) toYAML() *yaml.Node {
	switch {
	case n == nil || n.kind == null:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	case n.kind == list:
		y := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range n.items {
			y.Content = append(y.Content, item.toYAML())
		}
		return y
	case n.kind == object:
		y := &yaml.Node{Kind: yaml.MappingNode}
		for _, m := range n.members {
			y.Content = append(y.Content, yamlText(m.key), m.value.toYAML())
		}
		return y
	}
	if literal, ok := n.literal(); ok {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: literal}
	}
	return yamlText(n.text)
}

// notPlain are the texts that mean a boolean, a number of base 60 or a merge to
// readers of YAML 1.1.
var notPlain = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false|null|~|<<|=|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)$`)

// yamlText writes a text so that it comes back as this text: several lines as
// a block, if the block can hold them.
func yamlText(s string) *yaml.Node {
	y := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	switch {
	case !strings.Contains(s, "\n"):
		if notPlain.MatchString(s) || !printable(s) {
			y.Style = yaml.DoubleQuotedStyle
		}
	case !blockable(s):
		y.Style = yaml.DoubleQuotedStyle
	default:
		y.Style = yaml.LiteralStyle
	}
	return y
}

// blockable: a block says nothing for certain of blanks around its lines.
func blockable(s string) bool {
	if !printable(strings.ReplaceAll(s, "\n", "")) || strings.ContainsAny(s[:1], " \t\n") {
		return false
	}
	for line := range strings.SplitSeq(s, "\n") {
		if strings.HasSuffix(line, " ") || strings.HasSuffix(line, "\t") || strings.HasPrefix(line, "\t") {
			return false
		}
	}
	return !strings.HasSuffix(s, "\n\n")
}

func printable(s string) bool {
	for _, r := range s {
		if r < ' ' && r != '\t' || r == 0x7F || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xFEFF || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// json returns a value as compact JSON text, members in document order.
func (n *node) json() string {
	var out bytes.Buffer
	n.writeJSON(&out)
	return out.String()
}

func (n *node) writeJSON(out *bytes.Buffer) {
	switch {
	case n == nil || n.kind == null:
		out.WriteString("null")
	case n.kind == list:
		out.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				out.WriteByte(',')
			}
			item.writeJSON(out)
		}
		out.WriteByte(']')
	case n.kind == object:
		out.WriteByte('{')
		for i, m := range n.members {
			if i > 0 {
				out.WriteByte(',')
			}
			writeText(out, m.key)
			out.WriteByte(':')
			m.value.writeJSON(out)
		}
		out.WriteByte('}')
	default:
		if literal, ok := n.literal(); ok {
			out.WriteString(literal)
			return
		}
		writeText(out, n.text)
	}
}

// literal returns the JSON of a scalar that is a number or a boolean. YAML
// has more ways to write them.
func (n *node) literal() (string, bool) {
	if n.isText || n.text == "" {
		return "", false
	}
	if json.Valid([]byte(n.text)) && n.text[0] != '"' {
		return n.text, true
	}
	switch lower := strings.ToLower(n.text); lower {
	case "true", "false":
		return lower, true
	}
	plain := strings.TrimPrefix(n.text, "+")
	if i, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return strconv.FormatInt(i, 10), true
	}
	if f, err := strconv.ParseFloat(strings.ReplaceAll(plain, "_", ""), 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
		return strconv.FormatFloat(f, 'g', -1, 64), true
	}
	return "", false
}

// writeText writes a text as JSON, without escapes for HTML.
func writeText(out *bytes.Buffer, s string) {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)           // a string always encodes
	out.Truncate(out.Len() - 1) // the line feed
}
