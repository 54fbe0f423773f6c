package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of a document.
const (
	maxBytes = 6 << 20 // the service's limit of a definition
	maxNodes = 400_000 // after aliases are resolved
	maxSigns = 400_000 // of YAML, see checkYAMLSize
	maxDepth = 200
)

type kind uint8

const (
	scalar kind = iota
	null
	list
	object
)

// node is one value of a document with its place. A nil node is an absent one,
// and all methods accept it.
type node struct {
	text    string // of a scalar, as written in the document
	items   []*node
	members []member
	index   map[string]int // key -> position in members, once there are many
	line    int32
	column  int32
	kind    kind
	isText  bool // the scalar is a string
}

// member is a member of an object, in document order. Of a repeated key the
// last value counts.
type member struct {
	key   string
	at    Place // of the key
	value *node
}

// indexFrom is the number of members from which an object is indexed.
const indexFrom = 16

func (n *node) find(key string) (int, bool) {
	if n.index != nil {
		i, ok := n.index[key]
		return i, ok
	}
	for i := range n.members {
		if n.members[i].key == key {
			return i, true
		}
	}
	return 0, false
}

// get returns the value of a member, or nil.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	if i, ok := n.find(key); ok {
		return n.members[i].value
	}
	return nil
}

// set adds a member or replaces the one before it.
func (n *node) set(m member) {
	if i, ok := n.find(m.key); ok {
		n.members[i] = m
		return
	}
	n.members = append(n.members, m)
	switch {
	case n.index != nil:
		n.index[m.key] = len(n.members) - 1
	case len(n.members) == indexFrom:
		n.index = make(map[string]int, 2*indexFrom)
		for i := range n.members {
			n.index[n.members[i].key] = i
		}
	}
}

// place returns where a value stands.
func (n *node) place() Place {
	if n == nil {
		return Place{}
	}
	return Place{int(n.line), int(n.column)}
}

// absent reports whether a value is missing or null.
func (n *node) absent() bool { return n == nil || n.kind == null }

// objectMembers returns the members of an object; anything else has none.
func (n *node) objectMembers() []member {
	if n == nil {
		return nil
	}
	return n.members
}

// parse reads a document, JSON or YAML by its content.
func parse(data []byte) (*node, error) {
	if len(data) > maxBytes {
		return nil, limitf("the document has %d bytes; the limit is %d", len(data), maxBytes)
	}
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return parseYAML(data)
	}
	root, err := parseJSON(data)
	var limit *limitError
	if err == nil || errors.As(err, &limit) {
		return root, err
	}
	// A flow mapping of YAML begins like that too.
	if fromYAML, yamlErr := parseYAML(data); yamlErr == nil {
		return fromYAML, nil
	}
	return nil, err
}

// limitError says that a document has too much of something.
type limitError struct{ text string }

func (e *limitError) Error() string { return e.text }

func limitf(format string, args ...any) error { return &limitError{fmt.Sprintf(format, args...)} }

// checkYAMLSize refuses what would become more nodes than fit into memory: the
// parser of YAML makes them all before anybody can count. Each node takes at
// least one of these characters, or a line; that counts more than there are,
// as blocks of text have them too.
func checkYAMLSize(data []byte) error {
	signs := 0
	for i, b := range data {
		switch b {
		case '\n', ',', '[', '{', '&', '*':
			signs++
		case '-', '?', ':':
			if i+1 < len(data) && (data[i+1] == ' ' || data[i+1] == '\t') {
				signs++
			}
		}
		if signs > maxSigns {
			return limitf("the document has more than %d values; JSON may have more", maxSigns)
		}
	}
	return nil
}

func parseYAML(data []byte) (*node, error) {
	if err := checkYAMLSize(data); err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, placeYAML(data, err)
	}
	if len(document.Content) == 0 {
		return nil, errors.New("the document is empty")
	}
	c := converter{left: maxNodes}
	return c.convert(document.Content[0], 0)
}

// converter turns YAML nodes into ours and bounds what aliases may make of them.
type converter struct{ left int }

func (c *converter) convert(y *yaml.Node, depth int) (*node, error) {
	if c.left--; c.left < 0 {
		return nil, at(y, limitf("the document has more than %d values", maxNodes))
	}
	if depth > maxDepth {
		return nil, at(y, limitf("the document is nested deeper than %d levels", maxDepth))
	}
	if tag := y.ShortTag(); y.Kind != yaml.AliasNode && !knownTags[tag] {
		return nil, at(y, fmt.Errorf("the tag %s has no meaning here; templates have to be resolved before", tag))
	}
	n := &node{line: int32(y.Line), column: int32(y.Column)}
	switch y.Kind {
	case yaml.AliasNode:
		return c.convert(y.Alias, depth+1)
	case yaml.SequenceNode:
		n.kind = list
		for _, item := range y.Content {
			value, err := c.convert(item, depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, value)
		}
	case yaml.MappingNode:
		n.kind = object
		return n, c.members(n, y, depth)
	default:
		n.text, n.isText = y.Value, y.ShortTag() == "!!str"
		if y.ShortTag() == "!!null" {
			n.kind = null
		}
	}
	return n, nil
}

// knownTags are those of plain YAML. Others, like the short functions of
// templates, would lose their meaning.
var knownTags = map[string]bool{
	"": true, "!!str": true, "!!int": true, "!!float": true, "!!bool": true, "!!null": true,
	"!!timestamp": true, "!!map": true, "!!seq": true, "!!merge": true,
}

func (c *converter) members(n *node, y *yaml.Node, depth int) error {
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		value, err := c.convert(y.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		if key.ShortTag() == "!!merge" {
			merge(n, value)
			continue
		}
		if key.Kind != yaml.ScalarNode {
			return at(key, errors.New("a key must be a text or a number"))
		}
		n.set(member{key: key.Value, at: Place{key.Line, key.Column}, value: value})
	}
	return nil
}

// merge adds the members of a merge key ("<<") that the object does not have.
func merge(n, from *node) {
	for _, source := range append([]*node{from}, from.items...) {
		for _, m := range source.members {
			if n.get(m.key) == nil {
				n.set(m)
			}
		}
	}
}

// checkJSONSize refuses what has too many values or too many levels before
// the time is spent to read them: there is a comma between any two values.
func checkJSONSize(data []byte) error {
	commas, depth, inText := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch b := data[i]; {
		case inText && b == '\\':
			i++ // whatever is escaped
		case b == '"':
			inText = !inText
		case inText:
		case b == ',':
			commas++
		case b == '{' || b == '[':
			depth++
		case b == '}' || b == ']':
			depth--
		}
		if commas > maxNodes {
			return limitf("the document has more than %d values", maxNodes)
		}
		if depth > maxDepth {
			return limitf("the document is nested deeper than %d levels", maxDepth)
		}
	}
	return nil
}

// parseJSON reads JSON with places. It is stricter than YAML and takes tabs.
func parseJSON(data []byte) (*node, error) {
	if err := checkJSONSize(data); err != nil {
		return nil, err
	}
	p := &jsonParser{dec: json.NewDecoder(bytes.NewReader(data)), data: data, left: maxNodes}
	p.dec.UseNumber()
	for i, b := range data {
		if b == '\n' {
			p.lines = append(p.lines, i+1)
		}
	}
	root, err := p.value(0)
	if err != nil {
		return nil, p.place(err)
	}
	if _, err := p.dec.Token(); err != io.EOF {
		return nil, p.place(errors.New("content after the document"))
	}
	return root, nil
}

type jsonParser struct {
	dec   *json.Decoder
	data  []byte
	lines []int // offsets at which the lines after the first begin
	left  int
}

func (p *jsonParser) place(err error) error {
	at := p.dec.InputOffset()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = syntax.Offset
	}
	line, column := p.position(int(at))
	return &placedError{Place{line, column}, err}
}

func (p *jsonParser) position(offset int) (line, column int) {
	line = sort.SearchInts(p.lines, offset+1)
	start := 0
	if line > 0 {
		start = p.lines[line-1]
	}
	return line + 1, offset - start + 1
}

// here returns a node at the place of the next value.
func (p *jsonParser) here() *node {
	at := int(p.dec.InputOffset())
	for at < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[at]) >= 0 {
		at++
	}
	line, column := p.position(at)
	return &node{line: int32(line), column: int32(column)}
}

func (p *jsonParser) value(depth int) (*node, error) {
	if p.left--; p.left < 0 {
		return nil, limitf("the document has more than %d values", maxNodes)
	}
	if depth > maxDepth {
		return nil, limitf("the document is nested deeper than %d levels", maxDepth)
	}
	n := p.here()
	token, err := p.dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case nil:
		n.kind = null
	case string:
		n.text, n.isText = t, true
	case json.Delim:
		return n, p.container(n, t, depth)
	default:
		n.text = fmt.Sprint(t)
	}
	return n, nil
}

func (p *jsonParser) container(n *node, open json.Delim, depth int) error {
	n.kind = object
	if open == '[' {
		n.kind = list
	}
	for p.dec.More() {
		if n.kind == list {
			item, err := p.value(depth + 1)
			if err != nil {
				return err
			}
			n.items = append(n.items, item)
			continue
		}
		at := p.here().place()
		key, err := p.dec.Token()
		if err != nil {
			return err
		}
		value, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.set(member{key: key.(string), at: at, value: value})
	}
	_, err := p.dec.Token()
	return err
}
