package bench

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

// distribution describes durations.
func distribution(times []time.Duration) string {
	slices.Sort(times)
	at := func(share float64) time.Duration {
		return times[int(share*float64(len(times)-1))].Round(10 * time.Microsecond)
	}
	return fmt.Sprintf("p50 %v, p99 %v, longest %v", at(0.5), at(0.99), at(1))
}

// TestStart: from the start of the process to the first answer of the gateway.
func TestStart(t *testing.T) {
	wanted(t)
	const runs = 20
	measure := func(begin func() (*postern.Server, string)) []time.Duration {
		var times []time.Duration
		for range runs {
			begun := time.Now()
			server, url := begin()
			if _, err := server.Call(t.Context(), http.MethodGet, url, "", ""); err != nil {
				t.Fatal(err)
			}
			times = append(times, time.Since(begun))
			server.Stop(t)
		}
		return times
	}
	postern.Binary(t) // built before the clock runs
	empty := measure(func() (*postern.Server, string) {
		server := postern.Start(t, "--data", filepath.Join(t.TempDir(), "data"))
		return server, server.StageURL("none", "dev") + "/"
	})
	t.Logf("start to first answer, new data directory: %s", distribution(empty))

	data := filepath.Join(t.TempDir(), "data")
	server := postern.Start(t, "--data", data)
	api := postern.NewAPI(t, server.Client(), "start")
	api.Mock(t, "GET", "/", "", nil)
	api.Deploy(t, "dev")
	server.Stop(t)
	again := measure(func() (*postern.Server, string) {
		server := postern.Start(t, "--data", data)
		return server, server.StageURL(api.ID, "dev") + "/"
	})
	t.Logf("start to first answer, one API: %s", distribution(again))
}

// populate makes APIs with ten methods and a stage each.
func populate(t *testing.T, server *postern.Server, count int) []string {
	t.Helper()
	client := server.Client()
	ids := make([]string, count)
	next := make(chan int)
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for i := range next {
				id, err := tenMethods(t.Context(), client, i)
				if err != nil {
					t.Errorf("API %d: %v", i, err)
				}
				ids[i] = id
			}
		})
	}
	for i := range count {
		next <- i
	}
	close(next)
	running.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return ids
}

func tenMethods(ctx context.Context, client *apigateway.Client, n int) (string, error) {
	api, err := client.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: new(fmt.Sprintf("api-%d", n))})
	if err != nil {
		return "", err
	}
	for i := range 10 {
		resource, err := client.CreateResource(ctx, &apigateway.CreateResourceInput{
			RestApiId: api.Id, ParentId: api.RootResourceId, PathPart: new(fmt.Sprintf("part-%d", i)),
		})
		if err != nil {
			return "", err
		}
		_, err = client.PutMethod(ctx, &apigateway.PutMethodInput{
			RestApiId: api.Id, ResourceId: resource.Id, HttpMethod: new("GET"), AuthorizationType: new("NONE"),
		})
		if err != nil {
			return "", err
		}
		_, err = client.PutIntegration(ctx, &apigateway.PutIntegrationInput{
			RestApiId: api.Id, ResourceId: resource.Id, HttpMethod: new("GET"),
			Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: new("GET"), Uri: new("http://127.0.0.1:1/"),
		})
		if err != nil {
			return "", err
		}
	}
	_, err = client.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: new("dev")})
	return *api.Id, err
}

// TestUpdateStage: how long a change takes until it is in force, and how many
// are made in a second.
func TestUpdateStage(t *testing.T) {
	wanted(t)
	const apis, calls = 100, 2000
	server := postern.Start(t, "--data", filepath.Join(t.TempDir(), "data"))
	ids := populate(t, server, apis)
	client := server.Client()
	for _, clients := range []int{1, 10, 50} {
		times := make([][]time.Duration, clients)
		var running sync.WaitGroup
		begun := time.Now()
		for c := range clients {
			running.Go(func() {
				for i := range calls / clients {
					id := ids[(c+i*clients)%apis]
					call := time.Now()
					_, err := client.UpdateStage(t.Context(), &apigateway.UpdateStageInput{
						RestApiId: &id, StageName: new("dev"),
						PatchOperations: []types.PatchOperation{postern.Replace("/variables/n", strconv.Itoa(i))},
					})
					if err != nil {
						t.Error(err)
						return
					}
					times[c] = append(times[c], time.Since(call))
				}
			})
		}
		running.Wait()
		if t.Failed() {
			return
		}
		all := slices.Concat(times...)
		t.Logf("UpdateStage over %d APIs, %d clients: %.0f changes/s, %s",
			apis, clients, float64(len(all))/time.Since(begun).Seconds(), distribution(all))
	}
}

// TestMemory: resident memory, empty and with many APIs.
func TestMemory(t *testing.T) {
	wanted(t)
	const apis = 1000
	server := postern.Start(t, "--data", filepath.Join(t.TempDir(), "data"), "--quota", "apis-per-region=unlimited")
	t.Logf("resident memory, empty store: %.0f MB", resident(t, server))
	begun := time.Now()
	populate(t, server, apis)
	t.Logf("%d APIs of ten methods with a stage each: made in %v", apis, time.Since(begun).Round(time.Second))
	t.Logf("resident memory, after making them: %.0f MB", resident(t, server))
	server.Stop(t)
	server = server.Restart(t)
	t.Logf("start with them: %v", server.StartTime().Round(time.Millisecond))
	t.Logf("resident memory, after a restart: %.0f MB", resident(t, server))
}
