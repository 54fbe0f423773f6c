package plan

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden compiles testdata/*.json and compares the printed plan and the
// findings with the .txt beside it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/*.json: %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			got := compileFile(t, file)
			for range 5 { // maps have no order; the plan has
				if again := compileFile(t, file); again != got {
					t.Fatalf("another plan from the same input (-first +second):\n%s", cmp.Diff(got, again))
				}
			}
			golden := strings.TrimSuffix(file, ".json") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("plan of %s (-want +got):\n%s", file, diff)
			}
		})
	}
}

func compileFile(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var in struct {
		Snapshot domain.Snapshot
		Canary   *domain.Snapshot
		Stage    apigw.Stage
	}
	if err := json.Unmarshal(data, &in); err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(in)
	a, findings := CompileAPI(&in.Snapshot)
	input := StageInput{API: a, Stage: &in.Stage}
	if in.Canary != nil {
		input.Canary, _ = CompileAPI(in.Canary)
	}
	out := Print(CompileStage(input))
	for _, f := range findings {
		out += "finding " + f.String() + "\n"
	}
	if after, _ := json.Marshal(in); string(after) != string(before) {
		t.Errorf("compiling %s changed its input", file)
	}
	return out
}
