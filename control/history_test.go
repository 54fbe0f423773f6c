package control

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/history"
)

// events returns the change events, the oldest first.
func (h *harness) events() []history.Event {
	h.t.Helper()
	entries, _, err := h.store.List(h.t.Context(), domain.History)
	if err != nil {
		h.t.Fatal(err)
	}
	var all []history.Event
	for _, entry := range entries {
		e, err := history.Decode(entry.Value)
		if err != nil {
			h.t.Fatalf("event %s: %v", entry.Key, err)
		}
		if e.Key() != entry.Key {
			h.t.Errorf("event at %s says it belongs at %s", entry.Key, e.Key())
		}
		all = append(all, *e)
	}
	return all
}

// TestEveryChangeHasOneEvent: who, when, from where, what, before and after, and
// written by the very commit that made the change.
func TestEveryChangeHasOneEvent(t *testing.T) {
	p := newPetAPI(t)
	stage := p.stage("prod", p.deploy())
	for i, change := range []struct {
		operation    string
		method, path string
		body         any
	}{
		{"UpdateStage", "PATCH", stage, patchBody(op{"replace", "/description", "d"})},
		{"UpdateMethod", "PATCH", p.method, patchBody(op{"replace", "/operationName", "o"})},
		{"TagResource", "PUT", "/tags/arn:aws:apigateway:eu-west-1::" + p.base, `{"tags":{"a":"b"}}`},
		{"CreateDeployment", "POST", p.base + "/deployments", `{"stageName":"prod"}`},
		{"UpdateAccount", "PATCH", "/account", patchBody(op{"replace", "/cloudwatchRoleArn", ""})},
		{"DeleteStage", "DELETE", stage, nil},
		{"DeleteRestApi", "DELETE", p.base, nil},
	} {
		p.clock.Advance(1e9)
		before := p.events()
		p.do(change.method, change.path, change.body)
		after := p.events()
		if len(after) != len(before)+1 {
			t.Fatalf("%d %s: %d events, want one more than %d", i, change.operation, len(after), len(before))
		}
		e := after[len(after)-1]
		if e.Operation != change.operation || e.Account != testAccount || e.Region != testRegion || e.AccessKey != "AKIDTEST" ||
			e.UserAgent != "harness/1.0" || e.Remote == "" || e.RequestID == "" || !e.At.Equal(p.clock.Now()) || len(e.Changes) == 0 {
			t.Errorf("event of %s: got %+v", change.operation, e)
		}
		p.sameCommit(e)
	}
}

// sameCommit checks that an event and the keys that it tells of were written at
// one revision.
func (h *harness) sameCommit(e history.Event) {
	h.t.Helper()
	entries, _, err := h.store.List(h.t.Context(), "")
	if err != nil {
		h.t.Fatal(err)
	}
	written := map[string]int64{}
	for _, entry := range entries {
		written[entry.Key] = int64(entry.Modified)
	}
	for _, change := range e.Changes {
		if at, ok := written[change.Key]; ok && at != written[e.Key()] {
			h.t.Errorf("%s: key %s was written at revision %d, its event at %d", e.Operation, change.Key, at, written[e.Key()])
		}
	}
}

func TestEventTellsBeforeAndAfter(t *testing.T) {
	p := newPetAPI(t)
	stage := p.stage("prod", p.deploy())
	p.do("PATCH", stage, patchBody(op{"replace", "/description", "old"}))
	p.clock.Advance(1)
	p.do("PATCH", stage, patchBody(op{"replace", "/description", "new"}))
	events := p.events()
	changes := events[len(events)-1].Changes
	if len(changes) != 1 || !strings.Contains(string(changes[0].Before), `"old"`) || !strings.Contains(string(changes[0].After), `"new"`) {
		t.Errorf("changes: got %+v, want one from old to new", changes)
	}
	p.clock.Advance(1)
	p.do("DELETE", stage, nil)
	events = p.events()
	changes = events[len(events)-1].Changes
	if len(changes) != 1 || !strings.Contains(string(changes[0].Before), `"new"`) || changes[0].After != nil {
		t.Errorf("changes of a delete: got %+v, want one with a before only", changes)
	}
}

// TestFailedCallsLeaveNoEvent, and neither do calls that only read.
func TestFailedCallsLeaveNoEvent(t *testing.T) {
	p := newPetAPI(t)
	stage := p.stage("prod", p.deploy())
	before := len(p.events())
	for _, call := range []answer{
		p.patch(stage, op{"replace", "/description", "d"}, op{"replace", "/nope", "x"}),
		p.patch(stage, op{"wrong", "/description", "d"}),
		p.call("POST", "/restapis", `{"name":""}`),
		p.call("POST", p.base+"/deployments", `{"stageName":"a b"}`),
		p.call("DELETE", p.base+"/stages/nope", nil),
		p.call("POST", p.base+"/resources/"+p.root, `{"pathPart":"pets"}`),
	} {
		if call.status < 400 {
			t.Errorf("got %v, want a refusal", call)
		}
	}
	p.do("GET", stage, nil)
	p.do("GET", "/restapis", nil)
	p.do("DELETE", stage+"/cache/data", nil)
	if after := len(p.events()); after != before {
		t.Errorf("events: got %d, want still %d", after, before)
	}
}
