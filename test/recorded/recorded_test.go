package recorded_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/postern-gateway/postern/test/recorded"
)

var update = flag.Bool("update", false, "add cases that have come to match to "+listFile)

const listFile = "matching.txt"

// casesDir is the folder of the recorded cases: POSTERN_RECORDED, else beside
// the repository.
func casesDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("POSTERN_RECORDED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "recorded")
	}
	if _, err := os.Stat(filepath.Join(dir, "cases")); err != nil {
		t.Skipf("recorded answers not found at %s", dir)
	}
	return dir
}

// TestRecorded replays every case on an empty store and compares the outcome
// with the list.
func TestRecorded(t *testing.T) {
	cases, err := recorded.Load(casesDir(t))
	if err != nil {
		t.Fatal(err)
	}
	listed, err := recorded.ReadList(listFile)
	if err != nil {
		t.Fatal(err)
	}
	server := newServer(t)
	known := map[string]bool{}
	var add []string
	matching := 0
	for _, c := range cases {
		known[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			if !server.services.Enough(c) {
				t.Skipf("needs %v", c.OtherServices)
			}
			var differences []recorded.Difference
			for _, form := range c.Forms() {
				differences = append(differences, recorded.Replay(t.Context(), c, server.newTarget(t), form)...)
			}
			if len(differences) == 0 {
				matching++
			}
			isNew, err := recorded.Verdict(c, listed[c.Name], differences)
			switch {
			case isNew && *update:
				add = append(add, c.Name)
			case err != nil:
				t.Error(err)
			case testing.Verbose():
				for _, d := range differences {
					t.Log(d)
				}
			}
		})
	}
	t.Logf("%d of %d cases match", matching, len(cases))
	for name := range listed {
		if !known[name] {
			t.Errorf("%s lists %s, which does not exist", listFile, name)
		}
	}
	if len(add) > 0 {
		if err := recorded.AddToList(listFile, add); err != nil {
			t.Fatal(err)
		}
	}
}
