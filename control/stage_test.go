package control

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCreateStage(t *testing.T) {
	const minimal = `{"stageName":"s1","deploymentId":"$1","cacheClusterEnabled":false,"cacheClusterStatus":"NOT_AVAILABLE","methodSettings":{},"tracingEnabled":false,"createdDate":1714557600,"lastUpdatedDate":1714557600}`
	for _, row := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"R minimal", `{"stageName":"s1","deploymentId":"$1"}`, 201, minimal},
		{"R empty members are omitted", `{"stageName":"s1","deploymentId":"$1","description":"","variables":{},"tags":{},"documentationVersion":""}`, 201, minimal},
		{"D hyphen", `{"stageName":"a-B_9","deploymentId":"$1","description":"d","tracingEnabled":true,"variables":{"a":"1"},"tags":{"k":"v"}}`, 201,
			`{"stageName":"a-B_9","deploymentId":"$1","description":"d","cacheClusterEnabled":false,"cacheClusterStatus":"NOT_AVAILABLE","methodSettings":{},"tracingEnabled":true,"variables":{"a":"1"},"tags":{"k":"v"},"createdDate":1714557600,"lastUpdatedDate":1714557600}`},
		{"I cache without size", `{"stageName":"s1","deploymentId":"$1","cacheClusterEnabled":true}`, 201,
			`{"stageName":"s1","deploymentId":"$1","cacheClusterEnabled":true,"cacheClusterSize":"0.5","cacheClusterStatus":"CREATE_IN_PROGRESS","methodSettings":{},"tracingEnabled":false,"createdDate":1714557600,"lastUpdatedDate":1714557600}`},
		{"C size of a disabled cache is not shown", `{"stageName":"s1","deploymentId":"$1","cacheClusterSize":"237"}`, 201, minimal},
		{"E canary defaults", `{"stageName":"s1","deploymentId":"$1","canarySettings":{}}`, 201,
			strings.TrimSuffix(minimal, "}") + `,"canarySettings":{"deploymentId":"$1","percentTraffic":0,"useStageCache":false}}`},
		{"E canary", `{"stageName":"s1","deploymentId":"$1","canarySettings":{"deploymentId":"$2","percentTraffic":12.5,"useStageCache":true,"stageVariableOverrides":{"a":"1"}}}`, 201,
			strings.TrimSuffix(minimal, "}") + `,"canarySettings":{"deploymentId":"$2","percentTraffic":12.5,"useStageCache":true,"stageVariableOverrides":{"a":"1"}}}`},
		{"F name", `{"stageName":"a b","deploymentId":"$1"}`, 400, "Stage name only allows a-zA-Z0-9_"},
		{"D name too long", `{"stageName":"` + strings.Repeat("a", 129) + `","deploymentId":"$1"}`, 400, "Stage name only allows a-zA-Z0-9_"},
		{"F there already", `{"stageName":"taken","deploymentId":"$1"}`, 409, "Stage already exists"},
		{"F empty deployment", `{"stageName":"s1","deploymentId":""}`, 400, "DeploymentId cannot be empty"},
		{"I unknown deployment", `{"stageName":"s1","deploymentId":"nope"}`, 404, "Invalid Deployment identifier specified"},
		{"E unknown deployment of the canary", `{"stageName":"s1","deploymentId":"$1","canarySettings":{"deploymentId":"nope"}}`, 400, "Deployment id does not exist"},
		{"F variable", `{"stageName":"s1","deploymentId":"$1","variables":{"a":"<"}}`, 400, variableText("a")},
		{"F override", `{"stageName":"s1","deploymentId":"$1","canarySettings":{"stageVariableOverrides":{"a":"<"}}}`, 400, variableText("a")},
		{"I percent", `{"stageName":"s1","deploymentId":"$1","canarySettings":{"percentTraffic":-1}}`, 400, "Invalid canary percentTraffic specified. Must be between 0.0 and 100.0"},
		{"I documentation version", `{"stageName":"s1","deploymentId":"$1","documentationVersion":"v1"}`, 400, "Invalid Documentation version identifier specified"},
		{"D tag", `{"stageName":"s1","deploymentId":"$1","tags":{"aws:a":"b"}}`, 400, "Invalid tag key: aws:a. Tag keys cannot start with aws:"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := newPetAPI(t)
			fill := strings.NewReplacer("$1", p.deploy(), "$2", p.deploy())
			p.stage("taken", p.deploy())
			got := p.call("POST", p.base+"/stages", fill.Replace(row.body))
			if row.status < 300 {
				wantBody(t, got, row.status, fill.Replace(row.want))
				return
			}
			wantRefusal(t, got, row.status, row.want)
		})
	}
}

func TestStageNotFound(t *testing.T) {
	p := newPetAPI(t)
	for _, call := range [][2]string{{"GET", ""}, {"PATCH", ""}, {"DELETE", ""}, {"DELETE", "/cache/data"}, {"DELETE", "/cache/authorizers"}} {
		wantRefusal(t, p.call(call[0], p.base+"/stages/nope"+call[1], nil), 404, "Invalid stage identifier specified")
		wantRefusal(t, p.call(call[0], "/restapis/nope/stages/nope"+call[1], nil), 404, "Invalid API identifier specified "+testAccount+":nope")
	}
}

// TestStageLists: the filter finds production and canary, and a flush neither
// moves lastUpdatedDate nor shows.
func TestStageLists(t *testing.T) {
	p := newPetAPI(t)
	first, second := p.deploy(), p.deploy()
	a := p.stage("a", first)
	b := p.stage("b", second)
	p.do("PATCH", b, patchBody(op{"replace", "/canarySettings/deploymentId", first}))
	for _, row := range []struct {
		query string
		want  int
	}{{"", 2}, {"?deploymentId=" + first, 2}, {"?deploymentId=" + second, 1}, {"?deploymentId=nope", 0}} {
		got := p.do("GET", p.base+"/stages"+row.query, nil)
		if items := got["item"].([]any); len(items) != row.want || got["position"] != nil {
			t.Errorf("GetStages %s: got %v, want %d stages", row.query, got, row.want)
		}
	}
	before := p.call("GET", a, nil)
	p.clock.Advance(time.Minute)
	for _, cache := range []string{"/cache/data", "/cache/authorizers"} {
		if got := p.call("DELETE", a+cache, nil); got.status != 202 || got.body != "" {
			t.Errorf("flush %s: got %v, want 202 without body", cache, got)
		}
	}
	if after := p.call("GET", a, nil); after != before {
		t.Errorf("after a flush: got %v, want %v", after, before)
	}
	if got := p.call("DELETE", a, nil); got.status != 202 || got.body != "" {
		t.Errorf("DeleteStage: got %v, want 202 without body", got)
	}
	wantRefusal(t, p.call("GET", a, nil), 404, "Invalid stage identifier specified")
}

// TestDoublesAreWritten with a fraction, which no comparison of decoded answers sees.
func TestDoublesAreWritten(t *testing.T) {
	p := newPetAPI(t)
	got := p.patch(p.stage("prod", p.deploy()), op{"replace", "/canarySettings/percentTraffic", "50"}, op{"replace", "/*/*/caching/enabled", "true"})
	for _, part := range []string{`"percentTraffic":50.0`, `"throttlingRateLimit":10000.0`, `"throttlingBurstLimit":5000,`} {
		if !strings.Contains(got.body, part) {
			t.Errorf("answer %v: want it to contain %s", got, part)
		}
	}
	// Recorded: a fresh "*/*".
	var stage struct{ MethodSettings map[string]json.RawMessage }
	if err := json.Unmarshal([]byte(got.body), &stage); err != nil {
		t.Fatal(err)
	}
	want := `{"cacheDataEncrypted":false,"cacheTtlInSeconds":300,"cachingEnabled":true,"dataTraceEnabled":false,"metricsEnabled":false,"requireAuthorizationForCacheControl":true,"throttlingBurstLimit":5000,"throttlingRateLimit":10000.0,"unauthorizedCacheControlHeaderStrategy":"SUCCEED_WITH_RESPONSE_HEADER"}`
	if diff := cmp.Diff(decodeAnswer(t, want), decodeAnswer(t, string(stage.MethodSettings["*/*"]))); diff != "" {
		t.Errorf("*/* (-want +got):\n%s", diff)
	}
}

// TestTerraformUpdate is the recorded order of one UpdateStage of Terraform 5.100,
// but for the documentation version, of which there are none yet.
func TestTerraformUpdate(t *testing.T) {
	p := newPetAPI(t)
	stage := p.stage("prod", p.deploy())
	p.do("PATCH", stage, patchBody(
		op{"replace", "/canarySettings/stageVariableOverrides/one", "1"}, op{"replace", "/variables/a", "1"}, op{"replace", "/description", "d"},
		op{"replace", "/accessLogSettings/format", "$context.requestId"}, op{"replace", "/cacheClusterEnabled", "false"}))
	wantMembers(t, p.patch(stage,
		op{"replace", "/cacheClusterEnabled", "false"}, op{"replace", "/clientCertificateId", ""},
		op{"remove", "/canarySettings/stageVariableOverrides/one"}, op{"replace", "/canarySettings/stageVariableOverrides/four", "5"},
		op{"replace", "/canarySettings/percentTraffic", "66.660000"}, op{"replace", "/canarySettings/useStageCache", "false"},
		op{"replace", "/description", ""}, op{"replace", "/tracingEnabled", "false"}, op{"replace", "/documentationVersion", ""},
		op{"remove", "/variables/a"}, op{"replace", "/variables/b", "3"}, op{"remove", "/accessLogSettings"},
	), 200, `{"cacheClusterEnabled":false,"cacheClusterStatus":"NOT_AVAILABLE","description":null,"variables":{"b":"3"},"accessLogSettings":null,"clientCertificateId":null}`)
	settings := p.do("PATCH", stage, patchBody(op{"replace", "/pets/GET/throttling/rateLimit", "3.500000"}, op{"replace", "/*/*/throttling/rateLimit", "-1.000000"}))["methodSettings"].(map[string]any)
	if settings["pets/GET"].(map[string]any)["throttlingRateLimit"] != 3.5 || settings["*/*"].(map[string]any)["throttlingRateLimit"] != -1.0 {
		t.Errorf("methodSettings: got %v", settings)
	}
	wantMembers(t, p.patch(stage, op{"remove", "/pets/GET"}, op{"remove", "/*/*"}), 200, `{"methodSettings":{}}`)
	wantRefusal(t, p.patch(stage, op{"remove", "/*/*"}), 400, "Cannot remove method setting */* because there is no method setting for this method ")
}

// TestPromotion is the documented promotion, in one request.
func TestPromotion(t *testing.T) {
	p := newPetAPI(t)
	first := p.deploy()
	stage := p.stage("prod", first)
	p.do("PATCH", stage, patchBody(op{"replace", "/variables", `{"a":"1","b":"1"}`}))
	second := p.do("POST", p.base+"/deployments", `{"stageName":"prod","canarySettings":{"percentTraffic":10,"stageVariableOverrides":{"b":"2","c":"2"}}}`)["id"]
	wantRefusal(t, p.patch(stage, op{"copy", "/variables", "-", "/variables"}), 400,
		"Invalid copy operation with path: /variables and from /variables. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]")
	wantMembers(t, p.patch(stage,
		op{"replace", "/canarySettings/percentTraffic", "0.0"},
		op{"copy", "/variables", "-", "/canarySettings/stageVariableOverrides"},
		op{"copy", "/deploymentId", "-", "/canarySettings/deploymentId"},
	), 200, fmt.Sprintf(`{"deploymentId":%q,"variables":{"a":"1","b":"2","c":"2"},
		"canarySettings":{"deploymentId":%q,"percentTraffic":0,"useStageCache":false,"stageVariableOverrides":{"b":"2","c":"2"}}}`, second, second))
}

// TestCacheClusterStates: what clients see while they poll.
func TestCacheClusterStates(t *testing.T) {
	p := newPetAPI(t)
	stage := p.stage("prod", p.deploy())
	show := func(when, status string, size any) {
		t.Helper()
		got := p.do("GET", stage, nil)
		if got["cacheClusterStatus"] != status || got["cacheClusterSize"] != size {
			t.Errorf("%s: got %v %v, want %s %v", when, got["cacheClusterStatus"], got["cacheClusterSize"], status, size)
		}
	}
	busy := func(ops ...op) {
		t.Helper()
		wantRefusal(t, p.patch(stage, ops...), 409, "Unable to complete operation due to concurrent modification. Please try again later.")
	}
	p.do("PATCH", stage, patchBody(op{"replace", "/cacheClusterSize", "1.6"}))
	show("size while disabled", "NOT_AVAILABLE", nil)
	p.do("PATCH", stage, patchBody(op{"replace", "/cacheClusterEnabled", "true"}))
	show("enabled", "CREATE_IN_PROGRESS", "1.6")
	p.clock.Advance(499 * time.Millisecond)
	show("a moment before it is ready", "CREATE_IN_PROGRESS", "1.6")
	p.do("PATCH", stage, patchBody(op{"replace", "/cacheClusterEnabled", "true"}, op{"replace", "/cacheClusterSize", "1.6"})) // V
	busy(op{"replace", "/cacheClusterSize", "6.1"})
	busy(op{"replace", "/cacheClusterEnabled", "false"})
	p.clock.Advance(time.Millisecond)
	show("ready", "AVAILABLE", "1.6")
	p.do("PATCH", stage, patchBody(op{"replace", "/cacheClusterSize", "6.1"}))
	show("resized", "CREATE_IN_PROGRESS", "6.1")
	p.clock.Advance(time.Second)
	p.do("PATCH", stage, patchBody(op{"replace", "/cacheClusterEnabled", "false"}, op{"replace", "/cacheClusterSize", ""})) // C
	show("disabled", "NOT_AVAILABLE", nil)
	p.CacheDelay = time.Hour
	p.do("PATCH", stage, patchBody(op{"replace", "/cacheClusterEnabled", "true"}))
	p.clock.Advance(time.Hour - 1)
	show("a slower cluster, with the size it had", "CREATE_IN_PROGRESS", "6.1")
	p.clock.Advance(1)
	show("a slower cluster", "AVAILABLE", "6.1")
}

// TestLogRole: the precondition is a setting.
func TestLogRole(t *testing.T) {
	const text = "CloudWatch Logs role ARN must be set in account settings to enable logging"
	p := newPetAPI(t)
	stage := p.stage("prod", p.deploy())
	info := op{"replace", "/*/*/logging/loglevel", "INFO"}
	p.do("PATCH", stage, patchBody(info))
	p.RequireLogRole = true
	wantRefusal(t, p.patch(stage, info), 400, text)
	wantRefusal(t, p.patch(stage, op{"replace", "/methodSettings", `{"*/*":{"loggingLevel":"ERROR"}}`}), 400, text)
	p.do("PATCH", stage, patchBody(op{"replace", "/*/*/logging/loglevel", "OFF"}))
	p.do("PATCH", "/account", patchBody(op{"replace", "/cloudwatchRoleArn", "arn:aws:iam::123456789012:role/logs"}))
	p.do("PATCH", stage, patchBody(info))
}

// TestTooManyOperations: 500 must pass; the text is quoted by users.
func TestTooManyOperations(t *testing.T) {
	p := newPetAPI(t)
	stage := p.stage("prod", p.deploy())
	ops := make([]op, 1001)
	for i := range ops {
		ops[i] = op{"replace", "/description", "d"}
	}
	p.do("PATCH", stage, patchBody(ops[:500]...))
	wantRefusal(t, p.patch(stage, ops...), 400, "Update size too large. Try updating stage in multiple UpdateStage operations")
}

// TestAggregatedOperations: step 2 and section 1.1, recorded.
func TestAggregatedOperations(t *testing.T) {
	part := func(resource, value string, n int) string {
		return fmt.Sprintf("Value '%s' at 'update%sInput.patchOperations.%d.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]", value, resource, n)
	}
	p := newPetAPI(t)
	for _, row := range []struct{ path, body, want string }{
		{"/restapis/nope/stages/nope", `{"patchOperations":[{"op":"wrong","path":"/a"}]}`, "1 validation error detected: " + part("Stage", "wrong", 1)},
		{"/restapis/nope", `{"patchOperations":[{"op":"replace","path":"/name","value":"x"},{"op":"","path":"/a"},{"op":"ADD"}]}`, "2 validation errors detected: " + part("RestApi", "", 2) + "; " + part("RestApi", "ADD", 3)},
		{p.method + "/responses/abc", `{"patchOperations":[{"op":"x"}]}`, "2 validation errors detected: " + part("MethodResponse", "x", 1) + `; Value 'abc' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`},
	} {
		got := p.call("PATCH", row.path, row.body)
		if got.status != 400 || got.code != "ValidationException" || got.message() != row.want {
			t.Errorf("PATCH %s %s:\ngot  %v\nwant ValidationException %s", row.path, row.body, got, row.want)
		}
	}
}
