package value

import (
	"cmp"
	"math/big"
)

// maxCompared bounds the parts of two values that a comparison looks at: a
// list that holds itself twice over has more than can be counted.
const maxCompared = 1 << 16

// Equal reports whether two values are equal: numbers by value, lists and
// maps by their parts. Values of different types differ.
func Equal(a, b Value) bool {
	budget := maxCompared
	return EqualWithin(a, b, &budget)
}

// EqualWithin is Equal with a budget of parts to look at, which it uses up.
// Values whose comparison needs more are not equal.
func EqualWithin(a, b Value, budget *int) bool { return equal(a, b, budget) }

func equal(a, b Value, budget *int) bool {
	if *budget--; *budget < 0 {
		return false
	}
	switch {
	case a.IsNumber() && b.IsNumber():
		return Compare(a, b) == 0
	case a.IsList() && b.IsList():
		x, y := a.Items(), b.Items()
		if len(x) != len(y) {
			return false
		}
		for i := range x {
			if !equal(x[i], y[i], budget) {
				return false
			}
		}
		return true
	case a.kind != b.kind:
		return false
	}
	switch a.kind {
	case Object:
		x, y := a.Map(), b.Map()
		if x.Len() != y.Len() {
			return false
		}
		for _, member := range x.members {
			other, ok := y.Get(member.Key)
			if !ok || !equal(member.Value, other, budget) {
				return false
			}
		}
		return true
	case Entry:
		x, _ := a.Map().Get(a.text)
		y, _ := b.Map().Get(b.text)
		return a.text == b.text && equal(x, y, budget)
	case Host:
		return a.ref == b.ref
	}
	return a.bits == b.bits && a.text == b.text
}

// Compare compares two numbers by value; a NaN is less than all others.
func Compare(a, b Value) int {
	switch {
	case a.kind == Double || b.kind == Double:
		return cmp.Compare(a.Float64(), b.Float64())
	case a.kind == Big || b.kind == Big:
		return a.BigInt().Cmp(b.BigInt())
	}
	return cmp.Compare(int64(a.bits), int64(b.bits))
}

// Arithmetic is one of the four operations and the remainder.
type Arithmetic byte

// Calculate computes a op b for numbers, op one of + - * / %. Integers stay
// integers: a result grows to the type that holds it. False: an operand is no
// number, or the divisor is zero.
func Calculate(a Value, op Arithmetic, b Value) (Value, bool) {
	switch {
	case !a.IsNumber() || !b.IsNumber():
		return Value{}, false
	case (op == '/' || op == '%') && b.Float64() == 0:
		return Value{}, false
	case a.kind == Double || b.kind == Double:
		return OfDouble(float(a.Float64(), op, b.Float64())), true
	case a.kind != Big && b.kind != Big:
		if n, ok := integer(a.Int64(), op, b.Int64()); ok {
			if a.kind == Long || b.kind == Long {
				return OfLong(n), true
			}
			return OfInt(n), true
		}
	}
	x, y, n := a.BigInt(), b.BigInt(), new(big.Int)
	if x.BitLen()+y.BitLen() > maxDigits*4 {
		return Value{}, false // squaring in a loop would never end
	}
	switch op {
	case '+':
		n.Add(x, y)
	case '-':
		n.Sub(x, y)
	case '*':
		n.Mul(x, y)
	case '/':
		n.Quo(x, y)
	case '%':
		n.Rem(x, y)
	}
	return OfBig(n), true
}
