package control

import (
	"fmt"
	"strings"
	"testing"
)

// planOn makes a usage plan that covers stage dev and returns its path.
func (p *petAPI) planOn(body string) string {
	p.t.Helper()
	p.stage("dev", p.deploy())
	return "/usageplans/" + p.do("POST", "/usageplans", fmt.Sprintf(`{"name":"p","apiStages":[{"apiId":"%s","stage":"dev"%s}]}`, p.id, body))["id"].(string)
}

// TestUnknownThrottleLimit: a limit that there is not is an unknown path like
// any other, and gets the same list.
func TestUnknownThrottleLimit(t *testing.T) {
	p := newPetAPI(t)
	plan := p.planOn("")
	for _, name := range []string{"add", "replace"} {
		path := "/apiStages/" + p.id + ":dev/throttle//pets/GET/foo"
		nope := p.patch(plan, op{name, "/nope", "1"}).message()
		if !strings.Contains(nope, "Must be one of: [") {
			t.Errorf("got %q, want a list", nope)
		}
		wantRefusal(t, p.patch(plan, op{name, path, "1"}), 400, strings.Replace(nope, "/nope", path, 1))
	}
}
