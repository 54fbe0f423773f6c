package live

import (
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/observe/trace"
)

// State is what outlives plans. Make one with New.
type State struct {
	Keys     Keys    // API keys and usage plans
	Domains  Domains // custom domain names
	Buckets  Buckets
	Caches   Caches
	Metrics  metrics.Registry // what requests are counted in
	Samplers trace.Samplers   // which requests of stages are traced
	Links    Links            // VPC links
}

// New returns an empty state. Limits go by the clock.
func New(c clock.Clock) *State {
	return &State{Buckets: Buckets{clock: c, byStage: map[StageKey]*stageBuckets{}}}
}
