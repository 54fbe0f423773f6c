package gateway

import (
	"encoding/json"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/gateway/steps"
)

// Finished is a request that has ended, for those who watch a stage live.
type Finished struct {
	Time         time.Time `json:"time"` // of arrival
	RequestID    string    `json:"requestId"`
	Method       string    `json:"method"`
	Path         string    `json:"path"`     // after the stage
	Resource     string    `json:"resource"` // template; empty: no method was found
	Status       int       `json:"status"`
	Bytes        int64     `json:"bytes"`
	Milliseconds float64   `json:"milliseconds"`
	// BackendMilliseconds is nil if no backend was called.
	BackendMilliseconds *float64 `json:"backendMilliseconds,omitempty"`
	Release             string   `json:"release"` // "production" or "canary"
	SourceIP            string   `json:"sourceIp"`
	// Response is the type of a gateway response, Error its message.
	Response string `json:"response,omitempty"`
	Error    string `json:"error,omitempty"`
	// Missed counts the requests before this one that the watcher was too slow for.
	Missed int64 `json:"missed,omitempty"`
}

// tails are those who watch stages.
type tails struct {
	mu    sync.Mutex              // held by writers
	list  atomic.Pointer[[]*tail] // nil if nobody watches
	ended bool                    // there are no more; see EndTails
}

// tail is one watcher. It reads as lines of JSON.
type tail struct {
	api, stage string
	wants      func(*Finished) bool
	lines      chan []byte
	missed     atomic.Int64
	ended      chan struct{}
	once       sync.Once
	close      func()
	pauses     clock.Clock
	rest       []byte
}

// tailRoom is how many requests a watcher may be behind.
const tailRoom = 1000

// heartbeat is how often a quiet tail sends an empty line, which finds out
// that nobody reads any more.
const heartbeat = 15 * time.Second

// Tail returns the requests of a stage from now on that are wanted, as lines
// of JSON: a Finished each, and an empty line now and then. The reader is to be
// closed.
func (g *Gateway) Tail(api, stage string, wants func(*Finished) bool) io.ReadCloser {
	t := &tail{api: api, stage: stage, wants: wants, lines: make(chan []byte, tailRoom), ended: make(chan struct{}), pauses: g.pauses}
	t.close = func() {
		g.tails.change(func(list []*tail) []*tail { return slices.DeleteFunc(list, func(o *tail) bool { return o == t }) })
	}
	g.tails.change(func(list []*tail) []*tail { return append(list, t) })
	if g.tails.over() {
		_ = t.Close()
	}
	return t
}

// EndTails ends all tails, also those that begin from now on: the node goes.
func (g *Gateway) EndTails() {
	g.tails.mu.Lock()
	g.tails.ended = true
	g.tails.mu.Unlock()
	if list := g.tails.list.Load(); list != nil {
		for _, t := range *list {
			_ = t.Close()
		}
	}
}

func (ts *tails) over() bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.ended
}

func (ts *tails) change(f func([]*tail) []*tail) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	var list []*tail
	if old := ts.list.Load(); old != nil {
		list = slices.Clone(*old)
	}
	if list = f(list); len(list) == 0 {
		ts.list.Store(nil)
		return
	}
	ts.list.Store(&list)
}

// Read implements io.Reader.
func (t *tail) Read(p []byte) (int, error) {
	if len(t.rest) == 0 {
		quiet := make(chan struct{})
		stop := t.pauses.AfterFunc(heartbeat, func() { close(quiet) })
		defer stop()
		select {
		case t.rest = <-t.lines:
		case <-quiet:
			t.rest = []byte("\n")
		case <-t.ended:
			return 0, io.EOF
		}
	}
	n := copy(p, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}

// Close implements io.Closer.
func (t *tail) Close() error {
	t.once.Do(func() {
		close(t.ended)
		t.close()
	})
	return nil
}

// tell tells the watchers of a request's stage. It waits for none of them.
func (g *Gateway) tell(list []*tail, r *inflight, outcome steps.Outcome) {
	var f *Finished
	for _, t := range list {
		if t.api != r.Context.APIID || t.stage != r.Context.Stage {
			continue
		}
		if f == nil {
			f = finished(r, outcome)
		}
		if t.wants != nil && !t.wants(f) {
			continue
		}
		f.Missed = t.missed.Swap(0)
		line, err := json.Marshal(f)
		if err != nil {
			continue // never: all members can be written
		}
		select {
		case t.lines <- append(line, '\n'):
		default:
			t.missed.Add(f.Missed + 1)
		}
	}
}

func finished(r *inflight, outcome steps.Outcome) *Finished {
	c := &r.Context
	o := &c.Outcome
	f := &Finished{
		Time: c.Received, RequestID: c.RequestID, Method: c.HTTPMethod, Path: c.Rest, Resource: c.ResourcePath,
		Status: o.Status, Bytes: o.Length, Milliseconds: milliseconds(o.Latency), Release: "production",
	}
	if c.Canary {
		f.Release = "canary"
	}
	if o.Called {
		f.BackendMilliseconds = new(milliseconds(o.BackendLatency))
	}
	if c.Remote.IsValid() {
		f.SourceIP = c.Remote.Unmap().WithZone("").String()
	}
	if outcome == steps.Fail {
		f.Response, f.Error = r.Failure.Response.Type, c.Failure.Message
	}
	return f
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
