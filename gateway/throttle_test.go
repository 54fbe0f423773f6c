package gateway

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/plan"
	"github.com/postern-gateway/postern/plan/spec"
)

// limited is a gateway whose stage and time the test changes.
type limited struct {
	*Gateway
	clock *clock.Manual
	live  *live.State
	api   *plan.API
}

func newLimited(t *testing.T, methods ...method) *limited {
	t.Helper()
	l := &limited{clock: clock.NewManual(testTime)}
	l.live = live.New(l.clock)
	l.api, _ = plan.CompileAPI(snapshot(methods...))
	l.Gateway = New(Config{Table: &Table{}, Live: l.live, Clock: l.clock, IDs: ids.Seeded(1)})
	return l
}

func (l *limited) set(account spec.Throttle, stage apigw.Stage) {
	stage.StageName = new("dev")
	compiled := plan.CompileStage(plan.StageInput{API: l.api, Stage: &stage, Account: account, Live: l.live})
	l.table.Set(testAPI, map[string]*plan.Stage{"dev": compiled})
}

// admitted asks until it is refused, and returns how often it was not.
func (l *limited) admitted(t *testing.T, line string) int {
	t.Helper()
	for n := 0; ; n++ {
		x := request(line, nil, "")
		res := serve(t, l.Gateway, x)
		if res.Status == 200 && n < 1000 {
			continue
		}
		if res.Status != 429 || string(res.Body) != `{"message":"Too Many Requests"}` || res.Header.Get("x-amzn-ErrorType") != "TooManyRequestsException" {
			t.Fatalf("%s: request %d: %d %s %v", line, n, res.Status, res.Body, res.Header)
		}
		return n
	}
}

func throttles(entries map[string][2]float64) map[string]apigw.MethodSetting {
	out := map[string]apigw.MethodSetting{}
	for key, limit := range entries {
		out[key] = apigw.MethodSetting{ThrottlingRateLimit: new(apigw.Double(limit[0])), ThrottlingBurstLimit: new(int32(limit[1]))}
	}
	return out
}

var wide = spec.Throttle{Limited: true, Rate: 1e6, Burst: 1 << 20}

// TestThrottle: every method has its own bucket, that of its own setting or of
// the general one; verbs of a method ANY have one each.
func TestThrottle(t *testing.T) {
	l := newLimited(t, mockMethod("GET /a", ""), mockMethod("GET /b", ""), mockMethod("ANY /any", ""), mockMethod("GET /zero", ""))
	l.set(wide, apigw.Stage{MethodSettings: throttles(map[string][2]float64{
		"*/*": {1, 5}, "b/GET": {2, 3}, "any/POST": {1, 2}, "zero/GET": {0, 0},
	})})
	for _, test := range []struct {
		line                string
		first, second, hour int // admitted at once, after a second, after an hour
	}{
		{"GET /dev/a", 5, 1, 5}, {"GET /dev/b", 3, 2, 3},
		{"GET /dev/any", 5, 1, 5}, {"POST /dev/any", 2, 1, 2}, {"PUT /dev/any", 5, 1, 5},
		{"GET /dev/zero", 0, 0, 0},
	} {
		var got []int
		for _, wait := range []time.Duration{0, time.Second, time.Hour} {
			l.clock.Advance(wait)
			got = append(got, l.admitted(t, test.line))
		}
		if want := []int{test.first, test.second, test.hour}; !cmp.Equal(want, got) {
			t.Errorf("%s: %v, want %v", test.line, got, want)
		}
	}
}

// TestThrottleChanges: a change of the limit keeps what is in the bucket, and
// other changes of the stage do not touch it; a new stage of the name is full.
func TestThrottleChanges(t *testing.T) {
	l := newLimited(t, mockMethod("GET /a", ""))
	ask := func(what string, entries map[string][2]float64, variables map[string]string, want int) {
		t.Helper()
		l.set(wide, apigw.Stage{MethodSettings: throttles(entries), Variables: variables})
		if got := l.admitted(t, "GET /dev/a"); got != want {
			t.Errorf("%s: %d admitted, want %d", what, got, want)
		}
	}
	ask("at first", map[string][2]float64{"*/*": {1, 5}}, nil, 5)
	ask("another variable", map[string][2]float64{"*/*": {1, 5}}, map[string]string{"v": "1"}, 0)
	ask("a larger burst", map[string][2]float64{"*/*": {1, 50}}, nil, 0)
	l.clock.Advance(10 * time.Second)
	ask("a setting of its own", map[string][2]float64{"*/*": {1, 50}, "a/GET": {1, 7}}, nil, 7)
	l.live.Buckets.Forget(live.StageKey{Scope: live.Scope{Account: "123456789012", Region: "us-east-1"}, API: testAPI, Stage: "dev"})
	ask("a new stage", map[string][2]float64{"*/*": {1, 5}}, nil, 5)
}

// TestThrottleAccount: the account's limit is that of all its stages together,
// and of methods that have none.
func TestThrottleAccount(t *testing.T) {
	l := newLimited(t, mockMethod("GET /a", ""), mockMethod("GET /b", ""))
	account := spec.Throttle{Limited: true, Rate: 10, Burst: 8}
	l.set(account, apigw.Stage{MethodSettings: throttles(map[string][2]float64{"a/GET": {100, 3}})})
	if got := l.admitted(t, "GET /dev/a"); got != 3 {
		t.Errorf("its own limit: %d, want 3", got)
	}
	// The refused request took no token of the account: the guide puts it after.
	if got := l.admitted(t, "GET /dev/b"); got != 5 {
		t.Errorf("the rest of the account: %d, want 5", got)
	}
	l.clock.Advance(100 * time.Millisecond)
	if got := l.admitted(t, "GET /dev/a"); got != 1 {
		t.Errorf("both limits: %d, want 1", got)
	}
	l.set(spec.Throttle{}, apigw.Stage{})
	for range 100 {
		if res := serve(t, l.Gateway, request("GET /dev/b", nil, "")); res.Status != 200 {
			t.Fatalf("without limits: %d", res.Status)
		}
	}
}

// TestThrottleLog: the lines of a request that is throttled, as in logs of the
// service.
func TestThrottleLog(t *testing.T) {
	level := settings("INFO", false)
	entry := level["*/*"]
	entry.ThrottlingRateLimit, entry.ThrottlingBurstLimit = new(apigw.Double(0)), new(int32(0))
	level["*/*"] = entry
	a, _ := plan.CompileAPI(snapshot(mockMethod("GET /", "")))
	g, written := loggedGateway(t, nil, plan.StageInput{API: a, Stage: &apigw.Stage{MethodSettings: level}, Live: live.New(clock.NewManual(testTime))})
	res := serve(t, g, request("GET /dev", []string{"x-amzn-RequestId: " + explainedID}, ""))
	extended := res.Header.Get("x-amz-apigw-id")
	prefix := "(" + explainedID + ") "
	want := []string{
		prefix + "Extended Request Id: " + extended,
		prefix + "Verifying Usage Plan for request: " + explainedID + ". API Key:  API Stage: " + testAPI + "/dev",
		prefix + "Key throttle limit exceeded for RestApi " + testAPI + ", Stage dev, Resource id-, HttpMethod GET. Limit: 0.00 Burst: 0",
		prefix + "Method completed with status: 429",
	}
	if diff := cmp.Diff(want, written().records[executionGroup]); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// TestThrottleCanary: both releases of a stage have one bucket.
func TestThrottleCanary(t *testing.T) {
	l := newLimited(t, mockMethod("GET /a", ""))
	for i, percent := range []float64{0, 100, 50} {
		l.set(wide, apigw.Stage{
			MethodSettings: throttles(map[string][2]float64{"*/*": {1, 5}}),
			CanarySettings: &apigw.CanarySettings{PercentTraffic: new(apigw.Double(percent))},
		})
		if got, want := l.admitted(t, "GET /dev/a"), []int{5, 0, 0}[i]; got != want {
			t.Errorf("%v %%: %d, want %d", percent, got, want)
		}
	}
}
