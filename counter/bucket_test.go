package counter_test

import (
	"testing"
	"time"

	"github.com/postern-gateway/postern/counter"
	"github.com/postern-gateway/postern/counter/countertest"
)

func TestBucket(t *testing.T) {
	countertest.Run(t, func(l counter.Limit, now time.Time) counter.Limiter { return counter.NewBucket(l, now) })
}

func BenchmarkTake(b *testing.B) {
	now := time.Unix(1700000000, 0)
	bucket := counter.NewBucket(counter.Limit{Rate: 1e9, Burst: 1 << 30}, now)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		at := now
		for pb.Next() {
			at = at.Add(time.Microsecond)
			if _, err := bucket.Take(b.Context(), at); err != nil {
				b.Fatal(err)
			}
		}
	})
}
