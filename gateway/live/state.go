package live

import (
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/counter"
)

// State is what outlives plans. Make one with New.
type State struct {
	Keys    Keys    // API keys and usage plans
	Links   Links   // VPC links
	Domains Domains // custom domain names
	Buckets Buckets
	Caches  Caches
}

// New returns an empty state. Limits go by the clock.
func New(c clock.Clock) *State {
	return &State{Buckets: Buckets{clock: c, byKey: map[BucketKey]counter.Limiter{}}}
}
