package control

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/store"
)

// largeDefinition has more parts than one commit takes.
func largeDefinition(prefix string) string {
	var paths []string
	for i := range 400 {
		paths = append(paths, fmt.Sprintf(`"/%s%d":{"get":{"x-amazon-apigateway-integration":{"type":"mock"}}}`, prefix, i))
	}
	return `{"openapi":"3.0.1","info":{"title":"large","version":"` + prefix + `"},"paths":{` + strings.Join(paths, ",") + `}}`
}

// generations returns the generations of an API of which there are parts.
func (h *harness) generations(api string) []string {
	h.t.Helper()
	all, _, err := h.store.List(context.Background(), domain.Scope{Account: testAccount, Region: testRegion}.AllParts(api))
	if err != nil {
		h.t.Fatal(err)
	}
	var found []string
	for _, entry := range all {
		key, _ := domain.ParseKey(entry.Key)
		found = append(found, key.Rest[1])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// TestLargeImport: a definition that takes several commits replaces the present
// one as a whole, and the old generation goes.
func TestLargeImport(t *testing.T) {
	p := newPetAPI(t)
	p.Quotas[ResourcesPerAPI] = -1
	for _, prefix := range []string{"a", "b"} {
		p.do("PUT", p.base+"?mode=overwrite", largeDefinition(prefix))
		list := p.do("GET", p.base+"/resources?limit=500", nil)["item"].([]any)
		if len(list) != 401 {
			t.Errorf("%d resources, want 401", len(list))
		}
		for _, r := range list {
			if path := r.(map[string]any)["path"].(string); path != "/" && !strings.HasPrefix(path, "/"+prefix) {
				t.Errorf("import %s: %s is still there", prefix, path)
			}
		}
		if got := p.generations(p.id); len(got) != 1 {
			t.Errorf("generations %q, want one", got)
		}
	}
}

// failing is a store whose commits fail from the n-th on, but for deletions.
type failing struct {
	store.Store
	n int
}

func (f *failing) Commit(ctx context.Context, tx store.Tx) (store.Revision, error) {
	if f.n--; f.n < 0 && !slices.ContainsFunc(tx.Writes, func(w store.Write) bool { return w.Delete && len(tx.Writes) == 1 }) {
		return 0, store.ErrUnavailable
	}
	return f.Store.Commit(ctx, tx)
}

// TestLargeImportFails: an import that breaks off at any of its commits leaves
// nothing behind.
func TestLargeImportFails(t *testing.T) {
	for n := range 2 { // one commit ahead, and the one that shows it
		p := newPetAPI(t)
		p.Quotas[ResourcesPerAPI] = -1
		before := p.generations(p.id)
		p.Store = &failing{p.store, n}
		if got := p.call("PUT", p.base+"?mode=overwrite", largeDefinition("a")); got.status != 503 {
			t.Errorf("failure of commit %d: %v", n+1, got)
		}
		if got := p.generations(p.id); !slices.Equal(got, before) {
			t.Errorf("failure of commit %d: generations %q, want %q", n+1, got, before)
		}
	}
}
