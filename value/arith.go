package value

import "math"

func float(a float64, op Arithmetic, b float64) float64 {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	case '*':
		return a * b
	case '/':
		return a / b
	}
	return math.Mod(a, b)
}

// integer computes in 64 bits; false where the result needs more.
func integer(a int64, op Arithmetic, b int64) (int64, bool) {
	switch op {
	case '+':
		n := a + b
		return n, (n > a) == (b > 0)
	case '-':
		n := a - b
		return n, (n < a) == (b > 0)
	case '*':
		if a == 0 || b == 0 {
			return 0, true
		}
		n := a * b
		return n, n/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64)
	case '/':
		return a / b, !(a == math.MinInt64 && b == -1)
	}
	if b == -1 {
		return 0, true
	}
	return a % b, true
}
