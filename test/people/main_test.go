package people

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

// document is an API whose GET /color answers a color.
func document(color string) string {
	return `openapi: 3.0.1
info: {title: colors}
paths:
  /color:
    get:
      responses: {"200": {description: a color}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses:
          default:
            statusCode: "200"
            responseTemplates: {application/json: ` + color + `}
`
}

// save puts a file in the place of another one, as many editors do.
func save(t *testing.T, path, text string) {
	t.Helper()
	write(t, path+".new", text)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs the binary until it ends.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, failures bytes.Buffer
	cmd := exec.CommandContext(t.Context(), postern.Binary(t), args...)
	cmd.Stdout, cmd.Stderr = &out, &failures
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), failures.String()
}

// event is a line that postern up --output json writes.
type event struct {
	Event        string
	API          string
	URL          string
	Endpoint     string
	Milliseconds int64
	Changes      []struct{ Part, Path, Verb, Kind string }
	Findings     []struct {
		Line, Column   int
		Severity, Text string
	}
	Settings []string
	Stage    string
	Error    string
}

// upTimeout is far above what is normal: a loaded machine must not fail a test.
const upTimeout = 60 * time.Second

// watching is a running postern up --watch.
type watching struct {
	t      *testing.T
	events chan event
}

func watch(t *testing.T, path string, args ...string) *watching {
	t.Helper()
	args = append([]string{"up", "--watch", "--output", "json", "--listen", "127.0.0.1:0", path}, args...)
	cmd := exec.Command(postern.Binary(t), args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := &watching{t, make(chan event, 100)}
	go func() {
		defer close(w.events)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			e := event{}
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				e = event{Event: "no JSON", Error: lines.Text()}
			}
			w.events <- e
		}
	}()
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("the process ended by itself: %v", err)
		}
		for range w.events { // until its output ends
		}
		if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
			t.Errorf("it ended with %v and wrote:\n%s", err, &stderr)
		}
	})
	return w
}

// next returns the next event, which must have one of some names.
func (w *watching) next(names ...string) event {
	w.t.Helper()
	timeout := time.NewTimer(upTimeout)
	defer timeout.Stop()
	select {
	case e, open := <-w.events:
		if !open || !slices.Contains(names, e.Event) {
			w.t.Fatalf("got %+v (open: %t), want the event %q", e, open, names)
		}
		return e
	case <-timeout.C:
		w.t.Fatalf("no event in %v, want %q", upTimeout, names)
	}
	return event{}
}

// ask returns what an address answers.
func ask(t *testing.T, url string) string {
	t.Helper()
	answer, err := (&postern.Server{}).Call(t.Context(), "GET", url, "", "")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(answer.Body)
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "api.yaml")
	write(t, path, text)
	return path
}
