package aws_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/aws"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/lambda"
	"github.com/postern-gateway/postern/sigv4"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// backend answers all requests alike.
type backend struct{ answer integration.Response }

func (b backend) Invoke(context.Context, *integration.Request) (*integration.Response, error) {
	res := b.answer
	return &res, nil
}

func client(t *testing.T, config aws.Config, services, functions []string) *aws.Client {
	t.Helper()
	endpoints, err := aws.ParseEndpoints(services, functions)
	if err != nil {
		t.Fatal(err)
	}
	config.Endpoints, config.IDs = endpoints, ids.Seeded(1)
	if config.Clock == nil {
		config.Clock = clock.NewManual(now)
	}
	return aws.New(config)
}

var testKeys = sigv4.Keys{AccessKey: "AKID", Secret: "secret", SessionToken: "token"}

// request is one for a service in AWS.
func request(service, method, path, body string, header ...string) *integration.Request {
	req := &integration.Request{
		Method: method, URL: "https://" + service + ".eu-west-1.amazonaws.com" + path, Body: []byte(body),
		AWS: integration.AWS{Service: service[strings.LastIndexByte(service, '.')+1:], Region: "eu-west-1", Account: "123456789012"},
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	return req
}

func invokeRequest(body string, header ...string) *integration.Request {
	return request("lambda", "POST", "/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f:live/invocations", body, header...)
}

// Requests go to the endpoint of the configuration.
func TestEndpoint(t *testing.T) {
	services := []string{"http://all:1/", "sqs=http://queue:2/base/"}
	functions := []string{"arn:aws:lambda:*:123456789012:function:f*=http://f:3", "*:g=https://g:4"}
	const invoke = "/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f:live/invocations"
	for _, test := range []struct {
		name, want, host string
		req              *integration.Request
	}{
		{"any service", "http://all:1/?a=b", "", request("sns", "POST", "/?a=b", "")},
		{"one service", "http://queue:2/base/1/q", "", request("sqs", "POST", "/1/q", "")},
		{"a name before the service", "http://all:1/key", "bucket.s3.eu-west-1.amazonaws.com", request("bucket.s3", "GET", "/key", "")},
		{"function", "http://f:3" + invoke, "", invokeRequest("")},
		{"function by its name", "https://g:4/2015-03-31/functions/g/invocations", "", request("lambda", "POST", "/2015-03-31/functions/g/invocations", "")},
		{"function that matches nothing", "http://all:1/2015-03-31/functions/h/invocations", "", request("lambda", "POST", "/2015-03-31/functions/h/invocations", "")},
		{"Lambda, no function", "http://all:1/2015-03-31/functions", "", request("lambda", "GET", "/2015-03-31/functions", "")},
	} {
		inAWS := test.req.URL
		if err := client(t, aws.Config{}, services, functions).Prepare(test.req); err != nil || test.req.URL != test.want || test.req.Header.Get("Host") != test.host {
			t.Errorf("%s: %s, host %q, %v; want %s, host %q", test.name, test.req.URL, test.req.Header.Get("Host"), err, test.want, test.host)
		}
		if got := test.req.ServiceURL(); got != inAWS {
			t.Errorf("%s: logs would show %s, want %s", test.name, got, inAWS)
		}
		if !strings.Contains(test.req.Header.Get("Authorization"), "Credential=test/20260102/eu-west-1/") {
			t.Errorf("%s: not signed: %v", test.name, test.req.Header)
		}
	}
}

// Without credentials AWS is not called, and the log says why.
func TestNoCredentials(t *testing.T) {
	req := request("sqs", "POST", "/", "", "Authorization: ", "X-Amz-Date: ")
	err := client(t, aws.Config{}, []string{"sns=http://x"}, nil).Prepare(req)
	var typed *integration.Error
	if !errors.As(err, &typed) || typed.Kind != integration.Configuration {
		t.Fatalf("error %v, want one of kind Configuration", err)
	}
	if want := "sqs.eu-west-1.amazonaws.com is not called: there are no AWS credentials, and no --aws-endpoint is set for sqs"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

// The signature covers what must not be changed on the way, and stands where
// the request has a place for it.
func TestSignature(t *testing.T) {
	for _, test := range []struct {
		req   *integration.Request
		once  bool
		names string
	}{
		{request("sqs", "POST", "/1/queue?a=b&c=%2F", "Action=X", "Authorization: ", "X-Amz-Date: ", "Accept: application/json", "X-Amz-Security-Token: ", "Content-Type: a/b"),
			false, "content-type;host;x-amz-date;x-amz-security-token"},
		{request("s3", "PUT", "/b/a%20b/c+d", "data", "X-Amz-Acl: private", "x-amz-meta-a: 1", "X-Amz-Meta-A: 2"),
			true, "host;x-amz-acl;x-amz-content-sha256;x-amz-date;x-amz-meta-a;x-amz-security-token"},
		{invokeRequest(`{"a":1}`, "X-Amz-Source-Arn: arn:x"), false, "host;x-amz-date;x-amz-security-token;x-amz-source-arn"},
	} {
		if err := client(t, aws.Config{Keys: testKeys}, nil, nil).Prepare(test.req); err != nil {
			t.Fatal(err)
		}
		host, target, _ := strings.Cut(strings.TrimPrefix(test.req.URL, "https://"), "/")
		path, query, _ := strings.Cut("/"+target, "?")
		got := &sigv4.Request{Method: test.req.Method, Path: path, RawQuery: query, Host: host, Header: http.Header{}, PathOnce: test.once}
		for _, field := range test.req.Header {
			got.Header.Add(field.Name, field.Value)
		}
		c, err := sigv4.Read(got)
		if err != nil {
			t.Fatalf("%s %s: %v in %v", test.req.Method, test.req.URL, err, test.req.Header)
		}
		v := sigv4.Verifier{Service: test.req.AWS.Service}
		if err := errors.Join(v.CheckScope(got, &c, now), v.CheckSignature(got, &c, testKeys.Secret, test.req.Body), sigv4.CheckToken(&c, "token")); err != nil {
			t.Errorf("%s %s: %v\n%v", test.req.Method, test.req.URL, err, test.req.Header)
		}
		if names := strings.Join(c.SignedHeaders, ";"); names != test.names {
			t.Errorf("%s: signed %s, want %s", test.req.URL, names, test.names)
		}
	}
	req := request("sns", "GET", "/", "", "Authorization: ", "X-Amz-Date: ", "Accept: a/b", "X-Amz-Security-Token: ")
	keys := testKeys
	keys.SessionToken = ""
	if err := client(t, aws.Config{Keys: keys}, nil, nil).Prepare(req); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, field := range req.Header {
		names = append(names, field.Name)
	}
	if diff := cmp.Diff([]string{"Authorization", "X-Amz-Date", "Accept"}, names); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

// Each protocol says in its own way which action is called.
func TestAction(t *testing.T) {
	for _, test := range []struct {
		name, action string
		req          *integration.Request
		want         string // method, URL, type, target, body
	}{
		{"DynamoDB", "PutItem", request("dynamodb", "GET", "/", `{"a":1}`), `POST / application/x-amz-json-1.0 DynamoDB_20120810.PutItem {"a":1}`},
		{"mapped target and type", "PutEvents", request("events", "POST", "/", `{}`, "x-amz-target: AWSEvents.X", "content-type: a/b"), `POST / a/b AWSEvents.X {}`},
		{"no body", "ListStreams", request("kinesis", "POST", "/", ``), `POST / application/x-amz-json-1.1 Kinesis_20131202.ListStreams {}`},
		{"SSM", "GetParameter", request("ssm", "POST", "/?Name=a%20b&WithDecryption=true&MaxResults=3&Value=1", ``),
			`POST / application/x-amz-json-1.1 AmazonSSM.GetParameter {"MaxResults":3,"Name":"a b","Value":"1","WithDecryption":true}`},
		{"SSM, a list", "GetParameters", request("ssm", "POST", "/?Names.member.2=b&Names.member.10=c&Names.member.1=a", ``),
			`POST / application/x-amz-json-1.1 AmazonSSM.GetParameters {"Names":["a","b","c"]}`},
		{"SSM, a body", "GetParameter", request("ssm", "POST", "/", `{"Name":"x"}`), `POST / application/x-amz-json-1.1 AmazonSSM.GetParameter {"Name":"x"}`},
		{"SNS", "Publish", request("sns", "POST", "/?Message=a%26b", ``),
			`POST / application/x-www-form-urlencoded  Action=Publish&Version=2010-03-31&Message=a%26b`},
		{"SNS by GET", "Publish", request("sns", "GET", "/?Message=m", ``), `GET /?Action=Publish&Version=2010-03-31&Message=m   `},
		{"SQS with a form", "SendMessage", request("sqs", "POST", "/", `MessageBody=b`, "Content-Type: application/x-www-form-urlencoded"),
			`POST / application/x-www-form-urlencoded  Action=SendMessage&Version=2012-11-05&MessageBody=b`},
		{"another body", "X", request("sqs", "POST", "/?Version=1", `{}`, "Content-Type: application/json"), `POST /?Action=X&Version=1 application/json  {}`},
		{"a body that passes", "X", request("sqs", "POST", "/", `{}`), `POST / application/x-www-form-urlencoded  Action=X&Version=2012-11-05`},
		{"an unknown service", "X", request("newone", "POST", "/", ``), `POST / application/x-www-form-urlencoded  Action=X`},
	} {
		test.req.AWS.Action = test.action
		if err := client(t, aws.Config{Keys: testKeys}, nil, nil).Prepare(test.req); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		_, target, _ := strings.Cut(strings.TrimPrefix(test.req.URL, "https://"), "/")
		got := strings.Join([]string{test.req.Method, "/" + target, test.req.Header.Get("Content-Type"), test.req.Header.Get("X-Amz-Target"), string(test.req.Body)}, " ")
		if got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// Answers of query services come in JSON, whatever the endpoint speaks.
func TestTranslate(t *testing.T) {
	const sent = `<?xml version="1.0"?><SendMessageResponse xmlns="http://x/"><SendMessageResult><MessageId>m</MessageId></SendMessageResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></SendMessageResponse>`
	for _, test := range []struct {
		name, service, action, accept, body, want string
	}{
		{"XML", "sqs", "", "application/json", sent, `{"SendMessageResponse":{"ResponseMetadata":{"RequestId":"r"},"SendMessageResult":{"MD5OfMessageAttributes":null,"MD5OfMessageSystemAttributes":null,"MessageId":"m","SequenceNumber":null}}}`},
		{"no messages", "sqs", "", "application/json", "<ReceiveMessageResponse><ReceiveMessageResult/></ReceiveMessageResponse>", `{"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":null}}}`},
		{"a message", "sqs", "", "application/json", "<ReceiveMessageResponse><ReceiveMessageResult><Message><Body>b</Body><Attribute><Name>SenderId</Name><Value>s</Value></Attribute></Message></ReceiveMessageResult></ReceiveMessageResponse>",
			`{"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":[{"Attributes":{"SenderId":"s"},"Body":"b","MD5OfMessageAttributes":null,"MessageAttributes":null}]}}}`},
		{"messages", "sqs", "", "application/json", "<ReceiveMessageResponse><ReceiveMessageResult><Message><Body>a</Body><MD5OfMessageAttributes>0</MD5OfMessageAttributes></Message><Message><Body>b</Body></Message></ReceiveMessageResult></ReceiveMessageResponse>",
			`{"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":[{"Attributes":null,"Body":"a","MD5OfMessageAttributes":"0","MessageAttributes":null},{"Attributes":null,"Body":"b","MD5OfMessageAttributes":null,"MessageAttributes":null}]}}}`},
		{"SNS", "sns", "", "application/json", "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>", `{"PublishResponse":{"PublishResult":{"MessageId":"m","SequenceNumber":null}}}`},
		{"XML is accepted", "sqs", "", "application/xml", sent, sent},
		{"S3 speaks XML", "s3", "", "application/json", sent, sent},
		{"JSON", "sqs", "", "application/json", `{"a":1}`, `{"a":1}`},
		{"lists", "sns", "", "application/json", `<a><l><member>1</member><member><x/></member></l><one><member>2</member></one><m>3</m><m>4</m><m>5</m></a>`,
			`{"a":{"l":["1",{"x":""}],"m":["3","4","5"],"one":["2"]}}`},
		{"lists that repeat", "sns", "", "application/json", `<a><l><member>1</member></l><l><member>2</member></l></a>`, `{"a":{"l":[["1"],["2"]]}}`},
		{"not XML", "sns", "", "application/json", `<a><b></a>`, `<a><b></a>`},
		{"cut off", "sns", "", "application/json", `<a><b>`, `<a><b>`},
		{"too deep", "sns", "", "application/json", strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200), strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200)},
		{"SSM", "ssm", "GetParameter", "application/json", `{"Parameter":{"Name":"n","Version":1}}`,
			`{"GetParameterResponse":{"GetParameterResult":{"Parameter":{"Name":"n","Version":1,"Selector":null,"SourceResult":null}},"ResponseMetadata":{"RequestId":"id"}}}`},
		{"SSM by its path", "ssm", "", "application/json", `{"Parameter":{}}`, `{"Parameter":{}}`},
		{"SSM, not JSON", "ssm", "GetParameter", "application/json", `x`, `x`},
	} {
		answer := integration.Response{Status: 200, Header: exchange.Header{{Name: "x-amzn-RequestId", Value: "id"}}, Body: []byte(test.body)}
		req := request(test.service, "POST", "/", "", "Accept: "+test.accept)
		req.AWS.Action = test.action
		res, err := client(t, aws.Config{HTTP: backend{answer}}, nil, nil).Invoke(t.Context(), req)
		if err != nil || string(res.Body) != test.want {
			t.Errorf("%s: %v\n got %s\nwant %s", test.name, err, res.Body, test.want)
		}
	}
}

// FuzzTranslate: no answer makes the translation panic.
func FuzzTranslate(f *testing.F) {
	for _, seed := range []string{"<a><member/></a>", "<a>", "</a>", "<a>&x;</a>", "<?xml?><a b='c'/>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		req := request("sqs", "POST", "/", "", "Accept: application/json")
		if _, err := client(t, aws.Config{HTTP: backend{integration.Response{Status: 200, Body: []byte(body)}}}, nil, nil).Invoke(t.Context(), req); err != nil {
			t.Error(err)
		}
	})
}

// A function of this machine that never asks for work: what the client answers
// by itself.
func TestLocalFunction(t *testing.T) {
	functions, err := lambda.New(lambda.Config{Functions: []lambda.Function{{Name: "f", Command: []string{"sleep", "3600"}}}})
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(functions.Close)
	c := client(t, aws.Config{Functions: functions, Clock: clock.System{}}, nil, nil)
	for _, test := range []struct {
		kind, body string
		status     int
		want       string
	}{
		{"Event", "{}", 202, ""},
		{"DryRun", "{}", 204, ""},
		{"Other", "{}", 400, "Invalid invocation type"},
		{"RequestResponse", "{x", 400, `{"Type":"User","message":"Could not parse request body into json`},
	} {
		req := invokeRequest(test.body, "X-Amz-Invocation-Type: "+test.kind, "X-Amzn-Trace-Id: Root=1")
		if err := c.Prepare(req); err != nil || req.Header.Has("Authorization") {
			t.Fatalf("Prepare: %v, %v; want no signature without keys", err, req.Header)
		}
		res, err := c.Invoke(t.Context(), req)
		if err != nil || res.Status != test.status || !strings.Contains(string(res.Body), test.want) || res.Header.Get("X-Amzn-Trace-Id") != "Root=1" || len(aws.RequestID(res.Header)) != 36 {
			t.Errorf("%s %s: %+v, %v; want %d %s", test.kind, test.body, res, err, test.status, test.want)
		}
	}
	req := invokeRequest("{}")
	req.Timeout = time.Millisecond
	if err := c.Prepare(req); err != nil {
		t.Fatal(err)
	}
	var typed *integration.Error
	if _, err := c.Invoke(t.Context(), req); !errors.As(err, &typed) || typed.Kind != integration.Timeout {
		t.Errorf("after its time: %v, want an error of kind Timeout", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Invoke(gone, req); !errors.As(err, &typed) || typed.Kind != integration.Canceled {
		t.Errorf("for a client that has gone: %v, want an error of kind Canceled", err)
	}
}

func TestParseEndpoints(t *testing.T) {
	for _, setting := range []string{"", "sqs", "sqs=", "ftp://x", "sqs=http://", "http://x?a=b"} {
		if _, err := aws.ParseEndpoints([]string{setting}, nil); err == nil {
			t.Errorf("endpoint %q is taken", setting)
		}
	}
	for _, setting := range []string{"", "http://x", "=http://x", "arn:*"} {
		if _, err := aws.ParseEndpoints(nil, []string{setting}); err == nil {
			t.Errorf("function endpoint %q is taken", setting)
		}
	}
}
