package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"

	"github.com/postern-gateway/postern/test/postern"
)

// writer makes one kind of change again and again and remembers what was
// acknowledged. Between two of its calls nothing else makes such a change.
type writer interface {
	// write makes the n-th change. A change that failed may have happened.
	write(ctx context.Context, client *apigateway.Client, n int) error
	// check compares what is there with the changes that were acknowledged and
	// that were tried.
	check(t *testing.T, server *postern.Server)
}

// record is what a writer remembers.
type record struct {
	mu    sync.Mutex
	acked map[string]string // id or name -> value
	tried map[string]string // those without an answer, too
}

func newRecord() *record {
	return &record{acked: map[string]string{}, tried: map[string]string{}}
}

func (r *record) try(key, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried[key] = value
}

func (r *record) ack(key, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.acked[key] = value
}

// state is an API as the AWS API shows it.
type state struct {
	resources   map[string]types.Resource // by id
	deployments map[string]types.Deployment
	stages      map[string]types.Stage
}

func readState(t *testing.T, client *apigateway.Client, api string) *state {
	t.Helper()
	s := &state{resources: map[string]types.Resource{}, deployments: map[string]types.Deployment{}, stages: map[string]types.Stage{}}
	for p := apigateway.NewGetResourcesPaginator(client, &apigateway.GetResourcesInput{RestApiId: &api, Embed: []string{"methods"}, Limit: new(int32(500))}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Items {
			s.resources[*r.Id] = r
		}
	}
	for p := apigateway.NewGetDeploymentsPaginator(client, &apigateway.GetDeploymentsInput{RestApiId: &api, Limit: new(int32(500))}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Items {
			s.deployments[*d.Id] = d
		}
	}
	stages, err := client.GetStages(t.Context(), &apigateway.GetStagesInput{RestApiId: &api})
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range stages.Item {
		s.stages[*stage.StageName] = stage
	}
	return s
}

// variables sets one stage variable to higher and higher numbers.
type variables struct {
	api, stage  string
	acked, last atomic.Int64
}

func (w *variables) write(ctx context.Context, client *apigateway.Client, n int) error {
	w.last.Store(int64(n))
	_, err := client.UpdateStage(ctx, &apigateway.UpdateStageInput{
		RestApiId: &w.api, StageName: &w.stage,
		// Two members that change together: one of them alone would be half a change.
		PatchOperations: []types.PatchOperation{postern.Replace("/variables/n", strconv.Itoa(n)), postern.Replace("/description", strconv.Itoa(n))},
	})
	if err == nil {
		w.acked.Store(int64(n))
	}
	return err
}

func (w *variables) check(t *testing.T, server *postern.Server) {
	t.Helper()
	s := readState(t, server.Client(), w.api)
	stage := s.stages[w.stage]
	n, _ := strconv.ParseInt(stage.Variables["n"], 10, 64)
	if n < w.acked.Load() || n > w.last.Load() {
		t.Errorf("variable n is %d; %d was acknowledged and %d tried", n, w.acked.Load(), w.last.Load())
	}
	if n > 0 && (stage.Description == nil || *stage.Description != stage.Variables["n"]) {
		t.Errorf("half a change: variable %d, description %v", n, stage.Description)
	}
	got := server.Get(t, w.api, w.stage, "/")
	if got.Status != http.StatusOK || n > 0 && got.Header.Get("X-N") != strconv.FormatInt(n, 10) {
		t.Errorf("the first request: %d, variable %q, want %d", got.Status, got.Header.Get("X-N"), n)
	}
}

// resources makes resources, and a method with an integration in each.
type resources struct {
	api, parent string
	*record                     // path part -> ""
	methods     *record         // resource -> "method" or "integration", the last that was acknowledged
	checked     map[string]bool // by an earlier check
}

func (w *resources) write(ctx context.Context, client *apigateway.Client, n int) error {
	part := fmt.Sprintf("r%d", n)
	w.try(part, "")
	made, err := client.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: &w.api, ParentId: &w.parent, PathPart: &part})
	if err != nil {
		return err
	}
	w.ack(part, "")
	_, err = client.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: &w.api, ResourceId: made.Id, HttpMethod: new("GET"), AuthorizationType: new("NONE")})
	if err != nil {
		return err
	}
	w.methods.ack(part, "method")
	_, err = client.PutIntegration(ctx, &apigateway.PutIntegrationInput{
		RestApiId: &w.api, ResourceId: made.Id, HttpMethod: new("GET"), Type: types.IntegrationTypeMock,
	})
	if err == nil {
		w.methods.ack(part, "integration")
	}
	return err
}

func (w *resources) check(t *testing.T, server *postern.Server) {
	t.Helper()
	s := readState(t, server.Client(), w.api)
	found := map[string]types.Resource{}
	for _, r := range s.resources {
		if r.ParentId == nil {
			continue // the root
		}
		if parent, ok := s.resources[*r.ParentId]; !ok || r.PathPart == nil || *r.Path != *parent.Path+*r.PathPart {
			t.Errorf("resource %v has no place", *r.Id)
		}
		found[*r.PathPart] = r
	}
	for part := range w.acked {
		r, ok := found[part]
		if !ok {
			t.Errorf("resource %s was acknowledged and is lost", part)
			continue
		}
		method, hasMethod := r.ResourceMethods["GET"]
		if acked := w.methods.acked[part]; acked != "" && !hasMethod || acked == "integration" && method.MethodIntegration == nil {
			t.Errorf("resource %s: the %s was acknowledged and is lost", part, acked)
		}
	}
	for part := range found {
		if _, ok := w.tried[part]; !ok {
			t.Errorf("resource %s was never made", part)
		}
		if w.checked[part] {
			continue
		}
		w.checked[part] = true
		// A resource and the name that it takes come and go together.
		_, err := server.Client().CreateResource(t.Context(), &apigateway.CreateResourceInput{RestApiId: &w.api, ParentId: &w.parent, PathPart: &part})
		if e := (*types.ConflictException)(nil); !errors.As(err, &e) {
			t.Errorf("a second resource %s: %v", part, err)
		}
	}
	for part := range w.tried {
		if _, ok := found[part]; ok {
			continue
		}
		// What did not happen left nothing behind that is in the way.
		made, err := server.Client().CreateResource(t.Context(), &apigateway.CreateResourceInput{RestApiId: &w.api, ParentId: &w.parent, PathPart: &part})
		if err != nil {
			t.Errorf("resource %s did not happen and cannot be made: %v", part, err)
			continue
		}
		if _, err := server.Client().DeleteResource(t.Context(), &apigateway.DeleteResourceInput{RestApiId: &w.api, ResourceId: made.Id}); err != nil {
			t.Error(err)
		}
		delete(w.tried, part)
	}
}

// deployments makes deployments together with their stages, four in turn.
type deployments struct {
	api string
	*record
}

func (w *deployments) write(ctx context.Context, client *apigateway.Client, n int) error {
	stage := fmt.Sprintf("s%d", n%4)
	description := strconv.Itoa(n)
	w.try(description, stage)
	made, err := client.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{
		RestApiId: &w.api, StageName: &stage, Description: &description, Variables: map[string]string{"deployment": description},
	})
	if err == nil {
		w.ack(*made.Id, description)
	}
	return err
}

func (w *deployments) check(t *testing.T, server *postern.Server) {
	t.Helper()
	s := readState(t, server.Client(), w.api)
	for id := range w.acked {
		if _, ok := s.deployments[id]; !ok {
			t.Errorf("deployment %s was acknowledged and is lost", id)
		}
	}
	newest := map[string]int{} // stage -> number of the newest deployment of it
	for id, d := range s.deployments {
		if d.Description == nil {
			continue // of the set-up
		}
		stage, ok := w.tried[*d.Description]
		if !ok {
			t.Errorf("deployment %s (%s) was never made", id, *d.Description)
			continue
		}
		n, _ := strconv.Atoi(*d.Description)
		newest[stage] = max(newest[stage], n)
		// The snapshot of each deployment is there and whole.
		full, err := server.Client().GetDeployment(t.Context(), &apigateway.GetDeploymentInput{RestApiId: &w.api, DeploymentId: &id, Embed: []string{"apisummary"}})
		if err != nil || full.ApiSummary["/"]["GET"].AuthorizationType == nil {
			t.Errorf("deployment %s without its snapshot: %v", id, err)
		}
	}
	for name, n := range newest {
		stage, ok := s.stages[name]
		if !ok {
			t.Errorf("deployment %d has no stage %s", n, name)
			continue
		}
		d := s.deployments[*stage.DeploymentId]
		if d.Description == nil || *d.Description != strconv.Itoa(n) || stage.Variables["deployment"] != *d.Description {
			t.Errorf("stage %s has deployment %v and variables %v, want deployment %d", name, d.Description, stage.Variables, n)
		}
		if got := server.Get(t, w.api, name, "/"); got.Status != http.StatusOK || got.Header.Get("X-Deployment") != strconv.Itoa(n) {
			t.Errorf("the first request to %s: %d, deployment %q, want %d", name, got.Status, got.Header.Get("X-Deployment"), n)
		}
	}
}

// imports replaces an API by definitions that are too large for one commit.
type imports struct {
	api         string
	acked, last atomic.Int64
}

const imported = 400 // resources with a method each

func (w *imports) write(ctx context.Context, client *apigateway.Client, n int) error {
	w.last.Store(int64(n))
	var paths strings.Builder
	for i := range imported {
		if i > 0 {
			paths.WriteByte(',')
		}
		fmt.Fprintf(&paths, `"/%d-%d":{"get":{"x-amazon-apigateway-integration":{"type":"mock"}}}`, n, i)
	}
	body := fmt.Sprintf(`{"openapi":"3.0.1","info":{"title":"import","version":"%d"},"paths":{%s}}`, n, paths.String())
	_, err := client.PutRestApi(ctx, &apigateway.PutRestApiInput{RestApiId: &w.api, Mode: types.PutModeOverwrite, Body: []byte(body)})
	if err == nil {
		w.acked.Store(int64(n))
	}
	return err
}

func (w *imports) check(t *testing.T, server *postern.Server) {
	t.Helper()
	api, err := server.Client().GetRestApi(t.Context(), &apigateway.GetRestApiInput{RestApiId: &w.api})
	if err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	if api.Version != nil {
		n, _ = strconv.ParseInt(*api.Version, 10, 64)
	}
	if n < w.acked.Load() || n > w.last.Load() {
		t.Errorf("version %d is there; %d was acknowledged and %d tried", n, w.acked.Load(), w.last.Load())
	}
	resources := readState(t, server.Client(), w.api).resources
	if want := 1 + min(int(n), 1)*imported; len(resources) != want {
		t.Errorf("version %d with %d resources, want %d", n, len(resources), want)
	}
	prefix := fmt.Sprintf("/%d-", n)
	for _, r := range resources {
		_, ok := r.ResourceMethods["GET"]
		if r.ParentId != nil && (!ok || !strings.HasPrefix(*r.Path, prefix)) {
			t.Errorf("version %d has %s, with GET: %v", n, *r.Path, ok)
		}
	}
}

// TestKill kills the process in the middle of writes, again and again.
func TestKill(t *testing.T) {
	server := postern.Start(t, "--data", filepath.Join(t.TempDir(), "data"), "--quota", "resources-per-api=unlimited")
	client := server.Client()
	api := postern.NewAPI(t, client, "chaos")
	api.Mock(t, "GET", "/", "", map[string]string{"X-N": "stageVariables.n", "X-Deployment": "stageVariables.deployment"})
	api.Deploy(t, "dev")
	// A method without integration keeps an API from being deployed.
	growing := postern.NewAPI(t, client, "growing")
	imports := &imports{api: postern.NewAPI(t, client, "imported").ID}
	writers := []writer{
		&variables{api: api.ID, stage: "dev"},
		&resources{api: growing.ID, parent: growing.Root, record: newRecord(), methods: newRecord(), checked: map[string]bool{}},
		&deployments{api: api.ID, record: newRecord()},
		imports,
	}
	counts := make([]int, len(writers))
	rounds := size(5, 50, 50)
	for round := range rounds {
		enough := 1 + rand.IntN(8)
		if round%5 == 0 {
			enough = 80 // some imports come to their end
		}
		writeUntilKilled(t, server, writers, counts, enough)
		server = server.Restart(t)
		for _, w := range writers {
			w.check(t, server)
		}
		if t.Failed() {
			t.Fatalf("after kill %d", round+1)
		}
	}
	t.Logf("%d kills, changes tried: %v; the last import acknowledged is %d", rounds, counts, imports.acked.Load())
}

// writeUntilKilled lets all writers write, and kills the process at a moment
// after enough changes were acknowledged. It counts the calls of each writer.
func writeUntilKilled(t *testing.T, server *postern.Server, writers []writer, counts []int, enough int) {
	t.Helper()
	client := server.Client()
	var running sync.WaitGroup
	acked, killed := make(chan struct{}), make(chan struct{})
	end := sync.OnceFunc(func() { close(killed) })
	defer end()
	failed := make(chan error, len(writers))
	for i, w := range writers {
		running.Go(func() {
			for {
				counts[i]++
				if err := w.write(context.Background(), client, counts[i]); err != nil {
					failed <- err
					return
				}
				select {
				case acked <- struct{}{}:
				case <-killed:
				}
			}
		})
	}
	// The moment within a call is chance: a kill that always came between two
	// calls would show nothing.
	moment := make(<-chan time.Time)
	for ; moment != nil; enough-- {
		if enough == 0 {
			moment = time.After(time.Duration(rand.IntN(3000)) * time.Microsecond)
		}
		select {
		case <-acked:
		case <-moment:
			moment = nil
		case err := <-failed:
			t.Fatalf("refused: %v", err)
		}
	}
	server.Kill(t)
	end()
	running.Wait()
	close(failed)
	for err := range failed {
		// A process that is gone gives no answer; an answer is a refusal.
		if refusal := (smithy.APIError)(nil); errors.As(err, &refusal) {
			t.Fatalf("refused: %v", err)
		}
	}
}
