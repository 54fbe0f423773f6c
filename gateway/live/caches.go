package live

import (
	"crypto/rand"
	"sync"

	"github.com/postern-gateway/postern/respcache"
)

// Caches are the response caches of all stages.
type Caches struct {
	mu    sync.Mutex // held while plans are compiled, never by a request
	byKey map[StageKey]*stageCache
}

type stageCache struct {
	*respcache.Cache
	size       int64
	generation uint64
}

// Get returns the cache of a stage, with room for size bytes. It is a new and
// empty one if the size or the generation is not that of the call before.
// Requests that still run on an older plan go on with the older cache.
func (c *Caches) Get(key StageKey, size int64, generation uint64) *respcache.Cache {
	c.mu.Lock()
	defer c.mu.Unlock()
	if have := c.byKey[key]; have != nil && have.size == size && have.generation == generation {
		return have.Cache
	}
	var dataKey [32]byte // of this cache alone: it does not outlive the process
	_, _ = rand.Read(dataKey[:])
	cache, err := respcache.New(size, dataKey[:])
	if err != nil {
		panic(err) // the key has the right length
	}
	if c.byKey == nil {
		c.byKey = map[StageKey]*stageCache{}
	}
	c.byKey[key] = &stageCache{cache, size, generation}
	return cache
}

// Find returns the cache of a stage, or nil. The API may be of any account.
func (c *Caches) Find(api, stage string) *respcache.Cache {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, cache := range c.byKey {
		if key.API == api && key.Stage == stage {
			return cache.Cache
		}
	}
	return nil
}

// Forget drops the cache of a stage that has none any more.
func (c *Caches) Forget(key StageKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.byKey, key)
}
