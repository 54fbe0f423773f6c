package openapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd/etcdtest"
	"github.com/postern-gateway/postern/test/postern"
)

// manyResources is a document with n resources, all with one operationId.
func manyResources(n int, operation string) string {
	var all strings.Builder
	for i := range n {
		if i > 0 {
			all.WriteString(", ")
		}
		fmt.Fprintf(&all, `"/r%05d": {"get": {"operationId": %q, "responses": {}, "x-amazon-apigateway-integration": {"type": "mock"}}}`, i, operation)
	}
	return oas30(all.String())
}

// view is what a reader sees of an API at once.
func (h *harness) view(api string) (resources int, operations map[string]bool, err error) {
	out, err := h.GetResources(h.ctx, &apigw.GetResourcesRequest{RestApiId: api, Embed: []string{"methods"}, Limit: new(int32(500))})
	if err != nil {
		return 0, nil, err
	}
	operations = map[string]bool{}
	for _, r := range out.Items {
		for _, m := range r.ResourceMethods {
			operations[apigw.Val(m.OperationName)] = true
		}
	}
	return len(out.Items), operations, nil
}

// TestLargeImport: ten thousand resources are imported and replaced in one
// step: readers see all of the old or all of the new.
func TestLargeImport(t *testing.T) {
	n := 10_000
	if postern.Race {
		n = 2_500 // the race detector makes the store eight times slower, beyond its own limit of time
	}
	h := newHarness(t)
	h.Quotas[control.ResourcesPerAPI] = -1
	api := *h.mustImport(manyResources(300, "old"), nil).Id
	deployment := h.deploy(api)
	frozen := h.snapshot(api, deployment)

	reading, stop := context.WithCancel(t.Context())
	var reads atomic.Int64
	var reader sync.WaitGroup
	reader.Go(func() {
		for reading.Err() == nil {
			resources, operations, err := h.view(api)
			if err != nil || resources < 301 || len(operations) != 1 {
				t.Errorf("a reader saw %d resources with the operations %v (error %v)", resources, operations, err)
				return
			}
			reads.Add(1)
		}
	})
	begin := time.Now()
	h.mustPut(api, "overwrite", manyResources(n, "new"))
	took := time.Since(begin)
	stop()
	reader.Wait()
	t.Logf("%d resources in %v, %d reads meanwhile", n, took, reads.Load())
	if reads.Load() == 0 {
		t.Error("nobody read meanwhile")
	}
	parts, err := currentParts(h, api)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Mirror.View().Count(parts.Resources()); got != n+1 {
		t.Errorf("%d resources, want %d", got, n+1)
	}
	if got := h.snapshot(api, deployment); len(got.Resources) != len(frozen.Resources) {
		t.Errorf("the deployment has %d resources, had %d", len(got.Resources), len(frozen.Resources))
	}
}

// currentParts returns where the definition of an API is.
func currentParts(h *harness, api string) (domain.Parts, error) {
	key := scope.GenerationKey(api)
	entry, _ := h.Mirror.View().Get(key)
	generation, err := domain.Decode[int, domain.None](key, entry.Value)
	if err != nil {
		return "", err
	}
	return scope.Parts(api, generation.Shape), nil
}

// breaking is a store that fails after a number of commits, like one whose
// node is cut off; without commits left nothing can be cleaned up either.
type breaking struct {
	store.Store
	left atomic.Int64
}

var errCut = fmt.Errorf("cut off: %w", store.ErrUnavailable)

func (b *breaking) Commit(ctx context.Context, tx store.Tx) (store.Revision, error) {
	if b.left.Add(-1) < 0 {
		return 0, errCut
	}
	return b.Store.Commit(ctx, tx)
}

// TestBrokenImport: an import that breaks off between two pieces leaves nothing
// that anybody sees, after whichever piece.
func TestBrokenImport(t *testing.T) {
	const unlimited = 1 << 40
	b := &breaking{Store: etcdtest.New(t)}
	b.left.Store(unlimited)
	h := newHarnessOn(t, b)
	h.Quotas[control.ResourcesPerAPI] = -1
	api := *h.mustImport(manyResources(20, "old"), nil).Id
	body := manyResources(2000, "new")

	b.left.Store(unlimited)
	other := h.mustImport(body, nil)
	pieces := unlimited - b.left.Load()
	if pieces < 4 {
		t.Fatalf("the import took %d commits: too few to break off between them", pieces)
	}
	if err := h.DeleteRestApi(h.ctx, &apigw.DeleteRestApiRequest{RestApiId: *other.Id}); err != nil {
		t.Fatal(err)
	}
	apis := h.Mirror.View().Count(scope.APIs())
	for k := range pieces {
		b.left.Store(k)
		if _, err := h.put(api, "merge", body); !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("after %d of %d commits: put: %v", k, pieces, err)
		}
		b.left.Store(k)
		if _, err := h.importAPI(body, nil); !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("after %d of %d commits: import: %v", k, pieces, err)
		}
		b.left.Store(unlimited)
		resources, operations, err := h.view(api)
		if err != nil || resources != 21 || !operations["old"] || len(operations) != 1 {
			t.Errorf("after %d of %d commits: %d resources, operations %v (error %v)", k, pieces, resources, operations, err)
		}
		if got := h.Mirror.View().Count(scope.APIs()); got != apis {
			t.Errorf("after %d of %d commits: %d APIs, want %d", k, pieces, got, apis)
		}
	}
	h.mustPut(api, "overwrite", body)
	if _, operations, err := h.view(api); err != nil || !operations["new"] || len(operations) != 1 {
		t.Errorf("the next put: operations %v (error %v)", operations, err)
	}
}

// TestFailedImportIsCleaned: where the store still answers, the pieces that were
// written ahead go again.
func TestFailedImportIsCleaned(t *testing.T) {
	b := &failing{Store: etcdtest.New(t)}
	h := newHarnessOn(t, b)
	h.Quotas[control.ResourcesPerAPI] = -1
	for _, nth := range []int64{1, 2, 3} {
		b.count.Store(0)
		b.nth = nth
		if _, err := h.importAPI(manyResources(2000, "new"), nil); !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("commit %d failed, and the import gave %v", nth, err)
		}
		entries, _, err := b.List(t.Context(), domain.World)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) > 0 {
			t.Errorf("commit %d failed, and %d keys are left, such as %s", nth, len(entries), entries[0].Key)
		}
	}
}

// failing is a store that fails at one commit.
type failing struct {
	store.Store
	nth   int64
	count atomic.Int64
}

func (f *failing) Commit(ctx context.Context, tx store.Tx) (store.Revision, error) {
	if f.count.Add(1) == f.nth {
		return 0, errCut
	}
	return f.Store.Commit(ctx, tx)
}
