package recorded_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/test/moto"
	"github.com/postern-gateway/postern/test/recorded"
)

// server is the real program, built from this tree and started once.
type server struct {
	url      string
	log      *tail
	services recorded.Services
}

// tail keeps the end of a log.
type tail struct {
	mu    sync.Mutex
	lines []string
}

func (l *tail) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines = append(l.lines, line); len(l.lines) > 50 {
		l.lines = l.lines[1:]
	}
}

func (l *tail) last() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.lines...)
}

// readyTime bounds the start of the program.
const readyTime = 30 * time.Second

// newServer builds ./cmd/postern and starts it. It ends with the test.
func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{log: &tail{}}
	if s.services.Functions = (&recorded.Functions{}); moto.Installed() {
		s.services.Moto = moto.Start(t)
	}
	functions := httptest.NewServer(s.services.Functions)
	t.Cleanup(functions.Close)
	dir := t.TempDir()
	binary := filepath.Join(dir, "postern")
	build := exec.Command("go", "build", "-o", binary, "./cmd/postern")
	build.Dir = filepath.Join("..", "..")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, output)
	}
	command := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--ephemeral",
		"--account", "123456789012", "--allow-reset", "--lambda-endpoint", "*="+functions.URL)
	if s.services.Moto != nil {
		command.Args = append(command.Args, "--aws-endpoint", s.services.Moto.URL)
	}
	command.Dir = dir
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command.Args = append(command.Args, "--function", "test-"+recorded.Case{Name: recorded.TestInvoked}.UID(1)+"="+recorded.AsFunction+"=yes "+program)
	// The token is as long as one of AWS, so that logs cut it off.
	command.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_SESSION_TOKEN="+strings.Repeat("t", 1200))
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	listen := make(chan string, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		s.read(stderr, listen)
	}()
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt) // it may have ended
		<-read
		if err := command.Wait(); err != nil {
			t.Errorf("the server ended with %v; the end of its log:\n%s", err, s.log.last())
		}
	})
	select {
	case address := <-listen:
		s.url = "http://" + address
	case <-read:
		t.Fatalf("the server did not start:\n%s", s.log.last())
	case <-time.After(readyTime):
		t.Fatalf("the server is not ready:\n%s", s.log.last())
	}
	return s
}

// read follows the log until it ends, and sends the address of the line that
// says that the server is ready.
func (s *server) read(log io.Reader, listen chan<- string) {
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		s.log.add(lines.Text())
		var line struct {
			Msg    string `json:"msg"`
			Listen string `json:"listen"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "ready" {
			select {
			case listen <- line.Listen:
			default:
			}
		}
	}
	_, _ = io.Copy(io.Discard, log) // after a line beyond the buffer
}

// newTarget empties the server and returns it as the target of a case.
func (s *server) newTarget(t *testing.T) recorded.Target {
	t.Helper()
	if err := s.reset(); err != nil {
		t.Fatalf("reset: %v; the end of the log:\n%s", err, s.log.last())
	}
	return recorded.Target{
		BaseURL: s.url,
		Account: "123456789012",
		Region:  "us-east-1",
		Suffix:  "localhost",

		Services: s.services,
	}
}

func (s *server) reset() error {
	if s.services.Moto != nil {
		if err := s.services.Moto.Reset(context.Background()); err != nil {
			return err
		}
	}
	resp, err := http.Post(s.url+"/_postern/reset", "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("status %s", resp.Status)
	}
	return nil
}
