package metrics

import (
	"math"
	"sync/atomic"
	"time"
)

// The buckets of histograms are log-linear: nine times ten in each decade of
// microseconds, and ten below. So a bucket is at most a tenth as wide as its
// values are long, and every bound with two digits falls between two buckets:
// counts below such a bound are exact. Bucket i holds what is longer than
// upper(i-1) and not longer than upper(i).
const (
	decades   = 8 // from 10 µs to 1,000 s
	perDecade = 90
	below     = 10
	overflow  = below + decades*perDecade // what is longer
	buckets   = overflow + 1
)

// bucket returns the number of the bucket of d.
func bucket(d time.Duration) int {
	if d <= 0 {
		return 0
	}
	v := int64((d - 1) / time.Microsecond) // so that bounds belong to the bucket below
	if v < below {
		return int(v)
	}
	width := int64(1)
	for decade := range decades {
		if v < width*100 {
			return below + decade*perDecade + int((v-width*10)/width)
		}
		width *= 10
	}
	return overflow
}

// upper returns the upper bound of a bucket.
func upper(i int) time.Duration {
	if i < below {
		return time.Duration(i+1) * time.Microsecond
	}
	if i >= overflow {
		return math.MaxInt64
	}
	decade, place := (i-below)/perDecade, (i-below)%perDecade
	width := time.Microsecond
	for range decade {
		width *= 10
	}
	return width*10 + time.Duration(place+1)*width
}

// histogram counts durations; any number of goroutines may add.
type histogram struct {
	counts   [buckets]atomic.Uint32
	sum      atomic.Int64
	min, max atomic.Int64 // of nothing: see newHistogram
}

func newHistogram() *histogram {
	h := &histogram{}
	h.min.Store(math.MaxInt64)
	h.max.Store(math.MinInt64)
	return h
}

func (h *histogram) add(d time.Duration) {
	d = max(d, 0) // a clock may be set back
	h.counts[bucket(d)].Add(1)
	h.sum.Add(int64(d))
	for low := h.min.Load(); int64(d) < low && !h.min.CompareAndSwap(low, int64(d)); {
		low = h.min.Load()
	}
	for high := h.max.Load(); int64(d) > high && !h.max.CompareAndSwap(high, int64(d)); {
		high = h.max.Load()
	}
}

// distribution is what a histogram counted, in little memory. Its zero value
// is nothing.
type distribution struct {
	sum      time.Duration
	min, max time.Duration
	counts   []count // by bucket, ascending; none is zero
}

// count is how many fell into a bucket.
type count struct {
	bucket uint16
	n      uint64
}

// distribution returns what was counted so far. A sum that does not hold the
// last value yet is right the next time.
func (h *histogram) distribution() distribution {
	if h == nil {
		return distribution{}
	}
	var d distribution
	for i := range h.counts {
		if n := h.counts[i].Load(); n > 0 {
			d.counts = append(d.counts, count{uint16(i), uint64(n)})
		}
	}
	if len(d.counts) > 0 {
		d.sum, d.min, d.max = time.Duration(h.sum.Load()), time.Duration(h.min.Load()), time.Duration(h.max.Load())
	}
	return d
}

// n is how many were counted.
func (d *distribution) n() uint64 {
	var n uint64
	for _, c := range d.counts {
		n += c.n
	}
	return n
}

// merge adds o to d. It makes a new list: points share theirs with readers.
func (d *distribution) merge(o *distribution) {
	if len(o.counts) == 0 {
		return
	}
	if len(d.counts) == 0 {
		*d = *o
		return
	}
	d.sum, d.min, d.max = d.sum+o.sum, min(d.min, o.min), max(d.max, o.max)
	merged := make([]count, 0, max(len(d.counts), len(o.counts)))
	a, b := d.counts, o.counts
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].bucket < b[0].bucket:
			merged, a = append(merged, a[0]), a[1:]
		case a[0].bucket > b[0].bucket:
			merged, b = append(merged, b[0]), b[1:]
		default:
			merged = append(merged, count{a[0].bucket, a[0].n + b[0].n})
			a, b = a[1:], b[1:]
		}
	}
	d.counts = append(append(merged, a...), b...)
}

// percentile returns the value that p percent of all do not exceed, 0 to 100,
// as if values were spread evenly over their bucket.
func (d *distribution) percentile(p float64) time.Duration {
	rank := p / 100 * float64(d.n())
	before := 0.0
	for _, c := range d.counts {
		if n := float64(c.n); before+n >= rank {
			low, high := time.Duration(0), min(upper(int(c.bucket)), d.max)
			if c.bucket > 0 {
				low = upper(int(c.bucket) - 1)
			}
			low = max(low, d.min)
			return low + time.Duration(float64(high-low)*(rank-before)/n)
		}
		before += float64(c.n)
	}
	return d.max
}
