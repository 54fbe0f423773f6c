package control

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// patchRow is one patch list and its answer. The evidence in the name is that
// of the description: R recorded, F quoted by users, C sent or read by clients,
// D documented, E emulators, I assumed.
type patchRow struct {
	name   string
	ops    []op
	status int
	// want is the text of a refusal, or the members that the answer has to have
	// as JSON, null for a member that must not be there.
	want string
}

// runPatchRows runs each row on an entity of its own, which fresh makes and
// whose path it returns. After a refusal nothing may have changed.
func runPatchRows(t *testing.T, fresh func(*petAPI) string, rows []patchRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := newPetAPI(t)
			path := fresh(p)
			before := p.call("GET", path, nil)
			got := p.patch(path, row.ops...)
			if row.status < 300 {
				wantMembers(t, got, row.status, row.want)
				return
			}
			wantRefusal(t, got, row.status, row.want)
			if after := p.call("GET", path, nil); after != before {
				t.Errorf("after the refusal: got %v, want as before %v", after, before)
			}
		})
	}
}

// wantMembers compares some members of a successful answer.
func wantMembers(t *testing.T, got answer, status int, want string) {
	t.Helper()
	if got.status != status {
		t.Fatalf("got %v, want status %d with %s", got, status, want)
	}
	var members map[string]any
	if err := json.Unmarshal([]byte(want), &members); err != nil {
		t.Fatalf("row: %v in %s", err, want)
	}
	body := decodeAnswer(t, got.body)
	for name, value := range members {
		have, ok := body[name]
		if ok == (value == nil) || !reflect.DeepEqual(have, value) {
			t.Errorf("member %s of %v (-want +got):\n%s", name, got, cmp.Diff(value, have))
		}
	}
}
