package vtl

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/value"
)

var booleanMethods = map[string]method{
	"parseBoolean": {1, 1, parseBoolean},
	"valueOf":      {1, 1, parseBoolean},
	"booleanValue": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) { return v, nil }},
}

func parseBoolean(s *state, _ value.Value, args []value.Value) (value.Value, error) {
	return value.OfBool(strings.EqualFold(s.text(args[0]), "true")), nil
}

// numberMethods are those of all numbers: a number answers the static methods
// of its type, and here those of the others too.
var numberMethods = map[string]method{
	"intValue": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) {
		n := v.Int64()
		if v.Kind() == value.Double { // Java stops at the ends of the type
			n = min(max(n, -1<<31), 1<<31-1)
		}
		return value.OfInt(int64(int32(n))), nil
	}},
	"longValue": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) {
		return value.OfLong(v.Int64()), nil
	}},
	"doubleValue": {0, 0, func(_ *state, v value.Value, _ []value.Value) (value.Value, error) {
		return value.OfDouble(v.Float64()), nil
	}},
	"compareTo": {1, 1, func(_ *state, v value.Value, args []value.Value) (value.Value, error) {
		if !args[0].IsNumber() {
			return value.Value{}, errType
		}
		return value.OfInt(int64(value.Compare(v, args[0]))), nil
	}},
	"parseInt":  {1, 2, parseInteger(32, value.OfInt)},
	"parseLong": {1, 2, parseInteger(64, value.OfLong)},
	"parseDouble": {1, 1, func(s *state, _ value.Value, args []value.Value) (value.Value, error) {
		return parseDouble(s.text(args[0]))
	}},
	"valueOf": {1, 2, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		switch v.Kind() {
		case value.Double:
			return parseDouble(s.text(args[0]))
		case value.Int:
			return parseInteger(32, value.OfInt)(s, v, args)
		}
		return parseInteger(64, value.OfLong)(s, v, args)
	}},
	"toHexString":    {1, 1, inBase(16)},
	"toOctalString":  {1, 1, inBase(8)},
	"toBinaryString": {1, 1, inBase(2)},
}

func parseInteger(bits int, of func(int64) value.Value) func(*state, value.Value, []value.Value) (value.Value, error) {
	return func(s *state, _ value.Value, args []value.Value) (value.Value, error) {
		base := 10
		if len(args) == 2 {
			if base = int(args[1].Int64()); base < 2 || base > 36 {
				return value.Value{}, errNumber
			}
		}
		text := s.text(args[0])
		n, err := strconv.ParseInt(text, base, bits)
		if err != nil {
			return value.Value{}, errNumber
		}
		return of(n), nil
	}
}

func parseDouble(text string) (value.Value, error) {
	text = strings.TrimFunc(text, blank)
	if strings.ContainsAny(text, "xX_") {
		return value.Value{}, errNumber
	}
	f, err := strconv.ParseFloat(strings.TrimRight(text, "dDfF"), 64)
	if err != nil && (f == 0 || f-f == 0) { // out of range is infinite
		return value.Value{}, errNumber
	}
	return value.OfDouble(f), nil
}

// inBase spells an integer as the bits of its two's complement.
func inBase(base int) func(*state, value.Value, []value.Value) (value.Value, error) {
	return func(_ *state, v value.Value, args []value.Value) (value.Value, error) {
		n := args[0]
		switch {
		case !n.IsInteger():
			return value.Value{}, errType
		case n.Kind() == value.Int:
			return value.OfString(strconv.FormatUint(uint64(uint32(n.Int64())), base)), nil
		}
		return value.OfString(new(big.Int).SetUint64(uint64(n.Int64())).Text(base)), nil
	}
}
