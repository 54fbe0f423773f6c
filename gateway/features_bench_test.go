package gateway

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/plan"
	"github.com/postern-gateway/postern/plan/spec"
)

// discard is a sink for benchmarks.
type discard struct{}

func (discard) Write(context.Context, []logs.Record) (int, error) { return 0, nil }
func (discard) Close(context.Context) error                       { return nil }

const commonLog = `$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] "$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength $context.requestId $context.extendedRequestId`

// BenchmarkFeature measures what each setting of a stage adds to a request for
// a method that is passed on: own-ns/op and own-allocs/op are the difference to
// the same request without the setting, measured in the same run. A cache hit
// saves the backend's call; its figure is what it costs in all.
func BenchmarkFeature(b *testing.B) {
	one := func(s apigw.MethodSetting) map[string]apigw.MethodSetting {
		return map[string]apigw.MethodSetting{"*/*": s}
	}
	many := spec.Throttle{Limited: true, Rate: 1e9, Burst: 1 << 30}
	hit := plan.StageInput{Stage: &apigw.Stage{MethodSettings: caching(nil)}, Cluster: someCluster}
	for _, feature := range []struct {
		name  string
		in    plan.StageInput
		whole bool // not a difference
	}{
		{"nothing", plan.StageInput{Stage: &apigw.Stage{}}, true},
		{"throttle", plan.StageInput{Stage: &apigw.Stage{MethodSettings: throttles(map[string][2]float64{"*/*": {1e9, 1 << 30}})}}, false},
		{"account_throttle", plan.StageInput{Stage: &apigw.Stage{}, Account: many}, false},
		{"cache_hit", hit, true},
		{"access_log", plan.StageInput{Stage: &apigw.Stage{AccessLogSettings: accessTo("arn:aws:logs:us-east-1:123456789012:log-group:g", commonLog)}}, false},
		{"execution_log_error", plan.StageInput{Stage: &apigw.Stage{MethodSettings: one(apigw.MethodSetting{LoggingLevel: new("ERROR")})}}, false},
		{"execution_log_info", plan.StageInput{Stage: &apigw.Stage{MethodSettings: one(apigw.MethodSetting{LoggingLevel: new("INFO")})}}, false},
		{"data_trace", plan.StageInput{Stage: &apigw.Stage{MethodSettings: one(apigw.MethodSetting{LoggingLevel: new("INFO"), DataTraceEnabled: new(true)})}}, false},
		{"canary", plan.StageInput{Stage: &apigw.Stage{CanarySettings: &apigw.CanarySettings{PercentTraffic: new(apigw.Double(50))}}}, false},
	} {
		b.Run(feature.name, func(b *testing.B) {
			base, with := stageServer(b, plan.StageInput{Stage: &apigw.Stage{}}), stageServer(b, feature.in)
			b.ResetTimer()
			var spent [2]time.Duration
			// In small turns, so that what else the machine does meets both.
			const turn = 500
			for done := 0; done < b.N; done += turn {
				for i, serve := range []func(){base, with} {
					before := b.Elapsed()
					for range min(turn, b.N-done) {
						serve()
					}
					spent[i] += b.Elapsed() - before
				}
			}
			b.StopTimer()
			own, allocs := spent[1], testing.AllocsPerRun(500, with)
			if !feature.whole {
				own, allocs = own-spent[0], allocs-testing.AllocsPerRun(500, base)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(own.Nanoseconds())/float64(b.N), "own-ns/op")
			b.ReportMetric(allocs, "own-allocs/op")
		})
	}
}

// stageServer returns a function that serves one request at a stage.
func stageServer(b *testing.B, in plan.StageInput) func() {
	b.Helper()
	answer := &integration.Response{Status: 200, Body: []byte(`{"ok": true}`), Header: exchange.Header{{Name: "Content-Type", Value: "application/json"}}}
	backend := invoker(func(context.Context, *integration.Request) (*integration.Response, error) { return answer, nil })
	in.API, _ = plan.CompileAPI(snapshot(cached("GET /pets")))
	in.Live = live.New(clock.System{})
	s := servingPlan(backend, in)
	queue := logs.NewQueue(logs.QueueConfig{Name: "discard", Sink: discard{}})
	b.Cleanup(func() { _ = queue.Close(context.Background()) })
	g := New(Config{Table: s.table, HTTP: backend, Live: in.Live, Logs: &logs.Router{Routes: []logs.Route{{Queue: queue}}}})
	x := request("GET /dev/pets?a=1", []string{"User-Agent: bench", "Accept: */*", "Accept-Encoding: gzip"}, "")
	header := make(exchange.Header, 0, 16)
	return func() {
		x.Response = exchange.Response{Header: header[:0]}
		x.Request.Body = strings.NewReader("")
		g.Serve(context.Background(), x)
		if x.Response.Status != 200 {
			b.Fatalf("status %d %s", x.Response.Status, x.Response.Body)
		}
	}
}
