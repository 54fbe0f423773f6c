package control

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/domain"
)

const contentText = "Invalid deployment content specified."

func TestUpdateDeployment(t *testing.T) {
	runPatchRows(t, func(p *petAPI) string { return p.base + "/deployments/" + p.deploy() }, []patchRow{
		{"R description", []op{{"replace", "/description", "d"}}, 200, `{"description":"d"}`},
		{"description empty clears", []op{{"replace", "/description", "d"}, {"replace", "/description", ""}}, 200, `{"description":null}`},
		{"I no operations", nil, 200, `{"description":null}`},
		{"I unknown path", []op{{"replace", "/id", "d"}}, 400, patchList("/id", "replace", "/description")},
		{"I add", []op{{"add", "/description", "d"}}, 400, patchNoOps("/description", "add")},
		{"I remove", []op{{"remove", "/description"}}, 400, patchNoOps("/description", "remove")},
	})
	p := newPetAPI(t)
	wantRefusal(t, p.patch(p.base+"/deployments/nope", op{"replace", "/description", "d"}), 404, "Invalid Deployment identifier specified")
	wantRefusal(t, p.call("GET", p.base+"/deployments/nope", nil), 404, "Invalid Deployment identifier specified")
	wantRefusal(t, p.call("GET", "/restapis/nope/deployments/nope", nil), 404, "Invalid API identifier specified "+testAccount+":nope")
}

// TestCreateDeploymentChecks: what makes an API or a call not deployable.
func TestCreateDeploymentChecks(t *testing.T) {
	for _, row := range []struct {
		name    string
		prepare func(*petAPI)
		body    string
		want    string
	}{
		{"F no methods", func(p *petAPI) { p.do("DELETE", p.method, nil) }, `{}`, "The REST API doesn't contain any methods"},
		{"F no integration", func(p *petAPI) { p.do("DELETE", p.method+"/integration", nil) }, `{}`, "No integration defined for method"},
		{"F private without policy", func(p *petAPI) {
			p.do("PATCH", p.base, patchBody(op{"replace", "/endpointConfiguration/types/0", "PRIVATE"}))
		}, `{}`, "Private REST API doesn't have a resource policy attached to it"},
		{"R canary without stage", nil, `{"canarySettings":{}}`, contentText + "Non null and non empty stageName must be provided for canary deployment. Provided value is null"},
		{"R canary with an empty stage", nil, `{"canarySettings":{},"stageName":""}`, contentText + "Non null and non empty stageName must be provided for canary deployment. Provided value is "},
		{"R canary on a missing stage", nil, `{"canarySettings":{},"stageName":"nope"}`, contentText + "Stage nope must already be created before making a canary release deployment"},
		{"F stage name", nil, `{"stageName":"a b"}`, "Stage name only allows a-zA-Z0-9_"},
		{"F variable name", nil, `{"stageName":"a","variables":{"a b":"1"}}`, "Invalid stage variable name: a b. Please use names with only word characters."},
		{"F variable value", nil, `{"stageName":"a","variables":{"a":"<"}}`, variableText("a")},
		{"F non-canary on a canary", func(p *petAPI) {
			p.do("PATCH", p.stage("prod", p.deploy()), patchBody(op{"replace", "/canarySettings/percentTraffic", "5"}))
		}, `{"stageName":"prod"}`, contentText + "Non canary deployment not supported on stage prod because Canary is enabled. Provide CanarySettings in deploymentInput."},
		{"I canary percent", func(p *petAPI) { p.stage("prod", p.deploy()) }, `{"stageName":"prod","canarySettings":{"percentTraffic":100.5}}`, "Invalid canary percentTraffic specified. Must be between 0.0 and 100.0"},
		{"F canary override", func(p *petAPI) { p.stage("prod", p.deploy()) }, `{"stageName":"prod","canarySettings":{"stageVariableOverrides":{"a":"<"}}}`, variableText("a")},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := newPetAPI(t)
			if row.prepare != nil {
				row.prepare(p)
			}
			before := p.call("GET", p.base+"/deployments", nil)
			wantRefusal(t, p.call("POST", p.base+"/deployments", row.body), 400, row.want)
			if after := p.call("GET", p.base+"/deployments", nil); after != before {
				t.Errorf("a refused deployment left %v, before it was %v", after, before)
			}
		})
	}
}

func variableText(name string) string {
	return "Invalid stage variable value of key " + name + ".  Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','."
}

// TestCreateDeploymentStages: the one-shot stage handling, row by row.
func TestCreateDeploymentStages(t *testing.T) {
	t.Run("R F without stage", func(t *testing.T) {
		p := newPetAPI(t)
		for _, body := range []string{`{}`, `{"description":"","stageDescription":"","stageName":"","variables":{}}`} {
			wantMembers(t, p.call("POST", p.base+"/deployments", body), 201, `{"description":null,"apiSummary":null,"createdDate":1714557600}`)
		}
		if stages := p.do("GET", p.base+"/stages", nil)["item"].([]any); len(stages) != 0 {
			t.Errorf("stages: got %v, want none", stages)
		}
	})
	t.Run("stage is made", func(t *testing.T) {
		p := newPetAPI(t)
		id := p.do("POST", p.base+"/deployments", `{"description":"d","stageName":"prod","stageDescription":"s","variables":{"a":"1"},"cacheClusterEnabled":true,"cacheClusterSize":"1.6","tracingEnabled":true}`)["id"]
		wantBody(t, p.call("GET", p.base+"/stages/prod", nil), 200, fmt.Sprintf(`{"stageName":"prod","deploymentId":%q,"description":"s","variables":{"a":"1"},"cacheClusterEnabled":true,
			"cacheClusterSize":"1.6","cacheClusterStatus":"CREATE_IN_PROGRESS","tracingEnabled":true,"methodSettings":{},"createdDate":1714557600,"lastUpdatedDate":1714557600}`, id))
	})
	t.Run("R E stage is moved", func(t *testing.T) {
		p := newPetAPI(t)
		p.do("POST", p.base+"/deployments", `{"stageName":"prod","stageDescription":"s","variables":{"a":"1"},"tracingEnabled":true}`)
		p.clock.Advance(time.Minute)
		id := p.do("POST", p.base+"/deployments", `{"stageName":"prod","description":"","stageDescription":"","variables":{}}`)["id"]
		wantBody(t, p.call("GET", p.base+"/stages/prod", nil), 200, fmt.Sprintf(`{"stageName":"prod","deploymentId":%q,"description":"s","variables":{"a":"1"},"cacheClusterEnabled":false,
			"cacheClusterStatus":"NOT_AVAILABLE","tracingEnabled":true,"methodSettings":{},"createdDate":1714557600,"lastUpdatedDate":1714557660}`, id))
		p.do("POST", p.base+"/deployments", `{"stageName":"prod","stageDescription":"t","variables":{"b":"2"},"tracingEnabled":false}`)
		wantMembers(t, p.call("GET", p.base+"/stages/prod", nil), 200, `{"description":"t","variables":{"b":"2"},"tracingEnabled":false}`)
	})
	t.Run("R canary is set", func(t *testing.T) {
		p := newPetAPI(t)
		first := p.deploy()
		stage := p.stage("prod", first)
		p.do("PATCH", stage, patchBody(op{"replace", "/variables/a", "1"}))
		p.clock.Advance(time.Minute)
		second := p.do("POST", p.base+"/deployments", `{"stageName":"prod","canarySettings":{"percentTraffic":50,"stageVariableOverrides":{"a":"2"}}}`)["id"]
		wantMembers(t, p.call("GET", stage, nil), 200, fmt.Sprintf(`{"deploymentId":%q,"variables":{"a":"1"},"lastUpdatedDate":1714557660,
			"canarySettings":{"deploymentId":%q,"percentTraffic":50,"useStageCache":false,"stageVariableOverrides":{"a":"2"}}}`, first, second))
		// I: replaced as a whole; E: members beside it apply to the stage.
		third := p.do("POST", p.base+"/deployments", `{"stageName":"prod","canarySettings":{"useStageCache":true},"variables":{"c":"3"}}`)["id"]
		wantMembers(t, p.call("GET", stage, nil), 200, fmt.Sprintf(`{"deploymentId":%q,"variables":{"c":"3"},
			"canarySettings":{"deploymentId":%q,"percentTraffic":0,"useStageCache":true}}`, first, third))
	})
	t.Run("E setting replaces the canary", func(t *testing.T) {
		p := newPetAPI(t)
		p.ReplaceCanary = true
		stage := p.stage("prod", p.deploy())
		p.do("PATCH", stage, patchBody(op{"replace", "/canarySettings/percentTraffic", "5"}))
		id := p.do("POST", p.base+"/deployments", `{"stageName":"prod"}`)["id"]
		wantMembers(t, p.call("GET", stage, nil), 200, fmt.Sprintf(`{"deploymentId":%q,"canarySettings":null}`, id))
	})
}

func TestGetAndDeleteDeployment(t *testing.T) {
	p := newPetAPI(t)
	id := p.do("POST", p.base+"/deployments", `{"description":"d","stageName":"prod"}`)["id"].(string)
	path := p.base + "/deployments/" + id
	wantBody(t, p.call("GET", path, nil), 200, fmt.Sprintf(`{"id":%q,"description":"d","createdDate":1714557600}`, id))
	wantMembers(t, p.call("GET", path+"?embed=apisummary", nil), 200, `{"apiSummary":{"/pets":{"GET":{"authorizationType":"NONE","apiKeyRequired":false}}}}`)

	const text = "Active stages pointing to this deployment must be moved or deleted"
	wantRefusal(t, p.call("DELETE", path, nil), 400, text) // R
	other := p.deploy()
	p.do("PATCH", p.base+"/stages/prod", patchBody(op{"replace", "/canarySettings/deploymentId", id}, op{"replace", "/deploymentId", other}))
	wantRefusal(t, p.call("DELETE", path, nil), 400, text) // I: the canary
	p.do("PATCH", p.base+"/stages/prod", patchBody(op{"remove", "/canarySettings"}))
	if got := p.call("DELETE", path, nil); got.status != 202 || got.body != "" {
		t.Errorf("DeleteDeployment: got %v, want 202 without body", got)
	}
	wantRefusal(t, p.call("DELETE", path, nil), 404, "Invalid Deployment identifier specified")
	scope := domain.Scope{Account: testAccount, Region: testRegion}
	if left, _, err := p.store.List(t.Context(), scope.Snapshot(p.id, id)); err != nil || len(left) > 0 {
		t.Errorf("snapshot of the deleted deployment: got %d chunks, error %v; want none", len(left), err)
	}
}

// TestDeploymentIsASnapshot: what a deployment froze does not change with the API.
func TestDeploymentIsASnapshot(t *testing.T) {
	p := newPetAPI(t)
	path := p.base + "/deployments/" + p.deploy() + "?embed=apisummary"
	before := p.call("GET", path, nil)
	p.do("PATCH", p.method, patchBody(op{"replace", "/apiKeyRequired", "true"}))
	p.do("DELETE", p.base+"/resources/"+p.pets, nil)
	if after := p.call("GET", path, nil); after != before {
		t.Errorf("deployment: got %v, want as before %v", after, before)
	}
}

func TestGetDeploymentsNewestFirst(t *testing.T) {
	p := newPetAPI(t)
	var want []string
	for range 3 {
		want = append([]string{p.deploy()}, want...)
		p.clock.Advance(time.Second)
	}
	var got []string
	for _, d := range p.do("GET", p.base+"/deployments", nil)["item"].([]any) {
		got = append(got, d.(map[string]any)["id"].(string))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("deployments: got %v, want the newest first %v", got, want)
	}
}

// TestPages: section 1.2, the same for every list.
func TestPages(t *testing.T) {
	p := newPetAPI(t)
	p.Quotas[ResourcesPerAPI] = -1
	for i := range 60 {
		p.do("POST", p.base+"/resources/"+p.root, map[string]any{"pathPart": fmt.Sprintf("r%02d", i)})
	} // with / and /pets these are 62
	list := p.base + "/resources"
	for _, row := range []struct {
		query string
		items int
		more  bool
	}{
		{"", 25, true}, {"?limit=10", 10, true}, {"?limit=62", 62, false}, {"?limit=61", 61, true}, {"?limit=500", 62, false},
		{"?limit=501", 25, true}, {"?limit=0", 25, true}, {"?limit=-1", 25, true}, {"?limit=ten", 25, true}, {"?limit=99999999999", 25, true},
	} {
		got := p.do("GET", list+row.query, nil)
		if items, more := len(got["item"].([]any)), got["position"] != nil; items != row.items || more != row.more {
			t.Errorf("GET %s: got %d items, more %t; want %d, %t", row.query, items, more, row.items, row.more)
		}
	}
	seen := map[any]bool{}
	for query := "?limit=7"; query != ""; {
		got := p.do("GET", list+query, nil)
		for _, item := range got["item"].([]any) {
			path := item.(map[string]any)["path"]
			if seen[path] {
				t.Errorf("%v came twice", path)
			}
			seen[path] = true
		}
		query = ""
		if position, ok := got["position"].(string); ok {
			query = "?limit=7&position=" + position
		}
	}
	if len(seen) != 62 {
		t.Errorf("pages of 7: got %d resources, want 62", len(seen))
	}
	for _, position := range []string{"x", "abcd", "%00", strings.Repeat("z", 1000), "YWZ0ZXI"} { // I
		wantRefusal(t, p.call("GET", list+"?position="+position, nil), 400, "Invalid position parameter specified")
	}
	if got := p.do("GET", list+"?position=", nil); len(got["item"].([]any)) != 25 {
		t.Errorf("empty position: got %v, want the first page", got)
	}
}
