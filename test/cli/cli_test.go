package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

// TestAWS runs the scripts for the AWS command line, each against an empty
// postern.
func TestAWS(t *testing.T) {
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("there is no aws command")
	}
	run(t, "testdata/*.txt")
}

// TestAWS2 runs the scripts for what only version 2 of the command line has.
func TestAWS2(t *testing.T) {
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(folder, "aws")
		output, err := exec.Command(path, "--version").Output()
		if err == nil && strings.HasPrefix(string(output), "aws-cli/2") {
			t.Setenv("AWS2", path)
			run(t, "testdata/version2/*.txt")
			return
		}
	}
	t.Skip("there is no version 2 of the aws command")
}

// TestBoto3 runs the script for Python's SDK.
func TestBoto3(t *testing.T) {
	if err := exec.Command("python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("there is no python3 with boto3")
	}
	run(t, "testdata/boto3/*.txt")
}

func run(t *testing.T, scripts string) {
	if testing.Short() {
		t.Skip("each call of the command line takes half a second")
	}
	files, err := filepath.Glob(scripts)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %q, %v", files, err)
	}
	// One process for all: a script that lists something acts in a region of its
	// own.
	server := postern.Start(t, "--ephemeral", "--account", "000000000001")
	testscript.Run(t, testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			if root, ok := os.LookupEnv("PYENV_ROOT"); ok {
				env.Setenv("PYENV_ROOT", root)
			}
			// The home of the scripts is theirs: no configuration of the machine.
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("AWS2", os.Getenv("AWS2"))
			if err := pointed(env); err != nil {
				return err
			}
			env.Setenv("ENDPOINT", server.BaseURL)
			env.Setenv("GATEWAY", server.GatewayURL)
			env.Setenv("AWS_ACCESS_KEY_ID", "test")
			env.Setenv("AWS_SECRET_ACCESS_KEY", "test")
			env.Setenv("AWS_DEFAULT_REGION", "us-east-1")
			env.Setenv("AWS_DEFAULT_OUTPUT", "text")
			env.Setenv("AWS_MAX_ATTEMPTS", "1")
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			return nil
		},
		Cmds:      map[string]func(*testscript.TestScript, bool, []string){"set": set, "get": get},
		Condition: condition,
	})
}

// pointed puts an aws command first in the PATH that names the endpoint with each
// call: versions before 2.13, as Debian 12 has them, do not read AWS_ENDPOINT_URL
// and would call the real service.
func pointed(env *testscript.Env) error {
	aws, err := exec.LookPath("aws")
	if errors.Is(err, exec.ErrNotFound) {
		return nil // boto3 needs none
	}
	if err != nil {
		return err
	}
	dir := filepath.Join(env.WorkDir, "bin")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	env.Setenv("PATH", dir+string(filepath.ListSeparator)+env.Getenv("PATH"))
	return os.WriteFile(filepath.Join(dir, "aws"), []byte("#!/bin/sh\nexec '"+aws+"' --endpoint-url \"$ENDPOINT\" \"$@\"\n"), 0o700)
}

// condition is [operation:NAME]: the aws command knows an operation. Without its
// arguments a known one complains about those.
func condition(text string) (bool, error) {
	name, ok := strings.CutPrefix(text, "operation:")
	if !ok {
		return false, fmt.Errorf("unknown condition %q", text)
	}
	output, err := exec.Command("aws", "apigateway", name).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false, fmt.Errorf("aws apigateway %s: %w", name, err)
	}
	return strings.Contains(string(output), "the following arguments are required"), nil
}

// set runs a command and keeps its output in a variable, without the quotes of a
// JSON string: set NAME COMMAND...
func set(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: set NAME COMMAND ARGUMENT...")
	}
	ts.Check(ts.Exec(args[1], args[2:]...))
	ts.Setenv(args[0], strings.Trim(ts.ReadFile("stdout"), "\"\n"))
}

// get asks a stage for a path and checks status and body:
// get API/STAGE/PATH STATUS [BODY]
func get(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: get API/STAGE/PATH STATUS [BODY]")
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, ts.Getenv("GATEWAY")+"/_aws/execute-api/"+args[0], nil)
	ts.Check(err)
	answer, err := postern.Do(http.DefaultClient, request)
	ts.Check(err)
	if status := answer.Status; http.StatusText(status) != args[1] {
		ts.Fatalf("%s: status %d %s, want %s; body %q", args[0], status, http.StatusText(status), args[1], answer.Body)
	}
	if len(args) > 2 && answer.Body != args[2] {
		ts.Fatalf("%s: body %q, want %q", args[0], answer.Body, args[2])
	}
}
