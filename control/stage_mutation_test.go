package control

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
)

var updateVectors = flag.Bool("update", false, "record the histories of UpdateStage anew")

const vectorFile = "testdata/stage_vectors.json"

// mutation is one wrong change of the tables behind UpdateStage.
type mutation struct {
	name  string
	rows  []patch.Row[stageDraft]
	leafs []settingRow
}

// stageMutations returns every change of one row: the row removed, an operation
// taken from it or given to it, and its effect gone or that of its neighbour.
func stageMutations() []mutation {
	var all []mutation
	rows := stagePatch.Rows
	add := func(i int, what string, change func(*patch.Row[stageDraft])) {
		mutated := slices.Clone(rows)
		change(&mutated[i])
		all = append(all, mutation{fmt.Sprintf("row %d %s (%s): %s", i, rows[i].Path, rows[i].Ops, what), mutated, settingRows})
	}
	for i, row := range rows {
		all = append(all, mutation{fmt.Sprintf("row %d %s (%s): removed", i, row.Path, row.Ops), slices.Delete(slices.Clone(rows), i, i+1), settingRows})
		for _, kind := range []patch.Ops{patch.Add, patch.Remove, patch.Replace, patch.Copy} {
			switch {
			case row.Ops&kind != 0 && row.Ops != kind: // without its only operation a row is removed
				add(i, "without "+kind.String(), func(r *patch.Row[stageDraft]) { r.Ops &^= kind })
			case row.Ops&kind == 0 && !takenBefore(rows[:i], row.Path, kind):
				add(i, "with "+kind.String(), func(r *patch.Row[stageDraft]) { r.Ops |= kind })
			}
		}
		add(i, "no effect", func(r *patch.Row[stageDraft]) {
			r.Apply = func(*stageDraft, patch.Op) error { return nil }
		})
		if next := rows[(i+1)%len(rows)]; !sameFunc(next.Apply, row.Apply) {
			add(i, "effect of "+next.Path, func(r *patch.Row[stageDraft]) { r.Apply = next.Apply })
		}
	}
	return append(all, settingMutations()...)
}

func settingMutations() []mutation {
	var all []mutation
	for i, row := range settingRows {
		add := func(what string, leafs []settingRow) {
			all = append(all, mutation{fmt.Sprintf("setting %s: %s", row.suffix, what), stagePatch.Rows, leafs})
		}
		add("removed", slices.Delete(slices.Clone(settingRows), i, i+1))
		idle := slices.Clone(settingRows)
		idle[i].set = func(*apigw.MethodSetting, patch.Op) error { return nil }
		add("no effect", idle)
		next := settingRows[(i+1)%len(settingRows)]
		swapped := slices.Clone(settingRows)
		swapped[i].set = next.set
		add("effect of "+next.suffix, swapped)
	}
	return all
}

// takenBefore reports whether an earlier row of the path takes an operation: then
// the row never sees it, and giving it the operation changes nothing.
func takenBefore(before []patch.Row[stageDraft], path string, kind patch.Ops) bool {
	return slices.ContainsFunc(before, func(r patch.Row[stageDraft]) bool { return r.Path == path && r.Ops&kind != 0 })
}

func sameFunc(a, b any) bool { return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer() }

// use puts a mutation into force and returns what ends it.
func (m mutation) use() (restore func()) {
	rows, leafs := stagePatch.Rows, settingRows
	stagePatch.Rows, settingRows = m.rows, m.leafs
	return func() { stagePatch.Rows, settingRows = rows, leafs }
}

// replay runs a history and returns the first difference from the model.
func replay(history []vector) (diff string) {
	run := newStageRun()
	model := modelOf(run.get())
	for _, v := range history {
		if diff := run.step(model, v); diff != "" {
			return fmt.Sprintf("%v\n%s", v, diff)
		}
	}
	return ""
}

// transcript returns the answers to a history, as JSON or as refusal. A panic
// is an answer too: a row that got the effect of another one may miss an
// argument.
func transcript(history []vector) (answers []string) {
	defer func() {
		if p := recover(); p != nil {
			answers = append(answers, fmt.Sprint("panic: ", p))
		}
	}()
	run := newStageRun()
	for _, v := range history {
		run.now = run.now.Add(time.Duration(v.Advance) * time.Millisecond)
		stage, err := run.update(v.Ops)
		if err != nil {
			answers = append(answers, err.Error())
			continue
		}
		data, err := json.Marshal(stage)
		answers = append(answers, fmt.Sprintf("%s %v", data, err))
	}
	return answers
}

func transcripts(histories [][]vector) (all [][]string) {
	for _, history := range histories {
		all = append(all, transcript(history))
	}
	return all
}

// noticed reports whether a mutation changes an answer.
func noticed(m mutation, histories [][]vector, right [][]string) bool {
	defer m.use()()
	for i, history := range histories {
		if !slices.Equal(transcript(history), right[i]) {
			return true
		}
	}
	return false
}

// TestEveryRowOfTheStageTableMatters replays recorded histories under every
// mutation: each of them has to change an answer. The histories are inputs only;
// that the answers without mutation are right is what the model says.
func TestEveryRowOfTheStageTableMatters(t *testing.T) {
	if raceDetector {
		t.Skip("one goroutine, and ten times as slow under the race detector")
	}
	if *updateVectors {
		recordVectors(t)
	}
	histories := recordedVectors(t)
	for i, history := range histories {
		if diff := replay(history); diff != "" {
			t.Fatalf("recorded history %d, unmutated: %s", i, diff)
		}
	}
	right := transcripts(histories)
	mutations := stageMutations()
	for _, m := range mutations {
		if !noticed(m, histories, right) {
			t.Errorf("nobody notices this mutation: %s", m.name)
		}
	}
	t.Logf("%d mutations, %d histories", len(mutations), len(histories))
}

func recordedVectors(t *testing.T) [][]vector {
	t.Helper()
	data, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var histories [][]vector
	if err := json.Unmarshal(data, &histories); err != nil {
		t.Fatal(err)
	}
	return histories
}

// recordVectors keeps those random histories that notice a mutation which none
// of the earlier ones does.
func recordVectors(t *testing.T) {
	history := rapid.Custom(func(t *rapid.T) []vector {
		var out []vector
		for range 20 {
			out = append(out, draw{t}.vector())
		}
		return out
	})
	open := stageMutations()
	var kept [][]vector
	for seed := 0; seed < 5000 && len(open) > 0; seed++ {
		candidate := [][]vector{history.Example(seed)}
		right := transcripts(candidate)
		left := slices.DeleteFunc(slices.Clone(open), func(m mutation) bool { return noticed(m, candidate, right) })
		if len(left) < len(open) {
			kept, open = append(kept, candidate...), left
		}
	}
	data, err := json.MarshalIndent(kept, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectorFile, append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
