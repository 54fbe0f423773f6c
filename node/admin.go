package node

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"

	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/plan"
	"github.com/postern-gateway/postern/store"
)

// admin is everything on the control listener: the product's own paths and,
// behind them, the AWS APIs.
func (n *Node) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+healthPath, n.health)
	mux.HandleFunc("GET /_postern/revision", n.whenReady(n.revision))
	mux.HandleFunc("GET /_postern/plan/{api}/{stage}", n.ofAPI(n.plan))
	mux.HandleFunc("GET /_postern/definition/{api}", n.ofAPI(n.definition))
	mux.HandleFunc("GET /_postern/definition/{api}/{stage}", n.ofAPI(n.definition))
	mux.HandleFunc("POST /_postern/definition/{api}", n.ofAPI(n.preview))
	mux.HandleFunc("GET /_postern/cache/{api}/{stage}", n.ofAPI(n.cache))
	mux.HandleFunc("DELETE /_postern/cache/{api}/{stage}", n.ofAPI(n.flushCache))
	mux.HandleFunc("GET /_postern/tail/{api}/{stage}", n.ofAPI(n.tail))
	mux.HandleFunc("GET /_postern/explain/{request}", n.whenReady(n.explanation))
	mux.HandleFunc("POST /_postern/explain", n.whenReady(n.announce))
	mux.HandleFunc("GET /metrics", n.whenReady(n.serveMetrics))
	if n.cfg.AllowReset {
		mux.HandleFunc("POST /_postern/reset", n.whenReady(n.reset))
	}
	if n.test != nil {
		mux.HandleFunc("GET /_postern/clock", n.whenReady(n.clock))
		mux.HandleFunc("POST /_postern/clock", n.whenReady(n.setClock))
	}
	if n.cfg.Pprof {
		mux.HandleFunc("GET /_postern/pprof/", pprofIndex)
		mux.HandleFunc("GET /_postern/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /_postern/pprof/trace", pprof.Trace)
	}
	mux.HandleFunc("/_postern/", func(w http.ResponseWriter, _ *http.Request) {
		respond(w, http.StatusNotFound, map[string]string{"message": "Not Found"})
	})
	// A web page of another origin cannot make a browser change anything here;
	// programs send none of the headers that this looks at.
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The mux cleans paths and the AWS API must see them as they came, so
		// what is not the product's own never gets there.
		if _, pattern := mux.Handler(r); pattern != "" {
			n.serveOwn(w, r, mux)
			return
		}
		n.whenReady(n.serveAWS)(w, r)
	}))
}

func pprofIndex(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path[len("/_postern/pprof/"):]
	if name == "" {
		pprof.Index(w, r)
		return
	}
	pprof.Handler(name).ServeHTTP(w, r)
}

func (n *Node) whenReady(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !n.ready.Load() {
			w.Header()["x-amzn-ErrorType"] = []string{"ServiceUnavailableException"}
			respond(w, http.StatusServiceUnavailable, map[string]string{"message": "Service Unavailable"})
			return
		}
		h(w, r)
	}
}

// ofAPI is whenReady for what shows one API: where signatures are verified,
// callers of other accounts see no such API.
func (n *Node) ofAPI(h http.HandlerFunc) http.HandlerFunc {
	return n.whenReady(func(w http.ResponseWriter, r *http.Request) {
		if n.credentials != nil {
			if err := n.service.InAccount(r.Context(), r.PathValue("api"), caller.From(r.Context()).Account); err != nil {
				n.answer(w, nil, err)
				return
			}
		}
		h(w, r)
	})
}

func (n *Node) health(w http.ResponseWriter, _ *http.Request) {
	if !n.ready.Load() {
		respond(w, http.StatusServiceUnavailable, map[string]string{"status": "starting"})
		return
	}
	respond(w, http.StatusOK, map[string]string{"status": "ready"})
}

// revision names the revision that the data plane of this node serves.
func (n *Node) revision(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, map[string]store.Revision{"revision": n.rollout.Revision()})
}

// plan prints the plan of a stage.
func (n *Node) plan(w http.ResponseWriter, r *http.Request) {
	stage := n.table.Stage(r.PathValue("api"), r.PathValue("stage"))
	if stage == nil {
		respond(w, http.StatusNotFound, map[string]string{"message": "there is no plan of such a stage"})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(plan.Print(stage)))
}

// reset empties everything, and answers when the data plane is empty too.
func (n *Node) reset(w http.ResponseWriter, r *http.Request) {
	var tx store.Tx
	for _, prefix := range []string{domain.World, domain.Index, domain.History} {
		tx.Writes = append(tx.Writes, store.Write{Key: prefix, Delete: true, Prefix: true})
	}
	revision, err := n.store.Commit(r.Context(), tx)
	if err == nil {
		err = n.rollout.Wait(r.Context(), revision)
	}
	if err != nil {
		n.cfg.Log.Error("reset failed", "error", err)
		respond(w, http.StatusServiceUnavailable, map[string]string{"message": "Service Unavailable"})
		return
	}
	respond(w, http.StatusOK, map[string]store.Revision{"revision": revision})
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}
