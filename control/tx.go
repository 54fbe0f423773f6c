package control

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/history"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/mirror"
)

// tx is one call's view of the store and what it is going to write. Reading a
// key makes the commit depend on it: if another node writes it meanwhile, the
// call runs again.
type tx struct {
	scope  domain.Scope
	caller caller.Caller
	view   mirror.View
	now    apigw.Timestamp
	// throttle is that of every account.
	throttle Throttle
	made     *sequence

	conds  map[string]store.Cond
	writes []store.Write
	index  map[string]int // key -> position in writes
	// staging is a prefix that nobody reads before this transaction commits. If
	// there is too much for one commit, what lies below it is written ahead.
	staging string
}

// sequence numbers what one process makes.
type sequence struct{ last atomic.Int64 }

// next returns the time in nanoseconds, or the next number if that was given out
// already: a clock may stand still, or be too coarse for two calls.
func (s *sequence) next(now time.Time) int64 {
	for {
		last := s.last.Load()
		n := max(now.UnixNano(), last+1)
		if s.last.CompareAndSwap(last, n) {
			return n
		}
	}
}

// order returns a number that is higher for what is made later.
func (t *tx) order() domain.OrderExt { return domain.OrderExt{Order: t.made.next(t.now.Time)} }

// get reads a record into a draft of the caller's own: changing it changes
// nothing else. It also sees what this transaction wrote.
func get[S, E any](t *tx, key string) (*domain.Record[S, E], bool, error) {
	if i, ok := t.index[key]; ok {
		if t.writes[i].Delete {
			return nil, false, nil
		}
		r, err := domain.Decode[S, E](key, t.writes[i].Value)
		return r, err == nil, err
	}
	entry, ok := t.view.Get(key)
	t.conds[key] = store.Cond{Key: key, Modified: entry.Modified}
	if !ok {
		return nil, false, nil
	}
	r, err := domain.Decode[S, E](key, entry.Value)
	return r, err == nil, err
}

// exists reports whether a key is there, and makes the commit depend on it.
func (t *tx) exists(key string) bool {
	if i, ok := t.index[key]; ok {
		return !t.writes[i].Delete
	}
	entry, ok := t.view.Get(key)
	t.conds[key] = store.Cond{Key: key, Modified: entry.Modified}
	return ok
}

// absent makes the commit depend on a key not being there.
func (t *tx) absent(key string) { t.conds[key] = store.Cond{Key: key} }

// scan yields the records below a prefix in key order, without making the
// commit depend on them and without this transaction's own writes.
func scan[S, E any](t *tx, prefix string) iter.Seq2[*domain.Record[S, E], error] {
	return func(yield func(*domain.Record[S, E], error) bool) {
		for entry := range t.view.Scan(prefix) {
			if !yield(domain.Decode[S, E](entry.Key, entry.Value)) {
				return
			}
		}
	}
}

// shapes reads the shapes of all records below a prefix that hide nothing, in
// key order.
func shapes[S any](t *tx, prefix string) ([]S, error) {
	var all []S
	for r, err := range scan[S, domain.None](t, prefix) {
		if err != nil {
			return nil, err
		}
		all = append(all, r.Shape)
	}
	return all, nil
}

// settled makes the commit depend on nothing below a prefix having been
// written since this transaction began.
func (t *tx) settled(prefix string) {
	t.conds[prefix] = store.Cond{Key: prefix, Modified: t.view.Revision(), Prefix: true}
}

// encoder is a record of any kind.
type encoder interface{ Encode() []byte }

// put writes a record.
func (t *tx) put(key string, r encoder) { t.write(store.Write{Key: key, Value: r.Encode()}) }

// putRaw writes bytes that are not a record: a chunk of a snapshot.
func (t *tx) putRaw(key string, value []byte) { t.write(store.Write{Key: key, Value: value}) }

// delete removes a key.
func (t *tx) delete(key string) { t.write(store.Write{Key: key, Delete: true}) }

// deleteAll removes all keys below a prefix.
func (t *tx) deleteAll(prefix string) {
	t.write(store.Write{Key: prefix, Delete: true, Prefix: true})
}

func (t *tx) write(w store.Write) {
	if i, ok := t.index[w.Key]; ok {
		t.writes[i] = w
		return
	}
	t.index[w.Key] = len(t.writes)
	t.writes = append(t.writes, w)
}

// Bounds of one commit, below those of the store.
const (
	commitWrites = 1000
	commitBytes  = 1 << 20
)

// ahead splits off the writes below the staging prefix if the whole is too
// much for one commit, in pieces that are not.
func (t *tx) ahead() []store.Tx {
	size := 0
	for _, w := range t.writes {
		size += len(w.Key) + len(w.Value)
	}
	if t.staging == "" || len(t.writes) <= commitWrites && size <= commitBytes {
		return nil
	}
	var pieces []store.Tx
	var rest []store.Write
	var piece store.Tx
	size = 0
	for _, w := range t.writes {
		if !strings.HasPrefix(w.Key, t.staging) {
			rest = append(rest, w)
			continue
		}
		if len(piece.Writes) == commitWrites || size > commitBytes {
			pieces = append(pieces, piece)
			piece, size = store.Tx{}, 0
		}
		piece.Writes = append(piece.Writes, w)
		size += len(w.Key) + len(w.Value)
	}
	t.writes = rest
	// What is committed ahead would break these conditions, and nobody else
	// writes there.
	maps.DeleteFunc(t.conds, func(key string, _ store.Cond) bool { return strings.HasPrefix(key, t.staging) })
	return append(pieces, piece)
}

// transaction returns what is to be committed: the writes, the event that
// tells of them, and the conditions.
func (t *tx) transaction() store.Tx {
	var changes []history.Change
	for _, w := range t.writes {
		change := history.Change{Key: w.Key}
		if isRecord(w.Key) {
			if before, ok := t.view.Get(w.Key); ok && !w.Prefix {
				change.Before = withoutSecret(w.Key, before.Value)
			}
			if !w.Delete {
				change.After = withoutSecret(w.Key, w.Value)
			}
		}
		changes = append(changes, change)
	}
	if t.staging != "" {
		// Nobody else writes there, and a large import looks at more keys than a
		// commit may have conditions.
		maps.DeleteFunc(t.conds, func(key string, _ store.Cond) bool { return strings.HasPrefix(key, t.staging) })
	}
	event := history.New(t.caller, t.now.Time, changes)
	conds := slices.SortedFunc(maps.Values(t.conds), func(a, b store.Cond) int {
		return strings.Compare(a.Key, b.Key)
	})
	return store.Tx{
		Conds:  conds,
		Writes: append(t.writes, store.Write{Key: event.Key(), Value: event.Encode()}),
	}
}

// isRecord tells records from the chunks of snapshots, which are compressed
// and have no place in an event.
func isRecord(key string) bool {
	k, ok := domain.ParseKey(key)
	return !ok || k.Kind != "snapshot"
}
