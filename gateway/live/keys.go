package live

import (
	"sync"
	"sync/atomic"
)

// Keys knows the API keys and the usage plans that let them in. Reading takes
// no lock; every change replaces one small value. Its zero value is empty.
type Keys struct {
	byValue sync.Map // keyName -> *Key
	plans   sync.Map // planName -> *Plan

	mu    sync.Mutex        // held by writers
	names map[keyID]keyName // of the keys in byValue
}

// Scope is an account in a region: its keys are of no use elsewhere.
type Scope struct{ Account, Region string }

type keyName struct {
	Scope
	value string
}

type keyID struct {
	Scope
	id string
}

type planName struct {
	Scope
	id string
}

// Key is an API key.
type Key struct {
	ID      string
	Enabled bool
	// plans are the ids of the usage plans that it is in.
	plans atomic.Pointer[map[string]bool]
}

// Stage is a stage that a usage plan covers.
type Stage struct{ API, Stage string }

// Plan is a usage plan.
type Plan struct{ Stages map[Stage]bool }

// Allow reports whether a value is that of an enabled key in a usage plan that
// covers a stage, and returns the key's id.
func (k *Keys) Allow(scope Scope, value, api, stage string) (id string, ok bool) {
	found, ok := k.byValue.Load(keyName{scope, value})
	if !ok {
		return "", false
	}
	key := found.(*Key)
	plans := key.plans.Load()
	if !key.Enabled || plans == nil {
		return "", false
	}
	for plan := range *plans {
		if p, ok := k.plans.Load(planName{scope, plan}); ok && p.(*Plan).Stages[Stage{api, stage}] {
			return key.ID, true
		}
	}
	return "", false
}

// SetKey adds a key or replaces it; the plans that it is in stay.
func (k *Keys) SetKey(scope Scope, id, value string, enabled bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	next := &Key{ID: id, Enabled: enabled}
	if old := k.key(keyID{scope, id}); old != nil {
		next.plans.Store(old.plans.Load())
	}
	k.forget(keyID{scope, id})
	if k.names == nil {
		k.names = map[keyID]keyName{}
	}
	name := keyName{scope, value}
	k.names[keyID{scope, id}] = name
	k.byValue.Store(name, next)
}

// RemoveKey takes a key out.
func (k *Keys) RemoveKey(scope Scope, id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget(keyID{scope, id})
}

func (k *Keys) forget(id keyID) {
	if k.key(id) != nil {
		k.byValue.Delete(k.names[id])
	}
	delete(k.names, id)
}

// key returns a key by its id; nil if it is not known, or if another key has its
// value by now: changes of one revision come in any order, so that a key may be
// there before the one that had its value goes.
func (k *Keys) key(id keyID) *Key {
	name, ok := k.names[id]
	if !ok {
		return nil
	}
	if found, ok := k.byValue.Load(name); ok && found.(*Key).ID == id.id {
		return found.(*Key)
	}
	return nil
}

// SetMember says whether a key is in a plan. A key that is not known stays so.
func (k *Keys) SetMember(scope Scope, plan, id string, member bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := k.key(keyID{scope, id})
	if key == nil {
		return
	}
	next := map[string]bool{}
	if old := key.plans.Load(); old != nil {
		for name := range *old {
			next[name] = true
		}
	}
	if delete(next, plan); member {
		next[plan] = true
	}
	key.plans.Store(&next)
}

// SetPlan adds a plan or replaces it.
func (k *Keys) SetPlan(scope Scope, id string, plan *Plan) {
	k.plans.Store(planName{scope, id}, plan)
}

// RemovePlan takes a plan out.
func (k *Keys) RemovePlan(scope Scope, id string) { k.plans.Delete(planName{scope, id}) }
