package control

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
)

const (
	slashText      = "API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base path mapping, use API Gateway V2."
	basePathText   = "Base path can only contain letters, numbers and $-_.+!*'() and can be at most 300 characters"
	takenPathText  = "Base path already exists for this domain name"
	lonePathText   = "Only one base path mapping is allowed if the base path is empty."
	noMappingText  = "Invalid base path mapping identifier specified"
	mappedAPIText  = "Invalid REST API identifier specified"
	noStageText    = "Invalid stage identifier specified"
	mappingsOfShop = "/domainnames/shop.example.com/basepathmappings"
)

// mapped is an API with two stages and a domain name.
func (p *petAPI) mapped() *petAPI {
	p.t.Helper()
	deployment := p.deploy()
	p.stage("prod", deployment)
	p.stage("test", deployment)
	p.publicDomain("shop.example.com")
	return p
}

// mapping makes a mapping and returns its path.
func (p *petAPI) mapping(basePath, stage string) string {
	p.t.Helper()
	m := p.do("POST", mappingsOfShop, map[string]any{"basePath": basePath, "restApiId": p.id, "stage": stage})
	return mappingsOfShop + "/" + strings.NewReplacer("(", "%28", ")", "%29").Replace(m["basePath"].(string))
}

func TestCreateBasePathMapping(t *testing.T) {
	for _, row := range []struct {
		name   string
		body   string // API stands for the id of the API
		status int
		want   string
	}{
		{"base path and stage", `{"basePath":"v1","restApiId":"API","stage":"prod"}`, 201, `{"basePath":"v1","restApiId":"API","stage":"prod"}`},
		{"D no base path", `{"restApiId":"API","stage":"prod"}`, 201, `{"basePath":"(none)","restApiId":"API","stage":"prod"}`},
		{"C empty texts", `{"basePath":"","restApiId":"API","stage":""}`, 201, `{"basePath":"(none)","restApiId":"API"}`},
		{"D both by their name", `{"basePath":"(none)","restApiId":"API","stage":"(none)"}`, 201, `{"basePath":"(none)","restApiId":"API"}`},
		{"D all characters", `{"basePath":"aZ09$-_.+!*'()","restApiId":"API"}`, 201, `{"basePath":"aZ09$-_.+!*'()","restApiId":"API"}`},
		{"E slash", `{"basePath":"v1/orders","restApiId":"API"}`, 400, slashText},
		{"I character", `{"basePath":"v 1","restApiId":"API"}`, 400, basePathText},
		{"D longest", `{"basePath":"` + strings.Repeat("a", 300) + `","restApiId":"API"}`, 201, `{"basePath":"` + strings.Repeat("a", 300) + `","restApiId":"API"}`},
		{"I too long", `{"basePath":"` + strings.Repeat("a", 301) + `","restApiId":"API"}`, 400, basePathText},
		{"F unknown API", `{"basePath":"v1","restApiId":"none"}`, 400, mappedAPIText},
		{"F unknown stage", `{"basePath":"v1","restApiId":"API","stage":"none"}`, 400, noStageText},
		{"F taken", `{"basePath":"taken","restApiId":"API"}`, 409, takenPathText},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := newPetAPI(t).mapped()
			p.mapping("taken", "prod")
			got := p.call("POST", mappingsOfShop, strings.ReplaceAll(row.body, "API", p.id))
			if row.status >= 300 {
				wantRefusal(t, got, row.status, row.want)
				return
			}
			wantBody(t, got, row.status, strings.ReplaceAll(row.want, "API", p.id))
			if list := p.do("GET", mappingsOfShop, nil)["item"].([]any); len(list) != 2 {
				t.Errorf("got %v, want two mappings", list)
			}
		})
	}
}

func TestBasePathMappingNotFound(t *testing.T) {
	p := newPetAPI(t).mapped()
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		wantRefusal(t, p.call(method, mappingsOfShop+"/none", nil), 404, noMappingText)
		wantRefusal(t, p.call(method, "/domainnames/none.example.com/basepathmappings/none", nil), 404, noDomainText)
	}
	body := map[string]any{"restApiId": p.id}
	for _, method := range []string{"GET", "POST"} {
		wantRefusal(t, p.call(method, "/domainnames/none.example.com/basepathmappings", body), 404, noDomainText)
	}
}

func TestUpdateBasePathMapping(t *testing.T) {
	const list = "Must be one of: [/basePath, /restapiId, /stage]"
	runPatchRows(t, func(p *petAPI) string {
		p.mapped().mapping("taken", "prod")
		return p.mapping("v1", "prod")
	}, []patchRow{
		{"I no operations", nil, 200, `{"basePath":"v1","stage":"prod"}`},
		{"D lower case", []op{{"replace", "/basepath", "v2"}}, 200, `{"basePath":"v2","stage":"prod"}`},
		{"C base path", []op{{"replace", "/basePath", "v2"}}, 200, `{"basePath":"v2","stage":"prod"}`},
		{"D to none", []op{{"replace", "/basePath", ""}}, 200, `{"basePath":"(none)"}`},
		{"C to the same", []op{{"replace", "/basePath", "v1"}}, 200, `{"basePath":"v1"}`},
		{"there and back", []op{{"replace", "/basePath", "v2"}, {"replace", "/basePath", "v1"}}, 200, `{"basePath":"v1"}`},
		{"F taken", []op{{"replace", "/basePath", "taken"}}, 409, takenPathText},
		{"E slash", []op{{"replace", "/basePath", "v1/x"}}, 400, slashText},
		{"I character", []op{{"replace", "/basePath", "v 1"}}, 400, basePathText},
		{"F unknown API", []op{{"replace", "/restapiId", "none"}}, 400, mappedAPIText},
		{"F unknown API, upper case", []op{{"replace", "/restApiId", "none"}}, 400, mappedAPIText},
		{"stage", []op{{"replace", "/stage", "test"}}, 200, `{"stage":"test"}`},
		{"C no stage", []op{{"replace", "/stage", ""}}, 200, `{"stage":null}`},
		{"D no stage by its name", []op{{"replace", "/stage", "(none)"}}, 200, `{"stage":null}`},
		{"F unknown stage", []op{{"replace", "/stage", "none"}}, 400, noStageText},
		{"F all or nothing", []op{{"replace", "/basePath", "v2"}, {"replace", "/stage", "none"}}, 400, noStageText},
		{"I unknown path", []op{{"replace", "/domainName", "x"}}, 400, "Invalid patch path  '/domainName' specified for op 'replace'. " + list},
		{"I add", []op{{"add", "/stage", "test"}}, 400, "Invalid patch path  '/stage' specified for op 'add'. Please choose supported operations"},
		{"I remove", []op{{"remove", "/stage"}}, 400, "Invalid patch path  '/stage' specified for op 'remove'. Please choose supported operations"},
	})
}

// A mapping moves to another API whole, whichever operation comes first: the
// stage is that of the new API.
func TestMappingMovesToAnotherAPI(t *testing.T) {
	p := newPetAPI(t).mapped()
	path := p.mapping("v1", "prod")
	other := p.harness.petAPI()
	wantRefusal(t, p.patch(path, op{"replace", "/restapiId", other.id}), 400, noStageText)
	other.stage("live", other.deploy())
	got := p.patch(path, op{"replace", "/stage", "live"}, op{"replace", "/restapiId", other.id})
	wantBody(t, got, 200, `{"basePath":"v1","restApiId":"`+other.id+`","stage":"live"}`)
}

func TestRenamedMappingIsGoneUnderItsOldName(t *testing.T) {
	p := newPetAPI(t).mapped()
	old := p.mapping("v1", "prod")
	p.do("PATCH", old, patchBody(op{"replace", "/basePath", ""}))
	wantRefusal(t, p.call("GET", old, nil), 404, noMappingText)
	wantBody(t, p.call("GET", mappingsOfShop+"/%28none%29", nil), 200, `{"basePath":"(none)","restApiId":"`+p.id+`","stage":"prod"}`)
	if got := p.call("DELETE", mappingsOfShop+"/%28none%29", nil); got.status != 202 || got.body != "" {
		t.Errorf("DeleteBasePathMapping: got %v, want 202 without body", got)
	}
	if list := p.do("GET", mappingsOfShop, nil)["item"].([]any); len(list) != 0 {
		t.Errorf("got %v, want no mapping", list)
	}
}

// Of many that want one base path, one gets it, and none is lost.
func TestConcurrentRenames(t *testing.T) {
	const racers = 8
	p := newPetAPI(t).mapped()
	var paths []string
	for i := range racers {
		paths = append(paths, p.mapping(fmt.Sprintf("v%d", i), "prod"))
	}
	answers := make([]answer, racers)
	var wg sync.WaitGroup
	for i, path := range paths {
		wg.Go(func() { answers[i] = p.patch(path, op{"replace", "/basePath", "best"}) })
	}
	wg.Wait()
	won := 0
	for _, a := range answers {
		if a.status == 200 {
			won++
			continue
		}
		wantRefusal(t, a, 409, takenPathText)
	}
	list := p.do("GET", mappingsOfShop, nil)["item"].([]any)
	if won != 1 || len(list) != racers || !strings.Contains(fmt.Sprint(list), "basePath:best") {
		t.Errorf("%d won; mappings: %v; want one and %d", won, list, racers)
	}
}

// Whichever comes first of a mapping and the deletion of its API, the other is
// refused: a mapping never leads nowhere.
func TestMappingAgainstDeletion(t *testing.T) {
	p := newPetAPI(t).mapped()
	for i := range 5 {
		other := p.harness.petAPI()
		var mapped, deleted answer
		var wg sync.WaitGroup
		wg.Go(func() {
			mapped = p.call("POST", mappingsOfShop, map[string]any{"basePath": fmt.Sprint(i), "restApiId": other.id})
		})
		wg.Go(func() { deleted = p.call("DELETE", other.base, nil) })
		wg.Wait()
		if (mapped.status == 201) == (deleted.status == 202) {
			t.Errorf("mapping: %v; deletion: %v; want one refused", mapped, deleted)
		}
	}
}

func TestLoneRootMapping(t *testing.T) {
	body := func(p *petAPI, basePath string) string {
		data, _ := json.Marshal(map[string]string{"basePath": basePath, "restApiId": p.id})
		return string(data)
	}
	for _, row := range []struct {
		name          string
		lone          bool
		first, second string
		status        int
	}{
		{"D none beside others", false, "v1", "", 201},
		{"D others beside none", false, "", "v1", 201},
		{"F none beside others, by setting", true, "v1", "", 409},
		{"F others beside none, by setting", true, "", "v1", 409},
		{"others, by setting", true, "v1", "v2", 201},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := newPetAPI(t).mapped()
			p.LoneRootMapping = row.lone
			p.do("POST", mappingsOfShop, body(p, row.first))
			got := p.call("POST", mappingsOfShop, body(p, row.second))
			if row.status == 409 {
				wantRefusal(t, got, 409, lonePathText)
			} else if got.status != row.status {
				t.Errorf("got %v, want %d", got, row.status)
			}
		})
	}
	p := newPetAPI(t).mapped()
	p.LoneRootMapping = true
	wantMembers(t, p.patch(p.mapping("v1", "prod"), op{"replace", "/basePath", ""}), 200, `{"basePath":"(none)"}`)
}

func TestMappingsBlockDeletion(t *testing.T) {
	p := newPetAPI(t).mapped()
	path := p.mapping("v1", "prod")
	p.mapping("v2", "prod")
	anyStage := p.mapping("v3", "")
	p.publicDomain("other.example.com")
	p.do("POST", "/domainnames/other.example.com/basepathmappings", map[string]any{"restApiId": p.id, "stage": "prod"})
	const domains = "other.example.com, shop.example.com"
	wantRefusal(t, p.call("DELETE", p.base, nil), 400, "Deleting RestApi "+p.id+" failed. Please remove all base path mappings related to the RestApi in your domains: "+domains+".")
	wantRefusal(t, p.call("DELETE", p.base+"/stages/prod", nil), 400, "Deleting stage prod failed. Please remove all base path mappings related to the stage in your domains: "+domains)
	// A mapping whose requests name the stage leads to none in particular.
	p.do("DELETE", p.base+"/stages/test", nil)
	p.do("DELETE", "/domainnames/other.example.com", nil)
	p.do("DELETE", path, nil)
	p.do("DELETE", mappingsOfShop+"/v2", nil)
	p.do("DELETE", p.base+"/stages/prod", nil)
	wantRefusal(t, p.call("DELETE", p.base, nil), 400, "Deleting RestApi "+p.id+" failed. Please remove all base path mappings related to the RestApi in your domains: shop.example.com.")
	p.do("DELETE", anyStage, nil)
	p.do("DELETE", p.base, nil)
}

func TestBasePathMappingPages(t *testing.T) {
	p := newPetAPI(t).mapped()
	for _, basePath := range []string{"c", "", "a"} {
		p.mapping(basePath, "prod")
	}
	wantPages(t, p.harness, mappingsOfShop+"?limit=2", "basePath", "(none)", "a", "", "c")
}
