package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a sink that waits before each batch for leave, if there is a channel
// for it, and fails with err.
type fake struct {
	leave chan struct{}
	begun chan struct{} // gets a token at each Write
	err   error

	mu     sync.Mutex
	got    []string
	sizes  []int
	closed int
}

func newFake(waits bool) *fake {
	f := &fake{begun: make(chan struct{}, 1000)}
	if waits {
		f.leave = make(chan struct{})
	}
	return f
}

func (f *fake) Write(ctx context.Context, batch []Record) (int, error) {
	f.begun <- struct{}{}
	if f.leave != nil {
		select {
		case <-f.leave:
		case <-ctx.Done():
			return len(batch), ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return len(batch), f.err
	}
	for _, r := range batch {
		f.got = append(f.got, r.Name()+" "+r.Message)
	}
	f.sizes = append(f.sizes, len(batch))
	return 0, nil
}

func (f *fake) Close(context.Context) error { f.closed++; return nil }

func (f *fake) setError(err error) { f.mu.Lock(); f.err = err; f.mu.Unlock() }

func record(group string, n int) Record {
	return Record{Destination{Group: group}, Event{Time: time.UnixMilli(int64(n)), Message: fmt.Sprint(n)}}
}

func closeQueue(t *testing.T, q *Queue) {
	t.Helper()
	if err := q.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestOrder puts records from several goroutines at once: those of each arrive
// in their order, all of them, in batches that are not too large.
func TestOrder(t *testing.T) {
	f := newFake(false)
	q := NewQueue(QueueConfig{Sink: f, Batch: 7})
	var putting sync.WaitGroup
	const groups, each = 4, 200
	for g := range groups {
		putting.Go(func() {
			for i := range each {
				q.Put(record(fmt.Sprint("g", g), i))
			}
		})
	}
	putting.Wait()
	if err := q.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	next := map[string]int{}
	for _, line := range f.got {
		group, _, _ := strings.Cut(line, " ")
		if want := fmt.Sprint(group, " ", next[group]); line != want {
			t.Fatalf("got %q, want %q", line, want)
		}
		next[group]++
	}
	if len(f.got) != groups*each || slices.Max(f.sizes) > 7 || q.Dropped() != 0 {
		t.Errorf("%d records in batches of at most %d, %d dropped; want %d, 7, 0", len(f.got), slices.Max(f.sizes), q.Dropped(), groups*each)
	}
	f.mu.Unlock()
	closeQueue(t, q)
	if f.closed != 1 {
		t.Errorf("the sink was closed %d times", f.closed)
	}
}

// TestDeadSink: with a sink that does nothing, Put returns at once, and what is
// held, by number and by size, is bounded.
func TestDeadSink(t *testing.T) {
	for _, row := range []struct {
		name           string
		records, bytes int
		held           int
	}{
		{"by number", 10, 1 << 20, 10},
		{"by size", 1000, 5 * (recordOverhead + 1), 5},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := newFake(true)
			q := NewQueue(QueueConfig{Sink: f, Records: row.records, Bytes: row.bytes})
			q.Put(record("g", 0))
			<-f.begun // one is with the sink, and counts
			for i := range 100 {
				q.Put(record("g", i%10))
			}
			if got, want := q.Dropped(), int64(101-row.held); got != want {
				t.Errorf("%d dropped, want %d", got, want)
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if err := q.Flush(ended); !errors.Is(err, context.Canceled) {
				t.Errorf("a flush that cannot end: %v", err)
			}
			close(f.leave)
			if err := q.Flush(t.Context()); err != nil {
				t.Error(err)
			}
			q.Put(record("g", 1)) // there is room again
			closeQueue(t, q)
			if len(f.got) != row.held+1 {
				t.Errorf("%d written, want %d", len(f.got), row.held+1)
			}
		})
	}
}

// TestCloseDrains: what was put is written before Close returns; what is put
// later is dropped.
func TestCloseDrains(t *testing.T) {
	f := newFake(true)
	q := NewQueue(QueueConfig{Sink: f, Batch: 2})
	for i := range 5 {
		q.Put(record("g", i))
	}
	closing := make(chan error)
	go func() { closing <- q.Close(t.Context()) }()
	<-f.begun
	close(f.leave)
	if err := <-closing; err != nil || len(f.got) != 5 || q.Dropped() != 0 {
		t.Errorf("%v, %q written, %d dropped; want all of 5", err, f.got, q.Dropped())
	}
	q.Put(record("g", 6))
	if q.Dropped() != 1 {
		t.Errorf("%d dropped after the end, want 1", q.Dropped())
	}
	if err := q.Flush(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestCloseGivesUp: when there is no more time, what is left is counted.
func TestCloseGivesUp(t *testing.T) {
	f := newFake(true)
	q := NewQueue(QueueConfig{Sink: f, Batch: 2})
	for i := range 5 {
		q.Put(record("g", i))
	}
	<-f.begun
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.Close(ended); !errors.Is(err, context.Canceled) || q.Dropped() != 5 || f.closed != 1 {
		t.Errorf("%v, %d dropped, closed %d times; want 5 dropped", err, q.Dropped(), f.closed)
	}
}

// TestFailures: a sink that fails is said once to the log, and counted.
func TestFailures(t *testing.T) {
	var out bytes.Buffer
	f := newFake(false)
	f.setError(errors.New("no room"))
	q := NewQueue(QueueConfig{Name: "files", Sink: f, Log: slog.New(slog.NewTextHandler(&out, nil))})
	put := func() {
		t.Helper()
		q.Put(record("g", 1))
		if err := q.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		put()
	}
	f.setError(nil)
	put()
	put()
	closeQueue(t, q)
	if q.Dropped() != 3 || strings.Count(out.String(), "no room") != 1 || strings.Count(out.String(), "written again") != 1 {
		t.Errorf("%d dropped, want 3; log:\n%s", q.Dropped(), out.String())
	}
}

func TestRouter(t *testing.T) {
	all, some := newFake(false), newFake(false)
	r := &Router{Routes: []Route{
		{Queue: NewQueue(QueueConfig{Sink: all})},
		{Queue: NewQueue(QueueConfig{Sink: some}), Wants: func(d Destination) bool { return d.Delivery != "" }},
	}}
	r.Put(record("g", 1))
	r.Put(Record{Destination{Delivery: "delivery"}, Event{Message: "2"}})
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all.got) // records of different destinations have no order
	if want := []string{"delivery 2", "g 1"}; !slices.Equal(all.got, want) || !slices.Equal(some.got, want[:1]) {
		t.Errorf("got %q and %q, want %q and the first of them", all.got, some.got, want)
	}
	(&Router{}).Put(record("g", 1))
}

// TestPutAllocates: in the long run a record costs no memory but its own.
func TestPutAllocates(t *testing.T) {
	f := newFake(true)
	q := NewQueue(QueueConfig{Sink: f, Records: 8})
	q.Put(record("g", 0))
	<-f.begun
	r := record("g", 1)
	for range 8 {
		q.Put(r)
	}
	if n := testing.AllocsPerRun(100, func() { q.Put(r) }); n != 0 {
		t.Errorf("%v allocations by a record that is dropped", n)
	}
	close(f.leave)
	closeQueue(t, q)
}

func BenchmarkPut(b *testing.B) {
	q := NewQueue(QueueConfig{Sink: discard{}})
	r := record("g", 1)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			q.Put(r)
		}
	})
	_ = q.Close(b.Context())
}

// discard is a sink that is always ready.
type discard struct{}

func (discard) Write(context.Context, []Record) (int, error) { return 0, nil }
func (discard) Close(context.Context) error                  { return nil }
