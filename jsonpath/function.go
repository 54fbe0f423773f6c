package jsonpath

import (
	"math"
	"strings"

	"github.com/postern-gateway/postern/value"
)

// function is a function at the end of a path.
type function struct {
	name string
	args []operand
}

// functions are the known ones and the arguments that they take at most.
var functions = map[string]int{
	"length": 1, "size": 1, "min": 99, "max": 99, "avg": 99, "sum": 99, "stddev": 99,
	"keys": 0, "concat": 99, "append": 99, "first": 0, "last": 0, "index": 1,
}

// call parses a function's arguments.
func (p *parser) call(name string) (*function, error) {
	most, known := functions[name]
	if !known {
		return nil, p.fail("unknown function " + name)
	}
	p.at++
	f := &function{name: name}
	if p.filter++; p.filter > maxNested {
		return nil, p.fail("nested too deeply")
	}
	defer func() { p.filter-- }()
	for p.space(); !p.skip(")"); p.space() {
		if len(f.args) > 0 && !p.skip(",") {
			return nil, p.fail("expected , or )")
		}
		arg, err := p.operand()
		if err != nil {
			return nil, err
		}
		if f.args = append(f.args, arg); len(f.args) > most {
			return nil, p.fail("too many arguments")
		}
	}
	if name == "index" && len(f.args) == 0 {
		return nil, p.fail("index needs an argument")
	}
	return f, nil
}

// apply computes the function of what the path found.
func (f *function) apply(e *evaluation, v value.Value) (value.Value, bool) {
	var args []value.Value
	for _, arg := range f.args {
		got, ok := arg(e, v)
		if !ok {
			return value.Value{}, false
		}
		args = append(args, got)
	}
	switch f.name {
	case "length", "size":
		if len(args) == 1 {
			v = args[0]
		}
		n, ok := size(v)
		return value.OfInt(int64(n)), ok
	case "keys":
		if v.Kind() != value.Object {
			return value.Value{}, false
		}
		var keys []value.Value
		for _, member := range v.Map().Members() {
			keys = append(keys, value.OfString(member.Key))
		}
		return value.OfArray(keys...), true
	case "first":
		return place(0).one(v)
	case "last":
		return place(-1).one(v)
	case "index":
		if !args[0].IsInteger() {
			return value.Value{}, false
		}
		return place(args[0].Int64()).one(v)
	case "append":
		if !v.IsList() {
			return value.Value{}, false
		}
		return value.OfArray(append(append([]value.Value(nil), v.Items()...), args...)...), true
	case "concat":
		return concat(v, args)
	}
	return f.statistic(v, args)
}

// size is the length of a list, a map or a string.
func size(v value.Value) (int, bool) {
	switch {
	case v.IsList():
		return len(v.Items()), true
	case v.Kind() == value.Object:
		return v.Map().Len(), true
	case v.Kind() == value.String:
		return len([]rune(v.Str())), true
	}
	return 0, false
}

// maxText bounds a text that a function makes.
const maxText = 10 << 20

// concat joins the strings of a list and the arguments.
func concat(v value.Value, args []value.Value) (value.Value, bool) {
	var b strings.Builder
	for _, item := range v.Items() {
		b.WriteString(item.Str())
	}
	for _, arg := range args {
		text, ok := arg.Text(maxText)
		if !ok || b.Len()+len(text) > maxText {
			return value.Value{}, false
		}
		b.WriteString(text)
	}
	return value.OfString(b.String()), true
}

// statistic computes one of the numbers of a list's numbers.
func (f *function) statistic(v value.Value, args []value.Value) (value.Value, bool) {
	var numbers []float64
	for _, list := range [][]value.Value{v.Items(), args} {
		for _, item := range list {
			if item.IsNumber() {
				numbers = append(numbers, item.Float64())
			}
		}
	}
	if len(numbers) == 0 {
		return value.Value{}, false
	}
	low, high, sum, squares := numbers[0], numbers[0], 0.0, 0.0
	for _, n := range numbers {
		low, high, sum, squares = min(low, n), max(high, n), sum+n, squares+n*n
	}
	mean := sum / float64(len(numbers))
	var out float64
	switch f.name {
	case "min":
		out = low
	case "max":
		out = high
	case "sum":
		out = sum
	case "avg":
		out = mean
	case "stddev":
		out = math.Sqrt(max(squares/float64(len(numbers))-mean*mean, 0))
	}
	return value.OfDouble(out), true
}
