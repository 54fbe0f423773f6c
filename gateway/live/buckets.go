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
	Scope
	API, Stage     string
	Resource, Verb string // id of the resource; verb of the request
}

// Buckets are the token buckets of all stages and accounts.
type Buckets struct {
	clock clock.Clock

	mu    sync.Mutex // held while plans are compiled, never by a request
	byKey map[BucketKey]counter.Limiter
}

// Get returns the bucket of a key. One that is there keeps its tokens and gets
// the limit if it had another; a new one is full.
func (b *Buckets) Get(key BucketKey, limit counter.Limit) counter.Limiter {
	now := b.clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if bucket := b.byKey[key]; bucket != nil {
		bucket.Retune(limit, now)
		return bucket
	}
	bucket := counter.NewBucket(limit, now)
	b.byKey[key] = bucket
	return bucket
}

// Forget drops the buckets of a stage that is gone.
func (b *Buckets) Forget(scope Scope, api, stage string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key := range b.byKey {
		if key.Scope == scope && key.API == api && key.Stage == stage {
			delete(b.byKey, key)
		}
	}
}
