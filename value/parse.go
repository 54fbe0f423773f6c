package value

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of documents that are read and of values that
// are written.
const maxDepth = 500

// ErrDepth refuses a document or a value that is nested too deeply.
var ErrDepth = errors.New("nested too deeply")

// ParseJSON reads a JSON document. The value refers to the text. Of equal
// keys the last one wins, at the place of the first.
func ParseJSON(text string) (Value, error) {
	p := parser{text: text}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return Value{}, err
	}
	if p.space(); p.at < len(text) {
		return Value{}, p.fail("text after the document")
	}
	return v, nil
}

// parser collects the parts of open objects and arrays on two stacks and
// copies them to blocks when they are complete: few allocations, none too big.
type parser struct {
	text    string
	at      int
	members []Member
	items   []Value

	memberBlock []Member
	itemBlock   []Value
	mapBlock    []Map
	listBlock   []Sequence
}

func (p *parser) fail(reason string) error { return fmt.Errorf("JSON, offset %d: %s", p.at, reason) }

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// next skips space and returns the byte that follows, 0 at the end.
func (p *parser) next() byte {
	p.space()
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) value(depth int) (Value, error) {
	if depth > maxDepth {
		return Value{}, ErrDepth
	}
	if p.at >= len(p.text) {
		return Value{}, p.fail("unexpected end")
	}
	switch c := p.text[p.at]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		s, err := p.str()
		return OfString(s), err
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	case p.word("true"):
		return OfBool(true), nil
	case p.word("false"):
		return OfBool(false), nil
	case p.word("null"):
		return Value{}, nil
	}
	return Value{}, p.fail("unexpected character")
}

func (p *parser) word(w string) bool {
	if len(p.text)-p.at >= len(w) && p.text[p.at:p.at+len(w)] == w {
		p.at += len(w)
		return true
	}
	return false
}

// take returns n zero elements from a block, and the rest of the block.
func take[T any](block []T, n int) (part, rest []T) {
	if n > len(block) {
		block = make([]T, max(n, 32))
	}
	return block[:n:n], block[n:]
}

func (p *parser) object(depth int) (Value, error) {
	p.at++
	base := len(p.members)
	if p.next() == '}' {
		p.at++
	} else {
		for more := true; more; {
			if p.next() != '"' {
				return Value{}, p.fail("a key is missing")
			}
			key, err := p.str()
			if err != nil {
				return Value{}, err
			}
			if p.next() != ':' {
				return Value{}, p.fail("a colon is missing")
			}
			p.at++
			p.space()
			v, err := p.value(depth + 1)
			if err != nil {
				return Value{}, err
			}
			p.members = append(p.members, Member{key, v})
			if more, err = p.more('}'); err != nil {
				return Value{}, err
			}
		}
	}
	return OfMap(p.closeObject(base)), nil
}

// more reads what follows a member or an item: a comma or the end.
func (p *parser) more(end byte) (bool, error) {
	switch p.next() {
	case ',':
		p.at++
		p.space()
		return true, nil
	case end:
		p.at++
		return false, nil
	}
	return false, p.fail("a comma or " + string(end) + " is missing")
}

func (p *parser) closeObject(base int) *Map {
	open := p.members[base:]
	maps, rest := p.mapBlock, []Map(nil)
	if len(maps) == 0 {
		maps = make([]Map, 8)
	}
	maps, rest = maps[:1:1], maps[1:]
	p.mapBlock = rest
	m := &maps[0]
	m.members, p.memberBlock = take(p.memberBlock, len(open))
	m.members = m.members[:0]
	for _, member := range open {
		m.Set(member.Key, member.Value)
	}
	clear(open)
	p.members = p.members[:base]
	return m
}

func (p *parser) array(depth int) (Value, error) {
	p.at++
	base := len(p.items)
	if p.next() == ']' {
		p.at++
	} else {
		for more := true; more; {
			v, err := p.value(depth + 1)
			if err != nil {
				return Value{}, err
			}
			p.items = append(p.items, v)
			if more, err = p.more(']'); err != nil {
				return Value{}, err
			}
		}
	}
	open := p.items[base:]
	var list []Sequence
	list, p.listBlock = take(p.listBlock, 1)
	list[0].Items, p.itemBlock = take(p.itemBlock, len(open))
	copy(list[0].Items, open)
	clear(open)
	p.items = p.items[:base]
	return Value{kind: Array, ref: &list[0]}, nil
}

// digits skips digits and returns how many there were.
func (p *parser) digits() int {
	from := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - from
}

func (p *parser) number() (Value, error) {
	from := p.at
	if p.text[p.at] == '-' {
		p.at++
	}
	lead := p.at
	if n := p.digits(); n == 0 || n > 1 && p.text[lead] == '0' {
		return Value{}, p.fail("bad number")
	}
	integer := true
	if p.at < len(p.text) && p.text[p.at] == '.' {
		integer = false
		p.at++
		if p.digits() == 0 {
			return Value{}, p.fail("bad number")
		}
	}
	if p.at < len(p.text) && (p.text[p.at] == 'e' || p.text[p.at] == 'E') {
		integer = false
		if p.at++; p.at < len(p.text) && (p.text[p.at] == '+' || p.text[p.at] == '-') {
			p.at++
		}
		if p.digits() == 0 {
			return Value{}, p.fail("bad number")
		}
	}
	v := ParseNumber(p.text[from:p.at], integer)
	v.text = p.text[from:p.at]
	return v, nil
}

// maxDigits bounds the integers that are computed with: reading a longer one
// takes time that grows with the square of its length.
const maxDigits = 4000

// ParseNumber returns the number that a well-formed spelling stands for, of
// the smallest type that holds it.
func ParseNumber(text string, integer bool) Value {
	if integer {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return OfInt(n)
		}
		if len(text) <= maxDigits {
			if n, ok := new(big.Int).SetString(text, 10); ok {
				return OfBig(n)
			}
		}
	}
	f, _ := strconv.ParseFloat(text, 64) // out of range is infinite, as in Java
	return OfDouble(f)
}

// str reads a string.
func (p *parser) str() (string, error) {
	p.at++
	from := p.at
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return p.text[from : p.at-1], nil
		case c == '\\':
			return p.escaped(from)
		case c < 0x20:
			return "", p.fail("a control character in a string")
		}
	}
	return "", p.fail("a string is not closed")
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escaped reads the rest of a string that has escapes.
func (p *parser) escaped(from int) (string, error) {
	out := []byte(p.text[from:p.at])
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		switch {
		case c == '"':
			return string(out), nil
		case c < 0x20:
			return "", p.fail("a control character in a string")
		case c != '\\':
			out = append(out, c)
			continue
		}
		if p.at >= len(p.text) {
			break
		}
		c = p.text[p.at]
		p.at++
		if c == 'u' {
			r, ok := p.hex()
			if !ok {
				return "", p.fail("bad escape")
			}
			if utf16.IsSurrogate(r) && p.word(`\u`) {
				low, ok := p.hex()
				if !ok {
					return "", p.fail("bad escape")
				}
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					r = pair
				} else {
					out = utf8.AppendRune(out, utf8.RuneError)
					r = low
				}
			}
			out = utf8.AppendRune(out, r)
			continue
		}
		if escapes[c] == 0 {
			return "", p.fail("bad escape")
		}
		out = append(out, escapes[c])
	}
	return "", p.fail("a string is not closed")
}

func (p *parser) hex() (rune, bool) {
	if len(p.text)-p.at < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(p.text[p.at:p.at+4], 16, 16)
	p.at += 4
	return rune(n), err == nil
}
