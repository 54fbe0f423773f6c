package examples

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

// timeout bounds a script; a loaded machine must not fail a test.
const timeout = 5 * time.Minute

// path returns the absolute path of a file of the repository.
func path(t *testing.T, elements ...string) string {
	t.Helper()
	p, err := filepath.Abs(filepath.Join(append([]string{"..", ".."}, elements...)...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func read(t *testing.T, elements ...string) string {
	t.Helper()
	data, err := os.ReadFile(path(t, elements...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func need(t *testing.T, commands ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("scripts take long")
	}
	for _, command := range commands {
		if _, err := exec.LookPath(command); err != nil {
			t.Skipf("not run: %s is not installed", command)
		}
	}
}

// script runs a command with more variables, in a process group that ends with
// the test. What it leaves in the background keeps running until then.
func script(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = end
	t.Cleanup(func() {
		if cmd.Process != nil {
			_ = end() // mostly it has ended by itself
		}
	})
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, &out)
	}
	return out.String()
}

// freePort is a port that nobody listened on a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
