package store

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/postern-gateway/postern/clock"
)

// Options say where a store is and how large it may get. Dir and Clock are
// needed.
type Options struct {
	Dir string
	// SegmentBytes is the size at which a segment is complete; zero: 4 MiB.
	SegmentBytes int64
	// MaxBytes bounds the events of all groups; the oldest segments go first.
	// Zero: 1 GiB.
	MaxBytes int64
	// MaxAge is how long events of a group without a retention are kept; zero:
	// 30 days. AWS keeps them for good, but does not fill our disk.
	MaxAge time.Duration
	Clock  clock.Clock
	Log    *slog.Logger // nil: discard
}

const (
	defaultSegmentBytes = 4 << 20
	defaultMaxBytes     = 1 << 30
	defaultMaxAge       = 30 * 24 * time.Hour
)

// Errors that callers tell apart.
var (
	ErrNoGroup      = errors.New("there is no such log group")
	ErrNoStream     = errors.New("there is no such log stream")
	ErrGroupExists  = errors.New("the log group exists")
	ErrStreamExists = errors.New("the log stream exists")
)

// Scope is an account in a region.
type Scope struct{ Account, Region string }

// Store is safe for use by many goroutines at once.
type Store struct {
	o Options

	// write is held by whoever changes files. mu guards everything that is
	// reached from scopes; it is taken after write, and never held during
	// reading or writing of events.
	write sync.Mutex
	mu    sync.RWMutex

	scopes map[Scope]map[string]*group
	bytes  int64 // of all segments
}

type group struct {
	name      string
	dir       string
	created   int64 // milliseconds, as all times below
	retention int   // days; zero: none
	tags      map[string]string
	streams   map[string]*stream
}

type stream struct {
	name     string
	dir      string
	created  int64
	segments []*segment // by number; the last one may grow
	number   int        // of the newest segment, ever
}

// segment is one file. Its times are those of its events.
type segment struct {
	Number   int   `json:"number"`
	Bytes    int64 `json:"bytes"` // what is longer in the file does not count
	First    int64 `json:"first"`
	Last     int64 `json:"last"`
	Ingested int64 `json:"ingested"` // when the newest line came

	sealed bool // nothing is appended any more
}

// Open opens the store in a folder, which is made if it is missing.
func Open(o Options) (*Store, error) {
	if o.SegmentBytes == 0 {
		o.SegmentBytes = defaultSegmentBytes
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxAge == 0 {
		o.MaxAge = defaultMaxAge
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{o: o, scopes: map[Scope]map[string]*group{}}
	if err := s.load(); err != nil {
		return nil, err
	}
	s.Sweep()
	return s, nil
}

// Close implements logs.Sink. No file is open between two calls.
func (s *Store) Close(context.Context) error { return nil }

// sweepInterval is how often Keep looks for what has expired.
const sweepInterval = time.Hour

// Keep sweeps now and then until ctx ends.
func (s *Store) Keep(ctx context.Context) {
	for {
		due := make(chan struct{})
		stop := s.o.Clock.AfterFunc(sweepInterval, func() { close(due) })
		select {
		case <-ctx.Done():
			stop()
			return
		case <-due:
			s.Sweep()
		}
	}
}

// Sweep removes segments whose events have all expired, then the oldest ones
// while the store is too large, and streams of which nothing is left.
func (s *Store) Sweep() {
	s.write.Lock()
	defer s.write.Unlock()
	s.sweep(nil)
}

// sweep is Sweep for those who hold s.write. It keeps the stream that is being
// written to.
func (s *Store) sweep(keep *stream) { s.remove(s.forget(keep)) }

// forget takes what is to be removed out of sight of readers and returns the
// paths.
func (s *Store) forget(keep *stream) (gone []string) {
	type candidate struct {
		g   *group
		st  *stream
		seg *segment
	}
	var left []candidate
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, groups := range s.scopes {
		for _, g := range groups {
			for _, st := range g.streams {
				for _, seg := range slices.Clone(st.segments) {
					if seg.Last < s.expired(g) {
						gone = append(gone, s.drop(g, st, seg, keep))
					} else {
						left = append(left, candidate{g, st, seg})
					}
				}
			}
		}
	}
	if s.bytes > s.o.MaxBytes {
		slices.SortFunc(left, func(a, b candidate) int { return cmp.Compare(a.seg.Last, b.seg.Last) })
		for _, c := range left {
			if s.bytes <= s.o.MaxBytes {
				break
			}
			gone = append(gone, s.drop(c.g, c.st, c.seg, keep))
		}
	}
	return gone
}

// expired is the time before which events of a group are not to be seen.
func (s *Store) expired(g *group) int64 {
	age := s.o.MaxAge
	if g.retention > 0 {
		age = time.Duration(g.retention) * 24 * time.Hour
	}
	return s.o.Clock.Now().Add(-age).UnixMilli()
}

// drop forgets a segment, and a stream that then has none, and returns the path
// to remove. The caller holds both locks.
func (s *Store) drop(g *group, st *stream, seg *segment, keep *stream) string {
	st.segments = slices.DeleteFunc(st.segments, func(other *segment) bool { return other == seg })
	s.bytes -= seg.Bytes
	if len(st.segments) > 0 || st == keep {
		return st.path(seg.Number)
	}
	delete(g.streams, st.name)
	return st.dir
}
