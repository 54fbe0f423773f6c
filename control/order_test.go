package control

import (
	"slices"
	"testing"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/secret"
	"github.com/postern-gateway/postern/store"
)

// listed returns a member of all items of a list, page by page.
func (h *harness) listed(path, member string) []string {
	h.t.Helper()
	var all []string
	for position := ""; ; {
		page := h.do("GET", path+"?limit=3&position="+position, nil)
		for _, item := range page["item"].([]any) {
			all = append(all, item.(map[string]any)[member].(string))
		}
		next, ok := page["position"].(string)
		if !ok {
			return all
		}
		position = next
	}
}

// TestOrderWithinOneSecond: lists by creation keep their order for what is made
// while the clock stands still.
func TestOrderWithinOneSecond(t *testing.T) {
	p := newPetAPI(t)
	p.Secrets = secret.Temporary()
	for _, row := range []struct {
		path, member string
		newest       bool
		body         func(i int) any
		before       []string // what the list has already
	}{
		{path: "/restapis", member: "id", before: []string{p.id}, body: func(int) any { return `{"name":"a"}` }},
		{path: p.base + "/deployments", member: "id", newest: true, body: func(int) any { return `{}` }},
		{path: "/clientcertificates", member: "clientCertificateId", body: func(int) any { return `{}` }},
		{path: p.base + "/documentation/versions", member: "version", body: func(i int) any {
			return map[string]string{"documentationVersion": string(rune('z' - i))}
		}},
		{path: "/apikeys", member: "id", newest: true, body: func(int) any { return `{}` }},
		{path: "/usageplans", member: "id", body: func(int) any { return `{"name":"a"}` }},
	} {
		t.Run(row.path, func(t *testing.T) {
			want := row.before
			for i := range 5 {
				want = append(want, p.do("POST", row.path, row.body(i))[row.member].(string))
			}
			if row.newest {
				slices.Reverse(want)
			}
			if got := p.listed(row.path, row.member); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestOrderOutlivesImport: the place of an API in the list is that of its
// creation, whatever is put into it.
func TestOrderOutlivesImport(t *testing.T) {
	h := newHarness(t)
	var want []string
	for range 5 {
		want = append(want, h.do("POST", "/restapis?mode=import", `{"swagger":"2.0","info":{"title":"a"}}`)["id"].(string))
	}
	h.do("PUT", "/restapis/"+want[1]+"?mode=overwrite", `{"swagger":"2.0","info":{"title":"b"}}`)
	h.do("PATCH", "/restapis/"+want[2], patchBody(op{"replace", "/name", "c"}))
	if got := h.listed("/restapis", "id"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestOrderOfOldRecords: records from before the order was kept are sorted by
// date, then by id, and come before younger ones of their second.
func TestOrderOfOldRecords(t *testing.T) {
	h := newHarness(t)
	scope := domain.Scope{Account: testAccount, Region: testRegion}
	made := h.do("POST", "/restapis", `{"name":"a"}`)["id"].(string)
	tx := store.Tx{}
	for id, age := range map[string]time.Duration{"zz": time.Second, "zb": 0, "zc": 0, "aa": -time.Second} {
		record := domain.New(apigw.RestApi{Id: &id, CreatedDate: &apigw.Timestamp{Time: epoch.Add(-age)}}, domain.None{})
		tx.Writes = append(tx.Writes, store.Write{Key: scope.APIKey(id), Value: record.Encode()})
	}
	if _, err := h.store.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	if got, want := h.listed("/restapis", "id"), []string{"zz", "zb", "zc", made, "aa"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
