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
	apis atomic.Pointer[map[string]map[string]*plan.Stage]
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
	if apis := t.shard(api).apis.Load(); apis != nil {
		return (*apis)[api][stage]
	}
	return nil
}

// Set replaces all stages of an API at once. The map belongs to the table
// from then on.
func (t *Table) Set(api string, stages map[string]*plan.Stage) {
	t.change(api, func(apis map[string]map[string]*plan.Stage) { apis[api] = stages })
}

// Remove takes an API out; there need be none.
func (t *Table) Remove(api string) {
	t.change(api, func(apis map[string]map[string]*plan.Stage) { delete(apis, api) })
}

func (t *Table) change(api string, f func(map[string]map[string]*plan.Stage)) {
	s := t.shard(api)
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[string]map[string]*plan.Stage{}
	if old := s.apis.Load(); old != nil {
		maps.Copy(next, *old)
	}
	f(next)
	s.apis.Store(&next)
}
