package mirror

import (
	"context"

	"github.com/tidwall/btree"

	"github.com/postern-gateway/postern/store"
)

// An audit compares the mirror with a fresh listing of the store. Watches have
// lost, repeated and reordered events in past versions of etcd; a mirror that
// only trusts them would serve the result for ever.

// audits runs one audit after another until ctx ends.
func (m *Mirror) audits(ctx context.Context, repair chan<- struct{}) {
	for {
		m.sleep(ctx, m.cfg.Audit)
		if ctx.Err() != nil {
			return
		}
		n, err := m.audit(ctx)
		if err != nil {
			m.cfg.Log.Warn("mirror: audit not possible", "prefix", m.cfg.Prefix, "error", err)
			continue
		}
		if n > 0 {
			m.differences.Add(int64(n))
			m.cfg.Log.Error("mirror: entries differ from the store", "prefix", m.cfg.Prefix, "entries", n)
			select {
			case repair <- struct{}{}:
			default:
			}
		}
	}
}

// audit returns the number of entries that differ.
func (m *Mirror) audit(ctx context.Context) (int, error) {
	m.record()
	entries, revision, err := m.cfg.Store.List(ctx, m.cfg.Prefix)
	if err != nil {
		m.recordedAt(0)
		return 0, err
	}
	// The newest commit is at or after the listing: once the mirror has reached
	// it, the view of the listing's revision is among those recorded.
	newest, err := m.cfg.Store.Revision(ctx)
	if err == nil {
		_, err = m.Wait(ctx, newest)
	}
	mirrored, ok := m.recordedAt(revision)
	if err != nil || !ok {
		return 0, err
	}
	var listed btree.Map[string, *store.Entry]
	for _, entry := range entries {
		listed.Set(entry.Key, &entry)
	}
	found := diff(mirrored, View{entries: &listed})
	return len(found.Entries) + len(found.Deleted), nil
}

// record keeps the current view and all that follow.
func (m *Mirror) record() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.recording, m.recorded = true, []View{m.View()}
}

// recordedAt ends the recording and returns the last view not after revision;
// none if the mirror has listed meanwhile, since a listing leaves revisions out.
func (m *Mirror) recordedAt(revision store.Revision) (at View, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, view := range m.recorded {
		if view.revision <= revision {
			at, ok = view, true
		}
	}
	m.recording, m.recorded = false, nil
	return at, ok
}
