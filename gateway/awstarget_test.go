package gateway

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/live"
)

// TestAWSTarget: which service is called, and at which URL.
func TestAWSTarget(t *testing.T) {
	const invalid = ""
	const arn = "arn:aws:apigateway:eu-west-1:"
	stage := apigw.Stage{Variables: map[string]string{"fn": "f", "alias": "live", "queue": "1/q", "service": "sqs", "call": "action/SendMessage", "bad": "a b", "away": "b.example/"}}
	for _, test := range []struct {
		name, uri string
		mapping   map[string]string
		want      string // URL, service, region, action
	}{
		{"path", arn + "sqs:path/1/q", nil, "https://sqs.eu-west-1.amazonaws.com/1/q sqs eu-west-1 "},
		{"two slashes", arn + "sns:path//", nil, "https://sns.eu-west-1.amazonaws.com/ sns eu-west-1 "},
		{"action", arn + "kinesis:action/PutRecord", nil, "https://kinesis.eu-west-1.amazonaws.com/ kinesis eu-west-1 PutRecord"},
		{"action with parameters", arn + "newone:action/Do&a=b&c=d", map[string]string{"querystring.e": "'f'"}, "https://newone.eu-west-1.amazonaws.com/ newone eu-west-1 Do"},
		{"host", arn + "bucket.s3:path/key", nil, "https://bucket.s3.eu-west-1.amazonaws.com/key s3 eu-west-1 "},
		{"China", "arn:aws-cn:apigateway:cn-north-1:s3:path/b", nil, "https://s3.cn-north-1.amazonaws.com.cn/b s3 cn-north-1 "},
		{"placeholders", arn + "s3:path/b/{key}", map[string]string{"path.key": "method.request.path.rest"}, "https://s3.eu-west-1.amazonaws.com/b/a%20b/c s3 eu-west-1 "},
		{"query", arn + "s3:path/b?list-type=2", map[string]string{"querystring.prefix": "'a/b'"}, "https://s3.eu-west-1.amazonaws.com/b?list-type=2&prefix=a%2Fb s3 eu-west-1 "},
		{"function", arn + "lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:${stageVariables.fn}:${stageVariables.alias}/invocations", nil,
			"https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:f:live/invocations lambda eu-west-1 "},
		{"variable in a path", arn + "sqs:path/${stageVariables.queue}", nil, "https://sqs.eu-west-1.amazonaws.com/1/q sqs eu-west-1 "},
		{"variable for a service", arn + "${stageVariables.service}:path/1/q", nil, "https://sqs.eu-west-1.amazonaws.com/1/q sqs eu-west-1 "},
		{"variable for an action", arn + "sqs:${stageVariables.call}", nil, "https://sqs.eu-west-1.amazonaws.com/ sqs eu-west-1 SendMessage"},
		{"variable that is not set", arn + "${stageVariables.none}:path/1/q", nil, invalid},
		{"variable that breaks the URL", arn + "sqs:path/${stageVariables.bad}", nil, invalid},
		{"variable that names nothing", arn + "sqs:${stageVariables.fn}", nil, invalid},
		{"variable that ends the host", arn + "${stageVariables.away}:path/1/q", nil, invalid},
		{"service that ends the host", arn + "b.example/s3:path/key", nil, invalid},
		{"region that ends the host", "arn:aws:apigateway:b.example?:s3:path/key", nil, invalid},
		{"no ARN", "http://b/", nil, invalid},
		{"neither path nor action", arn + "sqs:queue", nil, invalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			parameters := map[string]string{}
			for target, value := range test.mapping {
				parameters["integration.request."+target] = value
			}
			backend := &recorder{res: integration.Response{Status: 200}}
			g := servingAWS(backend, stage, nil, backendMethod("POST /{rest+}", apigw.Integration{
				Type: new("AWS"), HttpMethod: new("POST"), Uri: &test.uri, RequestParameters: parameters,
			}))
			res := serve(t, g, request("POST /dev/a%20b/c", nil, ""))
			if test.want == invalid {
				if res.Status != 500 || backend.got != nil {
					t.Fatalf("got %d %s and a call %v, want a 500 without one", res.Status, res.Body, backend.got)
				}
				return
			}
			if res.Status != 200 {
				t.Fatalf("%d %s", res.Status, res.Body)
			}
			got := strings.Join([]string{backend.got.URL, backend.got.AWS.Service, backend.got.AWS.Region, backend.got.AWS.Action}, " ")
			if got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestAWSRequestHeader: names and order are recorded for functions.
func TestAWSRequestHeader(t *testing.T) {
	for _, test := range []struct {
		name string
		in   apigw.Integration
		want []string
	}{
		{"function with a role", apigw.Integration{Type: new("AWS"), Uri: new(functionURI), Credentials: new("arn:aws:iam::1:role/r")},
			[]string{"x-amzn-lambda-integration-tag", "Authorization", "X-Amz-Date", "x-amzn-apigateway-api-id: abcdefghij", "Accept: application/json", "User-Agent: AmazonAPIGateway_abcdefghij", "X-Amzn-Trace-Id", "Content-Type: text/plain"}},
		{"function that trusts the API", apigw.Integration{Type: new("AWS_PROXY"), Uri: new(functionURI)},
			[]string{"x-amzn-lambda-integration-tag", "Authorization", "X-Amz-Date", "x-amzn-apigateway-api-id: abcdefghij", "X-Amz-Source-Arn: arn:aws:execute-api:us-east-1:123456789012:abcdefghij/dev/POST/{p}", "Accept: application/json", "User-Agent: AmazonAPIGateway_abcdefghij", "X-Amzn-Trace-Id", "Content-Type: application/json"}},
		{"mapped", apigw.Integration{Type: new("AWS"), Uri: new("arn:aws:apigateway:us-east-1:sqs:path/1/q"), RequestParameters: map[string]string{
			"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'", "integration.request.header.Accept": "'application/xml'",
			"integration.request.header.Referer": "'r'", "integration.request.header.Via": "'v'",
		}}, []string{"Authorization", "X-Amz-Date", "x-amzn-apigateway-api-id: abcdefghij", "User-Agent: AmazonAPIGateway_abcdefghij", "X-Amzn-Trace-Id", "Accept: application/xml", "Content-Type: application/x-www-form-urlencoded"}},
	} {
		backend := &recorder{res: integration.Response{Status: 200, Body: []byte("{}")}}
		test.in.HttpMethod = new("POST")
		g := servingAWS(backend, apigw.Stage{}, nil, backendMethod("POST /{p}", test.in))
		if res := serve(t, g, request("POST /dev/x", []string{"Content-Type: text/plain"}, "body")); res.Status != 200 {
			t.Fatalf("%s: %d %s", test.name, res.Status, res.Body)
		}
		var got []string
		for _, field := range backend.got.Header {
			switch field.Name {
			case "Authorization", "X-Amz-Date", "X-Amzn-Trace-Id", "x-amzn-lambda-integration-tag":
				got = append(got, field.Name)
			default:
				got = append(got, field.Name+": "+field.Value)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestAWSForbiddenHeader: a mapping that would replace a signature fails.
func TestAWSForbiddenHeader(t *testing.T) {
	for _, kind := range []string{"AWS", "AWS_PROXY"} {
		for name, want := range map[string]int{"Authorization": 500, "Content-Length": 500, "TE": 500, "X-Amzn-Trace-Id": 500, "Via": 200, "Date": 200} {
			backend := &recorder{res: integration.Response{Status: 200, Body: []byte("{}")}}
			g := servingAWS(backend, apigw.Stage{}, nil, backendMethod("POST /x", apigw.Integration{
				Type: &kind, HttpMethod: new("POST"), Uri: new(functionURI),
				RequestParameters: map[string]string{"integration.request.header." + name: "'v'"},
			}))
			if res := serve(t, g, request("POST /dev/x", nil, "")); res.Status != want {
				t.Errorf("%s, %s: %d %s, want %d", kind, name, res.Status, res.Body, want)
			}
		}
	}
}

// TestErrorMessage: failures of functions are selected by their message, and
// mapped headers see into one that is JSON (the guide).
func TestErrorMessage(t *testing.T) {
	m := backendMethod("POST /x", apigw.Integration{
		Type: new("AWS"), HttpMethod: new("POST"), Uri: new(functionURI),
		IntegrationResponses: map[string]apigw.IntegrationResponse{
			"200": {},
			"400": {SelectionPattern: new("Bad.*"), ResponseTemplates: map[string]*string{"application/json": new(`$input.path('$.errorMessage')`)}},
			"409": {SelectionPattern: new(`(.|\n)*"code":409(.|\n)*`), ResponseParameters: map[string]string{
				"method.response.header.X-Why": "integration.response.body.errorMessage.why.text"},
				ResponseTemplates: map[string]*string{"application/json": new(`$input.path('$.errorMessage')`)}},
		},
	})
	m.MethodResponses = map[string]apigw.MethodResponse{"200": {}, "400": {}, "409": {}}
	for payload, want := range map[string]string{
		`{"ok":1}`:                        `200 {"ok":1} `,
		`"text"`:                          `200 "text" `,
		`{"errorMessage":"Bad request"}`:  `400 Bad request `,
		`{"errorMessage":"Bad\nrequest"}`: `200 {"errorMessage":"Bad\nrequest"} `, // the dot matches no line end
		`{"errorMessage":null}`:           `200 {"errorMessage":null} `,
		`{"errorMessage":"{\"code\":409,\"why\":{\"text\":\"taken\"}}"}`: `409 {"code":409,"why":{"text":"taken"}} taken`,
	} {
		g := servingAWS(&recorder{res: integration.Response{Status: 200, Body: []byte(payload)}}, apigw.Stage{}, nil, m)
		res := serve(t, g, request("POST /dev/x", nil, ""))
		got := strings.Join([]string{strconv.Itoa(res.Status), string(res.Body), res.Header.Get("X-Why")}, " ")
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", payload, got, want)
		}
	}
}

// TestServiceStatus: selection by the status, and what access logs are told.
func TestServiceStatus(t *testing.T) {
	m := backendMethod("POST /x", apigw.Integration{
		Type: new("AWS"), HttpMethod: new("POST"), Uri: new("arn:aws:apigateway:us-east-1:kinesis:action/PutRecord"),
		IntegrationResponses: map[string]apigw.IntegrationResponse{"200": {}, "400": {SelectionPattern: new("400")}},
	})
	m.MethodResponses = map[string]apigw.MethodResponse{"200": {}, "400": {}}
	g := servingAWS(&recorder{res: integration.Response{
		Status: 400, Header: exchange.Header{{Name: "Content-Type", Value: "application/x-amz-json-1.1"}}, Body: []byte(`{"__type":"E"}`),
	}}, apigw.Stage{}, nil, m)
	res := serve(t, g, request("POST /dev/x", nil, "{}"))
	want := []string{"x-amzn-RequestId: " + anyUUID, "x-amz-apigw-id: " + anyExtID, "X-Amzn-Trace-Id: " + anyTrace, "Content-Type: application/json"}
	if diff := cmp.Diff(want, lines(res.Header)); res.Status != 400 || string(res.Body) != `{"__type":"E"}` || diff != "" {
		t.Errorf("%d %s (-want +got):\n%s", res.Status, res.Body, diff)
	}
}

// TestLink: a VPC link says what is dialled, and the URI what is asked of it.
func TestLink(t *testing.T) {
	const arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/n/1"
	link := func(id, target string) apigw.Integration {
		in := apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("https://pets.example.com/x"), ConnectionType: new("VPC_LINK"), ConnectionId: &id}
		if target != "" {
			in.IntegrationTarget = &target
		}
		return in
	}
	for _, test := range []struct {
		name string
		in   apigw.Integration
		want []string // of two requests; nil: 500
	}{
		{"a link", link("abc123", ""), []string{"a:1 b:2", "b:2 a:1"}},
		{"by a stage variable", link("${stageVariables.link}", ""), []string{"a:1 b:2", "b:2 a:1"}},
		{"version 2", link("other", arn), []string{"a:1 b:2", "b:2 a:1"}},
		{"unknown", link("other", ""), nil},
		{"of another account", link("theirs", ""), nil},
		{"not ready", link("young1", ""), nil},
		{"unknown target", link("lost12", ""), nil},
		{"version 2, unknown target", link("abc123", arn+"x"), nil},
	} {
		backend := &recorder{res: integration.Response{Status: 200}}
		g := servingAWS(backend, apigw.Stage{Variables: map[string]string{"link": "abc123"}}, nil, backendMethod("GET /", test.in))
		l, scope := &g.live.Links, live.Scope{Account: "123456789012", Region: "us-east-1"}
		if err := l.ParseTargets([]string{arn + "=a:1", arn + "=b:2"}); err != nil {
			t.Fatal(err)
		}
		l.Set(scope, "abc123", live.Link{Target: arn, Ready: testTime})
		l.Set(scope, "young1", live.Link{Target: arn, Ready: testTime.Add(time.Second)})
		l.Set(scope, "lost12", live.Link{Target: arn + "y"})
		l.Set(live.Scope{Account: "999999999999", Region: "us-east-1"}, "theirs", live.Link{Target: arn})
		var got []string
		for range 2 {
			if res := serve(t, g, request("GET /dev", nil, "")); res.Status == 200 {
				got = append(got, strings.Join(backend.got.Dial, " "))
				if backend.got.URL != "https://pets.example.com/x" {
					t.Errorf("%s: URL %s", test.name, backend.got.URL)
				}
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		l.Remove(scope, "abc123")
		if res := serve(t, g, request("GET /dev", nil, "")); test.in.IntegrationTarget == nil && res.Status != 500 {
			t.Errorf("%s: %d after the link has gone", test.name, res.Status)
		}
	}
}

// TestProxyByVariable: AWS_PROXY calls what a stage variable says, if that is a
// function, and reads its result as one.
func TestProxyByVariable(t *testing.T) {
	for value, want := range map[string]int{
		"lambda": 201, "sqs": 500, "": 500,
	} {
		backend := &recorder{res: integration.Response{Status: 200, Body: []byte(`{"statusCode": 201}`)}}
		g := servingAWS(backend, apigw.Stage{Variables: map[string]string{"service": value}}, nil, backendMethod("POST /x", apigw.Integration{
			Type: new("AWS_PROXY"), HttpMethod: new("POST"), Uri: new("arn:aws:apigateway:us-east-1:${stageVariables.service}:path/2015-03-31/functions/f/invocations"),
		}))
		if res := serve(t, g, request("POST /dev/x", nil, "")); res.Status != want {
			t.Errorf("%q: %d %s, want %d", value, res.Status, res.Body, want)
		}
	}
}

// TestFirehose: AWS_PROXY passes the bodies of a service that is no function.
func TestFirehose(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200, Header: exchange.Header{{Name: "Content-Type", Value: "application/x-amz-json-1.1"}}, Body: []byte(`{"RecordId":"1"}`)}}
	g := servingAWS(backend, apigw.Stage{}, nil, backendMethod("POST /x", apigw.Integration{
		Type: new("AWS_PROXY"), HttpMethod: new("POST"), Uri: new("arn:aws:apigateway:us-east-1:firehose:action/PutRecord"),
	}))
	res := serve(t, g, request("POST /dev/x", nil, `{"Record":{}}`))
	if res.Status != 200 || string(res.Body) != `{"RecordId":"1"}` || string(backend.got.Body) != `{"Record":{}}` ||
		backend.got.Header.Get("X-Amz-Target") != "Firehose_20150804.PutRecord" {
		t.Errorf("%d %s; the service got %s %v", res.Status, res.Body, backend.got.Body, backend.got.Header)
	}
}
