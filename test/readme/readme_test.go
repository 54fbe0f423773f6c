package readme

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const timeout = 3 * time.Minute

// root is the repository's folder.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func need(t *testing.T, commands ...string) {
	t.Helper()
	for _, command := range commands {
		if _, err := exec.LookPath(command); err != nil {
			t.Skipf("not run: %s is not installed", command)
		}
	}
}

// blocks returns the README's code blocks with an info string.
func blocks(t *testing.T, info string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, match := range regexp.MustCompile("(?s)```"+info+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		found = append(found, match[1])
	}
	if len(found) == 0 {
		t.Fatalf("the README has no block ```%s", info)
	}
	return found
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

// TestTour runs the tour as one script, on a port of its own.
func TestTour(t *testing.T) {
	need(t, "bash", "curl", "aws")
	port := freePort(t)
	script := "set -euo pipefail\n" + strings.Join(blocks(t, "sh tour"), "\n")
	script = strings.ReplaceAll(script, "127.0.0.1:4566", "127.0.0.1:"+port)
	script = strings.ReplaceAll(script, "bin/postern serve", "bin/postern serve --listen 127.0.0.1:"+port)
	script = strings.ReplaceAll(script, "bin/postern plan", "bin/postern plan --endpoint http://127.0.0.1:"+port)
	script = strings.ReplaceAll(script, "bin/postern", filepath.Join(t.TempDir(), "postern"))
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir = root(t)
	ownGroup(t, cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the tour failed: %v\n%s", err, out)
	}
}

// ownGroup puts a command into a process group and ends the whole group with
// the test.
func ownGroup(t *testing.T, cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = end
	t.Cleanup(func() {
		if cmd.Process != nil {
			_ = end() // mostly it has ended by itself
		}
	})
}

// TestUp runs the README's first command and pastes what it prints.
func TestUp(t *testing.T) {
	need(t, "bash", "curl", "go")
	var command string
	for _, block := range blocks(t, "sh") {
		if strings.Contains(block, "go run ./cmd/postern up ") {
			command = strings.TrimSpace(block)
			break
		}
	}
	if command == "" {
		t.Fatal("the README's first command is gone")
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", command)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "POSTERN_LISTEN=127.0.0.1:0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	ownGroup(t, cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pasted := 0
	for lines := bufio.NewScanner(stdout); pasted < 2 && lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		switch {
		case strings.HasPrefix(line, "curl "):
			paste(t, line, `"type": "dog"`)
			pasted++
		case strings.Contains(line, " aws "):
			if _, err := exec.LookPath("aws"); err != nil {
				t.Log("the aws CLI line was not run: aws is not installed")
			} else {
				paste(t, line, `"stageName": "dev"`)
			}
			pasted++
		}
	}
	if pasted < 2 {
		cancel()
		_ = cmd.Wait() // it was killed; what it wrote is whole from now on
		t.Errorf("%q printed no curl line and aws line; standard error:\n%s", command, &stderr)
	}
}

func paste(t *testing.T, line, want string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", line)
	cmd.Env = append(os.Environ(), "AWS_DEFAULT_OUTPUT=json")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), want) {
		t.Errorf("%s\n got %s (%v)\nwant %s", line, out, err, want)
	}
}

// TestFlagsExist: every flag that the README names is one of the program.
func TestFlagsExist(t *testing.T) {
	need(t, "go")
	text, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", "./cmd/postern", "serve", "--help")
	cmd.Dir = root(t)
	help, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, help)
	}
	running := strings.SplitN(string(text), "## Running it", 2)[1]
	for _, flag := range regexp.MustCompile("--[a-z][a-z-]+").FindAllString(running, -1) {
		if flag != "--help" && !bytes.Contains(help, fmt.Appendf(nil, "%s ", flag)) {
			t.Errorf("the README names %s, and postern serve --help does not", flag)
		}
	}
}

// TestCommandsExist: every command of the section on working has its flags.
func TestCommandsExist(t *testing.T) {
	need(t, "go")
	ran := 0
	for _, block := range blocks(t, "sh") {
		for line := range strings.Lines(block) {
			command, _, _ := strings.Cut(line, "#")
			words := strings.Fields(command)
			if len(words) < 2 || words[0] != "postern" {
				continue
			}
			cmd := exec.CommandContext(t.Context(), "go", "run", "./cmd/postern", words[1], "--help")
			cmd.Dir = root(t)
			help, err := cmd.CombinedOutput()
			if err != nil || !bytes.Contains(help, []byte("postern "+words[1]+" ")) {
				t.Errorf("%s: %v\n%s", command, err, help)
			}
			for _, word := range words[2:] {
				if strings.HasPrefix(word, "--") && !bytes.Contains(help, []byte(word+" ")) {
					t.Errorf("%s: there is no flag %s", command, word)
				}
			}
			ran++
		}
	}
	if ran == 0 {
		t.Error("the README shows no command")
	}
}
