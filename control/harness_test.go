package control

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/gaps"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/sigv4"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd/etcdtest"
	"github.com/postern-gateway/postern/store/mirror"
	"github.com/postern-gateway/postern/wire"
)

// Who calls, in all tests.
const (
	testAccount = "123456789012"
	testRegion  = "eu-west-1"
)

// epoch is where the clock of every harness begins, with a fraction of a second.
var epoch = time.Date(2024, 5, 1, 10, 0, 0, 700e6, time.UTC)

// harness is a control plane as clients meet it: the HTTP handler over the
// service on a real store, with a clock that the test moves.
type harness struct {
	*Service
	t      testing.TB
	clock  *clock.Manual
	store  store.Store
	server http.Handler
	// account calls instead of testAccount, if it is set.
	account string
}

func newHarness(t testing.TB) *harness {
	t.Helper()
	s := etcdtest.New(t)
	c := clock.NewManual(epoch)
	m := mirror.New(mirror.Config{Store: s, Prefix: domain.World, Audit: -1})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { m.Run(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })

	log := slog.New(slog.DiscardHandler)
	source := ids.Seeded(1)
	service := &Service{Store: s, Mirror: m, Clock: c, IDs: source, Log: log, Quotas: Quotas{}}
	return &harness{Service: service, t: t, clock: c, store: s, server: serverOf(service)}
}

func serverOf(service *Service) http.Handler {
	return wire.NewServer(wire.Server{
		Handlers: service.Handlers(), IDs: service.IDs, Log: service.Log, Explain: gaps.Explain,
		Authenticator: wire.Open{Accounts: wire.Accounts{Default: testAccount}},
	})
}

// interrupted is another node on the same store, whose first commit comes after
// f has run: f always wins the race.
func (h *harness) interrupted(f func()) *harness {
	service := &Service{
		Store: &interruptedStore{Store: h.store, before: sync.OnceFunc(f)}, Mirror: h.Mirror, Clock: h.clock, IDs: h.IDs, Log: h.Log, Quotas: Quotas{},
	}
	return &harness{Service: service, t: h.t, clock: h.clock, store: h.store, server: serverOf(service)}
}

type interruptedStore struct {
	store.Store
	before func()
}

func (s *interruptedStore) Commit(ctx context.Context, tx store.Tx) (store.Revision, error) {
	s.before()
	return s.Store.Commit(ctx, tx)
}

// answer is what came back over the wire.
type answer struct {
	status int
	code   string // x-amzn-ErrorType
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %s %s", a.status, a.code, a.body) }

// message is the text of a refusal.
func (a answer) message() string {
	var body struct{ Message string }
	_ = json.Unmarshal([]byte(a.body), &body)
	return body.Message
}

// call sends a signed request. A body that is no text is sent as JSON.
func (h *harness) call(method, path string, body any) answer {
	h.t.Helper()
	text, ok := body.(string)
	if !ok && body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			h.t.Fatal(err)
		}
		text = string(data)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(text))
	key := "AKIDTEST"
	if h.account != "" {
		key = h.account // an access key of twelve digits is the account itself
	}
	r.Header.Set("Authorization", sigv4.Algorithm+" Credential="+key+"/20240501/"+testRegion+"/apigateway/aws4_request, SignedHeaders=host, Signature=00")
	r.Header.Set("User-Agent", "harness/1.0")
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, r)
	a := answer{status: w.Code, body: w.Body.String()}
	if code := w.Header()["x-amzn-ErrorType"]; code != nil {
		a.code = code[0]
	}
	return a
}

// do is a call that has to succeed; it returns the decoded answer.
func (h *harness) do(method, path string, body any) map[string]any {
	h.t.Helper()
	a := h.call(method, path, body)
	if a.status >= 300 {
		h.t.Fatalf("%s %s %v: got %v, want success", method, path, body, a)
	}
	return decodeAnswer(h.t, a.body)
}

func decodeAnswer(t testing.TB, body string) map[string]any {
	t.Helper()
	if body == "" {
		return nil
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatalf("answer %q: %v", body, err)
	}
	return out
}

// op is one patch operation on the wire: op, path, value, from; "-" is absent.
type op [4]string

// patchBody is the body of an Update call.
func patchBody(ops ...op) map[string]any {
	list := []map[string]any{}
	for _, o := range ops {
		entry := map[string]any{}
		for i, name := range []string{"op", "path", "value", "from"} {
			if o[i] != "-" && (o[i] != "" || i == 2 && o[0] != "remove" && o[0] != "copy") {
				entry[name] = o[i]
			}
		}
		list = append(list, entry)
	}
	return map[string]any{"patchOperations": list}
}

// patch sends operations to a path.
func (h *harness) patch(path string, ops ...op) answer {
	h.t.Helper()
	return h.call("PATCH", path, patchBody(ops...))
}

// wantRefusal compares an answer with a status and text of its usual code.
func wantRefusal(t *testing.T, got answer, status int, text string) {
	t.Helper()
	codes := map[int]string{400: "BadRequestException", 403: "AccessDeniedException", 404: "NotFoundException", 409: "ConflictException", 429: "LimitExceededException"}
	if got.status != status || got.code != codes[status] || got.message() != text {
		t.Errorf("got %v,\nwant %d %s %s", got, status, codes[status], text)
	}
}

// wantBody compares a successful answer with the JSON it has to be.
func wantBody(t *testing.T, got answer, status int, want string) {
	t.Helper()
	if got.status != status {
		t.Fatalf("got %v, want status %d", got, status)
	}
	if diff := cmp.Diff(decodeAnswer(t, want), decodeAnswer(t, got.body)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// petAPI is an API with one resource that has a deployable method.
type petAPI struct {
	*harness
	id, root, pets string
	base           string // "/restapis/{id}"
	method         string // path of GET on pets
}

func newPetAPI(t testing.TB) *petAPI {
	t.Helper()
	h := newHarness(t)
	return h.petAPI()
}

func (h *harness) petAPI() *petAPI {
	h.t.Helper()
	api := h.do("POST", "/restapis", map[string]any{"name": "pets"})
	p := &petAPI{harness: h, id: api["id"].(string), root: api["rootResourceId"].(string)}
	p.base = "/restapis/" + p.id
	p.pets = h.do("POST", p.base+"/resources/"+p.root, map[string]any{"pathPart": "pets"})["id"].(string)
	p.method = p.base + "/resources/" + p.pets + "/methods/GET"
	h.do("PUT", p.method, map[string]any{"authorizationType": "NONE"})
	h.do("PUT", p.method+"/integration", map[string]any{"type": "MOCK"})
	return p
}

// deploy makes a deployment without a stage.
func (p *petAPI) deploy() string {
	p.t.Helper()
	return p.do("POST", p.base+"/deployments", map[string]any{})["id"].(string)
}

// stage makes a stage and returns its path.
func (p *petAPI) stage(name, deployment string) string {
	p.t.Helper()
	p.do("POST", p.base+"/stages", map[string]any{"stageName": name, "deploymentId": deployment})
	return p.base + "/stages/" + name
}
