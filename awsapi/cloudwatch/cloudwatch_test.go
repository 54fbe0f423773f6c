package cloudwatch

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/wire"
)

var testTime = time.Unix(1_700_000_000, 0).UTC().Truncate(time.Hour)

// newServer has an hour of metrics: in minute i there were i+1 requests, which
// took i+1 ms each; the last of each minute failed.
func newServer(t *testing.T) (*Server, string) {
	t.Helper()
	registry := &metrics.Registry{}
	series := registry.Series(metrics.Key{
		Account: "123456789012", Region: "us-east-1", API: "id", Name: "shop & co", Stage: "dev", Method: "GET", Resource: "/pets/{id}",
	})
	for minute := range 60 {
		for i := range minute + 1 {
			o := metrics.Sample{At: testTime.Add(time.Duration(minute) * time.Minute), Status: 200, Latency: time.Duration(minute+1) * time.Millisecond}
			if i == minute {
				o.Status = 504
			}
			series.Observe(&o)
		}
	}
	s := &Server{
		Metrics: registry, IDs: ids.Seeded(1), Clock: clock.NewManual(testTime.Add(time.Hour)), Log: slog.New(slog.DiscardHandler),
		Authenticator: wire.Open{Service: Service, Accounts: wire.Accounts{Default: "123456789012", ByKey: map[string]string{"OTHER": "210987654321"}}},
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

func newClient(url, protocol, key string) *client.Client {
	return client.New(client.Options{
		Region: "us-east-1", BaseEndpoint: &url, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(key, "secret", ""),
	}, func(o *client.Options) {
		switch protocol {
		case "json":
			o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801)
		case "query":
			o.Protocol = awsquery.New(schemas.GraniteServiceVersion20100801)
		}
	})
}

// forEach runs a test with a client of each protocol.
func forEach(t *testing.T, f func(t *testing.T, c *client.Client)) {
	_, url := newServer(t)
	for _, protocol := range []string{"cbor", "json", "query"} {
		t.Run(protocol, func(t *testing.T) { f(t, newClient(url, protocol, "test")) })
	}
}

func dimensions(pairs ...string) []types.Dimension {
	var out []types.Dimension
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, types.Dimension{Name: &pairs[i], Value: &pairs[i+1]})
	}
	return out
}

func minute(n int) *time.Time { return new(testTime.Add(time.Duration(n) * time.Minute)) }

func TestGetMetricStatistics(t *testing.T) {
	forEach(t, func(t *testing.T, c *client.Client) {
		got, err := c.GetMetricStatistics(t.Context(), &client.GetMetricStatisticsInput{
			Namespace: new("AWS/ApiGateway"), MetricName: new("5XXError"), Period: new(int32(60)),
			StartTime: minute(2), EndTime: minute(4),
			Dimensions: dimensions("Stage", "dev", "Method", "GET", "Resource", "/pets/{id}", "ApiName", "shop & co"),
			Statistics: []types.Statistic{"SampleCount", "Average", "Sum", "Minimum", "Maximum"}, ExtendedStatistics: []string{"p50", "p99.9"},
		})
		if err != nil {
			t.Fatal(err)
		}
		point := func(at int, n float64) types.Datapoint {
			return types.Datapoint{
				Timestamp: minute(at), Unit: types.StandardUnitCount, SampleCount: &n, Sum: new(1.0), Average: new(1 / n), Minimum: new(0.0), Maximum: new(1.0),
				ExtendedStatistics: map[string]float64{"p50": 0, "p99.9": 1},
			}
		}
		want := []types.Datapoint{point(2, 3), point(3, 4)}
		if diff := cmp.Diff(want, got.Datapoints, cmpopts.IgnoreUnexported(types.Datapoint{}), cmpopts.EquateApprox(0, 1e-9)); diff != "" || *got.Label != "5XXError" {
			t.Errorf("label %q, data points (-want +got):\n%s", *got.Label, diff)
		}
		latency, err := c.GetMetricStatistics(t.Context(), &client.GetMetricStatisticsInput{
			Namespace: new("AWS/ApiGateway"), MetricName: new("Latency"), Period: new(int32(3600)), StartTime: minute(0), EndTime: minute(60),
			Dimensions: dimensions("ApiName", "shop & co"), Statistics: []types.Statistic{"Maximum"}, ExtendedStatistics: []string{"p50"},
		})
		if err != nil || len(latency.Datapoints) != 1 {
			t.Fatalf("%+v, %v", latency, err)
		}
		p := latency.Datapoints[0]
		if p.Unit != "Milliseconds" || *p.Maximum != 60 || p.Average != nil || p.ExtendedStatistics["p50"] < 42 || p.ExtendedStatistics["p50"] > 44 {
			t.Errorf("latency %+v, want up to 60 ms, half of the 1830 requests below 43", p)
		}
	})
}

// TestNothing: what has no data is empty, not an error.
func TestNothing(t *testing.T) {
	_, url := newServer(t)
	in := func() *client.GetMetricStatisticsInput {
		return &client.GetMetricStatisticsInput{
			Namespace: new("AWS/ApiGateway"), MetricName: new("Count"), Period: new(int32(60)), StartTime: minute(0), EndTime: minute(60),
			Dimensions: dimensions("ApiName", "shop & co"), Statistics: []types.Statistic{"Sum"},
		}
	}
	for name, change := range map[string]func(*client.GetMetricStatisticsInput){
		"":                  func(*client.GetMetricStatisticsInput) {},
		"another namespace": func(i *client.GetMetricStatisticsInput) { i.Namespace = new("AWS/Lambda") },
		"another metric":    func(i *client.GetMetricStatisticsInput) { i.MetricName = new("Invocations") },
		"no dimension":      func(i *client.GetMetricStatisticsInput) { i.Dimensions = nil },
		"another API":       func(i *client.GetMetricStatisticsInput) { i.Dimensions = dimensions("ApiName", "x") },
		"another unit":      func(i *client.GetMetricStatisticsInput) { i.Unit = types.StandardUnitBytes },
		"another time":      func(i *client.GetMetricStatisticsInput) { i.StartTime, i.EndTime = minute(60), minute(61) },
		"its own unit":      func(i *client.GetMetricStatisticsInput) { i.Unit = types.StandardUnitCount },
		"half a set": func(i *client.GetMetricStatisticsInput) {
			i.Dimensions = dimensions("ApiName", "shop & co", "Method", "GET")
		},
		"a time in a minute":  func(i *client.GetMetricStatisticsInput) { i.StartTime = new(testTime.Add(time.Second)) },
		"cache of no cache":   func(i *client.GetMetricStatisticsInput) { i.MetricName = new("CacheHitCount") },
		"backend of no backe": func(i *client.GetMetricStatisticsInput) { i.MetricName = new("IntegrationLatency") },
	} {
		input := in()
		change(input)
		got, err := newClient(url, "", "test").GetMetricStatistics(t.Context(), input)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		want := 0
		if slices.Contains([]string{"", "its own unit", "a time in a minute"}, name) {
			want = 60
		}
		if len(got.Datapoints) != want {
			t.Errorf("%q: %d data points, want %d", name, len(got.Datapoints), want)
		}
	}
	got, err := newClient(url, "", "OTHER").GetMetricStatistics(t.Context(), in())
	if err != nil || len(got.Datapoints) != 0 {
		t.Errorf("another account: %v, %v, want nothing", got, err)
	}
}

func stat(id, name, of string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
		Period: new(int32(60)), Stat: &of,
		Metric: &types.Metric{Namespace: new("AWS/ApiGateway"), MetricName: &name, Dimensions: dimensions("ApiName", "shop & co")},
	}}
}

// TestGetMetricData: pages of any size make the same whole, in both orders.
func TestGetMetricData(t *testing.T) {
	forEach(t, func(t *testing.T, c *client.Client) {
		for _, order := range []types.ScanBy{"", types.ScanByTimestampAscending, types.ScanByTimestampDescending} {
			for _, size := range []int32{0, 1, 2, 3, 4, 7} {
				in := &client.GetMetricDataInput{
					StartTime: minute(0), EndTime: minute(3), ScanBy: order,
					MetricDataQueries: []types.MetricDataQuery{stat("a", "Count", "Sum"), stat("hidden", "Count", "Sum"), stat("none", "Other", "Sum"), stat("b", "Latency", "p100")},
				}
				in.MetricDataQueries[1].ReturnData = new(false)
				in.MetricDataQueries[3].Label = new("slowest")
				if size > 0 {
					in.MaxDatapoints = &size
				}
				var got []string
				for pages := client.NewGetMetricDataPaginator(c, in); pages.HasMorePages() && len(got) < 20; {
					page, err := pages.NextPage(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					n := 0
					for _, result := range page.MetricDataResults {
						n += len(result.Values)
						for i, value := range result.Values {
							got = append(got, fmt.Sprintf("%s %s %d %v", *result.Id, *result.Label, int(result.Timestamps[i].Sub(testTime)/time.Minute), value))
						}
						if complete := result.StatusCode == types.StatusCodeComplete; !complete && page.NextToken == nil {
							t.Errorf("%s is %s on the last page", *result.Id, result.StatusCode)
						}
					}
					if size > 0 && n > int(size) {
						t.Errorf("%d values on a page of %d", n, size)
					}
				}
				want := []string{"a Count 2 3", "a Count 1 2", "a Count 0 1", "b slowest 2 3", "b slowest 1 2", "b slowest 0 1"}
				if order == types.ScanByTimestampAscending {
					slices.Reverse(want[:3])
					slices.Reverse(want[3:])
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s by %d (-want +got):\n%s", order, size, diff)
				}
			}
		}
	})
}

func TestListMetrics(t *testing.T) {
	forEach(t, func(t *testing.T, c *client.Client) {
		list := func(in client.ListMetricsInput) (got []string) {
			t.Helper()
			page, err := c.ListMetrics(t.Context(), &in)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Metrics {
				text := *m.Namespace + " " + *m.MetricName
				for _, d := range m.Dimensions {
					text += " " + *d.Name + "=" + *d.Value
				}
				got = append(got, text)
			}
			return got
		}
		whole := []string{
			"AWS/ApiGateway Count ApiName=shop & co",
			"AWS/ApiGateway Count ApiName=shop & co Method=GET Resource=/pets/{id} Stage=dev",
			"AWS/ApiGateway Count ApiName=shop & co Stage=dev",
		}
		if diff := cmp.Diff(whole, list(client.ListMetricsInput{MetricName: new("Count")})); diff != "" {
			t.Errorf("all of Count (-want +got):\n%s", diff)
		}
		for name, c := range map[string]struct {
			in   client.ListMetricsInput
			want int
		}{
			"all":               {client.ListMetricsInput{}, 12},
			"namespace":         {client.ListMetricsInput{Namespace: new("AWS/ApiGateway")}, 12},
			"another namespace": {client.ListMetricsInput{Namespace: new("AWS/Lambda")}, 0},
			"with a stage":      {client.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: new("Stage")}}}, 8},
			"of a method":       {client.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: new("Stage"), Value: new("dev")}, {Name: new("Method"), Value: new("GET")}}}, 4},
			"of another":        {client.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: new("Method"), Value: new("PUT")}}}, 0},
			"recent":            {client.ListMetricsInput{RecentlyActive: types.RecentlyActivePt3h}, 12},
		} {
			if got := list(c.in); len(got) != c.want {
				t.Errorf("%s: %d metrics, want %d: %q", name, len(got), c.want, got)
			}
		}
	})
}

// TestListPages: 500 at once, and none twice.
func TestListPages(t *testing.T) {
	s, url := newServer(t)
	for i := range 150 { // eight metrics each, and four of the API
		s.Metrics.Series(metrics.Key{Account: "210987654321", Region: "us-east-1", API: "a", Name: "n", Stage: fmt.Sprint("s", i)}).
			Observe(&metrics.Sample{At: testTime.Add(-4 * time.Hour), Status: 200})
	}
	c := newClient(url, "", "OTHER")
	seen, sizes := map[string]bool{}, []int{}
	for pages := client.NewListMetricsPaginator(c, &client.ListMetricsInput{}); pages.HasMorePages() && len(sizes) < 5; {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Metrics))
		for _, m := range page.Metrics {
			seen[fmt.Sprint(*m.MetricName, len(m.Dimensions), *m.Dimensions[len(m.Dimensions)-1].Value)] = true
		}
	}
	if want := []int{500, 104}; !slices.Equal(sizes, want) || len(seen) != 604 {
		t.Errorf("pages of %v with %d metrics, want %v with 604", sizes, len(seen), want)
	}
	old, err := c.ListMetrics(t.Context(), &client.ListMetricsInput{RecentlyActive: types.RecentlyActivePt3h})
	if err != nil || len(old.Metrics) != 0 {
		t.Errorf("active four hours ago: %d, %v, want none", len(old.Metrics), err)
	}
}

// otherName are codes as some client has them: it names the exception of the
// model, or one of its own.
var otherName = map[string]string{"MissingParameter": "MissingRequiredParameterException", "ValidationError": "ValidationException"}

// TestRefusals: code and text of each, in all protocols.
func TestRefusals(t *testing.T) {
	forEach(t, func(t *testing.T, c *client.Client) {
		statistics := func(change func(*client.GetMetricStatisticsInput)) func() error {
			in := &client.GetMetricStatisticsInput{
				Namespace: new("AWS/ApiGateway"), MetricName: new("Count"), Period: new(int32(60)), StartTime: minute(0), EndTime: minute(60), Statistics: []types.Statistic{"Sum"},
			}
			change(in)
			return func() error { _, err := c.GetMetricStatistics(t.Context(), in); return err }
		}
		data := func(change func(*client.GetMetricDataInput)) func() error {
			in := &client.GetMetricDataInput{StartTime: minute(0), EndTime: minute(60), MetricDataQueries: []types.MetricDataQuery{stat("a", "Count", "Sum")}}
			change(in)
			return func() error { _, err := c.GetMetricData(t.Context(), in); return err }
		}
		for _, r := range []struct {
			call       func() error
			code, text string
		}{
			{statistics(func(i *client.GetMetricStatisticsInput) { i.Period = new(int32(90)) }), "InvalidParameterValue", "Value 90 for parameter Period is invalid."},
			{statistics(func(i *client.GetMetricStatisticsInput) { i.Period = new(int32(-60)) }), "InvalidParameterValue", "Value -60"},
			{statistics(func(i *client.GetMetricStatisticsInput) { i.EndTime = minute(0) }), "InvalidParameterValue", "StartTime must be less than"},
			{statistics(func(i *client.GetMetricStatisticsInput) { i.Statistics = nil }), "InvalidParameterCombination", "At least one of the parameters"},
			{statistics(func(i *client.GetMetricStatisticsInput) { i.Statistics = []types.Statistic{"Median"} }), "InvalidParameterValue", "unknown value: Median"},
			{statistics(func(i *client.GetMetricStatisticsInput) { i.ExtendedStatistics = []string{"tm90"} }), "InvalidParameterValue", "tm90"},
			{statistics(func(i *client.GetMetricStatisticsInput) { i.ExtendedStatistics = []string{"p101"} }), "InvalidParameterValue", "p101"},
			{statistics(func(i *client.GetMetricStatisticsInput) { i.EndTime = minute(1441) }), "InvalidParameterCombination", "You have requested up to 1441 datapoints, which exceeds the limit of 1440."},
			{statistics(func(i *client.GetMetricStatisticsInput) { i.Namespace = new("") }), "MissingParameter", "The parameter Namespace is required."},
			{data(func(i *client.GetMetricDataInput) {
				i.MetricDataQueries[0].MetricStat, i.MetricDataQueries[0].Expression = nil, new("SUM(METRICS())")
			}), "ValidationError", "Expressions are not served"},
			{data(func(i *client.GetMetricDataInput) { i.MetricDataQueries[0].Id = new("A") }), "ValidationError", "The value A is not matching"},
			{data(func(i *client.GetMetricDataInput) { i.MetricDataQueries[0].MetricStat.Stat = new("x") }), "ValidationError", "The value x for parameter"},
			{data(func(i *client.GetMetricDataInput) {
				i.MetricDataQueries = append(i.MetricDataQueries, i.MetricDataQueries[0])
			}), "ValidationError", "must be unique"},
			{data(func(i *client.GetMetricDataInput) { i.MetricDataQueries[0].MetricStat.Period = new(int32(1)) }), "InvalidParameterValue", "multiple of 60"},
			{data(func(i *client.GetMetricDataInput) { i.NextToken = new("?") }), "InvalidNextToken", "next token"},
			{data(func(i *client.GetMetricDataInput) { i.MaxDatapoints = new(int32(200_000)) }), "ValidationError", "MaxDatapoints"},
			{func() error {
				_, err := c.ListMetrics(t.Context(), &client.ListMetricsInput{NextToken: new("?")})
				return err
			}, "InvalidNextToken", "next token"},
			{func() error { _, err := c.DescribeAlarms(t.Context(), &client.DescribeAlarmsInput{}); return err }, "InvalidAction", "DescribeAlarms is not valid"},
		} {
			var refused smithy.APIError
			if err := r.call(); !errors.As(err, &refused) || !strings.Contains(refused.ErrorMessage(), r.text) {
				t.Errorf("%v, want %s %q", err, r.code, r.text)
			} else if code := refused.ErrorCode(); !slices.Contains([]string{r.code, r.code + "Exception", otherName[r.code]}, code) {
				t.Errorf("code %s, want %s (%s)", code, r.code, r.text)
			}
		}
	})
}
