package sdk

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cw "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/test/postern"
)

// times calls a stage n times.
func times(t *testing.T, server *postern.Server, n int, verb, api, path string, status int) {
	t.Helper()
	stage, rest, _ := strings.Cut(path, "/")
	for range n {
		answer, err := server.Call(t.Context(), verb, server.StageURL(api, stage)+"/"+rest, "", "")
		if err != nil || answer.Status != status {
			t.Fatalf("%s %s: %+v, %v, want %d", verb, path, answer, err, status)
		}
	}
}

func monitoring(server *postern.Server) *cloudwatch.Client {
	return cloudwatch.New(cloudwatch.Options{
		Region: postern.Region, BaseEndpoint: &server.BaseURL, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

// sum adds up a metric of a set of dimensions over the last hour and the next.
func sum(t *testing.T, c *cloudwatch.Client, metric, statistic string, set ...string) float64 {
	t.Helper()
	in := &cloudwatch.GetMetricStatisticsInput{
		Namespace: new("AWS/ApiGateway"), MetricName: &metric, Period: new(int32(60)), Statistics: []cw.Statistic{cw.Statistic(statistic)},
		StartTime: new(time.Now().Add(-time.Hour)), EndTime: new(time.Now().Add(time.Hour)),
	}
	for i := 0; i < len(set); i += 2 {
		in.Dimensions = append(in.Dimensions, cw.Dimension{Name: &set[i], Value: &set[i+1]})
	}
	out, err := c.GetMetricStatistics(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, p := range out.Datapoints {
		for _, value := range []*float64{p.Sum, p.SampleCount} {
			if value != nil {
				total += *value
			}
		}
	}
	return total
}

// TestMetrics: every request is counted once, under the labels and dimensions
// that the stage asks for, in CloudWatch and for Prometheus.
func TestMetrics(t *testing.T) {
	server, client := start(t)
	api := postern.NewAPI(t, client, "Lädchen")
	api.Proxy(t, "GET", "/pets/{id}", echo(t)+"/x")
	api.Proxy(t, "ANY", "/broken", "http://127.0.0.1:1/")
	api.Mock(t, "GET", "/mock", "m", nil)
	api.Deploy(t, "dev")
	api.Patch(t, "dev", postern.Replace("/~1pets~1{id}/GET/metrics/enabled", "true"))
	times(t, server, 3, "GET", api.ID, "dev/pets/1", 200)
	times(t, server, 2, "POST", api.ID, "dev/broken", 504)
	times(t, server, 4, "GET", api.ID, "dev/mock", 200)
	times(t, server, 5, "GET", api.ID, "dev/none", 403)
	api.Patch(t, "dev", postern.Replace("/~1pets~1{id}/GET/metrics/enabled", "false"))
	times(t, server, 6, "GET", api.ID, "dev/pets/2", 200)

	stage := fmt.Sprintf(`api="%s",api_name="Ldchen"`, api.ID)
	row := func(code, method, resource string) string {
		if code != "" {
			code = `,code="` + code + `"`
		}
		return stage + code + `,method="` + method + `",release="production",resource="` + resource + `",stage="dev"`
	}
	want := map[string]string{
		row("200", "", ""): "10", row("403", "", ""): "5", row("504", "", ""): "2", row("200", "GET", "/pets/{id}"): "3",
	}
	if diff := cmp.Diff(want, server.Samples(t, "postern_requests_total")); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	want = map[string]string{row("", "", ""): "17", row("", "GET", "/pets/{id}"): "3"}
	if diff := cmp.Diff(want, server.Samples(t, "postern_request_duration_seconds_count")); diff != "" {
		t.Errorf("durations (-want +got):\n%s", diff)
	}
	calls := map[string]string{}
	for labels, n := range server.Samples(t, "postern_integration_duration_seconds_count") {
		_, rest, _ := strings.Cut(labels, `integration_type="`)
		calls[rest[:len("HTTP_PROXY")]] += n + " "
	}
	if got := calls["HTTP_PROXY"]; got != "8 3 " && got != "3 8 " || len(calls) != 1 {
		t.Errorf("calls of backends %q, want 8 and 3 of HTTP_PROXY", calls)
	}

	c := monitoring(server)
	for _, m := range []struct {
		metric, statistic string
		want              float64
		set               []string
	}{
		{"Count", "SampleCount", 20, []string{"ApiName", "Ldchen"}},
		{"Count", "Sum", 20, []string{"ApiName", "Ldchen", "Stage", "dev"}},
		{"4XXError", "Sum", 5, []string{"ApiName", "Ldchen", "Stage", "dev"}},
		{"5XXError", "Sum", 2, []string{"ApiName", "Ldchen", "Stage", "dev"}},
		{"Latency", "SampleCount", 20, []string{"ApiName", "Ldchen", "Stage", "dev"}},
		{"IntegrationLatency", "SampleCount", 11, []string{"ApiName", "Ldchen", "Stage", "dev"}},
		{"Count", "Sum", 3, []string{"ApiName", "Ldchen", "Method", "GET", "Resource", "/pets/{id}", "Stage", "dev"}},
		{"Count", "Sum", 0, []string{"ApiName", "Ldchen", "Method", "GET", "Resource", "/mock", "Stage", "dev"}},
		{"CacheHitCount", "Sum", 0, []string{"ApiName", "Ldchen"}},
	} {
		if got := sum(t, c, m.metric, m.statistic, m.set...); got != m.want {
			t.Errorf("%s of %s by %q = %v, want %v", m.statistic, m.metric, m.set, got, m.want)
		}
	}
}

// TestMetricsOfCanary: its requests count for the stage and for a set of their
// own.
func TestMetricsOfCanary(t *testing.T) {
	server, client := start(t)
	api := postern.NewAPI(t, client, "canary")
	api.Mock(t, "GET", "/mock", "m", nil)
	deployment := api.Deploy(t, "dev")
	times(t, server, 2, "GET", api.ID, "dev/mock", 200)
	api.Patch(t, "dev", postern.Replace("/canarySettings/deploymentId", deployment), postern.Replace("/canarySettings/percentTraffic", "100"),
		postern.Replace("/*/*/metrics/enabled", "true"))
	times(t, server, 3, "GET", api.ID, "dev/mock", 200)
	c := monitoring(server)
	for _, m := range []struct {
		want float64
		set  []string
	}{
		{5, []string{"ApiName", "canary"}},
		{5, []string{"ApiName", "canary", "Stage", "dev"}},
		{3, []string{"ApiName", "canary", "Stage", "dev/Canary"}},
		{3, []string{"ApiName", "canary", "Stage", "dev/Canary", "Resource", "/mock", "Method", "GET"}},
	} {
		if got := sum(t, c, "Count", "Sum", m.set...); got != m.want {
			t.Errorf("Count by %q = %v, want %v", m.set, got, m.want)
		}
	}
	canary := 0
	for labels, n := range server.Samples(t, "postern_requests_total") {
		if strings.Contains(labels, `release="canary"`) && n == "3" {
			canary++
		}
	}
	if canary != 1 {
		t.Errorf("%d series of the canary, want one with 3 requests", canary)
	}
}

// TestMetricsOfLimits: what a limit refuses is counted by the limit.
func TestMetricsOfLimits(t *testing.T) {
	server, client := start(t, "--test-clock")
	api := postern.NewAPI(t, client, "limited")
	api.Mock(t, "GET", "/mock", "m", nil)
	api.Deploy(t, "dev")
	api.Patch(t, "dev", postern.Replace("/*/*/throttling/rateLimit", "1"), postern.Replace("/*/*/throttling/burstLimit", "2"))
	setClock(t, server, `{"frozen": true}`)
	times(t, server, 2, "GET", api.ID, "dev/mock", 200)
	times(t, server, 3, "GET", api.ID, "dev/mock", http.StatusTooManyRequests)
	throttled := server.Samples(t, "postern_throttled_total")
	for labels, n := range throttled {
		if !strings.Contains(labels, `layer="stage"`) || n != "3" {
			t.Errorf("throttled %s %s, want 3 by the stage", labels, n)
		}
	}
	if len(throttled) != 1 {
		t.Errorf("throttled by %v, want the stage alone", throttled)
	}
	if got := sum(t, monitoring(server), "4XXError", "Sum", "ApiName", "limited"); got != 3 {
		t.Errorf("4XXError = %v, want 3", got)
	}
}

// TestMonitoringSignatures: with a credentials file policies are asked.
func TestMonitoringSignatures(t *testing.T) {
	server := postern.Start(t, "--ephemeral", "--credentials-file", credentialsFile(t, `
identities:
  - name: reader
    account: "123456789012"
    keys: [{id: AKREADER, secret: reader-secret}]
    policies: [{Version: 2012-10-17, Statement: [{Effect: Allow, Action: "cloudwatch:ListMetrics", Resource: "*"}]}]
`))
	with := func(key, secret string) *cloudwatch.Client {
		return cloudwatch.New(cloudwatch.Options{
			Region: postern.Region, BaseEndpoint: &server.BaseURL, Retryer: aws.NopRetryer{},
			Credentials: credentials.NewStaticCredentialsProvider(key, secret, ""),
		})
	}
	if _, err := with("AKREADER", "reader-secret").ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{}); err != nil {
		t.Error(err)
	}
	_, err := with("AKREADER", "reader-secret").GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{MetricDataQueries: []cw.MetricDataQuery{{Id: new("a")}}, StartTime: new(time.Now()), EndTime: new(time.Now())})
	if got := refusalOf(t, err); got.code != "AccessDeniedException" || !strings.Contains(got.message, "cloudwatch:GetMetricData") {
		t.Errorf("an operation that is not allowed: %+v", got)
	}
	_, err = with("AKREADER", "wrong").ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{})
	if got := refusalOf(t, err); got.code != "InvalidSignatureException" {
		t.Errorf("a wrong signature: %+v", got)
	}
}

// TestMetricsOfCache: what the cache did is counted.
func TestMetricsOfCache(t *testing.T) {
	server, client := start(t, "--test-clock")
	api := postern.NewAPI(t, client, "cached")
	api.Proxy(t, "GET", "/pets", echo(t)+"/x")
	api.Deploy(t, "dev")
	api.Patch(t, "dev", postern.Replace("/cacheClusterEnabled", "true"), postern.Replace("/cacheClusterSize", "0.5"), postern.Replace("/*/*/caching/enabled", "true"))
	setClock(t, server, `{"advance": "1m"}`)
	times(t, server, 4, "GET", api.ID, "dev/pets", 200)
	c := monitoring(server)
	for metric, want := range map[string]float64{"CacheHitCount": 3, "CacheMissCount": 1, "Count": 4} {
		if got := sum(t, c, metric, "Sum", "ApiName", "cached", "Stage", "dev"); got != want {
			t.Errorf("%s = %v, want %v", metric, got, want)
		}
	}
	if got := sum(t, c, "IntegrationLatency", "SampleCount", "ApiName", "cached"); got != 1 {
		t.Errorf("IntegrationLatency of %v calls, want 1", got)
	}
	got := map[string]string{}
	for labels, n := range server.Samples(t, "postern_cache_requests_total") {
		_, result, _ := strings.Cut(labels, `result="`)
		got[strings.SplitN(result, `"`, 2)[0]] = n
	}
	if diff := cmp.Diff(map[string]string{"hit": "3", "miss": "1"}, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}
