package respcache

import (
	"context"
	"hash/maphash"
	"time"
)

// Cache keeps responses in this process. All methods may be called by many
// goroutines at once.
//
// It is divided into shards by a hash of the key, each with a lock and an equal
// part of the budget, so that requests for different keys rarely meet. Policies
// that admit by frequency were the alternative: they refuse new entries while
// old ones are popular, which a user of a stage's cache would call broken.
type Cache struct {
	seed   maphash.Seed
	sealer *sealer
	shards []*shard
}

// Sizes of shards: as many as there are requests at a time, as long as each has
// room for some of the largest responses.
const (
	maxShards = 64
	minShard  = 8 << 20
)

// New returns an empty cache with a budget of bytes. Entries that are to be
// encrypted are, with a data key of 32 bytes (AES-256-GCM). A cache is emptied,
// or gets another size, by making a new one.
func New(size int64, dataKey []byte) (*Cache, error) {
	sealer, err := newSealer(dataKey)
	if err != nil {
		return nil, err
	}
	n := min(max(size/minShard, 1), maxShards)
	c := &Cache{seed: maphash.MakeSeed(), sealer: sealer, shards: make([]*shard, n)}
	for i := range c.shards {
		c.shards[i] = newShard(size / n)
	}
	return c, nil
}

func (c *Cache) shard(key Key) *shard {
	return c.shards[maphash.String(c.seed, string(key))%uint64(len(c.shards))]
}

// Get implements Store. It has no errors but ErrDamaged, and does not wait.
func (c *Cache) Get(_ context.Context, key Key, encrypted bool, now time.Time) (*Response, error) {
	response, sealed := c.shard(key).get(key, encrypted, now)
	if sealed != nil {
		return c.sealer.open(key, sealed)
	}
	return response, nil
}

// Put implements Store. It has no error but ErrTooLarge.
func (c *Cache) Put(_ context.Context, key Key, e Entry, now time.Time) error {
	s := c.shard(key)
	if e.For <= 0 {
		s.delete(key)
		return nil
	}
	if e.Response.Size() > MaxResponse {
		s.delete(key)
		return ErrTooLarge
	}
	kept := &entry{key: key, method: e.Method, path: e.Path, status: e.Response.Status, made: now, expires: now.Add(e.For)}
	if e.Encrypt {
		kept.sealed = c.sealer.seal(key, e.Response)
		kept.size = int64(len(kept.sealed))
	} else {
		kept.response = e.Response
		kept.size = int64(e.Response.Size() + fieldOverhead*len(e.Response.Header))
	}
	kept.size += int64(len(key)+len(e.Method)+len(e.Path)) + entryOverhead
	if !s.put(kept) {
		return ErrTooLarge
	}
	return nil
}

// What an entry and a header field take beside their texts, about.
const (
	entryOverhead = 320
	fieldOverhead = 32
)

// Info describes an entry.
type Info struct {
	Key          Key
	Method, Path string
	Status       int
	Age          time.Duration // since it was put
	Left         time.Duration // until it is no longer good
	Size         int64         // bytes of the budget
	Hits         int64
	Encrypted    bool
}

// List returns the entries that are good at a time, in no order. It holds up
// requests for one shard at a time.
func (c *Cache) List(now time.Time) []Info {
	var all []Info
	for _, s := range c.shards {
		all = s.list(all, now)
	}
	return all
}

// Delete removes an entry and reports whether there was one.
func (c *Cache) Delete(key Key) bool { return c.shard(key).delete(key) }

// DeletePath removes the entries whose path begins with prefix, and returns their
// number. It looks at all entries.
func (c *Cache) DeletePath(prefix string) int {
	n := 0
	for _, s := range c.shards {
		n += s.deletePath(prefix)
	}
	return n
}

// Stats are counts of a cache since it was made.
type Stats struct {
	Hits, Misses int64 // of Get
	Evictions    int64 // entries that went for want of room
	Entries      int64 // that there are, those included that are no longer good
	Bytes        int64 // that they take of the budget
}

// Stats returns the counts.
func (c *Cache) Stats() Stats {
	var out Stats
	for _, s := range c.shards {
		s.count(&out)
	}
	return out
}
