package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestBuckets: bounds ascend, each belongs to its own bucket, and a nanosecond
// more to the next one.
func TestBuckets(t *testing.T) {
	last := time.Duration(0)
	for i := range overflow {
		bound := upper(i)
		if bound <= last {
			t.Fatalf("upper(%d) = %v, not above %v", i, bound, last)
		}
		if got := bucket(bound); got != i {
			t.Errorf("bucket(%v) = %d, want %d", bound, got, i)
		}
		if got := bucket(bound + 1); got != i+1 {
			t.Errorf("bucket(%v) = %d, want %d", bound+1, got, i+1)
		}
		if i > below && float64(bound-last) > 0.1*float64(bound) {
			t.Errorf("bucket %d is %v wide at %v", i, bound-last, bound)
		}
		last = bound
	}
	if got := bucket(math.MaxInt64); got != overflow {
		t.Errorf("bucket of the longest = %d, want %d", got, overflow)
	}
	for _, d := range []time.Duration{-1, 0, 1} {
		if got := bucket(d); got != 0 {
			t.Errorf("bucket(%d) = %d, want 0", d, got)
		}
	}
}

// TestBounds: the bounds of totals are bounds of buckets, so totals are exact.
func TestBounds(t *testing.T) {
	for _, bound := range Bounds {
		if got := upper(bucket(bound)); got != bound {
			t.Errorf("upper(bucket(%v)) = %v", bound, got)
		}
	}
}

// TestPercentile compares with the sorted samples.
func TestPercentile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		h := newHistogram()
		samples := make([]time.Duration, 1+r.IntN(500))
		for i := range samples {
			samples[i] = time.Duration(math.Exp(r.Float64() * 20)) // up to half a second
			h.add(samples[i])
		}
		slices.Sort(samples)
		d := h.distribution()
		if d.min != samples[0] || d.max != samples[len(samples)-1] || d.n() != uint64(len(samples)) {
			t.Fatalf("min %v max %v n %d, want %v %v %d", d.min, d.max, d.n(), samples[0], samples[len(samples)-1], len(samples))
		}
		for _, p := range []float64{0, 1, 50, 90, 99, 99.9, 100} {
			rank := max(int(math.Ceil(p/100*float64(len(samples))))-1, 0)
			got, want := d.percentile(p), samples[rank]
			if width := upper(bucket(want))/10 + time.Microsecond; got < want-width || got > want+width {
				t.Fatalf("p%v of %d samples = %v, want %v within %v", p, len(samples), got, want, width)
			}
		}
	}
}

// TestMerge: merged distributions are those of all samples.
func TestMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		all, sum := newHistogram(), distribution{}
		for range r.IntN(4) {
			h := newHistogram()
			for range r.IntN(20) {
				d := time.Duration(r.IntN(1e6))
				h.add(d)
				all.add(d)
			}
			part := h.distribution()
			sum.merge(&part)
		}
		want := all.distribution()
		if !slices.Equal(sum.counts, want.counts) || sum.sum != want.sum || sum.min != want.min || sum.max != want.max {
			t.Fatalf("merged %+v, want %+v", sum, want)
		}
	}
}
