package respcache

import (
	"strings"
	"sync"
	"time"
)

// shard is a part of a cache: a map, and a list in the order of use.
type shard struct {
	budget int64

	mu        sync.Mutex
	entries   map[Key]*entry
	ends      entry // next is the most recently used entry, prev the least
	bytes     int64
	hits      int64
	misses    int64
	evictions int64
}

// entry is a response that is kept.
type entry struct {
	next, prev *entry // in the order of use

	key          Key
	method, path string
	status       int
	made         time.Time
	expires      time.Time
	size         int64
	hits         int64

	response *Response // nil: it is encrypted
	sealed   []byte    // if it is
}

func newShard(budget int64) *shard {
	s := &shard{budget: budget, entries: map[Key]*entry{}}
	s.ends.next, s.ends.prev = &s.ends, &s.ends
	return s
}

// good reports whether an entry answers at a time.
func (e *entry) good(now time.Time) bool { return now.Before(e.expires) }

// get returns what an entry holds, if that is in the form that is asked for.
func (s *shard) get(key Key, encrypted bool, now time.Time) (*Response, []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[key]
	if e != nil && (!e.good(now) || encrypted != (e.sealed != nil)) {
		s.remove(e)
		e = nil
	}
	if e == nil {
		s.misses++
		return nil, nil
	}
	s.hits++
	e.hits++
	e.unlink()
	s.first(e)
	return e.response, e.sealed
}

// put reports whether there is room.
func (s *shard) put(e *entry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.entries[e.key]; old != nil {
		s.remove(old)
	}
	if e.size > s.budget {
		return false
	}
	for s.bytes+e.size > s.budget {
		s.remove(s.ends.prev)
		s.evictions++
	}
	s.entries[e.key] = e
	s.bytes += e.size
	s.first(e)
	return true
}

func (s *shard) delete(key Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[key]
	if e == nil {
		return false
	}
	s.remove(e)
	return true
}

func (s *shard) deletePath(prefix string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if strings.HasPrefix(e.path, prefix) {
			s.remove(e)
			n++
		}
	}
	return n
}

func (s *shard) list(all []Info, now time.Time) []Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if e.good(now) {
			all = append(all, Info{
				Key: e.key, Method: e.method, Path: e.path, Status: e.status, Size: e.size, Hits: e.hits,
				Age: max(now.Sub(e.made), 0), Left: e.expires.Sub(now), Encrypted: e.sealed != nil,
			})
		}
	}
	return all
}

func (s *shard) count(to *Stats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to.Entries += int64(len(s.entries))
	to.Bytes += s.bytes
	to.Hits += s.hits
	to.Misses += s.misses
	to.Evictions += s.evictions
}

// remove takes an entry out. Like the rest below it is called with the lock held.
func (s *shard) remove(e *entry) {
	delete(s.entries, e.key)
	s.bytes -= e.size
	e.unlink()
}

// first puts an entry that is in no place at the front.
func (s *shard) first(e *entry) {
	e.prev, e.next = &s.ends, s.ends.next
	e.prev.next, e.next.prev = e, e
}

func (e *entry) unlink() {
	e.prev.next, e.next.prev = e.next, e.prev
	e.next, e.prev = nil, nil
}
