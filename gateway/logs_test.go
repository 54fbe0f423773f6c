package gateway

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/plan"
)

// memory is a sink that keeps records by group or delivery stream.
type memory struct {
	mu      sync.Mutex
	records map[string][]string
	streams map[string]bool
}

func (m *memory) Write(_ context.Context, batch []logs.Record) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range batch {
		m.records[r.Name()] = append(m.records[r.Name()], r.Message)
		m.streams[r.Stream] = true
	}
	return 0, nil
}

func (*memory) Close(context.Context) error { return nil }

// loggedGateway serves a stage with its logs in memory.
func loggedGateway(t *testing.T, backend integration.Invoker, in plan.StageInput) (*Gateway, func() *memory) {
	t.Helper()
	sink := &memory{records: map[string][]string{}, streams: map[string]bool{}}
	queue := logs.NewQueue(logs.QueueConfig{Name: "memory", Sink: sink})
	t.Cleanup(func() { _ = queue.Close(context.WithoutCancel(t.Context())) })
	g := servingPlan(backend, in)
	g = New(Config{
		Table: g.table, HTTP: backend, Clock: clock.NewManual(testTime), IDs: ids.Seeded(1),
		Logs: &logs.Router{Routes: []logs.Route{{Queue: queue}}}, Node: "n1",
	})
	return g, func() *memory {
		if err := queue.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		return sink
	}
}

const (
	accessGroup    = "/access"
	executionGroup = "API-Gateway-Execution-Logs_" + testAPI + "/dev"
)

func accessTo(destination, format string) *apigw.AccessLogSettings {
	return &apigw.AccessLogSettings{DestinationArn: &destination, Format: &format}
}

func settings(level string, trace bool) map[string]apigw.MethodSetting {
	return map[string]apigw.MethodSetting{"*/*": {LoggingLevel: &level, DataTraceEnabled: &trace}}
}

// TestAccessLog: one line for each request that reached the stage, whatever
// became of it, and none for others.
func TestAccessLog(t *testing.T) {
	const format = "$context.httpMethod $context.path $context.resourcePath $context.status $context.responseLength " +
		"$context.integration.status $context.error.responseType $context.deploymentId $context.isCanaryRequest"
	for _, test := range []struct {
		name, request string
		backend       *recorder
		want          []string
	}{
		{"success", "GET /dev/pets?a=1", &recorder{res: integration.Response{Status: 201, Body: []byte("abc")}}, []string{"GET /dev/pets /pets 200 3 201 - d1 -"}},
		{"routing", "GET /dev/cats", nil, []string{"GET /dev/cats - 403 42 - MISSING_AUTHENTICATION_TOKEN d1 -"}},
		{"backend", "GET /dev/pets", &recorder{err: &integration.Error{Kind: integration.Timeout, Cause: context.DeadlineExceeded}}, []string{"GET /dev/pets /pets 504 41 - INTEGRATION_TIMEOUT d1 -"}},
		{"head", "GET /dev/pets?" + strings.Repeat("a", 20000), nil, []string{"GET /dev/pets - 414 34 - - d1 -"}},
		{"another stage", "GET /prod/pets", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, _ := plan.CompileAPI(snapshot(backendMethod("GET /pets", apigw.Integration{Type: new("HTTP"), Uri: new("http://b/")})))
			g, written := loggedGateway(t, test.backend, plan.StageInput{API: a, Stage: &apigw.Stage{
				DeploymentId:      new("d1"),
				AccessLogSettings: accessTo("arn:aws:logs:us-east-1:123456789012:log-group:"+accessGroup, format+"\n"),
			}})
			serve(t, g, request(test.request, nil, ""))
			if diff := cmp.Diff(test.want, written().records[accessGroup]); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAccessLogOfReplacedID: what a client sent instead of an id is told by a
// word of the guide.
func TestAccessLogOfReplacedID(t *testing.T) {
	a, _ := plan.CompileAPI(snapshot(mockMethod("GET /", "x")))
	g, written := loggedGateway(t, nil, plan.StageInput{API: a, Stage: &apigw.Stage{
		AccessLogSettings: accessTo("arn:aws:logs:us-east-1:123456789012:log-group:"+accessGroup, "$context.requestId"),
	}})
	const mine = "4f7a1c2e-0000-4000-8000-1234567890ab"
	for _, id := range []string{"none", mine} {
		serve(t, g, request("GET /dev", []string{"x-amzn-RequestId: " + id}, ""))
	}
	if diff := cmp.Diff([]string{"UUID_REPLACED_INVALID_REQUEST_ID", mine}, written().records[accessGroup]); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// TestAccessLogDestinations: the kinds of destinations, and settings that are
// not complete.
func TestAccessLogDestinations(t *testing.T) {
	const id = "$context.requestId"
	group, delivery := "arn:aws:logs:eu-west-1:123456789012:log-group:"+accessGroup, "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x"
	for _, test := range []struct {
		name     string
		settings *apigw.AccessLogSettings
		want     string
	}{
		{"group", accessTo(group, id), accessGroup},
		{"delivery stream", accessTo(delivery, id), "amazon-apigateway-x"},
		{"no format", &apigw.AccessLogSettings{DestinationArn: &group}, ""},
		{"no destination", &apigw.AccessLogSettings{Format: new(id)}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, _ := plan.CompileAPI(snapshot(mockMethod("GET /", "")))
			g, written := loggedGateway(t, nil, plan.StageInput{API: a, Stage: &apigw.Stage{AccessLogSettings: test.settings}})
			serve(t, g, request("GET /dev", nil, ""))
			var got []string
			for name := range written().records {
				got = append(got, name)
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("lines in %q, want %q", got, test.want)
			}
		})
	}
}

// TestCanaryLogs: the lines of a canary are in the stage's groups and in its own.
func TestCanaryLogs(t *testing.T) {
	for _, percent := range []float64{0, 100} {
		a, _ := plan.CompileAPI(snapshot(mockMethod("GET /", "")))
		g, written := loggedGateway(t, nil, plan.StageInput{API: a, Stage: &apigw.Stage{
			AccessLogSettings: accessTo("arn:aws:logs:us-east-1:123456789012:log-group:"+accessGroup, "$context.requestId $context.isCanaryRequest"),
			MethodSettings:    settings("INFO", false),
			CanarySettings:    &apigw.CanarySettings{PercentTraffic: new(apigw.Double(percent))},
		}})
		serve(t, g, request("GET /dev", nil, ""))
		got := written()
		for _, group := range []string{accessGroup, executionGroup} {
			own := got.records[group+"/Canary"]
			if len(got.records[group]) == 0 || percent == 0 && own != nil || percent == 100 && !cmp.Equal(own, got.records[group]) {
				t.Errorf("%v %%: group %s has %q, its canary %q", percent, group, got.records[group], own)
			}
		}
		if want := map[string]bool{testTime.UTC().Format("2006/01/02/") + "n1": true}; !cmp.Equal(got.streams, want) {
			t.Errorf("streams %v, want %v", got.streams, want)
		}
	}
}

// TestExecutionLog: the lines of a request at each level. The lines and their
// order are those of logs of the service.
func TestExecutionLog(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200, Header: exchange.Header{{Name: "Content-Type", Value: "text/plain"}}, Body: []byte("answer")}}
	timeout := &recorder{err: &integration.Error{Kind: integration.Timeout, Cause: context.DeadlineExceeded}}
	const (
		place = testAPI + "/dev"
		id    = "7b1d0a5c-3a4e-4c8e-9d7e-0123456789ab"
	)
	beginning := []string{
		"Extended Request Id: EXTENDED",
		"Verifying Usage Plan for request: " + id + ". API Key:  API Stage: " + place,
		"API Key  authorized because method 'GET /pets' does not require API Key. Request will not contribute to throttle or quota limits",
		"Usage Plan check succeeded for API Key  and API Stage " + place,
		"Starting execution for request: " + id,
		"HTTP Method: GET, Resource Path: /pets",
	}
	join := func(parts ...[]string) (out []string) {
		for _, part := range parts {
			out = append(out, part...)
		}
		return out
	}
	received := []string{"Received response. Status: 200, Integration latency: 0 ms"}
	done := []string{"Successfully completed execution", "Method completed with status: 200"}
	failed := []string{"Execution failed due to a timeout error", "Gateway response type: INTEGRATION_TIMEOUT with status code: 504"}
	for _, test := range []struct {
		name, target string
		settings     map[string]apigw.MethodSetting
		backend      *recorder
		want         []string
	}{
		{"off", "/pets", settings("OFF", true), backend, nil},
		{"no settings", "/pets", nil, backend, nil},
		{"routing", "/cats", settings("INFO", true), backend, nil},
		{"error, success", "/pets", settings("ERROR", true), backend, []string{"Method completed with status: 200"}},
		{"error, failure", "/pets", settings("ERROR", true), timeout, join(failed, []string{"Method completed with status: 504"})},
		{"info", "/pets", settings("INFO", false), backend, join(beginning, []string{"Sending request to http://b/"}, received, done)},
		{"info, failure", "/pets", settings("INFO", false), timeout, join(beginning, []string{"Sending request to http://b/"}, failed, []string{"Method completed with status: 504"})},
		{"data trace", "/pets", settings("INFO", true), backend, join(beginning, []string{
			"Method request path: {}", "Method request query string: {q=1}",
			"Method request headers: {Authorization=****567890, x-amzn-RequestId=" + id + "}", "Method request body before transformations: ",
			"Endpoint request URI: http://b/?q=1",
			"Endpoint request headers: {Authorization=****567890, x-amzn-RequestId=" + id + ", X-Forwarded-For=192.0.2.7, X-Forwarded-Port=4566, X-Forwarded-Proto=http, X-Amzn-Apigateway-Api-Id=" + testAPI + ", X-Amzn-Trace-Id=TRACE}",
			"Endpoint request body after transformations: ", "Sending request to http://b/?q=1",
		}, received, []string{
			"Endpoint response headers: {Content-Type=text/plain}", "Endpoint response body before transformations: answer",
			"Method response body after transformations: answer", "Method response headers: {Content-Type=text/plain}",
		}, done)},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, _ := plan.CompileAPI(snapshot(backendMethod("GET /pets", apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("http://b/")})))
			g, written := loggedGateway(t, test.backend, plan.StageInput{API: a, Stage: &apigw.Stage{MethodSettings: test.settings}})
			query := ""
			if test.name == "data trace" {
				query = "?q=1"
			}
			x := request("GET /dev"+test.target+query, []string{"Authorization: 1234567890", "x-amzn-RequestId: " + id}, "")
			extended := serve(t, g, x).Header.Get("x-amz-apigw-id")
			var got []string
			for _, line := range written().records[executionGroup] {
				line = strings.ReplaceAll(strings.TrimPrefix(line, "("+id+") "), extended, "EXTENDED")
				if before, after, ok := strings.Cut(line, "X-Amzn-Trace-Id="); ok {
					_, after, _ = strings.Cut(after, "}")
					line = before + "X-Amzn-Trace-Id=TRACE}" + after
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}
