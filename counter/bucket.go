package counter

import (
	"context"
	"math"
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
type Bucket struct {
	base time.Time    // times are nanoseconds since then, on the monotonic clock if there is one
	full atomic.Int64 // when the bucket will be full
	pace atomic.Pointer[pace]
}

// pace is a limit as times.
type pace struct {
	Limit
	token int64 // nanoseconds that one token takes to come; 0: nothing ever passes
	depth int64 // nanoseconds that the whole burst takes to come
}

// longest is the longest time that a bucket takes to fill: what would come
// later comes never. It keeps sums of times within an int64.
const longest = int64(100 * 365 * 24 * time.Hour)

func newPace(l Limit) *pace {
	p := &pace{Limit: l}
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
	b.pace.Store(newPace(l))
	return b
}

// Limit implements Limiter.
func (b *Bucket) Limit() Limit { return b.pace.Load().Limit }

// Take implements Limiter.
func (b *Bucket) Take(_ context.Context, now time.Time) (bool, error) {
	at := int64(now.Sub(b.base))
	for {
		p, full := b.pace.Load(), b.full.Load()
		next := max(full, at) + p.token
		if p.token == 0 || next-at > p.depth {
			return false, nil
		}
		if b.full.CompareAndSwap(full, next) {
			return true, nil
		}
	}
}

// Tokens implements Limiter.
func (b *Bucket) Tokens(_ context.Context, now time.Time) (float64, error) {
	return b.pace.Load().tokens(b.full.Load(), int64(now.Sub(b.base))), nil
}

func (p *pace) tokens(full, at int64) float64 {
	if p.token == 0 {
		return 0
	}
	return max(float64(p.depth-max(full-at, 0))/float64(p.token), 0)
}

// Retune implements Limiter.
func (b *Bucket) Retune(l Limit, now time.Time) {
	if b.Limit() == l {
		return
	}
	next, at := newPace(l), int64(now.Sub(b.base))
	old := b.pace.Swap(next)
	for {
		full := b.full.Load()
		level := min(old.tokens(full, at), float64(max(l.Burst, 0)))
		if b.full.CompareAndSwap(full, at+next.depth-int64(level*float64(next.token))) {
			return
		}
	}
}
