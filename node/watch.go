package node

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/gateway"
	"github.com/postern-gateway/postern/gateway/front"
)

// tail streams the requests of a stage as they finish, as lines of JSON. The
// query may name what is wanted; see wants.
func (n *Node) tail(w http.ResponseWriter, r *http.Request) {
	api, stage := r.PathValue("api"), r.PathValue("stage")
	if n.table.Stage(api, stage) == nil {
		respond(w, http.StatusNotFound, map[string]string{"message": "there is no plan of such a stage"})
		return
	}
	filter, err := wants(r.URL.Query())
	if err != nil {
		respond(w, http.StatusBadRequest, map[string]string{"message": err.Error()})
		return
	}
	stream := n.gateway.Tail(api, stage, filter)
	w.Header().Set("Content-Type", "application/x-ndjson")
	if !front.Stream(w, stream) {
		_ = stream.Close()
		respond(w, http.StatusInternalServerError, map[string]string{"message": "this listener cannot stream"})
	}
}

// wants reads a filter from a query. Each member may be given several times,
// and one of its values must match:
//
//	status   200 or a class such as 5xx
//	method   GET
//	path     a path after the stage, with * for anything within a segment; or a
//	         path that ends in /** for everything below it
//	release  production or canary
func wants(query map[string][]string) (func(*gateway.Finished) bool, error) {
	for name, values := range query {
		for _, value := range values {
			switch name {
			case "status":
				if _, err := strconv.Atoi(strings.TrimSuffix(strings.ToLower(value), "xx")); err != nil {
					return nil, fmt.Errorf("status %q: want a status such as 404, or a class such as 4xx", value)
				}
			case "path":
				if _, err := path.Match(value, ""); err != nil {
					return nil, fmt.Errorf("path %q: %w", value, err)
				}
			case "release":
				if value != "production" && value != "canary" {
					return nil, fmt.Errorf("release %q: want production or canary", value)
				}
			case "method":
			default:
				return nil, fmt.Errorf("requests cannot be filtered by %q", name)
			}
		}
	}
	any := func(name string, match func(value string) bool) bool {
		return len(query[name]) == 0 || slices.ContainsFunc(query[name], match)
	}
	return func(f *gateway.Finished) bool {
		status := strconv.Itoa(f.Status)
		return any("status", func(v string) bool { return v == status || strings.ToLower(v) == status[:1]+"xx" }) &&
			any("method", func(v string) bool { return strings.EqualFold(v, f.Method) }) &&
			any("release", func(v string) bool { return v == f.Release }) &&
			any("path", func(v string) bool { return matchPath(v, f.Path) })
	}, nil
}

func matchPath(pattern, value string) bool {
	if value == "" {
		value = "/"
	}
	if below, ok := strings.CutSuffix(pattern, "/**"); ok {
		return value == below || strings.HasPrefix(value, below+"/")
	}
	ok, _ := path.Match(pattern, value)
	return ok
}

// announce makes an id for a request that is to be explained: the client sends
// it as x-amzn-RequestId.
func (n *Node) announce(w http.ResponseWriter, _ *http.Request) {
	id := n.cfg.IDs.UUID()
	n.gateway.WantExplanation(id)
	respond(w, http.StatusOK, map[string]string{"requestId": id})
}

// explanation answers why a request was answered as it was.
func (n *Node) explanation(w http.ResponseWriter, r *http.Request) {
	e := n.gateway.Explanation(r.PathValue("request"))
	// What no stage took belongs to no account.
	if e == nil || n.credentials != nil && e.Account != "" && e.Account != caller.From(r.Context()).Account {
		message := "this request was not announced and did not come yet, or is forgotten: start postern with --explain-last to keep the last ones"
		if n.cfg.ExplainLast > 0 {
			message = fmt.Sprintf("there was no such request among the last %d", n.cfg.ExplainLast)
		}
		respond(w, http.StatusNotFound, map[string]string{"message": message})
		return
	}
	respond(w, http.StatusOK, e)
}
