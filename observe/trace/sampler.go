package trace

import (
	"sync"
	"sync/atomic"
	"time"
)

// Samplers are the samplers of stages. Its zero value is empty and ready.
type Samplers struct {
	stages sync.Map // stage -> *Sampler
}

type stage struct{ api, name string }

// Stage returns the sampler of a stage: always the same, whatever becomes of
// its plan. It takes a few dozen bytes for each stage that ever traced.
func (s *Samplers) Stage(api, name string) *Sampler {
	found, _ := s.stages.LoadOrStore(stage{api, name}, &Sampler{})
	return found.(*Sampler)
}

// rate is the part of requests that are sampled beyond one in a second, in percent.
const rate = 5

// Sampler decides by the default rule of X-Ray: the first request in each
// second, and 5 percent of the others. The rule counts for a stage on a node,
// where AWS counts for an account.
type Sampler struct {
	second atomic.Int64 // of the last that was the first; since 1970
}

// Sample decides for a request at a time that drew u, 0 <= u < 100.
func (s *Sampler) Sample(now time.Time, u float64) bool {
	second := now.Unix()
	if last := s.second.Load(); last < second && s.second.CompareAndSwap(last, second) {
		return true
	}
	return u < rate
}
