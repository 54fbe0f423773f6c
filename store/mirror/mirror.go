package mirror

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidwall/btree"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/store"
)

// Config says what to mirror. Store is required.
type Config struct {
	Store  store.Store
	Prefix string
	// Audit is the time between two comparisons with a fresh listing; 5 minutes
	// by default, negative for none.
	Audit time.Duration
	Clock clock.Clock  // clock.System by default
	Log   *slog.Logger // discards by default
}

// Mirror keeps entries in memory. Make one with New, subscribe, then Run it.
// All methods but OnBatch may be called by many goroutines at once.
type Mirror struct {
	cfg         Config
	subscribers []Subscriber
	view        atomic.Pointer[View]
	differences atomic.Int64

	// Owned by the goroutine of Run. The entries are pointed to since a tree that
	// grows at its end has nodes that are half empty.
	working btree.Map[string, *store.Entry] // the entries of the view, for writing

	mu        sync.Mutex
	published chan struct{} // closed and renewed with each view
	recording bool          // an audit keeps the views that pass
	recorded  []View
}

// Subscriber is told of a change: the view before, the view after, and what
// lies between. batch.Revision is that of new; it is above that of old, or equal
// when an audit has repaired the mirror, and can only be below it when the store
// was replaced by one with less history.
type Subscriber func(old, new View, batch store.Batch)

// New returns a mirror with an empty view.
func New(cfg Config) *Mirror {
	if cfg.Audit == 0 {
		cfg.Audit = 5 * time.Minute
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	m := &Mirror{cfg: cfg, published: make(chan struct{})}
	m.view.Store(&View{})
	return m
}

// OnBatch subscribes f to all changes, the first listing included. It must be
// called before Run. f is called in the goroutine of Run, in order, once for
// each change of each entry, after the new view is published; the next change
// waits for it. A batch may be empty: then only the revision has moved. After a
// gap in the watch several commits come as one batch.
func (m *Mirror) OnBatch(f Subscriber) { m.subscribers = append(m.subscribers, f) }

// View returns the current view.
func (m *Mirror) View() View { return *m.view.Load() }

// Wait returns the view once it has reached revision, or the error of ctx.
// Revision 1 waits for the first listing.
func (m *Mirror) Wait(ctx context.Context, revision store.Revision) (View, error) {
	for {
		m.mu.Lock()
		view, published := m.View(), m.published
		m.mu.Unlock()
		if view.revision >= revision {
			return view, nil
		}
		select {
		case <-published:
		case <-ctx.Done():
			return View{}, ctx.Err()
		}
	}
}

// Differences returns the number of entries that an audit found different from
// the store, since the start. It should stay zero; the mirror repairs itself.
func (m *Mirror) Differences() int64 { return m.differences.Load() }

// Pauses between attempts when the store does not answer.
const (
	retryPause    = 50 * time.Millisecond
	retryPauseMax = 5 * time.Second
)

// Run keeps the mirror until ctx ends. It may be called once.
func (m *Mirror) Run(ctx context.Context) {
	var audits sync.WaitGroup
	defer audits.Wait()
	repair := make(chan struct{}, 1)
	if m.cfg.Audit > 0 {
		audits.Go(func() { m.audits(ctx, repair) })
	}
	pause := retryPause
	for ctx.Err() == nil {
		err := m.follow(ctx, repair)
		if errors.Is(err, store.ErrCompacted) || errors.Is(err, errRepair) {
			m.cfg.Log.Warn("mirror lists again", "prefix", m.cfg.Prefix, "reason", err)
			pause = retryPause
			continue
		}
		if ctx.Err() != nil {
			return
		}
		m.cfg.Log.Warn("mirror: the store does not answer", "prefix", m.cfg.Prefix, "error", err)
		m.sleep(ctx, pause)
		pause = min(2*pause, retryPauseMax)
	}
}

var errRepair = errors.New("an audit found a difference")

// follow lists, then watches until something ends the watch.
func (m *Mirror) follow(ctx context.Context, repair <-chan struct{}) error {
	entries, revision, err := m.cfg.Store.List(ctx, m.cfg.Prefix)
	if err != nil {
		return err
	}
	m.replace(entries, revision)

	wctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watching := make(chan struct{})
	defer func() { <-watching }()
	go func() {
		defer close(watching)
		select {
		case <-repair:
			cancel(errRepair)
		case <-wctx.Done():
		}
	}()
	err = m.cfg.Store.Watch(wctx, m.cfg.Prefix, revision, func(batch store.Batch) error {
		m.apply(batch)
		return nil
	})
	if err == nil {
		err = context.Cause(wctx)
	}
	cancel(nil)
	return err
}

// replace takes over a listing.
func (m *Mirror) replace(entries []store.Entry, revision store.Revision) {
	m.working = btree.Map[string, *store.Entry]{}
	for _, entry := range entries {
		m.working.Load(entry.Key, &entry)
	}
	next := View{revision: revision, entries: m.working.Copy()}
	m.recordedAt(0) // an audit in progress cannot use this view
	m.publish(next, diff(m.View(), next))
}

// apply takes over one commit.
func (m *Mirror) apply(batch store.Batch) {
	for _, key := range batch.Deleted {
		m.working.Delete(key)
	}
	for _, entry := range batch.Entries {
		m.working.Set(entry.Key, &entry)
	}
	next := View{revision: batch.Revision, entries: m.View().entries}
	if len(batch.Deleted)+len(batch.Entries) > 0 {
		next.entries = m.working.Copy()
	}
	m.publish(next, batch)
}

func (m *Mirror) publish(next View, batch store.Batch) {
	m.mu.Lock()
	old := *m.view.Swap(&next)
	close(m.published)
	m.published = make(chan struct{})
	if m.recording {
		m.recorded = append(m.recorded, next)
	}
	m.mu.Unlock()
	for _, f := range m.subscribers {
		f(old, next, batch)
	}
}

// sleep waits for d on the mirror's clock, or until ctx ends.
func (m *Mirror) sleep(ctx context.Context, d time.Duration) {
	passed := make(chan struct{})
	stop := m.cfg.Clock.AfterFunc(d, func() { close(passed) })
	defer stop()
	select {
	case <-passed:
	case <-ctx.Done():
	}
}
