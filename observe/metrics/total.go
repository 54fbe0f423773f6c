package metrics

import (
	"maps"
	"slices"
	"time"
)

// Bounds are the upper bounds of the buckets of totals.
var Bounds = []time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// Totals are the counts of a series since it was made.
type Totals struct {
	Key
	total
}

// total is what a series counted.
type total struct {
	// Codes are the answers by status.
	Codes map[int]uint64
	// Cache and Throttled are requests by what happened to them; the first of
	// each is not counted.
	Cache     [caches]uint64
	Throttled [layers]uint64
	Latency   Durations
	// Backends are the calls by kind of integration.
	Backends [backends]Durations
}

// Durations is a histogram.
type Durations struct {
	Sum time.Duration
	// Counts are by the bounds of Bounds, each without those of the bounds
	// below it; the last is what exceeds all. Nil: nothing was counted.
	Counts []uint64
}

// Count is how many durations there were.
func (d *Durations) Count() uint64 {
	var n uint64
	for _, one := range d.Counts {
		n += one
	}
	return n
}

func (d *Durations) add(o *distribution) {
	if len(o.counts) == 0 {
		return
	}
	if d.Counts == nil {
		d.Counts = make([]uint64, len(Bounds)+1)
	}
	d.Sum += o.sum
	for _, c := range o.counts {
		i, _ := slices.BinarySearch(Bounds, upper(int(c.bucket)))
		d.Counts[i] += c.n
	}
}

func (t *total) add(o *tally) {
	if t.Codes == nil {
		t.Codes = map[int]uint64{}
	}
	for status, n := range o.codes {
		t.Codes[status] += n
	}
	for i := range t.Cache {
		t.Cache[i] += o.cache[i]
	}
	for i := range t.Throttled {
		t.Throttled[i] += o.layers[i]
	}
	t.Latency.add(&o.latency)
	for i := range t.Backends {
		t.Backends[i].add(&o.backends[i])
	}
}

func (t *total) clone() total {
	out := *t
	out.Codes = maps.Clone(t.Codes)
	out.Latency.Counts = slices.Clone(t.Latency.Counts)
	for i := range out.Backends {
		out.Backends[i].Counts = slices.Clone(t.Backends[i].Counts)
	}
	return out
}
