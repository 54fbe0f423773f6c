package counter

import (
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Limit is the size of a bucket and how fast it fills.
type Limit struct {
	Rate  float64 // tokens per second; fractions count
	Burst int     // tokens that it holds at most; with none of it nothing passes
}

// Limiter is a token bucket: full at first, one token a request. It may be
// used by many goroutines at once. An error says that the limit could not be
// asked about in time; what then holds is for the caller to say.
type Limiter interface {
	// Take takes a token, and reports whether there was one. In any window of
	// t seconds it admits no more than Burst + Rate·t + 1 requests.
	Take(ctx context.Context, now time.Time) (bool, error)
	// Tokens returns how many tokens there are, without taking one.
	Tokens(ctx context.Context, now time.Time) (float64, error)
	// Retune changes the limit. The tokens in the bucket stay, as far as they
	// find room; nothing is filled up.
	Retune(l Limit, now time.Time)
	// Limit returns the limit in force.
	Limit() Limit
}

// Bucket is the Limiter of one process. It never fails.
//
// It is a virtual clock: one word says at which time the bucket will be full
// again. A request moves it by the time that one token takes to come; if that
// would move it farther ahead than the whole burst takes, there is no token.
//
// The word means something only together with the limit. A change of the limit
// therefore closes the word for good and begins another one with the tokens
// that are left: no request takes a token of one limit at the price of another.
type Bucket struct {
	base    time.Time  // times are nanoseconds since then, on the monotonic clock if there is one
	tuning  sync.Mutex // held by Retune
	current atomic.Pointer[state]
}

// state is a bucket between two changes of its limit.
type state struct {
	pace
	full atomic.Int64 // when the bucket will be full; or closed
}

// closed in the place of a time says that the limit changes: the next state is
// there at once.
const closed = math.MinInt64

// pace is a limit as times.
type pace struct {
	Limit
	token int64 // nanoseconds that one token takes to come; 0: nothing ever passes
	depth int64 // nanoseconds that the whole burst takes to come
}

// longest is the longest time that a bucket takes to fill: what would come
// later comes never. It keeps sums of times within an int64.
const longest = int64(100 * 365 * 24 * time.Hour)

func newPace(l Limit) pace {
	p := pace{Limit: l}
	if l.Burst <= 0 {
		return p
	}
	p.token = longest / int64(l.Burst) // without a rate the burst is all there is
	if l.Rate > 0 {
		// Rounded up, so that a bucket never admits too much; up to ten million
		// tokens a second that costs less than a hundredth.
		p.token = int64(min(math.Ceil(1e9/l.Rate), float64(p.token)))
	}
	p.token = max(p.token, 1)
	p.depth = p.token * int64(l.Burst)
	return p
}

// NewBucket returns a full bucket.
func NewBucket(l Limit, now time.Time) *Bucket {
	b := &Bucket{base: now}
	b.current.Store(&state{pace: newPace(l)})
	return b
}

// Limit implements Limiter.
func (b *Bucket) Limit() Limit { return b.current.Load().Limit }

// open returns the state in force and its word. While Retune is between two
// states, which is for a few instructions, it gives way.
func (b *Bucket) open() (*state, int64) {
	for {
		s := b.current.Load()
		if full := s.full.Load(); full != closed {
			return s, full
		}
		runtime.Gosched()
	}
}

// Take implements Limiter.
func (b *Bucket) Take(_ context.Context, now time.Time) (bool, error) {
	at := int64(now.Sub(b.base))
	for {
		s, full := b.open()
		next := max(full, at) + s.token
		if s.token == 0 || next-at > s.depth {
			return false, nil
		}
		if s.full.CompareAndSwap(full, next) {
			return true, nil
		}
	}
}

// Tokens implements Limiter.
func (b *Bucket) Tokens(_ context.Context, now time.Time) (float64, error) {
	s, full := b.open()
	return s.tokens(full, int64(now.Sub(b.base))), nil
}

func (p *pace) tokens(full, at int64) float64 {
	if p.token == 0 {
		return 0
	}
	return max(float64(p.depth-max(full-at, 0))/float64(p.token), 0)
}

// Retune implements Limiter.
func (b *Bucket) Retune(l Limit, now time.Time) {
	b.tuning.Lock()
	defer b.tuning.Unlock()
	old := b.current.Load()
	if old.Limit == l {
		return
	}
	at := int64(now.Sub(b.base))
	next := &state{pace: newPace(l)}
	level := min(old.tokens(old.full.Swap(closed), at), float64(max(l.Burst, 0)))
	next.full.Store(at + next.depth - int64(level*float64(next.token)))
	b.current.Store(next)
}
