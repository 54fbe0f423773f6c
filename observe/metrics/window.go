package metrics

import "sync/atomic"

// shards is how many cells a window has at most. Requests take one each, so
// that processors seldom write to the same memory.
const shards = 8

// window is what a series counts in one minute.
type window struct {
	minute int64 // since 1970
	cells  [shards]atomic.Pointer[cell]
}

// cell is a share of a window. What few series need is made when it is.
type cell struct {
	codes    [10]atomic.Pointer[[100]atomic.Uint32] // by hundreds of the status
	cache    [caches]atomic.Uint32
	layers   [layers]atomic.Uint32
	latency  *histogram
	backends [backends]atomic.Pointer[histogram]
}

func (w *window) cell(shard uint32) *cell {
	place := &w.cells[shard%shards]
	if c := place.Load(); c != nil {
		return c
	}
	return first(place, &cell{latency: newHistogram()})
}

// first puts made into a place that was empty, and returns what is there:
// another goroutine may have been first.
func first[T any](place *atomic.Pointer[T], made *T) *T {
	if place.CompareAndSwap(nil, made) {
		return made
	}
	return place.Load()
}

func (c *cell) add(o *Sample) {
	status := o.Status
	if status < 0 || status > 999 {
		status = 0 // no status; the answer was never sent
	}
	codes := c.codes[status/100].Load()
	if codes == nil {
		codes = first(&c.codes[status/100], new([100]atomic.Uint32))
	}
	codes[status%100].Add(1)
	c.latency.add(o.Latency)
	if o.Backend != NoBackend {
		h := c.backends[o.Backend].Load()
		if h == nil {
			h = first(&c.backends[o.Backend], newHistogram())
		}
		h.add(o.BackendLatency)
	}
	if o.Cache != Uncached {
		c.cache[o.Cache].Add(1)
	}
	if o.Throttled != NotThrottled {
		c.layers[o.Throttled].Add(1)
	}
}

// tally is what was counted in some time.
type tally struct {
	codes    map[int]uint64
	cache    [caches]uint64
	layers   [layers]uint64
	latency  distribution
	backends [backends]distribution
}

// tally adds up the cells. It may be called while requests are told.
func (w *window) tally() *tally {
	t := &tally{codes: map[int]uint64{}}
	for i := range w.cells {
		if c := w.cells[i].Load(); c != nil {
			t.add(c)
		}
	}
	return t
}

func (t *tally) add(c *cell) {
	for hundreds := range c.codes {
		codes := c.codes[hundreds].Load()
		if codes == nil {
			continue
		}
		for i := range codes {
			if n := codes[i].Load(); n > 0 {
				t.codes[hundreds*100+i] += uint64(n)
			}
		}
	}
	for i := range t.cache {
		t.cache[i] += uint64(c.cache[i].Load())
	}
	for i := range t.layers {
		t.layers[i] += uint64(c.layers[i].Load())
	}
	latency := c.latency.distribution()
	t.latency.merge(&latency)
	for i := range t.backends {
		backend := c.backends[i].Load().distribution()
		t.backends[i].merge(&backend)
	}
}
