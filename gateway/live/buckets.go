package live

import (
	"sync"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/counter"
)

// BucketKey says whose requests a bucket counts. It is the identity that a
// bucket keeps when plans come and go. Without a stage it is that of the
// account.
type BucketKey struct {
	StageKey
	Resource, Verb string // id of the resource; verb of the request
}

// StageKey is a stage of an account in a region.
type StageKey struct {
	Scope
	API, Stage string
}

// Buckets are the token buckets of all stages and accounts.
type Buckets struct {
	clock clock.Clock

	mu      sync.Mutex // held while plans are compiled, never by a request
	byStage map[StageKey]*stageBuckets
}

// stageBuckets are those of one stage.
type stageBuckets struct {
	plan  uint64 // number of the newest plan
	byKey map[BucketKey]*bucket
}

type bucket struct {
	counter.Limiter
	plan uint64 // the newest that uses it
}

func (b *Buckets) stage(key StageKey) *stageBuckets {
	s := b.byStage[key]
	if s == nil {
		s = &stageBuckets{byKey: map[BucketKey]*bucket{}}
		b.byStage[key] = s
	}
	return s
}

// Begin says that a new plan of a stage is being made. What it asks for with
// Get before End is what it uses.
func (b *Buckets) Begin(key StageKey) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stage(key).plan++
}

// End drops the buckets of a stage that its new plan does not use: those of
// methods that are gone, or have no limit any more.
func (b *Buckets) End(key StageKey) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stage(key)
	for k, bucket := range s.byKey {
		if bucket.plan != s.plan {
			delete(s.byKey, k)
		}
	}
}

// Get returns the bucket of a key. One that is there keeps its tokens and gets
// the limit if it had another; a new one is full.
func (b *Buckets) Get(key BucketKey, limit counter.Limit) counter.Limiter {
	now := b.clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stage(key.StageKey)
	have := s.byKey[key]
	if have == nil {
		have = &bucket{Limiter: counter.NewBucket(limit, now)}
		s.byKey[key] = have
	}
	have.plan = s.plan
	have.Retune(limit, now)
	return have.Limiter
}

// Forget drops the buckets of a stage that is gone.
func (b *Buckets) Forget(key StageKey) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.byStage, key)
}
