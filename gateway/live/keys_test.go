package live

import "testing"

func TestKeys(t *testing.T) {
	here, there := Scope{"1", "a"}, Scope{"2", "a"}
	k := &Keys{}
	check := func(what string, scope Scope, value, api, stage, want string) {
		t.Helper()
		if id, ok := k.Allow(scope, value, api, stage); id != want || ok != (want != "") {
			t.Errorf("%s: Allow(%v, %s, %s, %s) = %q, %v; want %q", what, scope, value, api, stage, id, ok, want)
		}
	}
	check("empty", here, "v1", "api", "dev", "")
	k.SetKey(here, "k1", "v1", true)
	k.SetPlan(here, "p", &Plan{Stages: map[Stage]bool{{"api", "dev"}: true}})
	check("in no plan", here, "v1", "api", "dev", "")
	k.SetMember(here, "p", "k1", true)
	check("in the plan", here, "v1", "api", "dev", "k1")
	check("another stage", here, "v1", "api", "prod", "")
	check("another API", here, "v1", "other", "dev", "")
	check("another value", here, "v2", "api", "dev", "")
	check("another account", there, "v1", "api", "dev", "")
	k.SetKey(here, "k1", "v1", false)
	check("disabled", here, "v1", "api", "dev", "")
	k.SetKey(here, "k1", "v2", true)
	check("new value", here, "v2", "api", "dev", "k1")
	check("old value", here, "v1", "api", "dev", "")
	k.SetMember(here, "p", "k1", false)
	check("out of the plan", here, "v2", "api", "dev", "")
	k.SetMember(here, "p", "k1", true)
	k.RemovePlan(here, "p")
	check("plan gone", here, "v2", "api", "dev", "")
	k.SetPlan(here, "p", &Plan{Stages: map[Stage]bool{{"api", "dev"}: true}})
	k.RemoveKey(here, "k1")
	check("key gone", here, "v2", "api", "dev", "")
	k.SetMember(here, "p", "k1", true) // of a key that is not there
}

// TestKeysOfOneValue: when a key goes and another one with its value comes, the
// other one may be told first.
func TestKeysOfOneValue(t *testing.T) {
	scope := Scope{"1", "a"}
	k := &Keys{}
	k.SetPlan(scope, "p", &Plan{Stages: map[Stage]bool{{"api", "dev"}: true}})
	k.SetKey(scope, "old", "v", true)
	k.SetMember(scope, "p", "old", true)
	k.SetKey(scope, "new", "v", true)
	k.SetMember(scope, "p", "old", false) // knows nothing of the key that has the value
	k.RemoveKey(scope, "old")
	k.SetMember(scope, "p", "new", true)
	if id, ok := k.Allow(scope, "v", "api", "dev"); !ok || id != "new" {
		t.Errorf("Allow = %q, %v; want the new key", id, ok)
	}
	k.SetKey(scope, "new", "v", false)
	if _, ok := k.Allow(scope, "v", "api", "dev"); ok {
		t.Error("the key is disabled and let in")
	}
}
