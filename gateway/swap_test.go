package gateway

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/plan"
)

// TestSwapUnderLoad replaces a plan 10,000 times while requests run. Each
// answer must be explained by exactly one configuration: its variables, its
// deployment id and the definition that belongs to them.
func TestSwapUnderLoad(t *testing.T) {
	const definitions, swaps, clients = 4, 10000, 4
	var apis [definitions]*plan.API
	for i := range apis {
		m := mockMethod("GET /", "ok")
		res := m.MethodIntegration.IntegrationResponses["200"]
		res.ResponseParameters = map[string]string{
			"method.response.header.First":      "stageVariables.first",
			"method.response.header.Second":     "stageVariables.second",
			"method.response.header.Deployment": "context.deploymentId",
			"method.response.header.Definition": "'" + strconv.Itoa(i) + "'",
		}
		m.MethodIntegration.IntegrationResponses["200"] = res
		apis[i], _ = plan.CompileAPI(snapshot(m))
	}
	configuration := func(i int) map[string]*plan.Stage {
		n := strconv.Itoa(i)
		return map[string]*plan.Stage{"dev": plan.CompileStage(plan.StageInput{
			API: apis[i%definitions],
			Stage: &apigw.Stage{
				StageName: new("dev"), DeploymentId: &n, Variables: map[string]string{"first": n, "second": n},
			},
		})}
	}
	table := &Table{}
	table.Set(testAPI, configuration(0))
	g := New(Config{Table: table})

	done := make(chan struct{})
	var started, finished sync.WaitGroup
	for range clients {
		started.Add(1)
		finished.Go(func() {
			last := 0
			for served := 0; ; served++ {
				if served == 1 {
					started.Done()
				}
				select {
				case <-done:
					if served > 1 {
						return
					}
				default:
				}
				x := request("GET /dev", nil, "")
				g.Serve(t.Context(), x)
				i, err := explain(&x.Response, definitions)
				if err != nil || i < last {
					t.Errorf("after configuration %d: %d %v: %v", last, x.Response.Status, lines(x.Response.Header), err)
					if served == 0 {
						started.Done()
					}
					return
				}
				last = i
			}
		})
	}
	started.Wait()
	for i := 1; i <= swaps; i++ {
		table.Set(testAPI, configuration(i))
	}
	close(done)
	finished.Wait()
}

// explain returns the number of the one configuration that made an answer.
func explain(res *exchange.Response, definitions int) (int, error) {
	h := res.Header
	i, err := strconv.Atoi(h.Get("First"))
	if err != nil || res.Status != 200 || string(res.Body) != "ok" {
		return 0, fmt.Errorf("a failed answer: %s", res.Body)
	}
	n := strconv.Itoa(i)
	if h.Get("Second") != n || h.Get("Deployment") != n || h.Get("Definition") != strconv.Itoa(i%definitions) {
		return 0, fmt.Errorf("a mix of configurations")
	}
	return i, nil
}

func TestTable(t *testing.T) {
	var table Table
	if table.Stage("a", "dev") != nil {
		t.Error("an empty table has a stage")
	}
	table.Remove("a")
	stage := func() map[string]*plan.Stage { return map[string]*plan.Stage{"dev": {}} }
	for i := range 5000 { // several in each shard
		table.Set(strconv.Itoa(i), stage())
	}
	kept := table.Stage("7", "dev")
	next := stage()
	table.Set("7", next)
	table.Remove("8")
	switch {
	case table.Stage("7", "dev") != next["dev"] || kept == next["dev"]:
		t.Error("Set did not replace the stages of an API")
	case table.Stage("8", "dev") != nil:
		t.Error("Remove left the API")
	case table.Stage("7", "prod") != nil:
		t.Error("an unknown stage was found")
	}
	for i := range 5000 {
		if i != 8 && table.Stage(strconv.Itoa(i), "dev") == nil {
			t.Fatalf("API %d is gone", i)
		}
	}
}

// TestLazyStages: what makes the stages is called for the first request, and
// not after they were replaced.
func TestLazyStages(t *testing.T) {
	table := &Table{}
	made := 0
	plans := sync.OnceValue(func() map[string]*plan.Stage {
		made++
		return map[string]*plan.Stage{"dev": {Name: "dev"}}
	})
	table.SetLazy("a", plans)
	table.SetLazy("b", func() map[string]*plan.Stage { t.Error("made and not asked for"); return nil })
	if table.Stage("none", "dev") != nil || made != 0 {
		t.Errorf("made %d times before anybody asked", made)
	}
	first, second := table.Stage("a", "dev"), table.Stage("a", "dev")
	if first == nil || first != second || table.Stage("a", "prod") != nil || made != 1 {
		t.Errorf("stages %v and %v, made %d times", first, second, made)
	}
	next := &plan.Stage{}
	table.Set("b", map[string]*plan.Stage{"dev": next})
	if got := table.Stage("b", "dev"); got != next {
		t.Errorf("stage %v, want the one that was set", got)
	}
}
