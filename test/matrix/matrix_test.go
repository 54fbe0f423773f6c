package matrix

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/gaps"
	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

var update = flag.Bool("update", false, "write docs/stage-matrix.md")

// kind is how a member acts.
type kind string

const (
	traffic kind = "traffic" // it changes how requests to the stage are served
	answer  kind = "answer"  // it changes what the API answers
	gap     kind = "gap"     // it does not act yet; the gap register names it
)

// row is one member.
type row struct {
	member string // "MethodSetting.cachingEnabled"
	kind   kind
	effect string // for docs/stage-matrix.md
	test   func(w *world)
	off    off // takes the effect away
}

// shapes are those whose members have rows.
var shapes = []reflect.Type{
	reflect.TypeFor[apigw.Stage](), reflect.TypeFor[apigw.MethodSetting](),
	reflect.TypeFor[apigw.CanarySettings](), reflect.TypeFor[apigw.AccessLogSettings](),
}

// members lists all members, as rows name them.
func members() []string {
	var all []string
	for _, shape := range shapes {
		for i := range shape.NumField() {
			name, _, _ := strings.Cut(shape.Field(i).Tag.Get("json"), ",")
			all = append(all, shape.Name()+"."+name)
		}
	}
	return all
}

// TestRows: every member has one row, and every gap is registered.
func TestRows(t *testing.T) {
	all := members()
	seen := map[string]bool{}
	for _, r := range rows {
		if !slices.Contains(all, r.member) || seen[r.member] {
			t.Errorf("%s: a second row, or the model has no such member", r.member)
		}
		seen[r.member] = true
		_, name, _ := strings.Cut(r.member, ".")
		registered := slices.ContainsFunc(gaps.Register, func(g gaps.Gap) bool { return strings.Contains(g.Subject, name) })
		if r.kind == gap && !registered {
			t.Errorf("%s is a gap that the register does not name", r.member)
		}
		if r.kind != gap && (r.test == nil || r.off.stage == nil && r.off.answer == nil) {
			t.Errorf("%s has no test, or no way to take its effect away", r.member)
		}
	}
	for _, member := range all {
		if !seen[member] {
			t.Errorf("%s has no row", member)
		}
	}
}

// TestMatrix runs each row's test as the node is, and with the effect away.
func TestMatrix(t *testing.T) {
	for _, r := range rows {
		if r.kind == gap {
			continue
		}
		t.Run(r.member, func(t *testing.T) {
			if err := run(t, off{}, r.test); err != nil {
				t.Errorf("%v", err)
			}
			if err := run(t, r.off, r.test); err == nil {
				t.Error("with its effect taken away, the test passes: it proves nothing")
			} else {
				t.Logf("without it: %v", err)
			}
		})
	}
}

// TestDocument: docs/stage-matrix.md says what the rows say.
func TestDocument(t *testing.T) {
	const path = "../../docs/stage-matrix.md"
	var want strings.Builder
	want.WriteString(`# Every member of a stage, and what it does

Made from the rows of test/matrix, which test each line: once as it is, and once
with the effect taken away, which the test must notice. Write it again with
` + "`go test ./test/matrix -run TestDocument -update`" + `.

| member | kind | effect | test |
| --- | --- | --- | --- |
`)
	for _, member := range members() {
		for _, r := range rows {
			if r.member == member {
				test := "TestMatrix/" + r.member
				if r.kind == gap {
					test = "none: see the register of gaps"
				}
				fmt.Fprintf(&want, "| %s | %s | %s | %s |\n", r.member, r.kind, r.effect, test)
			}
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want.String() {
		t.Errorf("%s is not what the rows say (%v): run the test with -update", path, err)
	}
}
