package cloudwatch

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
)

// authorization is well formed; the server of the tests asks for no more.
const authorization = "AWS4-HMAC-SHA256 Credential=test/20231114/us-east-1/monitoring/aws4_request, SignedHeaders=host;x-amz-date, Signature=" +
	"0000000000000000000000000000000000000000000000000000000000000000"

// post sends a body with header lines, and returns what came back: the status,
// the headers that matter, the body.
func post(t *testing.T, address, body string, header ...string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", authorization)
	req.Header.Set("X-Amz-Date", "20231114T220000Z")
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		if req.Header.Set(name, value); value == "" {
			req.Header.Del(name)
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	fmt.Fprintln(&out, res.StatusCode)
	for _, name := range slices.Sorted(maps.Keys(res.Header)) {
		if name != "Date" && name != "Content-Length" && name != "X-Amzn-Requestid" {
			fmt.Fprintf(&out, "%s: %s\n", name, res.Header.Get(name))
		}
	}
	if res.Header.Get("Content-Type") == "application/cbor" {
		content = []byte(hex.EncodeToString(content))
	}
	return out.String() + strings.ReplaceAll(string(content), res.Header.Get("X-Amzn-Requestid"), "<id>")
}

// TestWire shows the answers of each protocol byte by byte.
func TestWire(t *testing.T) {
	_, address := newServer(t)
	const (
		target = "X-Amz-Target: GraniteServiceVersion20100801."
		times  = `"StartTime":1699999200,"EndTime":1699999260.5`
	)
	form := func(pairs ...string) string {
		out := url.Values{"Version": {"2010-08-01"}}
		for i := 0; i < len(pairs); i += 2 {
			out.Set(pairs[i], pairs[i+1])
		}
		return out.Encode()
	}
	for _, c := range []struct{ name, path, body, header, want string }{
		{
			"json", "/", `{"Namespace":"AWS/ApiGateway","MetricName":"Count","Dimensions":[{"Name":"ApiName","Value":"shop & co"}],` + times + `,"Period":60,"Statistics":["Sum"],"ExtendedStatistics":["p50"]}`, target + "GetMetricStatistics",
			"200\nContent-Type: application/x-amz-json-1.0\n" +
				`{"Label":"Count","Datapoints":[{"Timestamp":1699999200,"Sum":1,"Unit":"Count","ExtendedStatistics":{"p50":1}},{"Timestamp":1699999260,"Sum":2,"Unit":"Count","ExtendedStatistics":{"p50":1}}]}` + "\n",
		},
		{
			"json, nothing", "/", `{"Namespace":"AWS/ApiGateway","MetricName":"Count",` + times + `,"Period":60,"Statistics":["Sum"]}`, target + "GetMetricStatistics",
			"200\nContent-Type: application/x-amz-json-1.0\n" + `{"Label":"Count","Datapoints":[]}` + "\n",
		},
		{
			"json, refused", "/", `{"MetricDataQueries":[{"Id":"a","Expression":"1"}],` + times + `}`, target + "GetMetricData",
			"400\nContent-Type: application/x-amz-json-1.0\nX-Amzn-Query-Error: ValidationError;Sender\n" +
				`{"__type":"com.amazonaws.cloudwatch#ValidationError","message":"Expressions are not served by this version of postern: MetricDataQueries.member.Expression of a must be a MetricStat."}` + "\n",
		},
		{
			"json, malformed", "/", `{"StartTime":"yesterday"}`, target + "GetMetricStatistics",
			"400\nContent-Type: application/x-amz-json-1.0\nX-Amzn-Query-Error: SerializationException;Sender\n" +
				`{"__type":"com.amazonaws.cloudwatch#SerializationException","message":"The request body cannot be read"}` + "\n",
		},
		{
			"json, unsigned", "/", `{}`, "Authorization: ",
			"403\nContent-Type: text/xml\n" + `<ErrorResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><Error><Type>Sender</Type><Code>MissingAuthenticationTokenException</Code><Message>Missing Authentication Token</Message></Error><RequestId>&lt;id&gt;</RequestId></ErrorResponse>`,
		},
		{
			"cbor, refused", rpcPrefix + "ListMetrics", "\xa1iNextTokena?", "Smithy-Protocol: rpc-v2-cbor",
			"400\nContent-Type: application/cbor\nSmithy-Protocol: rpc-v2-cbor\nX-Amzn-Query-Error: InvalidNextToken;Sender\n" +
				hex.EncodeToString([]byte("\xa2f__typex)com.amazonaws.cloudwatch#InvalidNextTokengmessagex$The next token specified is invalid.")),
		},
		{
			"query", "/", form("Action", "GetMetricStatistics", "Namespace", "AWS/ApiGateway", "MetricName", "Count", "Dimensions.member.1.Name", "ApiName", "Dimensions.member.1.Value", "shop & co",
				"StartTime", "2023-11-14T22:00:00Z", "EndTime", "2023-11-14T22:01:00", "Period", "60", "Statistics.member.1", "Sum", "ExtendedStatistics.member.1", "p90"), "Content-Type: application/x-www-form-urlencoded",
			"200\nContent-Type: text/xml\n" + `<GetMetricStatisticsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><GetMetricStatisticsResult><Label>Count</Label><Datapoints><member><Timestamp>2023-11-14T22:00:00Z</Timestamp><Sum>1</Sum><Unit>Count</Unit>` +
				`<ExtendedStatistics><entry><key>p90</key><value>1</value></entry></ExtendedStatistics></member></Datapoints></GetMetricStatisticsResult><ResponseMetadata><RequestId><id></RequestId></ResponseMetadata></GetMetricStatisticsResponse>`,
		},
		{
			"query, nothing", "/", form("Action", "ListMetrics", "Namespace", "other"), "Content-Type: application/x-www-form-urlencoded",
			"200\nContent-Type: text/xml\n" + `<ListMetricsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><ListMetricsResult><Metrics></Metrics></ListMetricsResult><ResponseMetadata><RequestId><id></RequestId></ResponseMetadata></ListMetricsResponse>`,
		},
		{
			"query, refused", "/", form("Action", "ListMetrics", "NextToken", "?"), "Content-Type: application/x-www-form-urlencoded",
			"400\nContent-Type: text/xml\n" + `<ErrorResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><Error><Type>Sender</Type><Code>InvalidNextToken</Code><Message>The next token specified is invalid.</Message></Error><RequestId><id></RequestId></ErrorResponse>`,
		},
		{
			"query, malformed", "/", form("Action", "ListMetrics", "Dimensions.member.x.Name", "a"), "Content-Type: application/x-www-form-urlencoded",
			"400\nContent-Type: text/xml\n" + `<ErrorResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><Error><Type>Sender</Type><Code>SerializationException</Code><Message>The request body cannot be read</Message></Error><RequestId><id></RequestId></ErrorResponse>`,
		},
	} {
		got := post(t, address+c.path, c.body, c.header)
		if diff := cmp.Diff(strings.ReplaceAll(c.want, "&lt;id&gt;", "<id>"), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestPanic: a panic is a refusal, and the log tells why.
func TestPanic(t *testing.T) {
	s, address := newServer(t)
	var log bytes.Buffer
	s.Log, s.Metrics = slog.New(slog.NewTextHandler(&log, nil)), nil
	got := post(t, address, `{}`, "X-Amz-Target: GraniteServiceVersion20100801.ListMetrics")
	if !strings.HasPrefix(got, "500\n") || !strings.Contains(got, "InternalServiceError;Receiver") || !strings.Contains(log.String(), "panic") {
		t.Errorf("answer %s, log %s", got, log.String())
	}
}

// TestTimestamp: a time survives each protocol, and what is none is refused.
func TestTimestamp(t *testing.T) {
	for _, seconds := range []float64{0, 1, -1, 1.5, 1_700_000_000, maxSeconds} {
		var got timestamp
		data, err := cbor.Marshal(cbor.Tag{Number: 1, Content: seconds})
		if err == nil {
			err = cborDecoding.Unmarshal(data, &got)
		}
		if want := time.Unix(0, 0).Add(time.Duration(math.Mod(seconds, 1)*1e9)).Unix() + int64(seconds); err != nil || seconds == math.Trunc(seconds) && got.Unix() != want {
			t.Errorf("%v is %v, %v", seconds, got, err)
		}
	}
	for _, content := range []any{math.NaN(), math.Inf(1), 1e300, -1e300, "now", nil} {
		data, err := cbor.Marshal(cbor.Tag{Number: 1, Content: content})
		if err != nil {
			t.Fatal(err)
		}
		var got timestamp
		if err := cborDecoding.Unmarshal(data, &got); err == nil {
			t.Errorf("%v is taken for %v", content, got)
		}
	}
}

// FuzzInput: whatever comes, in whatever protocol, is decoded or refused.
func FuzzInput(f *testing.F) {
	f.Add([]byte(`{"MetricDataQueries":[{"Id":"a","MetricStat":{"Metric":{"Dimensions":[{"Name":"a"}]},"Period":60}}],"StartTime":1e9}`))
	f.Add([]byte("Action=GetMetricData&MetricDataQueries.member.1.MetricStat.Period=60&MetricDataQueries.member.1.ReturnData=x&StartTime=2020-01-01"))
	f.Add([]byte("\xbfiStartTime\xc1\xfbA\xda\xc0\xbb\xd6\x01x\xd5qMetricDataQueries\x9f\xbfbIda1\xff\xff\xff"))
	f.Add([]byte("a.member.9999999999999999999=1&a.member.-1=2&....=3&%zz"))
	f.Fuzz(func(t *testing.T, body []byte) {
		request := &http.Request{Method: http.MethodPost, URL: &url.URL{Path: rpcPrefix + "x"}, Header: http.Header{}}
		for _, p := range []protocol{jsonProtocol{}, cborProtocol{}, queryProtocol{}} {
			_, decode := p.request(request, body)
			for _, in := range []any{&getMetricStatisticsInput{}, &getMetricDataInput{}, &listMetricsInput{}} {
				if decode(in) != nil {
					continue
				}
				if data, ok := in.(*getMetricDataInput); ok {
					_ = data.check()
				}
			}
		}
	})
}

// TestForm: the order of a list is that of its numbers.
func TestForm(t *testing.T) {
	form, err := url.ParseQuery("Statistics.member.10=c&Statistics.member.2=b&Statistics.member.1=a&Dimensions=&Period=7&Unknown.x=1")
	if err != nil {
		t.Fatal(err)
	}
	var got getMetricStatisticsInput
	if err := tree(form).fill(reflect.ValueOf(&got).Elem()); err != nil {
		t.Fatal(err)
	}
	want := getMetricStatisticsInput{Statistics: []string{"a", "b", "c"}, Period: 7}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, wrong := range []string{"Period=x", "Period=1e9", "Statistics.member.01=a", "Statistics.member.a=a", "StartTime=now"} {
		form, err := url.ParseQuery(wrong)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree(form).fill(reflect.ValueOf(&got).Elem()); err == nil {
			t.Errorf("%s is taken: %+v", wrong, got)
		}
	}
}
