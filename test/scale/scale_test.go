package scale

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

// scale is how much there is.
type scale struct {
	apis, methods int // APIs, and methods of each
	keys          int
	resources     int // of the one large API, beside its root
}

var (
	fullScale  = scale{apis: 1000, methods: 50, keys: 10_000, resources: 10_000}
	usualScale = scale{apis: 50, methods: 50, keys: 500, resources: 500}
)

// Bounds at full scale, on two cores.
const (
	startBound  = 2 * time.Second
	memoryGoal  = 300 // MB resident at rest after a start
	memoryBound = 350 // MB: above it the test fails; other programs move the figure a little
)

func full() bool { return os.Getenv("POSTERN_FULL") != "" }

// installation is a server with what populate made.
type installation struct {
	scale
	server *postern.Server
	client *apigateway.Client
	small  []string // ids of the APIs
	large  string
}

// document is an OpenAPI document with paths of one method each.
func document(name string, paths int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `{"openapi":"3.0.1","info":{"title":%q,"version":"1"},"paths":{`, name)
	for i := range paths {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"/part-%d":{"get":{"responses":{"200":{"description":"ok"}},"x-amazon-apigateway-integration":`+
			`{"type":"http_proxy","httpMethod":"GET","uri":"http://127.0.0.1:1/part-%d"}}}`, i, i)
	}
	b.WriteString("}}")
	return []byte(b.String())
}

// parallel calls f for 0 to n-1, eight at a time.
func parallel(t *testing.T, n int, f func(ctx context.Context, i int) error) {
	t.Helper()
	const workers = 8
	var next atomic.Int64
	failures := make([]error, workers)
	var running sync.WaitGroup
	for w := range workers {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && failures[w] == nil; i = int(next.Add(1)) - 1 {
				failures[w] = f(t.Context(), i)
			}
		})
	}
	running.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
}

// populate makes everything through the AWS API.
func (n *installation) populate(t *testing.T) {
	t.Helper()
	begun := time.Now()
	n.small = make([]string, n.apis)
	parallel(t, n.apis, func(ctx context.Context, i int) (err error) {
		n.small[i], err = n.importAPI(ctx, fmt.Sprintf("api-%d", i), n.methods)
		return err
	})
	var err error
	if n.large, err = n.importAPI(t.Context(), "large", n.resources); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d APIs of %d methods and one of %d resources, each with a stage: made in %v",
		n.apis, n.methods, n.resources, time.Since(begun).Round(time.Millisecond))

	begun = time.Now()
	const atOnce = 250
	parallel(t, n.keys/atOnce, func(ctx context.Context, i int) error {
		rows := "Name,Key,Enabled\n"
		for k := i * atOnce; k < (i+1)*atOnce; k++ {
			rows += fmt.Sprintf("key-%d,a-long-value-of-the-key-%08d,true\n", k, k)
		}
		out, err := n.client.ImportApiKeys(ctx, &apigateway.ImportApiKeysInput{Body: []byte(rows), Format: types.ApiKeysFormatCsv})
		if err == nil && len(out.Ids) != atOnce {
			err = fmt.Errorf("%d keys of %d: %.200q", len(out.Ids), atOnce, out.Warnings)
		}
		return err
	})
	t.Logf("%d API keys: made in %v", n.keys, time.Since(begun).Round(time.Millisecond))
}

func (n *installation) importAPI(ctx context.Context, name string, methods int) (string, error) {
	made, err := n.client.ImportRestApi(ctx, &apigateway.ImportRestApiInput{Body: document(name, methods)})
	if err != nil {
		return "", err
	}
	_, err = n.client.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: made.Id, StageName: new("dev")})
	return *made.Id, err
}

// metric reads a metric of the server.
func (n *installation) metric(t *testing.T, name string) float64 {
	t.Helper()
	got, err := n.server.Call(t.Context(), "GET", n.server.MetricsURL+"/metrics", "", "")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(got.Body)
	if found == nil {
		t.Fatalf("no metric %s in:\n%s", name, got.Body)
	}
	value, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// walk reads a list to its end, page by page, and returns how often each item
// was there. Each page but the last one must be full.
func walk(t *testing.T, what string, get func(position *string, limit *int32) (ids []string, next *string, err error)) map[string]int {
	t.Helper()
	const limit = 500
	seen := map[string]int{}
	var position *string
	for pages := 1; ; pages++ {
		ids, next, err := get(position, new(int32(limit)))
		if err != nil {
			t.Fatalf("%s, page %d: %v", what, pages, err)
		}
		if len(ids) > limit || next != nil && len(ids) != limit {
			t.Errorf("%s, page %d has %d items, want %d", what, pages, len(ids), limit)
		}
		for _, id := range ids {
			seen[id]++
		}
		if position = next; position == nil {
			return seen
		}
	}
}

// complete fails the test unless each of count items was seen once.
func complete(t *testing.T, what string, seen map[string]int, count int) {
	t.Helper()
	if len(seen) != count {
		t.Errorf("%d %s, want %d", len(seen), what, count)
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s: %s is there %d times", what, id, times)
		}
	}
}

// lists walks through all lists that are long.
func (n *installation) lists(t *testing.T) {
	t.Helper()
	begun := time.Now()
	complete(t, "APIs", walk(t, "APIs", func(position *string, limit *int32) (ids []string, next *string, err error) {
		out, err := n.client.GetRestApis(t.Context(), &apigateway.GetRestApisInput{Position: position, Limit: limit})
		if err != nil {
			return nil, nil, err
		}
		for _, item := range out.Items {
			ids = append(ids, *item.Id)
		}
		return ids, out.Position, nil
	}), n.apis+1)
	complete(t, "API keys", walk(t, "API keys", func(position *string, limit *int32) (ids []string, next *string, err error) {
		out, err := n.client.GetApiKeys(t.Context(), &apigateway.GetApiKeysInput{Position: position, Limit: limit, IncludeValues: new(true)})
		if err != nil {
			return nil, nil, err
		}
		for _, item := range out.Items {
			ids = append(ids, *item.Value)
		}
		return ids, out.Position, nil
	}), n.keys)
	complete(t, "resources", walk(t, "resources", func(position *string, limit *int32) (ids []string, next *string, err error) {
		out, err := n.client.GetResources(t.Context(), &apigateway.GetResourcesInput{
			RestApiId: &n.large, Position: position, Limit: limit, Embed: []string{"methods"},
		})
		if err != nil {
			return nil, nil, err
		}
		for _, item := range out.Items {
			ids = append(ids, *item.Path)
		}
		return ids, out.Position, nil
	}), n.resources+1)
	t.Logf("all lists: read in %v", time.Since(begun).Round(time.Millisecond))
}

// change changes stages and looks at what was compiled for it. The first change
// after a start makes the plan of its own API; the next one makes none, as a
// stage's settings are not part of the plan of its deployment.
func (n *installation) change(t *testing.T) {
	t.Helper()
	const some = 20
	if compiled := n.metric(t, compiledTotal); compiled != 0 {
		t.Errorf("%v plans compiled, and nobody asked for one", compiled)
	}
	if first := n.updates(t, some); n.metric(t, compiledTotal) != some {
		t.Errorf("%v plans compiled for the first change of %d APIs, which took up to %v", n.metric(t, compiledTotal), some, first)
	}
	longest := n.updates(t, some)
	if compiled := n.metric(t, compiledTotal); compiled != some {
		t.Errorf("%v plans compiled for changes of variables", compiled-some)
	}
	t.Logf("UpdateStage of %d stages: the longest took %v", some, longest.Round(10*time.Microsecond))

	id := n.small[0]
	api, err := n.client.GetRestApi(t.Context(), &apigateway.GetRestApiInput{RestApiId: &id})
	if err == nil {
		_, err = n.client.CreateResource(t.Context(), &apigateway.CreateResourceInput{RestApiId: &id, ParentId: api.RootResourceId, PathPart: new("new")})
	}
	if err == nil {
		_, err = n.client.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: &id, StageName: new("dev")})
	}
	if err != nil {
		t.Fatal(err)
	}
	if compiled := n.metric(t, compiledTotal) - some; compiled != 1 {
		t.Errorf("%v plans compiled for a deployment, want its own", compiled)
	}
}

const compiledTotal = "postern_plan_compiled_total"

// updates changes a variable of the large API and of some others, and returns
// the longest time that it took.
func (n *installation) updates(t *testing.T, count int) time.Duration {
	t.Helper()
	var longest time.Duration
	for i := range count {
		id := n.large
		if i > 0 {
			id = n.small[(i-1)*len(n.small)/count]
		}
		begun := time.Now()
		_, err := n.client.UpdateStage(t.Context(), &apigateway.UpdateStageInput{
			RestApiId: &id, StageName: new("dev"), PatchOperations: []types.PatchOperation{postern.Replace("/variables/n", strconv.Itoa(i))},
		})
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, time.Since(begun))
	}
	return longest
}

// TestScale makes everything, starts again on it, and looks.
func TestScale(t *testing.T) {
	n := &installation{scale: usualScale}
	if full() {
		n.scale = fullScale
	}
	data := filepath.Join(t.TempDir(), "data")
	n.server = postern.Start(t, "--data", data, "--metrics-listen", "127.0.0.1:0",
		"--quota", "apis-per-region=unlimited", "--quota", "resources-per-api=unlimited")
	n.client = n.server.Client()
	n.populate(t)
	n.server.Stop(t)
	n.server = n.server.Restart(t)
	n.client = n.server.Client()
	t.Logf("start: %v", n.server.StartTime().Round(time.Millisecond))
	if start := n.server.StartTime(); full() && start > startBound {
		t.Errorf("start took %v, want at most %v", start, startBound)
	}
	n.atRest(t)
	n.lists(t)
	n.change(t)
	t.Logf("resident memory after that: %.0f MB", n.resident(t))
}

// resident is the resident memory in MB. A third of it is the database, which
// etcd maps into memory and the system takes back when it needs the room.
func (n *installation) resident(t *testing.T) float64 {
	t.Helper()
	return n.metric(t, "process_resident_memory_bytes") / 1e6
}

// atRest looks until the server has given back the memory that its start took.
// It looks from outside where the system shows it: asking for metrics again
// and again makes garbage, so that the server would never be at rest.
func (n *installation) atRest(t *testing.T) {
	t.Helper()
	const patience = 10 * time.Second
	begun := time.Now()
	resident := n.residentOutside(t)
	for full() && resident > memoryGoal && time.Since(begun) < patience {
		resident = n.residentOutside(t)
	}
	t.Logf("resident memory at rest: %.0f MB (goal %d)", resident, memoryGoal)
	if full() && resident > memoryBound {
		t.Errorf("resident memory at rest is %.0f MB, want at most %d", resident, memoryBound)
	}
}

// residentOutside is resident without a request, on Linux.
func (n *installation) residentOutside(t *testing.T) float64 {
	t.Helper()
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", n.server.Process().Pid))
	if err != nil {
		return n.resident(t)
	}
	var size, pages int
	if _, err := fmt.Sscan(string(statm), &size, &pages); err != nil {
		t.Fatalf("statm %q: %v", statm, err)
	}
	return float64(pages*os.Getpagesize()) / 1e6
}
