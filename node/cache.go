package node

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/postern-gateway/postern/respcache"
)

// cacheEntry is an entry as GET /_postern/cache/{api}/{stage} shows it.
type cacheEntry struct {
	Key       string  `json:"key"`
	Method    string  `json:"method"`
	Path      string  `json:"path"` // after the stage
	Status    int     `json:"status"`
	Bytes     int64   `json:"bytes"`
	Hits      int64   `json:"hits"`
	Age       seconds `json:"ageSeconds"`
	Left      seconds `json:"leftSeconds"`
	Encrypted bool    `json:"encrypted"`
}

type seconds float64

func inSeconds(d time.Duration) seconds { return seconds(d.Round(time.Millisecond).Seconds()) }

// cacheView is what GET answers.
type cacheView struct {
	Entries   []cacheEntry `json:"entries"`
	Bytes     int64        `json:"bytes"`
	Hits      int64        `json:"hits"`
	Misses    int64        `json:"misses"`
	Evictions int64        `json:"evictions"`
}

// cache lists what a stage keeps on this node, by path.
func (n *Node) cache(w http.ResponseWriter, r *http.Request) {
	cache := n.stageCache(w, r)
	if cache == nil {
		return
	}
	stats := cache.Stats()
	view := cacheView{Entries: []cacheEntry{}, Bytes: stats.Bytes, Hits: stats.Hits, Misses: stats.Misses, Evictions: stats.Evictions}
	for _, e := range cache.List(n.time.Now()) {
		view.Entries = append(view.Entries, cacheEntry{
			Key: e.Key.String(), Method: e.Method, Path: e.Path, Status: e.Status, Bytes: e.Size, Hits: e.Hits,
			Age: inSeconds(e.Age), Left: inSeconds(e.Left), Encrypted: e.Encrypted,
		})
	}
	slices.SortFunc(view.Entries, func(a, b cacheEntry) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Key, b.Key))
	})
	respond(w, http.StatusOK, view)
}

// flushCache removes the entries of a key, or of the paths that begin with
// one, on this node. FlushStageCache removes all of them on all nodes.
func (n *Node) flushCache(w http.ResponseWriter, r *http.Request) {
	cache := n.stageCache(w, r)
	if cache == nil {
		return
	}
	query, removed := r.URL.Query(), 0
	switch path, key := query.Get("path"), query.Get("key"); {
	case (path == "") == (key == ""):
		respond(w, http.StatusBadRequest, map[string]string{"message": "want either path or key; FlushStageCache of the AWS API empties the cache"})
		return
	case path != "":
		removed = cache.DeletePath(path)
	default:
		parsed, err := respcache.ParseKey(key)
		if err != nil {
			respond(w, http.StatusBadRequest, map[string]string{"message": err.Error()})
			return
		}
		if cache.Delete(parsed) {
			removed = 1
		}
	}
	respond(w, http.StatusOK, map[string]int{"removed": removed})
}

// stageCache finds the cache of a stage, or answers that there is none.
func (n *Node) stageCache(w http.ResponseWriter, r *http.Request) *respcache.Cache {
	api, stage := r.PathValue("api"), r.PathValue("stage")
	n.table.Stage(api, stage) // makes the plan, and so the cache, of a stage that has waited since the start
	cache := n.live.Caches.Find(api, stage)
	if cache == nil {
		respond(w, http.StatusNotFound, map[string]string{"message": "the stage has no cache cluster, or none of its methods caches, or there is no such stage"})
	}
	return cache
}
