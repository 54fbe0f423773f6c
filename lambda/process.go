package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"
)

// process is a running program of a function with the runtime API that it
// speaks to. It serves one call at a time.
type process struct {
	function *function
	cmd      *exec.Cmd
	server   *http.Server
	work     chan *job     // taken by the program's question for work
	ended    chan struct{} // closed when the program has ended

	stream string // name of its log stream

	mu      sync.Mutex
	current *job   // taken and not answered
	arn     string // of the last call that was taken
	broken  []byte // the failure of the program's initialization
}

// job is a call on its way through a process.
type job struct {
	*Call
	deadline time.Time
	done     chan Result // one answer
}

// start runs the program, for a call, and its runtime API on a port of its own,
// so that the program's questions need no name.
func (f *function) start(call *Call) (*process, error) {
	r := f.runtime
	listener, err := new(net.ListenConfig).Listen(r.ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the program: %w", err)
	}
	p := &process{function: f, work: make(chan *job), ended: make(chan struct{}), arn: call.ARN}
	p.stream = r.config.Clock.Now().UTC().Format("2006/01/02/") + "[" + latest + "]" + r.config.IDs.Hex(32)
	var connections sync.WaitGroup
	p.server = &http.Server{Handler: p.api(), ReadHeaderTimeout: r.config.InitTimeout, ConnState: func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			connections.Add(1)
		case http.StateClosed:
			connections.Done()
		}
	}}
	p.cmd = exec.Command(f.Command[0], f.Command[1:]...)
	p.cmd.Env = f.environment(listener.Addr().String(), p.stream)
	stdout, stderr := &output{process: p}, &output{process: p}
	p.cmd.Stdout, p.cmd.Stderr = stdout, stderr
	p.cmd.WaitDelay = time.Second // for what the program started and left behind with its output
	ownGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		_ = listener.Close()
		return nil, err
	}
	// The call that starts a process is counted, so these may be added.
	r.running.Go(func() {
		_ = p.server.Serve(listener) // ends by Close, which waits for no connection
		connections.Wait()
	})
	r.running.Go(func() {
		err := p.cmd.Wait()
		killGroup(p.cmd)
		stdout.flush()
		stderr.flush()
		if r.ctx.Err() == nil {
			r.config.Log.Info("function process ended", "function", f.Name, "state", exitText(p.cmd, err))
		}
		close(p.ended)
		_ = p.server.Close()
	})
	stop := context.AfterFunc(r.ctx, p.kill)
	r.running.Go(func() { <-p.ended; stop() })
	return p, nil
}

// print hands on a line of the program.
func (p *process) print(line string) {
	p.mu.Lock()
	arn := p.arn
	p.mu.Unlock()
	c := &p.function.runtime.config
	c.Output(Printed{Function: p.function.Name, ARN: arn, Stream: p.stream, Time: c.Clock.Now(), Line: line})
}

func exitText(cmd *exec.Cmd, err error) string {
	if cmd.ProcessState != nil {
		return cmd.ProcessState.String()
	}
	return fmt.Sprint(err)
}

// kill ends the program with everything that it started. Once it has ended its
// number may be another's.
func (p *process) kill() {
	if p.alive() {
		killGroup(p.cmd)
	}
}

func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// serve makes one call. A process that does not answer in time is killed.
// taken is false if the program ended before it took the call.
func (p *process) serve(call *Call) (result Result, taken bool) {
	c := &p.function.runtime.config
	j := &job{Call: call, done: make(chan Result, 1)}
	late := make(chan struct{})
	stop := c.Clock.AfterFunc(c.InitTimeout, func() { close(late) })
	select {
	case p.work <- j:
		stop()
	case <-p.ended:
		stop()
		return p.death(call), false
	case <-late:
		p.kill()
		<-p.ended
		return failure("Sandbox.Timedout", call, fmt.Sprintf("Task timed out after %.2f seconds", c.InitTimeout.Seconds())), true
	}
	late = make(chan struct{})
	stop = c.Clock.AfterFunc(c.Timeout, func() { close(late) })
	defer stop()
	select {
	case result := <-j.done:
		return result, true
	case <-p.ended:
		select {
		case result := <-j.done: // its last words
			return result, true
		default:
		}
		return p.death(call), true
	case <-late:
		p.kill()
		<-p.ended
		return failure("Sandbox.Timedout", call, fmt.Sprintf("Task timed out after %.2f seconds", c.Timeout.Seconds())), true
	}
}

// death is the answer of a program that ended instead.
func (p *process) death(call *Call) Result {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return Result{Payload: p.broken, Failed: true}
	}
	text := "Runtime exited"
	if state := p.cmd.ProcessState; state != nil && !state.Success() {
		text = "Runtime exited with error: " + state.String()
	}
	return failure("Runtime.ExitError", call, text)
}

// failure is a failure of a process in the form in which Lambda reports one.
func failure(kind string, call *Call, text string) Result {
	return describe(kind, "RequestId: "+call.RequestID+" Error: "+text)
}

// describe is a failure that Lambda reports in these words alone.
func describe(kind, text string) Result {
	payload, _ := json.Marshal(struct { // two strings always encode
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}{kind, text})
	return Result{Payload: payload, Failed: true}
}
