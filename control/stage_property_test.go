package control

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/stagemodel"
)

// TestUpdateStageAgainstTheModel drives random histories of UpdateStage against
// the naive model, through the HTTP handler and a real store: a hundred
// histories (unless -rapid.checks says otherwise) of a hundred lists each, so
// 10,000 lists; ten lists each under the race detector.
func TestUpdateStageAgainstTheModel(t *testing.T) {
	p := newPetAPI(t)
	p.CacheDelay = vectorWorld.CacheDelay
	world := stagemodel.World{CacheDelay: vectorWorld.CacheDelay}
	ids := map[string]string{}
	for _, name := range vectorWorld.Deployments {
		ids[name] = p.deploy()
		world.Deployments = append(world.Deployments, ids[name])
	}
	rapid.Check(t, func(t *rapid.T) {
		stage := p.stage("prod", ids["dep001"])
		defer p.do("DELETE", stage, nil)
		model := stagemodel.New(p.do("GET", stage, nil), world)
		for range listsPerHistory {
			v := draw{t}.vector()
			p.clock.Advance(time.Duration(v.Advance) * time.Millisecond)
			for i, o := range v.Ops {
				if id, ok := ids[apigw.Val(o.Value)]; ok {
					v.Ops[i].Value = &id
				}
			}
			if wrong := p.compare(model, stage, v); wrong != "" {
				t.Fatalf("%v\n(-model +got):\n%s", v, wrong)
			}
		}
	})
}

// compare sends one list and compares the answer, and what GetStage says before
// and after, with the model.
func (p *petAPI) compare(model *stagemodel.Stage, stage string, v vector) (diff string) {
	p.t.Helper()
	now := p.clock.Now()
	if diff := cmp.Diff(model.Get(now), p.do("GET", stage, nil)); diff != "" {
		return "GetStage before: " + diff
	}
	want, refusal := model.Update(now, modelOps(v.Ops))
	got := p.call("PATCH", stage, map[string]any{"patchOperations": v.Ops})
	if refusal != nil {
		diff = cmp.Diff(*refusal, stagemodel.Refusal{Status: got.status, Code: got.code, Message: got.message()})
	} else {
		diff = cmp.Diff(want, decodeAnswer(p.t, got.body))
	}
	if diff != "" {
		return "answer: " + diff
	}
	if diff := cmp.Diff(model.Get(now), p.do("GET", stage, nil)); diff != "" {
		return "GetStage after: " + diff
	}
	return ""
}
