package control

import (
	"fmt"
	"strings"
	"testing"
)

const roleText = "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy."

func TestUpdateAccount(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/logs"
	runPatchRows(t, func(*petAPI) string { return "/account" }, []patchRow{
		{"D C no operations", nil, 200, `{"throttleSettings":{"burstLimit":5000,"rateLimit":10000},"features":["UsagePlans"],"apiKeyVersion":"4","cloudwatchRoleArn":null}`},
		{"role", []op{{"replace", "/cloudwatchRoleArn", role}}, 200, `{"cloudwatchRoleArn":"` + role + `"}`},
		{"role empty clears", []op{{"replace", "/cloudwatchRoleArn", role}, {"replace", "/cloudwatchRoleArn", ""}}, 200, `{"cloudwatchRoleArn":null}`},
		{"F no role", []op{{"replace", "/cloudwatchRoleArn", "arn:aws:s3:::bucket"}}, 400, roleText},
		{"I role add", []op{{"add", "/cloudwatchRoleArn", role}}, 400, patchList("/cloudwatchRoleArn", "add", "/features")},
		{"D feature", []op{{"add", "/features", "UsagePlans"}}, 200, `{"features":["UsagePlans"]}`},
		{"feature unknown", []op{{"add", "/features", "Magic"}}, 400, "Invalid feature specified. Must be one of: [UsagePlans]"},
		{"D feature removed", []op{{"remove", "/features", "UsagePlans"}}, 400, "Usage Plans cannot be disabled once enabled"},
		{"I feature replaced", []op{{"replace", "/features", "UsagePlans"}}, 400, patchList("/features", "replace", "/cloudwatchRoleArn")},
		{"I unknown path", []op{{"replace", "/throttleSettings", "1"}}, 400, patchList("/throttleSettings", "replace", "/cloudwatchRoleArn")},
		{"I copy", []op{{"copy", "/features", "-", "/x"}}, 400, patchNoOps("/features", "copy")},
	})
}

func TestTags(t *testing.T) {
	p := newPetAPI(t)
	p.stage("prod", p.deploy())
	for _, thing := range []string{p.base, p.base + "/stages/prod"} {
		arn := "arn:aws:apigateway:eu-west-1::" + thing
		escaped := "/tags/" + strings.NewReplacer(":", "%3A", "/", "%2F").Replace(arn)
		for _, path := range []string{"/tags/" + arn, escaped} { // C V: both forms
			wantBody(t, p.call("GET", path, nil), 200, `{"tags":{}}`)
			if got := p.call("PUT", path, `{"tags":{"a":"1","b":"2"}}`); got.status != 204 || got.body != "" {
				t.Errorf("TagResource: got %v, want 204 without body", got)
			}
			p.do("PUT", path, `{"tags":{"b":"3","c":"4","d":"5"}}`)
			wantBody(t, p.call("GET", path, nil), 200, `{"tags":{"a":"1","b":"3","c":"4","d":"5"}}`)
			wantMembers(t, p.call("GET", thing, nil), 200, `{"tags":{"a":"1","b":"3","c":"4","d":"5"}}`)
			if got := p.call("DELETE", path+"?tagKeys=a&tagKeys=nope", nil); got.status != 204 || got.body != "" { // V
				t.Errorf("UntagResource: got %v, want 204 without body", got)
			}
			p.do("DELETE", path+"?tagKeys=b,c", nil) // D
			wantBody(t, p.call("GET", path, nil), 200, `{"tags":{"d":"5"}}`)
			p.do("DELETE", path+"?tagKeys=d", nil)
			wantMembers(t, p.call("GET", thing, nil), 200, `{"tags":null}`)
		}
	}
	wantRefusal(t, p.call("PUT", "/tags/arn:aws:apigateway:eu-west-1::"+p.base, `{"tags":{"AWS:x":"1"}}`), 400, "Invalid tag key: AWS:x. Tag keys cannot start with aws:")
	for _, row := range []struct{ arn, want string }{
		{"arn:aws:apigateway:eu-west-1::/restapis/nope", "Invalid API identifier specified " + testAccount + ":nope"},
		{"arn:aws:apigateway:eu-west-1::" + p.base + "/stages/nope", "Invalid stage identifier specified"},
		{"arn:aws:apigateway:us-east-1::" + p.base, "Invalid resource ARN specified: arn:aws:apigateway:us-east-1::" + p.base},
		{"nonsense", "Invalid resource ARN specified: nonsense"},
	} {
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			wantRefusal(t, p.call(method, "/tags/"+strings.ReplaceAll(row.arn, "/", "%2F")+"?tagKeys=a", map[string]any{"tags": map[string]string{"a": "b"}}), 404, row.want)
		}
	}
}

// TestTagsDoNotMoveDates: tags act without a deployment and are no update.
func TestTagsDoNotMoveDates(t *testing.T) {
	p := newPetAPI(t)
	stage := p.stage("prod", p.deploy())
	p.clock.Advance(1e10)
	p.do("PUT", "/tags/arn:aws:apigateway:eu-west-1::"+stage, `{"tags":{"a":"1"}}`)
	wantMembers(t, p.call("GET", stage, nil), 200, `{"tags":{"a":"1"},"createdDate":1714557600,"lastUpdatedDate":1714557600}`)
}

func quotaText(things, scope string) string {
	return "Maximum number of " + things + " for this " + scope + " has been reached.  Please contact AWS if you need additional " + things + "."
}

// TestQuotas: one more than allowed is a 429 whose text is quoted for resources.
func TestQuotas(t *testing.T) {
	tags := func(n int) map[string]string {
		out := map[string]string{}
		for i := range n {
			out[fmt.Sprintf("k%d", i)] = "v"
		}
		return out
	}
	t.Run("resources", func(t *testing.T) {
		p := newPetAPI(t)
		p.Quotas[ResourcesPerAPI] = 3 // / and /pets are there
		p.do("POST", p.base+"/resources/"+p.root, `{"pathPart":"a"}`)
		wantRefusal(t, p.call("POST", p.base+"/resources/"+p.root, `{"pathPart":"b"}`), 429, quotaText("Resources", "API"))
	})
	t.Run("stages", func(t *testing.T) {
		p := newPetAPI(t)
		id := p.deploy()
		for i := range 10 { // D: the default
			p.stage(fmt.Sprint("s", i), id)
		}
		wantRefusal(t, p.call("POST", p.base+"/stages", map[string]any{"stageName": "s10", "deploymentId": id}), 429, quotaText("Stages", "API"))
		wantRefusal(t, p.call("POST", p.base+"/deployments", map[string]any{"stageName": "s10"}), 429, quotaText("Stages", "API"))
		p.Quotas[StagesPerAPI] = -1
		p.stage("s10", id)
	})
	t.Run("APIs", func(t *testing.T) {
		h := newHarness(t)
		h.Quotas[APIsPerRegion] = 1
		h.do("POST", "/restapis", `{"name":"a"}`)
		wantRefusal(t, h.call("POST", "/restapis", `{"name":"b"}`), 429, quotaText("REST APIs", "account"))
	})
	t.Run("variables", func(t *testing.T) {
		p := newPetAPI(t)
		stage := p.stage("prod", p.deploy())
		p.do("PATCH", stage, patchBody(op{"replace", "/variables", manyVariables(100)}, op{"replace", "/variables/v1", "again"}))
		wantRefusal(t, p.patch(stage, op{"replace", "/variables/other", "x"}), 429, quotaText("Variables", "stage"))
	})
	t.Run("tags", func(t *testing.T) {
		p := newPetAPI(t)
		arn := "/tags/arn:aws:apigateway:eu-west-1::" + p.base
		p.do("PUT", arn, map[string]any{"tags": tags(50)})
		wantRefusal(t, p.call("PUT", arn, `{"tags":{"other":"x"}}`), 429, quotaText("Tags", "resource"))
		wantRefusal(t, p.call("POST", "/restapis", map[string]any{"name": "n", "tags": tags(51)}), 429, quotaText("Tags", "resource"))
	})
}
