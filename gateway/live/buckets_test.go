package live

import (
	"testing"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/counter"
)

// TestBuckets: a bucket lives as long as the plans of its stage use it.
func TestBuckets(t *testing.T) {
	b := &New(clock.NewManual(time.Unix(0, 0))).Buckets
	stage, other := StageKey{API: "a", Stage: "dev"}, StageKey{API: "a", Stage: "prod"}
	get := func(stage StageKey, resource string) counter.Limiter {
		return b.Get(BucketKey{StageKey: stage, Resource: resource, Verb: "GET"}, counter.Limit{Rate: 1, Burst: 1})
	}
	compile := func(stage StageKey, resources ...string) (out []counter.Limiter) {
		b.Begin(stage)
		for _, resource := range resources {
			out = append(out, get(stage, resource))
		}
		b.End(stage)
		return out
	}
	first := compile(stage, "one", "two")
	elsewhere := compile(other, "one")
	if again := compile(stage, "two"); again[0] != first[1] {
		t.Error("a bucket that is used was made anew")
	}
	if again := compile(stage, "one", "two"); again[0] == first[0] || again[1] != first[1] {
		t.Error("a bucket that no plan used is still there, or another one is gone")
	}
	if again := compile(other, "one"); again[0] != elsewhere[0] {
		t.Error("another stage lost its bucket")
	}
	b.Forget(stage)
	if again := compile(stage, "two"); again[0] == first[1] || len(b.byStage) != 2 {
		t.Error("a stage that is gone has kept its bucket")
	}
}
