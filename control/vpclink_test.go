package control

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	linkTarget = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/shop/1"
	linkBody   = `{"name":"link","targetArns":["` + linkTarget + `"]}`
	noLinkText = "Invalid Vpc Link identifier specified"
)

// vpcLink makes a VPC link and returns its id.
func (h *harness) vpcLink() string {
	h.t.Helper()
	return h.do("POST", "/vpclinks", linkBody)["id"].(string)
}

func TestCreateVpcLink(t *testing.T) {
	for _, row := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"minimal", linkBody, 202, `{"name":"link","targetArns":["` + linkTarget + `"],"status":"PENDING","statusMessage":null,"description":null,"tags":null}`},
		{"all", `{"name":"link","description":"d","targetArns":["` + linkTarget + `"],"tags":{"a":"b"}}`, 202, `{"description":"d","tags":{"a":"b"}}`},
		{"E empty name", `{"name":"","targetArns":["` + linkTarget + `"]}`, 400, "Name cannot be empty"},
		{"F two targets", `{"name":"link","targetArns":["` + linkTarget + `","` + linkTarget + `"]}`, 400, "More than one target arn specified for vpc link."},
		{"I no target", `{"name":"link","targetArns":[]}`, 400, "No target arn specified for vpc link."},
		{"I no ARN", `{"name":"link","targetArns":["x"]}`, 400, arnText},
		{"D tags of the vendor", `{"name":"link","targetArns":["` + linkTarget + `"],"tags":{"aws:x":"y"}}`, 400, "Invalid tag key: aws:x. Tag keys cannot start with aws:"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHarness(t)
			got := h.call("POST", "/vpclinks", row.body)
			if row.status < 300 {
				wantMembers(t, got, row.status, row.want)
				return
			}
			wantRefusal(t, got, row.status, row.want)
			if list := h.do("GET", "/vpclinks", nil)["item"].([]any); len(list) > 0 {
				t.Errorf("a refused call left %v", list)
			}
		})
	}
}

func TestVpcLinkBecomesAvailable(t *testing.T) {
	h := newHarness(t)
	path := "/vpclinks/" + h.vpcLink()
	h.clock.Advance(linkDelay - time.Nanosecond)
	wantMembers(t, h.call("GET", path, nil), 200, `{"status":"PENDING","statusMessage":null}`)
	h.clock.Advance(time.Nanosecond)
	want := `{"status":"AVAILABLE","statusMessage":"Your vpc link is ready for use"}`
	wantMembers(t, h.call("GET", path, nil), 200, want)
	wantMembers(t, h.patch(path, op{"replace", "/name", "other"}), 200, want)
}

func TestUpdateVpcLink(t *testing.T) {
	const targets = "Target arns are not allowed to be changed/added."
	runPatchRows(t, func(p *petAPI) string { return "/vpclinks/" + p.vpcLink() }, []patchRow{
		{"I no operations", nil, 200, `{"name":"link","status":"PENDING"}`},
		{"name", []op{{"replace", "/name", "other"}}, 200, `{"name":"other"}`},
		{"E name empty", []op{{"replace", "/name", ""}}, 400, "Name cannot be empty"},
		{"description", []op{{"replace", "/description", "d"}}, 200, `{"description":"d"}`},
		{"C description empty clears", []op{{"replace", "/description", "d"}, {"replace", "/description", ""}}, 200, `{"description":null}`},
		{"F targets", []op{{"replace", "/targetArns", linkTarget}}, 400, targets},
		{"F targets add", []op{{"add", "/targetArns", linkTarget}}, 400, targets},
		{"F one target", []op{{"replace", "/targetArns/0", linkTarget}}, 400, targets},
		{"I unknown path", []op{{"replace", "/targetArnsX", "x"}}, 400, "Invalid patch path  '/targetArnsX' specified for op 'replace'. Must be one of: [/name, /description]"},
		{"I add", []op{{"add", "/name", "x"}}, 400, "Invalid patch path  '/name' specified for op 'add'. Please choose supported operations"},
	})
}

// Recorded, all three.
func TestVpcLinkNotFound(t *testing.T) {
	h := newHarness(t)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		wantRefusal(t, h.call(method, "/vpclinks/invalid-id", nil), 404, noLinkText)
	}
}

func TestDeleteVpcLink(t *testing.T) {
	p := newPetAPI(t)
	link, other := p.vpcLink(), p.vpcLink()
	use := func(connection string) {
		t.Helper()
		p.do("PUT", p.method+"/integration", map[string]any{"type": "HTTP_PROXY", "httpMethod": "GET", "uri": "http://shop/",
			"connectionType": "VPC_LINK", "connectionId": connection})
	}
	refused := func(users ...string) {
		t.Helper()
		wantRefusal(t, p.call("DELETE", "/vpclinks/"+link, nil), 400, fmt.Sprintf(
			"Cannot delete vpc link. Vpc link '%s', is referenced in [%s] in format of [RESTApiId:Method:Resource:Stage].", link, strings.Join(users, ", ")))
	}
	user := func(stage string) string { return p.id + ":GET:" + p.pets + ":" + stage }

	use(link)
	refused(user(""))
	deployment := p.deploy()
	prod := p.stage("prod", deployment)
	refused(user(""), user("prod"))

	// What is served counts, not what is edited: also of a canary.
	use("${stageVariables.link}") // recorded: taken; and no link is looked for
	refused(user("prod"))
	without := p.deploy()
	p.do("PATCH", prod, patchBody(op{"replace", "/deploymentId", without}, op{"replace", "/canarySettings/deploymentId", deployment}))
	refused(user("prod"))
	p.do("PATCH", prod, patchBody(op{"remove", "/canarySettings"}))

	// The deployment that no stage serves does not hold it.
	if got := p.call("DELETE", "/vpclinks/"+link, nil); got.status != 202 || got.body != "" {
		t.Errorf("DeleteVpcLink: got %v, want 202 without body", got)
	}
	wantRefusal(t, p.call("GET", "/vpclinks/"+link, nil), 404, noLinkText)
	use(link) // recorded: whether there is such a link is not looked at
	p.do("DELETE", "/vpclinks/"+other, nil)
}

func TestVpcLinkPages(t *testing.T) {
	h := newHarness(t)
	all := []string{h.vpcLink(), h.vpcLink(), h.vpcLink()}
	slices.Sort(all)
	wantPages(t, h, "/vpclinks?limit=2", "id", all[0], all[1], "", all[2])
}
