package postern

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startTimeout bounds the time until a process is ready or has ended. It is
// far above what is normal: a loaded machine must not fail a test.
const startTimeout = 60 * time.Second

// Server is a running process.
type Server struct {
	// BaseURL is where both planes are, such as "http://127.0.0.1:4566"; with
	// separate listeners it is where the AWS API is.
	BaseURL string
	// GatewayURL is where the data plane is.
	GatewayURL string
	// MetricsURL is where --metrics-listen is, if that was given.
	MetricsURL string

	cmd     *exec.Cmd
	args    []string
	env     []string
	started time.Time
	ready   time.Time
	ended   chan struct{} // closed when the process has ended and its output is read
	quiet   bool          // the end has been dealt with

	terminated bool

	mu    sync.Mutex
	lines []string
}

// Start runs "postern serve --listen 127.0.0.1:0" with more arguments and
// returns when it is ready. What still runs at the end of the test is stopped.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	return StartCommand(t, nil, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
}

// StartCommand runs postern with just these arguments, and with variables
// ("NAME=value") added to its environment. It returns when postern is ready.
func StartCommand(t testing.TB, env []string, args ...string) *Server {
	t.Helper()
	s, code, output := Try(t, env, args...)
	if s == nil {
		t.Fatalf("postern %v ended with code %d before it was ready:\n%s", args, code, output)
	}
	return s
}

// Run runs postern until it ends by itself, and returns its exit code and what
// it wrote to its standard error.
func Run(t testing.TB, env []string, args ...string) (code int, output string) {
	t.Helper()
	s, code, output := Try(t, env, args...)
	if s != nil {
		t.Fatalf("postern %v is ready, and should have refused", args)
	}
	return code, output
}

// Try runs postern until it is ready or has ended by itself. In the second case
// the server is nil, and the exit code and the output tell why.
func Try(t testing.TB, env []string, args ...string) (s *Server, code int, output string) {
	t.Helper()
	s, ready := launch(t, env, args)
	timeout := time.NewTimer(startTimeout)
	defer timeout.Stop()
	select {
	case at := <-ready:
		s.ready = time.Now()
		s.BaseURL = "http://" + firstOf(at["listen"], at["controlListen"])
		s.GatewayURL = "http://" + firstOf(at["listen"], at["gatewayListen"])
		s.MetricsURL = "http://" + at["metricsListen"]
	case <-s.ended:
		return nil, s.cmd.ProcessState.ExitCode(), s.Log()
	case <-timeout.C:
		t.Fatalf("postern %v is neither ready nor ended after %v:\n%s", args, startTimeout, s.Log())
	}
	t.Cleanup(func() {
		if !s.quiet {
			s.Stop(t)
		}
	})
	return s, 0, ""
}

// launch starts a process. The addresses of its log line "ready" are sent.
func launch(t testing.TB, env, args []string) (*Server, <-chan map[string]string) {
	t.Helper()
	s := &Server{args: args, env: env, ended: make(chan struct{})}
	s.cmd = exec.Command(Binary(t), args...)
	s.cmd.Env = append(cleanEnvironment(), env...)
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.started = time.Now()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // after a failure; a process that has ended ignores it
		_ = s.cmd.Process.Kill()
		<-s.ended
	})
	ready := make(chan map[string]string, 1)
	go s.follow(stderr, ready)
	return s, ready
}

// cleanEnvironment is the test's environment without settings of postern.
func cleanEnvironment() []string {
	var env []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "POSTERN_") {
			env = append(env, variable)
		}
	}
	return env
}

// follow reads the log until the process ends.
func (s *Server) follow(stderr io.Reader, ready chan<- map[string]string) {
	defer close(s.ended)
	lines := bufio.NewReader(stderr)
	for {
		line, err := lines.ReadString('\n')
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			s.mu.Lock()
			s.lines = append(s.lines, line)
			s.mu.Unlock()
			if at, ok := readyLine(line); ok {
				ready <- at
			}
		}
		if err != nil {
			break
		}
	}
	_ = s.cmd.Wait() // its outcome is in ProcessState
}

func readyLine(line string) (map[string]string, bool) {
	var entry map[string]any
	if json.Unmarshal([]byte(line), &entry) != nil || entry["msg"] != "ready" {
		return nil, false
	}
	at := map[string]string{}
	for key, value := range entry {
		if text, ok := value.(string); ok {
			at[key] = text
		}
	}
	return at, true
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Log returns what the process has written to its standard error so far.
func (s *Server) Log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// StartTime is the time from the start of the process until it said that it is
// ready.
func (s *Server) StartTime() time.Duration { return s.ready.Sub(s.started) }

// Process returns the running process.
func (s *Server) Process() *os.Process { return s.cmd.Process }

// ProcessState tells how the process ended and what it used; nil while it runs.
func (s *Server) ProcessState() *os.ProcessState {
	select {
	case <-s.ended:
		return s.cmd.ProcessState
	default:
		return nil
	}
}

// Ended is closed when the process has ended.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Stop asks the process to end and fails the test unless it ends well: with
// code 0 and nothing but log lines written.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.quiet = true
	s.Terminate(t)
	<-s.ended
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("postern ended with code %d:\n%s", code, s.Log())
	}
	s.checkLog(t)
}

// Terminate sends SIGTERM and does not wait. Once is enough: a second signal
// would end the process at once.
func (s *Server) Terminate(t testing.TB) {
	t.Helper()
	if s.terminated {
		return
	}
	s.terminated = true
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
}

// Kill ends the process as a power cut would.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.quiet = true
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	s.checkLog(t)
}

// Restart starts the process again with the same arguments. It must have ended.
// A port that was chosen by the system changes.
func (s *Server) Restart(t testing.TB) *Server {
	t.Helper()
	<-s.ended
	return StartCommand(t, s.env, s.args...)
}

// checkLog fails on lines that are no log entries.
func (s *Server) checkLog(t testing.TB) {
	t.Helper()
	for line := range strings.SplitSeq(s.Log(), "\n") {
		if line != "" && !json.Valid([]byte(line)) {
			t.Errorf("postern %v wrote %q to its log:\n%s", s.args, line, s.Log())
			return
		}
	}
}

// Forget says that the test has dealt with the end of the process itself.
func (s *Server) Forget() { s.quiet = true }
