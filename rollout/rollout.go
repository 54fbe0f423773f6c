package rollout

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/gateway"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/plan"
	"github.com/postern-gateway/postern/plan/spec"
	"github.com/postern-gateway/postern/secret"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/mirror"
)

// Rollout keeps a table of plans in step with a mirror. Make one with New
// before the mirror runs.
type Rollout struct {
	mirror *mirror.Mirror
	table  *gateway.Table
	live   *live.State
	keys   *live.Keys // of live
	names  *domains
	log    *slog.Logger

	account spec.Throttle
	secrets *secret.Box
	edit    func(*domain.Stage)

	// Owned by the mirror's goroutine.
	apis    map[apiID]*api
	waiting map[apiID]func() *api // those of the start, see wait

	stats Stats

	mu       sync.Mutex
	revision store.Revision // served
	moved    chan struct{}  // closed and renewed when revision moves
}

// Stats are counts of what the rollout did and holds.
type Stats struct {
	APIs      atomic.Int64 // APIs with at least one stage
	Stages    atomic.Int64 // stages with a plan
	Unhealthy atomic.Int64 // stages whose newest state could not be compiled
	Compiled  atomic.Int64 // plans of deployments compiled since the start
	Failures  atomic.Int64 // compilations that failed since the start
}

type apiID struct {
	domain.Scope
	id string
}

// api is what the rollout remembers of an API. Its maps are never changed after
// they went into the table.
type api struct {
	stages    map[string]*plan.Stage
	unhealthy map[string]bool
	plans     map[string]*plan.API // by hash of the snapshot: equal definitions share a plan
}

// Config is what a Rollout needs.
type Config struct {
	Mirror *mirror.Mirror
	Table  *gateway.Table
	Live   *live.State
	// Account is the throttle that each account has in each region.
	Account spec.Throttle
	// Secrets opens private keys; nil: stages that need one are not served, and
	// uploaded certificates are not shown.
	Secrets *secret.Box
	// Identities are those of custom domain names.
	Identities Identities
	// Edit changes a stage before it is compiled. Only tests set it: they take a
	// setting's effect away, to see that its test notices.
	Edit func(*domain.Stage)
	Log  *slog.Logger
}

// New returns a rollout from a mirror into a table of plans and into what
// outlives them.
func New(c Config) *Rollout {
	r := &Rollout{
		mirror: c.Mirror, table: c.Table, live: c.Live, keys: &c.Live.Keys, account: c.Account, secrets: c.Secrets, edit: c.Edit, log: c.Log,
		apis: map[apiID]*api{}, waiting: map[apiID]func() *api{}, moved: make(chan struct{}),
		names: &domains{
			table: &c.Live.Domains, identities: c.Identities, secrets: c.Secrets, log: c.Log,
			names: map[string]servedName{}, mappings: map[string]map[string]live.Mapping{},
		},
	}
	c.Mirror.OnBatch(r.apply)
	return r
}

// Stats returns the counts.
func (r *Rollout) Stats() *Stats { return &r.stats }

// Revision returns the revision that the data plane serves.
func (r *Rollout) Revision() store.Revision {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.revision
}

// Wait waits until the data plane serves a revision.
func (r *Rollout) Wait(ctx context.Context, revision store.Revision) error {
	for {
		r.mu.Lock()
		served, moved := r.revision, r.moved
		r.mu.Unlock()
		if served >= revision {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// apply brings one batch of the mirror into the table.
func (r *Rollout) apply(old, now mirror.View, batch store.Batch) {
	changed := map[apiID]map[string]bool{}
	note := func(key string) {
		k, ok := domain.ParseKey(key)
		if !ok {
			return
		}
		if k.Kind != "stage" || len(k.Rest) != 2 {
			// A plan depends on stages and on deployments, and those never change.
			r.applyKey(k, key, now)
			return
		}
		id := apiID{k.Scope, k.Rest[0]}
		if changed[id] == nil {
			changed[id] = map[string]bool{}
		}
		changed[id][k.Rest[1]] = true
	}
	for _, entry := range batch.Entries {
		note(entry.Key)
	}
	for _, key := range batch.Deleted {
		note(key)
	}
	for id, stages := range changed {
		if old.Revision() == 0 { // the first listing
			r.wait(id, stages)
			continue
		}
		r.update(id, stages, now)
	}
	r.names.publish()
	r.mu.Lock()
	r.revision = now.Revision()
	close(r.moved)
	r.moved = make(chan struct{})
	r.mu.Unlock()
}

// wait puts the stages of an API into the table that the node has found at its
// start. Their plans are made when the first request or the first change comes:
// to make all at once would take most of the time of a start, and those of APIs
// that nobody calls would take most of the memory.
func (r *Rollout) wait(id apiID, names map[string]bool) {
	r.stats.APIs.Add(1)
	r.stats.Stages.Add(int64(len(names)))
	made := sync.OnceValue(func() *api {
		// The newest view may be ahead of what is applied; then this API is
		// changed again, to what it already is. The view of the start would keep
		// the entries of the start in memory.
		a := r.compileAll(id, &api{}, names, r.mirror.View())
		r.stats.Stages.Add(int64(len(a.stages) - len(names)))
		r.stats.Unhealthy.Add(int64(len(a.unhealthy)))
		return a
	})
	r.waiting[id] = made
	r.table.SetLazy(id.id, func() map[string]*plan.Stage { return made().stages })
}

// update replaces the plans of the changed stages of one API.
func (r *Rollout) update(id apiID, changed map[string]bool, now mirror.View) {
	if made := r.waiting[id]; made != nil {
		r.apis[id] = made()
		delete(r.waiting, id)
	}
	old := r.apis[id]
	if old == nil {
		old = &api{}
	}
	r.swap(id, old, r.compileAll(id, old, changed, now))
}

// compileAll returns an API whose changed stages are those of a view.
func (r *Rollout) compileAll(id apiID, old *api, changed map[string]bool, now mirror.View) *api {
	next := &api{stages: map[string]*plan.Stage{}, unhealthy: map[string]bool{}, plans: old.plans}
	maps.Copy(next.stages, old.stages)
	maps.Copy(next.unhealthy, old.unhealthy)
	for name := range changed {
		entry, ok := now.Get(id.StageKey(id.id, name))
		if !ok {
			gone := live.StageKey{Scope: live.Scope{Account: id.Account, Region: id.Region}, API: id.id, Stage: name}
			r.live.Buckets.Forget(gone)
			r.live.Caches.Forget(gone)
			delete(next.stages, name)
			delete(next.unhealthy, name)
			continue
		}
		stage, err := r.compile(id, next, entry, now)
		if err != nil {
			r.stats.Failures.Add(1)
			next.unhealthy[name] = true
			r.log.Error("stage keeps its old plan", "api", id.id, "stage", name, "error", err)
			continue
		}
		delete(next.unhealthy, name)
		next.stages[name] = stage
	}
	next.plans = used(next)
	return next
}

// used returns the plans of deployments that a stage still runs.
func used(a *api) map[string]*plan.API {
	inUse := map[*plan.API]bool{}
	for _, stage := range a.stages {
		inUse[stage.Production.API] = true
		if stage.Canary != nil {
			inUse[stage.Canary.API] = true
		}
	}
	kept := map[string]*plan.API{}
	for hash, p := range a.plans {
		if inUse[p] {
			kept[hash] = p
		}
	}
	return kept
}

func (r *Rollout) swap(id apiID, old, next *api) {
	r.stats.Stages.Add(int64(len(next.stages) - len(old.stages)))
	r.stats.Unhealthy.Add(int64(len(next.unhealthy) - len(old.unhealthy)))
	_, had := r.apis[id]
	if len(next.stages) == 0 && len(next.unhealthy) == 0 {
		if had {
			r.stats.APIs.Add(-1)
		}
		delete(r.apis, id)
		r.table.Remove(id.id)
		return
	}
	if !had {
		r.stats.APIs.Add(1)
	}
	r.apis[id] = next
	r.table.Set(id.id, next.stages)
}

// compile makes the plan of a stage. A panic of the compiler is a failure of
// this stage only.
func (r *Rollout) compile(id apiID, a *api, entry store.Entry, now mirror.View) (stage *plan.Stage, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the compiler panicked: %v\n%s", p, debug.Stack())
		}
	}()
	record, err := domain.Decode[apigw.Stage, domain.StageExt](entry.Key, entry.Value)
	if err != nil {
		return nil, err
	}
	if r.edit != nil {
		r.edit(record)
	}
	in := plan.StageInput{Stage: &record.Shape, Account: r.account, Live: r.live}
	if certificate := apigw.Val(record.Shape.ClientCertificateId); certificate != "" {
		if in.Identity, err = Identity(id.Scope, certificate, r.secrets, now); err != nil {
			return nil, err
		}
	}
	cacheKey := live.StageKey{Scope: live.Scope{Account: id.Account, Region: id.Region}, API: id.id, Stage: apigw.Val(record.Shape.StageName)}
	if in.Cluster = cluster(record); in.Cluster == nil {
		r.live.Caches.Forget(cacheKey)
	}
	production := apigw.Val(record.Shape.DeploymentId)
	if in.API, err = r.deployment(id, a, production, now); err != nil {
		return nil, err
	}
	if canary := record.Shape.CanarySettings; canary != nil && apigw.Val(canary.DeploymentId) != production {
		if in.Canary, err = r.deployment(id, a, apigw.Val(canary.DeploymentId), now); err != nil {
			return nil, err
		}
	}
	return plan.CompileStage(in), nil
}

// cluster returns the cache cluster of a stage; nil if it has none.
func cluster(stage *domain.Stage) *plan.Cluster {
	if !apigw.Val(stage.Shape.CacheClusterEnabled) {
		return nil
	}
	size, err := strconv.ParseFloat(stage.Ext.CacheSize, 64) // gigabytes
	if err != nil {
		return nil // the control plane takes no such size
	}
	return &plan.Cluster{Bytes: int64(size * (1 << 30)), Generation: stage.Ext.CacheGeneration, Ready: stage.Ext.CacheReady}
}

// deployment returns the plan of a deployment, compiled once for all stages
// that run an equal definition.
func (r *Rollout) deployment(id apiID, a *api, deployment string, now mirror.View) (*plan.API, error) {
	key := id.DeploymentKey(id.id, deployment)
	entry, ok := now.Get(key)
	if !ok {
		return nil, fmt.Errorf("deployment %s is missing", key)
	}
	record, err := domain.Decode[apigw.Deployment, domain.DeploymentExt](key, entry.Value)
	if err != nil {
		return nil, err
	}
	if compiled := a.plans[record.Ext.Hash]; compiled != nil {
		return compiled, nil
	}
	var chunks [][]byte
	for chunk := range now.Scan(id.Snapshot(id.id, deployment)) {
		chunks = append(chunks, chunk.Value)
	}
	if len(chunks) != record.Ext.Chunks {
		return nil, fmt.Errorf("deployment %s has %d of %d chunks", key, len(chunks), record.Ext.Chunks)
	}
	snapshot, err := domain.Thaw(key, chunks)
	if err != nil {
		return nil, err
	}
	compiled, findings := plan.CompileAPI(snapshot)
	r.stats.Compiled.Add(1)
	for _, finding := range findings {
		r.log.Warn("requests to this method will fail", "api", id.id, "deployment", deployment, "where", finding.Where(), "why", finding.Text)
	}
	if a.plans == nil {
		a.plans = map[string]*plan.API{}
	}
	a.plans[record.Ext.Hash] = compiled
	return compiled, nil
}
