package value

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

// TestDoubles: the printed forms are Java's.
func TestDoubles(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -2.5: "-2.5", 0.001: "0.001", 0.00099: "9.9E-4", 9999999: "9999999.0", 1e7: "1.0E7", 1.25e300: "1.25E300",
		math.Inf(1): "Infinity", math.Inf(-1): "-Infinity",
	} {
		if got, _ := OfDouble(f).Text(100); got != want {
			t.Errorf("%v prints %q, want %q", f, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		` { "b" : 1.50 , "a":[ 1e2, null,true ], "b":2, "":{} } `: `{"b":2,"a":[1e2,null,true],"":{}}`,
		`"\u00e9\ud83d\ude00\ud800x\/\n"`:                         `"é😀` + "\uFFFD" + `x/\n"`,
		"12345678901234567890":                                    "12345678901234567890", "-0": "-0", "[]": "[]",
	} {
		v, err := ParseJSON(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := v.AppendJSON(nil, 1000); string(got) != want || err != nil {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "{", "[1,]", `{"a":1,}`, "01", "1.", "-", "1e", "nul", `"a`, `"\x"`, `"\u12"`, "\"\n\"", "{a:1}", "1 2", `{"a" 1}`, `"\`} {
		if v, err := ParseJSON(text); err == nil {
			t.Errorf("%q parses as %v", text, v)
		}
	}
	if _, err := ParseJSON(strings.Repeat("[", maxDepth+2)); !errors.Is(err, ErrDepth) {
		t.Errorf("deep document: %v", err)
	}
}

func TestMapGrows(t *testing.T) {
	m := NewMap()
	for i := range 100 {
		m.Set(string(rune('a'+i%50)), OfInt(int64(i)))
	}
	m.Delete("b")
	if v, ok := m.Get("c"); m.Len() != 49 || !ok || v.Int64() != 52 || m.Members()[1].Key != "c" {
		t.Errorf("%d members, c = %d, %v", m.Len(), v.Int64(), ok)
	}
	if _, ok := m.Get("b"); ok {
		t.Error("a deleted key is there")
	}
}

// TestCalculate: results grow to the type that holds them.
func TestCalculate(t *testing.T) {
	for _, test := range []struct {
		a, b Value
		op   Arithmetic
		want string
		kind Kind
	}{
		{OfInt(2), OfInt(3), '*', "6", Int}, {OfInt(math.MaxInt32), OfInt(1), '+', "2147483648", Long}, {OfLong(1), OfInt(1), '-', "0", Long},
		{OfLong(math.MinInt64), OfInt(-1), '/', "9223372036854775808", Big}, {OfLong(math.MinInt64), OfInt(-1), '%', "0", Long}, {OfLong(math.MaxInt64), OfInt(2), '*', "18446744073709551614", Big},
		{OfInt(7), OfDouble(2), '/', "3.5", Double}, {OfInt(-7), OfInt(2), '/', "-3", Int}, {OfLong(math.MinInt64), OfInt(1), '-', "-9223372036854775809", Big}, {OfInt(5), OfInt(0), '+', "5", Int}, {OfInt(5), OfInt(0), '-', "5", Int},
	} {
		got, ok := Calculate(test.a, test.op, test.b)
		if text, _ := got.Text(100); !ok || text != test.want || got.Kind() != test.kind {
			t.Errorf("%c: %s of kind %d, want %s of kind %d", test.op, text, got.Kind(), test.want, test.kind)
		}
	}
	if _, ok := Calculate(OfInt(1), '/', OfDouble(0)); ok {
		t.Error("a division by zero has a result")
	}
}

// FuzzParse: it reads what encoding/json reads, and writes JSON.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e-3,"\u00e9\n",null,true]}`, "[[]]", `"\ud83d\ude00"`, "-0", "{"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseJSON(text)
		if errors.Is(err, ErrDepth) {
			return
		}
		if valid := json.Valid([]byte(text)); valid != (err == nil) {
			t.Fatalf("%q: %v, valid %v", text, err, valid)
		}
		if err != nil {
			return
		}
		out, err := v.AppendJSON(nil, 1<<24)
		if err != nil || !json.Valid(out) {
			t.Errorf("%q is written as %q, %v", text, out, err)
		}
		_, _ = v.Text(1 << 20)
	})
}
