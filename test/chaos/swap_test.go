package chaos

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

// The n-th configuration of the stage is a function of n alone, so that every
// answer can be held against it: production serves deployment n%2 with the
// variable n, the canary serves the other one with the variable "c" and n, and
// the share of the canary is none, all or a half.
type configuration int

func (n configuration) deployment() int { return int(n) % 2 }

func (n configuration) percent() int { return []int{0, 100, 50}[int(n)%3] }

func (n configuration) patch(deployments []string) []types.PatchOperation {
	value, deployment := strconv.Itoa(int(n)), deployments[n.deployment()]
	if int(n)%5 == 4 { // now and then the canary is promoted, or taken away
		return []types.PatchOperation{
			postern.Copy("/canarySettings/deploymentId", "/deploymentId"),
			postern.Copy("/canarySettings/stageVariableOverrides", "/variables"),
			postern.Remove("/canarySettings"),
		}
	}
	return []types.PatchOperation{
		postern.Replace("/variables/n", value),
		postern.Replace("/deploymentId", deployment),
		postern.Replace("/canarySettings/deploymentId", deployments[1-n.deployment()]),
		postern.Replace("/canarySettings/stageVariableOverrides/n", "c"+value),
		postern.Replace("/canarySettings/percentTraffic", strconv.Itoa(n.percent())),
	}
}

// response is what an answer shows of the configuration that gave it.
type response struct{ deployment, variable, canary string }

// explains reports whether the configuration can give a response.
func (n configuration) explains(r response) bool {
	if int(n)%5 == 4 { // the canary of the configuration before is everything now
		before := n - 1
		return r == response{strconv.Itoa(1 - before.deployment()), "c" + strconv.Itoa(int(before)), ""}
	}
	production := response{strconv.Itoa(n.deployment()), strconv.Itoa(int(n)), "false"}
	canary := response{strconv.Itoa(1 - n.deployment()), "c" + strconv.Itoa(int(n)), "true"}
	return r == production && n.percent() < 100 || r == canary && n.percent() > 0
}

// TestSwapsUnderLoad changes a stage under load. Each response must be
// explained by one configuration that was in force at some moment of the
// request: not by two at once, not by one that a change whose answer had
// arrived before had replaced.
func TestSwapsUnderLoad(t *testing.T) {
	server := postern.Start(t, "--data", t.TempDir(), "--account-throttle", "unlimited")
	api := postern.NewAPI(t, server.Client(), "swaps")
	api.Mock(t, "GET", "/", "", map[string]string{
		"X-Deployment": "'0'", "X-N": "stageVariables.n", "X-Canary": "context.isCanaryRequest",
	})
	deployments := []string{api.Deploy(t, "dev")}
	api.SetHeader(t, "GET", "/", "X-Deployment", "'1'")
	deployments = append(deployments, api.Deploy(t, ""))
	api.Patch(t, "dev", configuration(0).patch(deployments)...)

	// Change n begins when begun is n, and is answered when answered is n.
	var begun, answered, requests atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	const clients = 8
	failures := make(chan error, clients)
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			for ctx.Err() == nil {
				first := answered.Load()
				got, err := server.Call(t.Context(), http.MethodGet, server.StageURL(api.ID, "dev")+"/", "", "")
				last := begun.Load()
				if err != nil {
					failures <- err
					return
				}
				seen := response{got.Header.Get("X-Deployment"), got.Header.Get("X-N"), got.Header.Get("X-Canary")}
				if got.Status != http.StatusOK || !explained(seen, first, last) {
					failures <- fmt.Errorf("status %d with %+v is not explained by any configuration from %d to %d", got.Status, seen, first, last)
					return
				}
				requests.Add(1)
			}
		})
	}
	changes := size(100, 1000, 10_000)
	for n := 1; n <= changes && len(failures) == 0; n++ {
		begun.Store(int64(n))
		api.Patch(t, "dev", configuration(n).patch(deployments)...)
		answered.Store(int64(n))
	}
	cancel()
	running.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
	t.Logf("%d changes, %d requests", begun.Load(), requests.Load())
	if requests.Load() < int64(changes)/10 {
		t.Errorf("only %d requests were made beside %d changes", requests.Load(), changes)
	}
}

func explained(r response, first, last int64) bool {
	for n := first; n <= last; n++ {
		if configuration(n).explains(r) {
			return true
		}
	}
	return false
}
