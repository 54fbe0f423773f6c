package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/postern-gateway/postern/test/complete"
	"github.com/postern-gateway/postern/wire/members"
)

// folderVariable tells tests with the build tag "record" where to record.
const folderVariable = "RECORD_MEMBERS"

// recordIn returns the folder of the records, below dir. Its name is one that
// never was: if somebody removes dir, the next run has another name in its
// environment, and go test takes no result from its cache whose record is gone.
func recordIn(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if old, err := filepath.Glob(filepath.Join(dir, "run-*")); err != nil || len(old) > 0 {
		return strings.Join(old, ""), err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(dir, "run-")
}

// checkRecord returns an error that lists what is wrong with all that answers
// carried in the run.
func checkRecord(dir string) error {
	seen, err := members.Read(dir)
	if err != nil {
		return err
	}
	if len(seen.Carried) == 0 {
		return fmt.Errorf("no test has recorded an answer in %s", dir)
	}
	if faults := complete.CheckMembers(seen); len(faults) > 0 {
		return fmt.Errorf("the answers of all tests:\n%s", strings.Join(faults, "\n"))
	}
	return nil
}
