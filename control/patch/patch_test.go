package patch

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/fault"
)

func TestMatch(t *testing.T) {
	for _, row := range []struct {
		pattern, path string
		args          []string
		ok            bool
	}{
		{"/a", "/a", nil, true},
		{"/a", "/b", nil, false},
		{"/a", "/a/", nil, false},
		{"/a", "/a/b", nil, false},
		{"/a", "a", nil, false},
		{"/a", "", nil, false},
		{"/a", "null", nil, false},
		{"/a/b", "/a", nil, false},
		{"/a/{x}", "/a/b", []string{"b"}, true},
		{"/a/{x}", "/a/", nil, false},
		{"/a/{x}", "/a/b/c", nil, false},
		{"/a/{x}", "/a/b~1c~0d", []string{"b/c~d"}, true},
		{"/a/{x}", "/a/~01", []string{"~1"}, true},
		{"/a/{x}", "/a/%2F", []string{"%2F"}, true},
		{"/a/{x}/c", "/a/b/c", []string{"b"}, true},
		{"/{x}/{y}", "/a/b", []string{"a", "b"}, true},
		{"/a/{rest...}", "/a/b", []string{"b"}, true},
		{"/a/{rest...}", "/a/b~1c/d", []string{"b~1c/d"}, true},
		{"/a/{rest...}", "/a/", []string{""}, true},
		{"/a/{rest...}", "/a", nil, false},
		{"/{rest...}", "/", []string{""}, true},
		{"/{rest...}", "//x", []string{"/x"}, true},
		{"/{rest...}", "", nil, false},
	} {
		args, ok := match(row.pattern, row.path)
		if ok != row.ok || ok && !slices.Equal(args, row.args) {
			t.Errorf("match(%q, %q): got %q, %t; want %q, %t", row.pattern, row.path, args, ok, row.args, row.ok)
		}
	}
}

func TestNumbersAndBooleans(t *testing.T) {
	for _, row := range []struct {
		value  string
		int    int32
		isInt  bool
		double float64
		isDbl  bool
		bool   bool
	}{
		{"5", 5, true, 5, true, false},
		{"-1", -1, true, -1, true, false},
		{"-1.000000", 0, false, -1, true, false},
		{"2147483647", 2147483647, true, 2147483647, true, false},
		{"2147483648", 0, false, 2147483648, true, false},
		{"1e3", 0, false, 1000, true, false},
		{"1e999", 0, false, 0, false, false},
		{"0x10", 0, false, 0, false, false},
		{"0x1p4", 0, false, 0, false, false},
		{"Inf", 0, false, 0, false, false},
		{"NaN", 0, false, 0, false, false},
		{" 5", 0, false, 0, false, false},
		{"", 0, false, 0, false, false},
		{"1_0", 0, false, 0, false, false},
		{"tRuE", 0, false, 0, false, true},
		{"1 ", 0, false, 0, false, false},
	} {
		op := NewOp(Replace, row.value)
		n, isInt := op.Int()
		d, isDbl := op.Double()
		if isInt != row.isInt || isInt && n != row.int || isDbl != row.isDbl || isDbl && d != row.double || *op.Bool() != row.bool {
			t.Errorf("%q: got int %d %t, double %v %t, bool %t; want %+v", row.value, n, isInt, d, isDbl, *op.Bool(), row)
		}
	}
}

// draftTable is a table over a list of words, for the rules of the engine alone.
var draftTable = Table[[]string]{
	Resource: "Draft",
	Refuse:   ListsPaths,
	Finish: func(draft *[]string) error {
		if slices.Contains(*draft, "bad") {
			return errors.New("finish")
		}
		return nil
	},
	Rows: []Row[[]string]{
		{Path: "/b", Ops: Add | Replace, Apply: func(draft *[]string, op Op) error {
			*draft = append(*draft, op.Value())
			return nil
		}},
		{Path: "/a", Ops: Replace, Apply: func(draft *[]string, _ Op) error { return errors.New("row") }},
		{Path: "/c/{rest...}", Ops: Add, Apply: func(*[]string, Op) error { return ErrNoPath }},
		{Path: "/b", Ops: Remove, Apply: func(draft *[]string, op Op) error {
			*draft = (*draft)[:len(*draft)-1]
			return nil
		}},
	},
}

func TestApply(t *testing.T) {
	op := func(name, path, value string) apigw.PatchOperation {
		return apigw.PatchOperation{Op: &name, Path: &path, Value: &value}
	}
	for _, row := range []struct {
		name string
		ops  []apigw.PatchOperation
		want string // words, or the error
	}{
		{"nothing, without the rules over the result", nil, "bad"},
		{"in order", []apigw.PatchOperation{op("remove", "/b", ""), op("add", "/b", "x"), op("replace", "/b", "y"), op("remove", "/b", "")}, "x"},
		{"rules over the result", []apigw.PatchOperation{op("add", "/b", "x")}, "finish"},
		{"first error wins", []apigw.PatchOperation{op("replace", "/a", ""), op("replace", "/c", "")}, "row"},
		{"another row of the path", []apigw.PatchOperation{op("remove", "/b  ", "")}, ""},
		{"unknown path", []apigw.PatchOperation{op("replace", "/c", "")}, "BadRequestException: Invalid patch path  '/c' specified for op 'replace'. Must be one of: [/b, /a]"},
		{"unknown path, as its row says", []apigw.PatchOperation{op("add", "/c/d", "")}, "BadRequestException: Invalid patch path  '/c/d' specified for op 'add'. Must be one of: [/b, /c/{rest...}]"},
		{"unsupported op", []apigw.PatchOperation{op("copy", "/b", "")}, "BadRequestException: Invalid patch path  '/b' specified for op 'copy'. Please choose supported operations"},
		{"move", []apigw.PatchOperation{op("move", "/b", "")}, "BadRequestException: Invalid patch path  '/b' specified for op 'move'. Please choose supported operations"},
		{"too many", make([]apigw.PatchOperation, MaxOperations+1), "BadRequestException: Update size too large. Try updating draft in multiple UpdateDraft operations"},
	} {
		t.Run(row.name, func(t *testing.T) {
			draft := []string{"bad"}
			err := draftTable.Apply(&draft, row.ops)
			got := strings.Join(draft, " ")
			if err != nil {
				got = err.Error()
			}
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	for _, row := range []struct {
		known Ops
		want  string
	}{
		{0, "Invalid patch path /a"},
		{Replace, "Invalid patch operation specified. Must be one of: [replace]"},
		{Copy | Replace | Remove | Add, "Invalid patch operation specified. Must be one of: [add, remove, replace, copy]"},
	} {
		if got := fault.From(Plain(Op{Path: "/a"}, row.known, nil)).Message; got != row.want {
			t.Errorf("Plain with %v: got %q, want %q", row.known, got, row.want)
		}
	}
}

// FuzzMatch: a match takes every hole once, and what the holes took makes the
// path again.
func FuzzMatch(f *testing.F) {
	f.Add("/a/{x}", "/a/b~1c")
	f.Add("/a/{rest...}", "/a/b//c")
	f.Add("/{x}/{y}/z", "/~0/~01/z")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		args, ok := match(pattern, path)
		if !ok || strings.Contains(pattern, "...}") || strings.Contains(path, "~") || !strings.HasPrefix(pattern, "/") {
			return
		}
		var again strings.Builder
		for _, segment := range strings.Split(pattern[1:], "/") {
			if strings.HasPrefix(segment, "{") {
				if len(args) == 0 || args[0] == "" {
					t.Fatalf("match(%q, %q): a hole took nothing", pattern, path)
				}
				segment, args = args[0], args[1:]
			}
			again.WriteString("/" + segment)
		}
		if again.String() != path || len(args) > 0 {
			t.Errorf("match(%q, %q): made %q again, left %q", pattern, path, again.String(), args)
		}
	})
}
