package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
)

func main() {
	record := flag.String("record", "", "record below this folder which members answers carry, and check at the end that none is missing")
	flag.Parse()
	code, err := run(*record, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 2
	}
	os.Exit(code)
}

// run runs go test with more arguments and returns its exit code.
func run(record string, arguments []string) (int, error) {
	if record != "" {
		var err error
		if record, err = recordIn(record); err != nil {
			return 0, err
		}
		if err := os.Setenv(folderVariable, record); err != nil {
			return 0, err
		}
		arguments = append([]string{"-tags", "record"}, arguments...)
	}
	cmd := exec.Command("go", append([]string{"test", "-json"}, arguments...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	failed := report(os.Stdout, events)
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	code := cmd.ProcessState.ExitCode()
	if record != "" && code == 0 && failed == nil {
		failed = checkRecord(record)
	}
	return code, failed
}
