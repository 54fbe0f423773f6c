package openapi

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/control"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd/etcdtest"
	"github.com/postern-gateway/postern/store/mirror"
)

func TestMain(m *testing.M) { etcdtest.Main(m) }

// Who calls, in all tests.
var scope = domain.Scope{Account: "123456789012", Region: "eu-west-1"}

// epoch is the time of all tests.
var epoch = time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)

// harness is a control plane on a store of its own.
type harness struct {
	*control.Service
	t   testing.TB
	ctx context.Context
}

func newHarness(t testing.TB) *harness { return newHarnessOn(t, etcdtest.New(t)) }

func newHarnessOn(t testing.TB, s store.Store) *harness {
	t.Helper()
	c := clock.NewManual(epoch)
	m := mirror.New(mirror.Config{Store: s, Prefix: domain.World, Audit: -1})
	running, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { m.Run(running); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	log := slog.New(slog.DiscardHandler)
	service := &control.Service{Store: s, Mirror: m, Clock: c, IDs: ids.Seeded(1), Log: log, Quotas: control.Quotas{}}
	return &harness{Service: service, t: t, ctx: caller.With(t.Context(), caller.Caller{Account: scope.Account, Region: scope.Region})}
}

// parameters are those of an import: "basepath", "ignore" and others.
type parameters = map[string]string

func (h *harness) importAPI(body string, p parameters) (*apigw.RestApi, error) {
	return h.ImportRestApi(h.ctx, &apigw.ImportRestApiRequest{Body: []byte(body), Parameters: p})
}

func (h *harness) mustImport(body string, p parameters) *apigw.RestApi {
	h.t.Helper()
	api, err := h.importAPI(body, p)
	if err != nil {
		h.t.Fatalf("import: %v\n%s", err, body)
	}
	return api
}

func (h *harness) put(api, mode, body string) (*apigw.RestApi, error) {
	return h.PutRestApi(h.ctx, &apigw.PutRestApiRequest{RestApiId: api, Mode: &mode, Body: []byte(body)})
}

func (h *harness) mustPut(api, mode, body string) *apigw.RestApi {
	h.t.Helper()
	out, err := h.put(api, mode, body)
	if err != nil {
		h.t.Fatalf("put (%s): %v\n%s", mode, err, body)
	}
	return out
}

// deploy deploys to the stage "prod", which shows the newest documentation.
func (h *harness) deploy(api string) string {
	h.t.Helper()
	d, err := h.CreateDeployment(h.ctx, &apigw.CreateDeploymentRequest{RestApiId: api, StageName: new("prod")})
	if err != nil {
		h.t.Fatalf("deploy: %v", err)
	}
	versions, err := h.GetDocumentationVersions(h.ctx, &apigw.GetDocumentationVersionsRequest{RestApiId: api})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, v := range versions.Items {
		_, err := h.UpdateStage(h.ctx, &apigw.UpdateStageRequest{RestApiId: api, StageName: "prod", PatchOperations: []apigw.PatchOperation{
			{Op: new("replace"), Path: new("/documentationVersion"), Value: v.Version},
		}})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	return *d.Id
}

// export returns a document of the stage "prod".
func (h *harness) export(api, format, accept, extensions string) string {
	h.t.Helper()
	out, err := h.GetExport(h.ctx, &apigw.GetExportRequest{
		RestApiId: api, StageName: "prod", ExportType: format, Accepts: &accept, Parameters: parameters{"extensions": extensions},
	})
	if err != nil {
		h.t.Fatalf("export as %s: %v", format, err)
	}
	return string(out.Body)
}

// snapshot reads what a deployment froze.
func (h *harness) snapshot(api, deployment string) *domain.Snapshot {
	h.t.Helper()
	prefix := scope.Snapshot(api, deployment)
	var chunks [][]byte
	for entry := range h.Mirror.View().Scan(prefix) {
		chunks = append(chunks, entry.Value)
	}
	s, err := domain.Thaw(prefix, chunks)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// resources returns the resources of an API by path, whole.
func (h *harness) resources(api string) map[string]apigw.Resource {
	h.t.Helper()
	out, err := h.GetResources(h.ctx, &apigw.GetResourcesRequest{RestApiId: api, Embed: []string{"methods"}, Limit: new(int32(500))})
	if err != nil {
		h.t.Fatal(err)
	}
	all := map[string]apigw.Resource{}
	for _, r := range out.Items {
		all[*r.Path] = r
	}
	return all
}

// message is the text of a refusal with its code.
func message(err error) string {
	if err == nil {
		return ""
	}
	f := fault.From(err)
	return f.Kind.Code() + ": " + f.Message
}

// corpus returns the documents of testdata by name.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(file)] = string(data)
	}
	if len(all) < 60 {
		t.Fatalf("the corpus has %d documents, want 60 and more", len(all))
	}
	return all
}

// meaning is a snapshot without ids and with schemas and policies as values.
func meaning(t testing.TB, s *domain.Snapshot) any {
	t.Helper()
	names := map[string]string{}
	for i := range s.Authorizers {
		names[*s.Authorizers[i].Id] = "authorizer " + *s.Authorizers[i].Name
	}
	for i := range s.Validators {
		names[*s.Validators[i].Id] = "validator " + *s.Validators[i].Name
	}
	for _, r := range s.Resources {
		names[*r.Id] = "resource " + *r.Path
	}
	api := *s.API.Id
	s.API.EndpointConfiguration, s.API.DisableExecuteApiEndpoint = nil, nil
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for id, name := range names {
		data = bytes.ReplaceAll(data, []byte(`"`+id+`"`), []byte(`"`+name+`"`))
	}
	data = bytes.ReplaceAll(data, []byte(api), []byte("API"))
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	byName := map[string]any{}
	root := value.(map[string]any)
	for _, kind := range []string{"authorizers", "validators", "models"} {
		for _, entity := range asList(root[kind]) {
			entity := entity.(map[string]any)
			delete(entity, "id")
			if text, ok := entity["schema"].(string); ok {
				entity["schema"] = parsed(t, text)
			}
			byName[kind+" "+entity["name"].(string)] = entity
		}
		delete(root, kind)
	}
	root["byName"] = byName
	if policy, ok := root["api"].(map[string]any)["policy"].(string); ok {
		root["api"].(map[string]any)["policy"] = parsed(t, policy)
	}
	return value
}

func asList(v any) []any {
	all, _ := v.([]any)
	return all
}

func parsed(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}
