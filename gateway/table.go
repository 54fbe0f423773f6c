package gateway

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/postern-gateway/postern/plan"
)

// Table holds the plans of all stages, by API id and stage name. Its zero
// value is empty and ready.
//
// Reading is one atomic load, without a lock. A change copies one of many
// shards, not the table: with 10,000 APIs that is ten entries. A sync.Map was
// the alternative; its reads walk a trie of atomics, this is one load and an
// ordinary map.
type Table struct {
	shards [1024]shard
}

type shard struct {
	mu   sync.Mutex // held by writers
	apis atomic.Pointer[map[string]stages]
}

// stages are those of one API: plans, or what makes them when one is asked for.
type stages struct {
	plans map[string]*plan.Stage
	make  func() map[string]*plan.Stage // nil: plans holds them
}

// shard picks by FNV-1a of the id.
func (t *Table) shard(api string) *shard {
	hash := uint32(2166136261)
	for i := range len(api) {
		hash = (hash ^ uint32(api[i])) * 16777619
	}
	return &t.shards[hash%uint32(len(t.shards))]
}

// Stage returns the plan of a stage, or nil.
func (t *Table) Stage(api, stage string) *plan.Stage {
	apis := t.shard(api).apis.Load()
	if apis == nil {
		return nil
	}
	found := (*apis)[api]
	if found.make != nil {
		return found.make()[stage]
	}
	return found.plans[stage]
}

// Set replaces all stages of an API at once. The map belongs to the table
// from then on.
func (t *Table) Set(api string, plans map[string]*plan.Stage) {
	t.change(api, func(apis map[string]stages) { apis[api] = stages{plans: plans} })
}

// SetLazy replaces all stages of an API by what a function returns. Every
// request for the API calls it, many at once: it has to remember what it made
// ([sync.OnceValue]).
func (t *Table) SetLazy(api string, plans func() map[string]*plan.Stage) {
	t.change(api, func(apis map[string]stages) { apis[api] = stages{make: plans} })
}

// Remove takes an API out; there need be none.
func (t *Table) Remove(api string) {
	t.change(api, func(apis map[string]stages) { delete(apis, api) })
}

func (t *Table) change(api string, f func(map[string]stages)) {
	s := t.shard(api)
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[string]stages{}
	if old := s.apis.Load(); old != nil {
		maps.Copy(next, *old)
	}
	f(next)
	s.apis.Store(&next)
}
