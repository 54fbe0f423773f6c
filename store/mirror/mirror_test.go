package mirror_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd/etcdtest"
	"github.com/postern-gateway/postern/store/mirror"
	"github.com/postern-gateway/postern/store/storetest"
)

func TestMain(m *testing.M) { etcdtest.Main(m) }

// run starts a mirror for the time of the test and waits for its first listing.
func run(t *testing.T, m *mirror.Mirror) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		m.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	wait(t, m, 1)
}

func wait(t *testing.T, m *mirror.Mirror, revision store.Revision) mirror.View {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	view, err := m.Wait(ctx, revision)
	if err != nil {
		t.Fatalf("Wait(%d) at %d: %v", revision, m.View().Revision(), err)
	}
	return view
}

func text(view mirror.View, prefix string) string {
	var out []string
	for e := range view.Scan(prefix) {
		out = append(out, e.Key+"="+string(e.Value))
	}
	return strings.Join(out, " ")
}

func TestFollowsTheStore(t *testing.T) {
	s := etcdtest.New(t)
	storetest.MustCommit(t, s, storetest.Put("w/a", "1"), storetest.Put("w/b", "2"), storetest.Put("x/a", "3"))
	m := mirror.New(mirror.Config{Store: s, Prefix: "w/"})
	if got := m.View(); got.Revision() != 0 || got.Count("") != 0 || text(got, "") != "" {
		t.Errorf("view before Run: %d %q", got.Revision(), text(got, ""))
	}
	run(t, m)
	first := m.View()
	if got, want := text(first, ""), "w/a=1 w/b=2"; got != want {
		t.Errorf("first view %q, want %q", got, want)
	}

	last := storetest.MustCommit(t, s, storetest.Put("w/c", "4"), storetest.Delete("w/a"), storetest.Put("x/b", "5"))
	second := wait(t, m, last)
	if got, want := text(second, "w/"), "w/b=2 w/c=4"; got != want {
		t.Errorf("second view %q, want %q", got, want)
	}
	if got, want := text(first, ""), "w/a=1 w/b=2"; got != want {
		t.Errorf("the first view became %q, want %q", got, want)
	}
	if e, ok := second.Get("w/c"); !ok || string(e.Value) != "4" || e.Modified != last {
		t.Errorf("Get(w/c) = %+v, %t", e, ok)
	}
	if _, ok := second.Get("w/a"); ok {
		t.Error("Get finds a deleted key")
	}
	if got := second.Count("w/b"); got != 1 || second.Count("") != 2 {
		t.Errorf("Count = %d, %d", got, second.Count(""))
	}

	// A commit elsewhere is reached as well.
	elsewhere := storetest.MustCommit(t, s, storetest.Put("x/c", "6"))
	if got := text(wait(t, m, elsewhere), ""); got != "w/b=2 w/c=4" {
		t.Errorf("view after a commit elsewhere: %q", got)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	m := mirror.New(mirror.Config{Store: etcdtest.New(t)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Wait(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait: %v", err)
	}
}

// ledger rebuilds the entries from batches alone, and notes what does not fit.
type ledger struct {
	mu      sync.Mutex
	values  map[string]string
	batches int
	faults  []string
}

func (l *ledger) take(old, new mirror.View, batch store.Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batches++
	fault := func(format string, args ...any) { l.faults = append(l.faults, fmt.Sprintf(format, args...)) }
	if batch.Revision != new.Revision() || old.Revision() > new.Revision() {
		fault("batch %d between views %d and %d", batch.Revision, old.Revision(), new.Revision())
	}
	for _, e := range batch.Entries {
		if before, ok := old.Get(e.Key); ok && before.Modified >= e.Modified {
			fault("%s: %d after %d", e.Key, e.Modified, before.Modified)
		}
		l.values[e.Key] = string(e.Value)
	}
	for _, key := range batch.Deleted {
		if _, ok := l.values[key]; !ok {
			fault("%s is deleted twice", key)
		}
		delete(l.values, key)
	}
	if len(l.values) != new.Count("") {
		fault("after batch %d: %d entries, the view has %d", batch.Revision, len(l.values), new.Count(""))
	}
}

func (l *ledger) check(t *testing.T, view mirror.View) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, fault := range l.faults {
		t.Error(fault)
	}
	got := map[string]string{}
	for e := range view.Scan("") {
		got[e.Key] = string(e.Value)
	}
	if diff := cmp.Diff(l.values, got); diff != "" {
		t.Errorf("batches (-) and view (+) differ:\n%s", diff)
	}
}

// TestSubscribersSeeEachChangeOnce writes from many goroutines while others
// scan, and compares what the batches tell with what the store holds.
func TestSubscribersSeeEachChangeOnce(t *testing.T) {
	s := etcdtest.New(t)
	storetest.MustCommit(t, s, storetest.Put("k/0", "before"))
	m := mirror.New(mirror.Config{Store: s, Prefix: "k/"})
	book := &ledger{values: map[string]string{}}
	m.OnBatch(book.take)
	run(t, m)

	done := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				view := m.View()
				if n := view.Count("k/"); n != view.Count("") {
					t.Errorf("a view has %d and %d entries", n, view.Count(""))
					return
				}
			}
		})
	}
	for w := range 4 {
		writers.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(w)))
			for i := range 50 {
				key := fmt.Sprintf("k/%d", random.IntN(20))
				if random.IntN(3) == 0 {
					storetest.MustCommit(t, s, storetest.Delete(key))
				} else {
					storetest.MustCommit(t, s, storetest.Put(key, fmt.Sprint(w, i)))
				}
			}
		})
	}
	writers.Wait()
	last := storetest.MustCommit(t, s, storetest.Put("k/last", "1"))
	view := wait(t, m, last)
	close(done)
	readers.Wait()
	drain(t, m, s)
	book.check(t, view)
}

// drain waits until the subscribers have seen everything: they have, once a
// later commit is published, and that one may still be with them.
func drain(t *testing.T, m *mirror.Mirror, s store.Store) {
	t.Helper()
	wait(t, m, storetest.MustCommit(t, s, storetest.Put("elsewhere", "1")))
}

// gapStore is a store whose watch can be made to fail as one that fell behind.
type gapStore struct {
	store.Store
	watches chan context.CancelCauseFunc
	hold    chan struct{} // a watch begins when it can receive
	mu      sync.Mutex
	hide    string // entries of this key do not reach the watch
}

func (s *gapStore) Watch(ctx context.Context, prefix string, from store.Revision, f func(store.Batch) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	select {
	case <-s.hold:
	case <-ctx.Done():
		return nil
	}
	s.watches <- cancel
	err := s.Store.Watch(ctx, prefix, from, func(b store.Batch) error {
		s.mu.Lock()
		hidden := s.hide
		s.mu.Unlock()
		if hidden != "" {
			var kept []store.Entry
			for _, e := range b.Entries {
				if e.Key != hidden {
					kept = append(kept, e)
				}
			}
			b.Entries = kept
		}
		return f(b)
	})
	if cause := context.Cause(ctx); err == nil && errors.Is(cause, store.ErrCompacted) {
		return cause
	}
	return err
}

// TestCompactionGap breaks the watch, changes the store meanwhile, and expects
// one batch with the difference.
func TestCompactionGap(t *testing.T) {
	s := &gapStore{Store: etcdtest.New(t), watches: make(chan context.CancelCauseFunc, 10), hold: make(chan struct{}, 10)}
	storetest.MustCommit(t, s, storetest.Put("k/stays", "1"), storetest.Put("k/goes", "1"), storetest.Put("k/changes", "1"))
	m := mirror.New(mirror.Config{Store: s, Prefix: "k/"})
	book := &ledger{values: map[string]string{}}
	m.OnBatch(book.take)
	listed := make(chan store.Batch, 10)
	m.OnBatch(func(_, _ mirror.View, b store.Batch) { listed <- b })
	s.hold <- struct{}{}
	run(t, m)
	<-listed
	breakWatch := <-s.watches
	book.mu.Lock() // the mirror cannot take the changes one by one
	storetest.MustCommit(t, s, storetest.Put("k/changes", "2"))
	storetest.MustCommit(t, s, storetest.Delete("k/goes"), storetest.Put("k/comes", "1"))
	last := storetest.MustCommit(t, s, storetest.Put("k/changes", "3"), storetest.Put("elsewhere", "1"))
	breakWatch(store.ErrCompacted)
	book.mu.Unlock()
	view := wait(t, m, last)
	if got, want := text(view, ""), "k/changes=3 k/comes=1 k/stays=1"; got != want {
		t.Errorf("view %q, want %q", got, want)
	}
	s.hold <- struct{}{}
	drain(t, m, s)
	book.check(t, m.View())
}

// TestAudit hides an event from the mirror: the audit finds it and repairs.
func TestAudit(t *testing.T) {
	s := &gapStore{Store: etcdtest.New(t), watches: make(chan context.CancelCauseFunc, 10), hold: make(chan struct{}, 10)}
	storetest.MustCommit(t, s, storetest.Put("k/seen", "1"))
	time0 := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	manual := newStepClock(time0)
	m := mirror.New(mirror.Config{Store: s, Prefix: "k/", Clock: manual, Audit: time.Minute})
	book := &ledger{values: map[string]string{}}
	m.OnBatch(book.take)
	s.hold <- struct{}{}
	s.hold <- struct{}{}
	run(t, m)
	<-s.watches

	manual.step(t, time.Minute) // an audit of a mirror that is right
	manual.armed(t)             // it is over
	if n := m.Differences(); n != 0 {
		t.Errorf("%d differences in a mirror that is right", n)
	}
	s.mu.Lock()
	s.hide = "k/hidden"
	s.mu.Unlock()
	wait(t, m, storetest.MustCommit(t, s, storetest.Put("k/hidden", "1")))
	if got := text(m.View(), ""); got != "k/seen=1" {
		t.Fatalf("view %q", got)
	}
	s.mu.Lock()
	s.hide = ""
	s.mu.Unlock()
	manual.advance(time.Minute)
	<-s.watches // the repair has listed and watches again
	if n := m.Differences(); n != 1 {
		t.Errorf("%d differences, want 1", n)
	}
	if got := text(m.View(), ""); got != "k/hidden=1 k/seen=1" {
		t.Errorf("repaired view %q", got)
	}
	drain(t, m, s)
	book.check(t, m.View())
}

// stepClock is a manual clock that tells when something waits for it.
type stepClock struct {
	*clock.Manual
	waiting chan struct{}
}

func newStepClock(t time.Time) *stepClock {
	return &stepClock{clock.NewManual(t), make(chan struct{}, 100)}
}

func (c *stepClock) AfterFunc(d time.Duration, f func()) func() bool {
	defer func() { c.waiting <- struct{}{} }()
	return c.Manual.AfterFunc(d, f)
}

// armed returns when somebody waits for the clock.
func (c *stepClock) armed(t *testing.T) {
	t.Helper()
	select {
	case <-c.waiting:
	case <-time.After(30 * time.Second):
		t.Fatal("nobody waits for the clock")
	}
}

func (c *stepClock) advance(d time.Duration) { c.Manual.Advance(d) }

func (c *stepClock) step(t *testing.T, d time.Duration) {
	t.Helper()
	c.armed(t)
	c.advance(d)
}
