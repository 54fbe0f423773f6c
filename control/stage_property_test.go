package control

import (
	"testing"

	"pgregory.net/rapid"
)

// TestUpdateStageAgainstTheModel drives random histories of UpdateStage against
// the naive model: a hundred histories (unless -rapid.checks says otherwise) of
// a hundred lists each, so 10,000 lists.
func TestUpdateStageAgainstTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		run := newStageRun()
		model := modelOf(run.get())
		for range 100 {
			v := draw{t}.vector()
			if diff := run.step(model, v); diff != "" {
				t.Fatalf("%v\n%s", v, diff)
			}
		}
	})
}
