package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/clock"
)

// logged is a log that can be read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for line := range strings.SplitSeq(l.text.String(), "\n") {
		var entry struct{ Msg, Function, Line string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "function output" {
			out = append(out, entry.Function+": "+entry.Line)
		}
	}
	return out
}

// running returns a runtime with the function "f", which acts as events say.
func running(t *testing.T, config Config, env ...string) (*Runtime, *logged) {
	t.Helper()
	log := &logged{}
	config.Log = slog.New(slog.NewJSONHandler(log, nil))
	config.Functions = []Function{{Name: "f", Command: []string{os.Args[0]}, Env: env}}
	config.Env = append(append(config.Env, os.Environ()...), asFunction+"=yes")
	r, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r, log
}

const (
	testID  = "11111111-2222-4333-8444-555555555555"
	testARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
)

func call(t *testing.T, r *Runtime, event string) Result {
	t.Helper()
	result, err := r.Invoke(t.Context(), "f", Call{RequestID: testID, ARN: testARN, Trace: "Root=1-a", Payload: []byte(event)})
	if err != nil {
		t.Fatalf("call with %s: %v", event, err)
	}
	return result
}

type told struct {
	Calls, PID               int
	ID, Trace, ARN, Deadline string
	Env                      []string
}

func tell(t *testing.T, r *Runtime) told {
	t.Helper()
	var out told
	result := call(t, r, `{"do":"tell"}`)
	if err := json.Unmarshal(result.Payload, &out); err != nil || result.Failed {
		t.Fatalf("answer %s, failed %t: %v", result.Payload, result.Failed, err)
	}
	return out
}

// A program learns everything that runtime clients ask for, and is kept.
func TestInvoke(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r, _ := running(t, Config{Env: []string{"AWS_REGION=eu-west-1", "SHARED=1"}, Clock: clock.NewManual(now), Timeout: 2 * time.Second}, "_HANDLER=app.handler")
	first, second := tell(t, r), tell(t, r)
	if first.PID != second.PID || second.Calls != 2 {
		t.Errorf("the second call ran in process %d (call %d), the first in %d", second.PID, second.Calls, first.PID)
	}
	want := told{Calls: 1, PID: first.PID, ID: testID, Trace: "Root=1-a", ARN: testARN, Deadline: strconv.FormatInt(now.Add(2*time.Second).UnixMilli(), 10)}
	env := first.Env
	first.Env = nil
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("call (-want +got):\n%s", diff)
	}
	for _, variable := range []string{
		"_HANDLER=app.handler", "SHARED=1", "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1", "AWS_LAMBDA_FUNCTION_NAME=f",
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/f", "AWS_LAMBDA_LOG_STREAM_NAME=2026/01/02/[$LATEST]", "LAMBDA_TASK_ROOT=" + directory(),
	} {
		if !strings.Contains("\n"+strings.Join(env, "\n"), "\n"+variable) {
			t.Errorf("the environment lacks %s:\n%s", variable, strings.Join(env, "\n"))
		}
	}
}

// What a function fails with is its answer; the runtime's own words are those
// of Lambda. The next call works.
func TestFailures(t *testing.T) {
	for _, test := range []struct{ event, want string }{
		{`{"do":"fail"}`, `{"errorMessage":"no","errorType":"Custom"}`},
		{`{"do":"exit"}`, `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ` + testID + ` Error: Runtime exited with error: exit status 7"}`},
		{`{"do":"wrong id"}`, `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ` + testID + ` Error: Runtime exited"}`},
		{`{"do":"long"}`, `{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}`},
	} {
		r, _ := running(t, Config{})
		if got := call(t, r, test.event); string(got.Payload) != test.want || !got.Failed {
			t.Errorf("%s:\n got %s, failed %t\nwant %s", test.event, got.Payload, got.Failed, test.want)
		}
		if got := call(t, r, `{"ok":1}`); string(got.Payload) != `{"ok":1}` || got.Failed {
			t.Errorf("after %s: %s, failed %t", test.event, got.Payload, got.Failed)
		}
	}
}

// A program that ends while it is idle has not seen the call that finds it:
// another process answers.
func TestIdleProcessEnds(t *testing.T) {
	r, _ := running(t, Config{})
	f := r.functions["f"]
	dying := &process{function: f, cmd: &exec.Cmd{}, work: make(chan *job), ended: make(chan struct{})}
	f.idle = []*process{dying}
	result := make(chan Result)
	go func() { result <- f.run(&Call{RequestID: testID, Payload: []byte(`{"ok":1}`)}) }()
	for taken := false; !taken; runtime.Gosched() {
		f.mu.Lock()
		taken = len(f.idle) == 0
		f.mu.Unlock()
	}
	close(dying.ended)
	if got := <-result; string(got.Payload) != `{"ok":1}` || got.Failed {
		t.Errorf("got %s, failed %t; want the answer of another process", got.Payload, got.Failed)
	}
}

func TestInitError(t *testing.T) {
	const text = `{"errorMessage":"no module","errorType":"Runtime.ImportModuleError"}`
	r, _ := running(t, Config{}, "FAIL_INIT="+text)
	if got := call(t, r, `{}`); string(got.Payload) != text || !got.Failed {
		t.Errorf("got %s, failed %t; want %s", got.Payload, got.Failed, text)
	}
}

// A program that does not answer is killed, and so is one that never asks.
func TestTimeout(t *testing.T) {
	for _, test := range []struct {
		event, env, want string
	}{
		{`{"do":"hang"}`, "", "Task timed out after 3.00 seconds"},
		{`{}`, "NEVER_ASK=1", "Task timed out after 5.00 seconds"},
	} {
		manual := clock.NewManual(time.Now())
		armed := make(chan time.Duration, 4)
		r, _ := running(t, Config{Clock: &signaling{manual, armed}, Timeout: 3 * time.Second, InitTimeout: 5 * time.Second}, test.env)
		result := make(chan Result, 1)
		go func() {
			got, _ := r.Invoke(context.Background(), "f", Call{RequestID: testID, Payload: []byte(test.event)})
			result <- got
		}()
		limit := <-armed // of the start
		if test.env == "" {
			limit = <-armed // of the call
		}
		manual.Advance(limit)
		want := `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ` + testID + ` Error: ` + test.want + `"}`
		if got := <-result; string(got.Payload) != want || !got.Failed {
			t.Errorf("%s %s:\n got %s, failed %t\nwant %s", test.event, test.env, got.Payload, got.Failed, want)
		}
		if n := len(r.functions["f"].idle); n != 0 {
			t.Errorf("%s %s: the process is used again", test.event, test.env)
		}
	}
}

// signaling tells when a timer is set.
type signaling struct {
	*clock.Manual
	armed chan time.Duration
}

func (s *signaling) AfterFunc(d time.Duration, f func()) func() bool {
	stop := s.Manual.AfterFunc(d, f)
	s.armed <- d
	return stop
}

// Calls run beside each other up to the limit; those beyond it wait.
func TestConcurrency(t *testing.T) {
	r, _ := running(t, Config{Concurrency: 2})
	var all sync.WaitGroup
	pids := make([]int, 12)
	for i := range pids {
		all.Go(func() { pids[i] = tell(t, r).PID })
	}
	all.Wait()
	distinct := map[int]bool{}
	for _, pid := range pids {
		distinct[pid] = true
	}
	if len(distinct) > 2 {
		t.Errorf("%d processes, want at most 2: %v", len(distinct), pids)
	}
}

// A caller that gives up is let go, while the call goes on and holds its
// process; who finds all places taken is refused.
func TestCallerLeaves(t *testing.T) {
	r, _ := running(t, Config{Concurrency: 1, MaxWaiting: 1})
	tell(t, r)
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, err := r.Invoke(ctx, "f", Call{RequestID: testID, Payload: []byte(`{"do":"hang"}`)})
		gone <- err
	}()
	for len(r.functions["f"].slots) == 0 {
		select { // the call takes its place before it does anything that can be seen
		case err := <-gone:
			t.Fatal(err)
		default:
		}
	}
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller got %v, want %v", err, context.Canceled)
	}
	if err := r.Start("f", Call{RequestID: testID}); err != nil {
		t.Errorf("a call that may wait: %v", err)
	}
	if err := r.Start("f", Call{RequestID: testID}); !errors.Is(err, ErrBusy) {
		t.Errorf("a call too many: %v, want %v", err, ErrBusy)
	}
	if _, err := r.Invoke(t.Context(), "f", Call{}); !errors.Is(err, ErrBusy) {
		t.Errorf("a call too many: %v, want %v", err, ErrBusy)
	}
}

func TestStart(t *testing.T) {
	r, log := running(t, Config{Concurrency: 1})
	if err := r.Start("f", Call{RequestID: testID, Payload: []byte(`{"do":"print"}`)}); err != nil {
		t.Fatal(err)
	}
	for own := 1; tell(t, r).Calls == own; own++ { // until the process has had one call more
	}
	call(t, r, `{"do":"exit"}`) // flushes what it printed
	r.Close()
	out := map[string]bool{}
	for _, line := range log.lines() {
		out[line] = true
	}
	for _, want := range []string{"f: one", "f: two", "f: three"} {
		if !out[want] {
			t.Errorf("no %q in %v", want, out)
		}
	}
	if len(out) != 3 {
		t.Errorf("lines %v, want three", out)
	}
}

// Nothing is left when a runtime is closed, not even what functions started.
func TestClose(t *testing.T) {
	r, _ := running(t, Config{})
	child, err := strconv.Atoi(string(call(t, r, `{"do":"child"}`).Payload))
	if err != nil {
		t.Fatal(err)
	}
	program := tell(t, r).PID
	r.Close()
	for _, pid := range []int{program, child} {
		// A process that was killed takes a moment to go, and an orphan may wait
		// to be reaped.
		for began := time.Now(); ; runtime.Gosched() {
			state := stateOf(pid)
			if state == "" || state == "Z" {
				break
			}
			if time.Since(began) > 10*time.Second {
				t.Errorf("process %d still runs, in state %q", pid, state)
				break
			}
		}
	}
	if _, err := r.Invoke(t.Context(), "f", Call{}); !errors.Is(err, ErrClosed) {
		t.Errorf("a call after the end: %v, want %v", err, ErrClosed)
	}
	if err := r.Start("f", Call{}); !errors.Is(err, ErrClosed) {
		t.Errorf("an asynchronous call after the end: %v, want %v", err, ErrClosed)
	}
}

// stateOf returns the state letter of a process; empty if there is none.
func stateOf(pid int) string {
	if syscall.Kill(pid, 0) != nil {
		return ""
	}
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	return rest[:1]
}

func TestNew(t *testing.T) {
	for _, test := range []struct {
		functions []Function
		want      string
	}{
		{[]Function{{Name: "a", Command: []string{"./no-such-program"}}}, "function a: "},
		{[]Function{{Name: "a", Command: []string{os.Args[0]}}, {Name: "a", Command: []string{os.Args[0]}}}, "function a is given twice"},
	} {
		if _, err := New(Config{Functions: test.functions}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("New(%v): %v, want %q", test.functions, err, test.want)
		}
	}
	var none *Runtime
	if none.Has("a") {
		t.Error("no runtime has a function")
	}
	none.Close()
	r, _ := running(t, Config{})
	if _, err := r.Invoke(t.Context(), "g", Call{}); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown function: %v, want %v", err, ErrUnknown)
	}
}
