package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/ids"
)

// Config is what a Runtime needs. A zero means the default that is given with
// the field.
type Config struct {
	Functions []Function
	// Env is the environment of all functions ("NAME=value"); what the runtime
	// itself sets is set over it. None.
	Env []string
	// Timeout bounds one call of a function. 30 s.
	Timeout time.Duration
	// Concurrency is how many processes one function may have. 10.
	Concurrency int
	// InitTimeout bounds the time from the start of a process until it asks for
	// work, and from one answer to the next question. 10 s, as Lambda has it.
	InitTimeout time.Duration
	// MaxWaiting is how many calls of one function may wait for a process. 1000.
	MaxWaiting int

	Clock clock.Clock  // clock.System
	IDs   *ids.Source  // the system's randomness
	Log   *slog.Logger // discarded
	// Output takes what functions print, line by line, from several goroutines;
	// it must not wait. Lines go to Log.
	Output func(Printed)
}

// Defaults that commands show.
const (
	DefaultTimeout     = 30 * time.Second
	DefaultConcurrency = 10
)

// memorySize is what functions are told of their memory, in MiB: Lambda's
// default. Nothing limits it.
const memorySize = "128"

// LogGroup begins the name of a function's log group.
const LogGroup = "/aws/lambda/"

// latest is the version of every function of this machine.
const latest = "$LATEST"

func (c Config) withDefaults() Config {
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	c.Concurrency = cmp.Or(c.Concurrency, DefaultConcurrency)
	c.InitTimeout = cmp.Or(c.InitTimeout, 10*time.Second)
	c.MaxWaiting = cmp.Or(c.MaxWaiting, 1000)
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.IDs == nil {
		c.IDs = ids.New()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Output == nil {
		c.Output = func(p Printed) { p.LogTo(c.Log) }
	}
	return c
}

// Runtime runs functions. Make one with New and end it with Close.
type Runtime struct {
	config    Config
	functions map[string]*function

	ctx  context.Context // ends with Close
	stop context.CancelFunc

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup // calls and processes
}

// function is a function with its processes.
type function struct {
	Function
	runtime *Runtime
	slots   chan struct{} // one for each process that is busy or starting
	waiting chan struct{} // one for each call that waits for a slot

	mu   sync.Mutex
	idle []*process // the one used last comes last
}

// New returns a runtime without processes. It refuses a command that cannot be
// found and two functions of one name.
func New(config Config) (*Runtime, error) {
	config = config.withDefaults()
	r := &Runtime{config: config, functions: map[string]*function{}}
	r.ctx, r.stop = context.WithCancel(context.Background())
	for _, f := range config.Functions {
		if err := f.check(); err != nil {
			r.stop()
			return nil, err
		}
		if r.functions[f.Name] != nil {
			r.stop()
			return nil, fmt.Errorf("function %s is given twice", f.Name)
		}
		r.functions[f.Name] = &function{
			Function: f, runtime: r,
			slots: make(chan struct{}, config.Concurrency), waiting: make(chan struct{}, config.MaxWaiting),
		}
	}
	return r, nil
}

// Has reports whether a function of this name is here.
func (r *Runtime) Has(name string) bool { return r != nil && r.functions[name] != nil }

// Call is one call of a function.
type Call struct {
	RequestID string // a UUID
	ARN       string // under which the function was called
	Trace     string // X-Amzn-Trace-Id; empty: none
	Payload   []byte // JSON
}

// Result is what came of a call.
type Result struct {
	Payload []byte
	// Failed says that the payload describes a failure of the function, which
	// Lambda marks with X-Amz-Function-Error: Unhandled.
	Failed bool
}

// The refusals.
var (
	ErrUnknown = errors.New("there is no such function")
	ErrBusy    = errors.New("too many calls wait for the function")
	ErrClosed  = errors.New("the functions have been stopped")
)

// Invoke calls a function and waits for its answer. When ctx ends, Invoke
// returns its error; a call that has begun goes on until its own timeout, as
// with Lambda.
func (r *Runtime) Invoke(ctx context.Context, name string, call Call) (Result, error) {
	f := r.functions[name]
	if f == nil {
		return Result{}, ErrUnknown
	}
	if err := f.acquire(ctx); err != nil {
		return Result{}, err
	}
	done := make(chan Result, 1)
	if !r.begin(func() { defer f.release(); done <- f.run(&call) }) {
		f.release()
		return Result{}, ErrClosed
	}
	select {
	case result := <-done:
		return result, nil
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

// Start calls a function without waiting for its answer: an asynchronous
// invocation. Failures are logged; unlike Lambda it does not try again.
func (r *Runtime) Start(name string, call Call) error {
	f := r.functions[name]
	if f == nil {
		return ErrUnknown
	}
	select {
	case f.waiting <- struct{}{}:
	default:
		return ErrBusy
	}
	if !r.begin(func() {
		err := f.take(r.ctx)
		<-f.waiting
		if err != nil {
			return
		}
		defer f.release()
		if result := f.run(&call); result.Failed {
			r.config.Log.Warn("asynchronous call failed", "function", name, "request", call.RequestID, "error", string(result.Payload))
		}
	}) {
		<-f.waiting
		return ErrClosed
	}
	return nil
}

// begin runs work in a goroutine that Close waits for.
func (r *Runtime) begin(work func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.running.Go(work)
	return true
}

// Close kills all processes with everything that they started, and returns
// when they have ended.
func (r *Runtime) Close() {
	if r == nil {
		return
	}
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.stop()
	r.running.Wait()
}

// acquire waits for the right to use a process.
func (f *function) acquire(ctx context.Context) error {
	select {
	case f.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case f.waiting <- struct{}{}:
		defer func() { <-f.waiting }()
	default:
		return ErrBusy
	}
	return f.take(ctx)
}

func (f *function) take(ctx context.Context) error {
	select {
	case f.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-f.runtime.ctx.Done():
		return ErrClosed
	}
}

func (f *function) release() { <-f.slots }

// run makes one call on an idle process, or on a new one. An idle program may
// end before it has seen the call; then the call goes to the next one.
func (f *function) run(call *Call) Result {
	for p := f.pop(); p != nil; p = f.pop() {
		if result, taken := p.serve(call); taken {
			f.keep(p)
			return result
		}
	}
	p, err := f.start(call)
	if err != nil {
		return failure("Runtime.InvalidEntrypoint", call, err.Error())
	}
	result, _ := p.serve(call)
	f.keep(p)
	return result
}

// keep makes a process idle unless it has ended.
func (f *function) keep(p *process) {
	if p.alive() {
		f.mu.Lock()
		f.idle = append(f.idle, p)
		f.mu.Unlock()
	}
}

// pop returns the idle process that was used last; nil if there is none.
func (f *function) pop() *process {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.idle) > 0 {
		last := len(f.idle) - 1
		p := f.idle[last]
		f.idle = f.idle[:last]
		if p.alive() {
			return p
		}
	}
	return nil
}

// directory is where functions run: that of the program that runs them.
func directory() string {
	path, err := filepath.Abs(".")
	if err != nil {
		return "."
	}
	return path
}

// environment is what a process of the function sees, with the runtime API at
// an address.
func (f *function) environment(api, stream string) []string {
	c := &f.runtime.config
	region := ""
	for _, variable := range c.Env {
		if value, ok := strings.CutPrefix(variable, "AWS_REGION="); ok {
			region = value
		}
	}
	region = cmp.Or(region, "us-east-1")
	env := append([]string{
		// What a function may set itself comes before its own variables.
		"_HANDLER=" + f.Name,
		"AWS_DEFAULT_REGION=" + region,
		"LAMBDA_TASK_ROOT=" + directory(),
	}, c.Env...)
	env = append(env, "AWS_REGION="+region)
	env = append(env, f.Env...)
	return append(env,
		"AWS_LAMBDA_RUNTIME_API="+api,
		"AWS_LAMBDA_FUNCTION_NAME="+f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION="+latest,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE="+memorySize,
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME="+LogGroup+f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME="+stream,
	)
}
