package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/postern-gateway/postern/test/complete"
	"github.com/postern-gateway/postern/wire/members"
)

// startRecording makes a folder for the records of a run, and an environment in
// which everything that go builds records there: tests, and the binaries that
// tests build and start.
func startRecording() (folder string, environment []string, err error) {
	if folder, err = os.MkdirTemp("", "postern-record-"); err != nil {
		return "", nil, err
	}
	flags := strings.TrimSpace(os.Getenv("GOFLAGS") + " -tags=record")
	return folder, append(os.Environ(), "GOFLAGS="+flags, "RECORD_MEMBERS="+folder), nil
}

// checkRecord returns an error that lists what is wrong with all that answers
// carried in the run.
func checkRecord(folder string) error {
	seen, err := members.Read(folder)
	if err != nil {
		return err
	}
	if len(seen.Carried) == 0 {
		return fmt.Errorf("no test has recorded an answer")
	}
	if faults := complete.CheckMembers(seen); len(faults) > 0 {
		return fmt.Errorf("the answers of all tests:\n%s", strings.Join(faults, "\n"))
	}
	fmt.Printf("record: %d members of outputs were carried by answers of the tests; the others have a written reason\n", len(seen.Carried))
	return nil
}
