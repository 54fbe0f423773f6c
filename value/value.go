package value

import (
	"math"
	"math/big"
)

// Kind is the type of a value.
type Kind uint8

// The kinds. The zero Value is null.
const (
	Null Kind = iota
	Bool
	Int  // 32 bits, as in Java
	Long // 64 bits
	Big  // an integer of any size
	Double
	String
	List   // made by a template
	Array  // of a JSON document: a list that prints as JSON
	Object // an ordered map
	Entry  // a member of a map
	Host   // something that the caller of a template provides
)

// Value is one value. It is small enough to be passed by value.
type Value struct {
	kind Kind
	bits uint64 // Bool, Int, Long, Double
	text string // String; the spelling of a number in a document; the key of an Entry
	ref  any    // *Sequence, *Map (also of an Entry), *big.Int, Provider
}

// Provider is an object of the caller's: its members are read by name and its
// methods are called by name.
type Provider interface {
	// Get returns a member; null if there is none.
	Get(name string) Value
	// Call calls a method. False: there is no such method. An error ends the
	// template.
	Call(name string, args []Value) (Value, bool, error)
	// Map returns all members for methods of maps and for loops; nil for an
	// object that is no map. Changes of the map are seen by Get.
	Map() *Map
}

// OfBool returns a boolean.
func OfBool(b bool) Value {
	if b {
		return Value{kind: Bool, bits: 1}
	}
	return Value{kind: Bool}
}

// OfInt returns an Int, or a Long if n needs one.
func OfInt(n int64) Value {
	if n == int64(int32(n)) {
		return Value{kind: Int, bits: uint64(n)}
	}
	return OfLong(n)
}

// OfLong returns a Long.
func OfLong(n int64) Value { return Value{kind: Long, bits: uint64(n)} }

// OfBig returns a Big. The number must not change afterwards.
func OfBig(n *big.Int) Value { return Value{kind: Big, ref: n} }

// OfDouble returns a Double.
func OfDouble(f float64) Value { return Value{kind: Double, bits: math.Float64bits(f)} }

// OfString returns a String.
func OfString(s string) Value { return Value{kind: String, text: s} }

// OfList returns a list that a template made.
func OfList(items ...Value) Value { return Value{kind: List, ref: &Sequence{items}} }

// OfArray returns an array of a JSON document.
func OfArray(items ...Value) Value { return Value{kind: Array, ref: &Sequence{items}} }

// OfMap returns a map. A nil map is null.
func OfMap(m *Map) Value {
	if m == nil {
		return Value{}
	}
	return Value{kind: Object, ref: m}
}

// OfEntry returns the entry of a map that has this key.
func OfEntry(m *Map, key string) Value { return Value{kind: Entry, text: key, ref: m} }

// OfHost returns an object of the caller's.
func OfHost(p Provider) Value { return Value{kind: Host, ref: p} }

// Kind returns the type of v.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.kind == Null }

// IsFalse reports whether v is the boolean false; the service takes every
// other value for true.
func (v Value) IsFalse() bool { return v.kind == Bool && v.bits == 0 }

// IsInteger reports whether v is a number without a fraction.
func (v Value) IsInteger() bool { return v.kind == Int || v.kind == Long || v.kind == Big }

// IsNumber reports whether v is a number.
func (v Value) IsNumber() bool { return v.IsInteger() || v.kind == Double }

// IsList reports whether v is a list of either kind.
func (v Value) IsList() bool { return v.kind == List || v.kind == Array }

// Str returns the text of a String and the key of an Entry; "" for others.
func (v Value) Str() string {
	if v.kind == String || v.kind == Entry {
		return v.text
	}
	return ""
}

// Int64 returns a number as an integer, cut as Java cuts it; 0 for others.
func (v Value) Int64() int64 {
	switch v.kind {
	case Int, Long:
		return int64(v.bits)
	case Big:
		return int64(new(big.Int).And(v.ref.(*big.Int), new(big.Int).SetUint64(math.MaxUint64)).Uint64())
	case Double:
		f := v.Float64()
		switch {
		case f != f:
			return 0
		case f >= math.MaxInt64:
			return math.MaxInt64
		case f <= math.MinInt64:
			return math.MinInt64
		}
		return int64(f)
	}
	return 0
}

// Float64 returns a number as a floating point number; 0 for others.
func (v Value) Float64() float64 {
	switch v.kind {
	case Int, Long:
		return float64(int64(v.bits))
	case Big:
		f, _ := new(big.Float).SetInt(v.ref.(*big.Int)).Float64()
		return f
	case Double:
		return math.Float64frombits(v.bits)
	}
	return 0
}

// BigInt returns an integer of any size. The result must not be changed.
func (v Value) BigInt() *big.Int {
	if v.kind == Big {
		return v.ref.(*big.Int)
	}
	return big.NewInt(v.Int64())
}

// Sequence returns the items of a list of either kind; nil for others.
func (v Value) Sequence() *Sequence {
	s, _ := v.ref.(*Sequence)
	return s
}

// Items returns the items of a list of either kind; nil for others.
func (v Value) Items() []Value {
	if s := v.Sequence(); s != nil {
		return s.Items
	}
	return nil
}

// Map returns the map of an Object, or of an Entry the map that holds it; nil
// for others.
func (v Value) Map() *Map {
	m, _ := v.ref.(*Map)
	return m
}

// Host returns the caller's object; nil for others.
func (v Value) Host() Provider {
	p, _ := v.ref.(Provider)
	return p
}

// Member returns the member of a map; null if there is none or v is no map.
func (v Value) Member(key string) Value {
	if v.kind != Object {
		return Value{}
	}
	found, _ := v.Map().Get(key)
	return found
}

// Sequence is a list that its holders share.
type Sequence struct{ Items []Value }
