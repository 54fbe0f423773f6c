package mirror

import (
	"iter"
	"strings"

	"github.com/tidwall/btree"

	"github.com/postern-gateway/postern/store"
)

// View is the state of all entries below the mirror's prefix at one revision.
// It never changes. The zero View is empty, at revision 0.
type View struct {
	revision store.Revision
	entries  *btree.Map[string, *store.Entry] // never written or copied once published
}

// ViewOf returns a view of entries that no store holds, at revision 0.
func ViewOf(entries ...store.Entry) View {
	v := View{entries: &btree.Map[string, *store.Entry]{}}
	for _, entry := range entries {
		v.entries.Set(entry.Key, &entry)
	}
	return v
}

// Revision is the commit that the view shows; it is at least that of the newest
// entry.
func (v View) Revision() store.Revision { return v.revision }

// Get returns the entry of a key.
func (v View) Get(key string) (store.Entry, bool) {
	if v.entries == nil {
		return store.Entry{}, false
	}
	entry, ok := v.entries.Get(key)
	if !ok {
		return store.Entry{}, false
	}
	return *entry, true
}

// Scan returns the entries whose keys begin with prefix, sorted by key.
func (v View) Scan(prefix string) iter.Seq[store.Entry] {
	return func(yield func(store.Entry) bool) {
		if v.entries == nil {
			return
		}
		v.entries.Ascend(prefix, func(key string, entry *store.Entry) bool {
			return strings.HasPrefix(key, prefix) && yield(*entry)
		})
	}
}

// Count returns the number of entries whose keys begin with prefix. It takes
// time in proportion to that number, unless prefix is empty.
func (v View) Count(prefix string) int {
	if v.entries == nil {
		return 0
	}
	if prefix == "" {
		return v.entries.Len()
	}
	n := 0
	for range v.Scan(prefix) {
		n++
	}
	return n
}

// diff returns what has to be done to old to make it new, as a batch at the
// revision of new.
func diff(old, new View) store.Batch {
	batch := store.Batch{Revision: new.revision}
	for entry := range new.Scan("") {
		if before, ok := old.Get(entry.Key); !ok || !same(before, entry) {
			batch.Entries = append(batch.Entries, entry)
		}
	}
	for entry := range old.Scan("") {
		if _, ok := new.Get(entry.Key); !ok {
			batch.Deleted = append(batch.Deleted, entry.Key)
		}
	}
	return batch
}

func same(a, b store.Entry) bool {
	return a.Key == b.Key && a.Modified == b.Modified && string(a.Value) == string(b.Value)
}
