package complete

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/control"
	"github.com/postern-gateway/postern/control/patch"
)

// change is one patch operation and what it does. All texts may hold <name>
// for the id of something that the walk made.
type change struct {
	op, path, value string
	// want holds members of the answer as JSON, null for one that must not be
	// there. They must not all have been so before.
	want string
}

// Values of want for rows that change nothing.
const (
	refused   = ""   // of a row that words a refusal
	unchanged = "{}" // of a row whose one value always holds
)

// patched is what one Update operation does to one thing, in order.
type patched struct {
	operation string
	on        string // what the labels of the path are, as a query: "RestApiId=<api>"
	changes   []change
}

// patch patches every path of every table with each operation that it takes.
func (w *walk) patch() {
	tried := map[string]bool{}
	for _, p := range patches {
		w.Run(p.operation, func(t *testing.T) {
			for _, c := range p.changes {
				w.apply(t, p, c)
				tried[rowOf(t, p.operation, c)] = true
			}
		})
	}
	for operation, rows := range control.Patchable() {
		for _, row := range rows {
			for _, op := range []patch.Ops{patch.Add, patch.Remove, patch.Replace, patch.Copy} {
				if name := rowName(operation, op.String(), row.Path); row.Ops&op != 0 && !tried[name] {
					w.Errorf("%s: not patched", name)
				}
			}
		}
	}
}

// apply makes one change and compares the answer.
func (w *walk) apply(t *testing.T, p patched, c change) {
	t.Helper()
	before, err := w.update(p)
	if err != nil {
		t.Fatalf("%s without operations: %v", p.operation, err)
	}
	after, err := w.update(p, c)
	what := fmt.Sprintf("%s %s %s %q", p.operation, c.op, c.path, c.value)
	if (err != nil) != (c.want == refused) {
		t.Errorf("%s: got %v, %v; want %q", what, after, err, c.want)
		return
	}
	if c.want == refused || c.want == unchanged {
		if after, err = w.update(p); err != nil {
			t.Fatalf("%s without operations: %v", p.operation, err)
		}
		delete(before, "lastUpdatedDate")
		delete(after, "lastUpdatedDate")
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s: want no change (-before +after):\n%s", what, diff)
		}
		return
	}
	var want map[string]any
	if err := json.Unmarshal([]byte(w.fill(c.want)), &want); err != nil {
		t.Fatalf("%s: want %s: %v", what, c.want, err)
	}
	if has(before, want) {
		t.Errorf("%s shows nothing: %s was so before", what, c.want)
	}
	if !has(after, want) {
		t.Errorf("%s: got %v, want %s", what, after, w.fill(c.want))
	}
}

// has reports whether a value has all that want has. Of an object, want names
// members, with null for those that must not be there; all else is equal.
func has(got, want any) bool {
	members, ok := want.(map[string]any)
	if !ok {
		return reflect.DeepEqual(got, want)
	}
	object, ok := got.(map[string]any)
	for name, value := range members {
		have, there := object[name]
		if value == nil && there || value != nil && !has(have, value) {
			return false
		}
	}
	return ok
}

// update calls an Update operation of the SDK and returns its answer as it was
// on the wire.
func (w *walk) update(p patched, changes ...change) (map[string]any, error) {
	method := reflect.ValueOf(w.Client).MethodByName(p.operation)
	in := reflect.New(method.Type().In(1).Elem())
	labels, err := url.ParseQuery(w.fill(p.on))
	if err != nil {
		return nil, err
	}
	for name := range labels {
		field := in.Elem().FieldByName(name)
		if field.Kind() == reflect.Pointer {
			field.Set(reflect.ValueOf(new(labels.Get(name))))
		} else {
			field.SetString(labels.Get(name)) // of an enum
		}
	}
	var operations []types.PatchOperation
	for _, c := range changes {
		operation := types.PatchOperation{Op: types.Op(c.op), Path: new(w.fill(c.path)), Value: new(w.fill(c.value))}
		if c.op == "copy" {
			operation.From, operation.Value = operation.Value, nil
		}
		operations = append(operations, operation)
	}
	in.Elem().FieldByName("PatchOperations").Set(reflect.ValueOf(operations))
	results := method.Call([]reflect.Value{reflect.ValueOf(w.Context()), in})
	if err, _ := results[1].Interface().(error); err != nil {
		return nil, err
	}
	var body map[string]any
	err = json.Unmarshal(w.recorder.last, &body)
	return body, err
}

// rowOf returns the row of a table that takes a change: the first one whose
// pattern and operations fit, as in the engine.
func rowOf(t *testing.T, operation string, c change) string {
	t.Helper()
	rows := control.Patchable()[operation]
	i := slices.IndexFunc(rows, func(row patch.RowInfo) bool {
		return patternOf(row.Path).MatchString(c.path) && strings.Contains(row.Ops.String(), c.op)
	})
	if i < 0 {
		t.Errorf("%s has no row for %s %s", operation, c.op, c.path)
		return ""
	}
	return rowName(operation, c.op, rows[i].Path)
}

func rowName(operation, op, path string) string { return operation + " " + op + " " + path }

var hole = regexp.MustCompile(`\\\{[^}]*\\\}`)

func patternOf(path string) *regexp.Regexp {
	text := hole.ReplaceAllStringFunc(regexp.QuoteMeta(path), func(hole string) string {
		if strings.Contains(hole, `\.\.\.`) {
			return ".*"
		}
		return "[^/]+"
	})
	return regexp.MustCompile("^" + text + "$")
}

// TestPatchedOperations: the tables are those of the Update operations.
func TestPatchedOperations(t *testing.T) {
	var updates []string
	for _, name := range operationNames() {
		if strings.HasPrefix(name, "Update") {
			updates = append(updates, name)
		}
	}
	if diff := cmp.Diff(updates, slices.Sorted(maps.Keys(control.Patchable()))); diff != "" {
		t.Errorf("Update operations (-model +tables):\n%s", diff)
	}
}
