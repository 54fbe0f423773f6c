package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
)

func main() {
	record := flag.Bool("record", false, "record which members answers carry, and check at the end that none is missing")
	flag.Parse()
	code, err := run(*record, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// run runs go test with more arguments and returns its exit code, and an error
// if something else is wrong.
func run(record bool, arguments []string) (code int, err error) {
	cmd := exec.Command("go", "test", "-json")
	var folder string
	if record {
		if folder, cmd.Env, err = startRecording(); err != nil {
			return 0, err
		}
		defer os.RemoveAll(folder)
		cmd.Args = append(cmd.Args, "-count=1") // a result of the cache has no record
	}
	cmd.Args = append(cmd.Args, arguments...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	err = report(os.Stdout, events)
	var exit *exec.ExitError
	if waited := cmd.Wait(); waited != nil && !errors.As(waited, &exit) {
		return 0, waited
	}
	code = cmd.ProcessState.ExitCode()
	if record && code == 0 && err == nil {
		err = checkRecord(folder)
	}
	return code, err
}
