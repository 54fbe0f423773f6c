package gateway

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/aws"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/plan"
	"github.com/postern-gateway/postern/sigv4"
)

const functionURI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations"

// servingAWS is serving with keys for AWS and binary media types.
func servingAWS(backend integration.Invoker, stage apigw.Stage, binary []string, methods ...method) *Gateway {
	s := snapshot(methods...)
	s.API.BinaryMediaTypes = binary
	a, _ := plan.CompileAPI(s)
	stage.StageName = new("dev")
	table := &Table{}
	table.Set(testAPI, map[string]*plan.Stage{"dev": plan.CompileStage(plan.StageInput{API: a, Stage: &stage})})
	c := clock.NewManual(testTime)
	client := aws.New(aws.Config{HTTP: backend, Clock: c, Keys: sigv4.Keys{AccessKey: "AKID", Secret: "secret"}})
	return New(Config{Table: table, HTTP: backend, AWS: client, Clock: c, IDs: ids.Seeded(1)})
}

func proxyMethod(route string) method {
	return backendMethod(route, apigw.Integration{Type: new("AWS_PROXY"), HttpMethod: new("POST"), Uri: new(functionURI)})
}

// TestEvent: what a function is given. Which members there are, and when they
// are null, is recorded.
func TestEvent(t *testing.T) {
	identity := `"identity":{"cognitoIdentityPoolId":null,"accountId":null,"cognitoIdentityId":null,"caller":null,"sourceIp":"192.0.2.7","principalOrgId":null,"accessKey":null,"cognitoAuthenticationType":null,"cognitoAuthenticationProvider":null,"userArn":null,"userAgent":%,"user":null}`
	// what follows the path in requestContext, without the agent and what is random
	rest := `"accountId":"123456789012","protocol":"HTTP/1.1","stage":"dev","domainPrefix":"abcdefghij","requestTimeEpoch":1700000000000,"requestId":<id>,` + identity + `,"domainName":"abcdefghij.execute-api.localhost","apiId":"abcdefghij"}`
	times := `"extendedRequestId":<id>,"requestTime":"14/Nov/2023:22:13:20 +0000"`
	for _, test := range []struct {
		name, line string
		header     []string
		body       string
		stage      apigw.Stage
		want       string
	}{
		{
			"all that a request may have", "POST /dev//x/a%2Bb@c/d/?q=1&r=a%20b+c&q=%2B2&=e",
			[]string{"Host: " + testHost, "tEsT-HEADeR: aValUE", "authorization: Bearer x", "user-agent: me/1", "X-Twice: 1", "x-twice: 2", "X-Forwarded-For: 198.51.100.1", "Content-Type: text/plain", "Connection: close"},
			"a\"b\n\xff", apigw.Stage{Variables: map[string]string{"v": "1"}},
			`{"resource":"/x/{rest+}","path":"/x/a%2Bb@c/d/","httpMethod":"POST",` +
				`"headers":{"tEsT-HEADeR":"aValUE","Authorization":"Bearer x","User-Agent":"me/1","X-Twice":"2","Content-Type":"text/plain","Host":"abcdefghij.execute-api.localhost:4566","X-Amzn-Trace-Id":<trace>,"X-Forwarded-For":"198.51.100.1, 192.0.2.7","X-Forwarded-Port":"4566","X-Forwarded-Proto":"http"},` +
				`"multiValueHeaders":{"tEsT-HEADeR":["aValUE"],"Authorization":["Bearer x"],"User-Agent":["me/1"],"X-Twice":["1","2"],"Content-Type":["text/plain"],"Host":["abcdefghij.execute-api.localhost:4566"],"X-Amzn-Trace-Id":[<trace>],"X-Forwarded-For":["198.51.100.1, 192.0.2.7"],"X-Forwarded-Port":["4566"],"X-Forwarded-Proto":["http"]},` +
				`"queryStringParameters":{"q":"+2","r":"a b c","":"e"},"multiValueQueryStringParameters":{"q":["1","+2"],"r":["a b c"],"":["e"]},` +
				`"pathParameters":{"rest":"a%2Bb@c/d"},"stageVariables":{"v":"1"},` +
				`"requestContext":{"resourceId":"id-x-{rest+}","resourcePath":"/x/{rest+}","httpMethod":"POST",` + times + `,"path":"/dev//x/a%2Bb@c/d/",` + strings.Replace(rest, "%", `"me/1"`, 1) + `,` +
				`"body":"a\"b\n` + "\uFFFD" + `","isBase64Encoded":false}`,
		}, {
			"nothing", "GET /dev/x/y", nil, "", apigw.Stage{CanarySettings: &apigw.CanarySettings{}, DeploymentId: new("d1")},
			`{"resource":"/x/{rest+}","path":"/x/y","httpMethod":"GET",` +
				`"headers":{"Host":"abcdefghij.execute-api.localhost:4566","X-Amzn-Trace-Id":<trace>,"X-Forwarded-For":"192.0.2.7","X-Forwarded-Port":"4566","X-Forwarded-Proto":"http"},` +
				`"multiValueHeaders":{"Host":["abcdefghij.execute-api.localhost:4566"],"X-Amzn-Trace-Id":[<trace>],"X-Forwarded-For":["192.0.2.7"],"X-Forwarded-Port":["4566"],"X-Forwarded-Proto":["http"]},` +
				`"queryStringParameters":null,"multiValueQueryStringParameters":null,"pathParameters":{"rest":"y"},"stageVariables":null,` +
				`"requestContext":{"resourceId":"id-x-{rest+}","resourcePath":"/x/{rest+}","httpMethod":"GET",` + times + `,"path":"/dev/x/y",` +
				strings.Replace(strings.Replace(rest, "%", `null`, 1), `,"apiId":"abcdefghij"}`, `,"deploymentId":"d1","apiId":"abcdefghij","isCanaryRequest":false}`, 1) + `,` +
				`"body":null,"isBase64Encoded":false}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			backend := &recorder{res: integration.Response{Status: 200, Body: []byte(`{}`)}}
			g := servingAWS(backend, test.stage, []string{"image/png"}, proxyMethod("ANY /x/{rest+}"))
			res := serve(t, g, request(test.line, test.header, test.body))
			if res.Status != 200 {
				t.Fatalf("%d %s", res.Status, res.Body)
			}
			got := string(backend.got.Body)
			got = hideRandom(got, backend.got.Header.Get("X-Amzn-Trace-Id"), "<trace>")
			got = hideRandom(got, res.Header.Get("x-amzn-RequestId"), "<id>")
			got = hideRandom(got, res.Header.Get("x-amz-apigw-id"), "<id>")
			if diff := cmp.Diff(strings.Split(test.want, ","), strings.Split(got, ",")); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func hideRandom(text, value, sign string) string {
	return strings.ReplaceAll(text, `"`+value+`"`, sign)
}

// TestEventBody: which bodies come in base64. Recorded.
func TestEventBody(t *testing.T) {
	for contentType, coded := range map[string]bool{
		"image/png": true, "image/png; q=1": true, "image/png,text/plain": true, "image/jpeg": false, "image/*": false, "*/*": false,
		"application/x": true, "application/*": true, "text/test": false, "application": false, "": false,
	} {
		backend := &recorder{res: integration.Response{Status: 200, Body: []byte(`{}`)}}
		g := servingAWS(backend, apigw.Stage{}, []string{"image/png", "application/*", "*/test"}, proxyMethod("POST /x"))
		serve(t, g, request("POST /dev/x", []string{"Content-Type: " + contentType}, "body"))
		want := `"body":"body","isBase64Encoded":false}`
		if coded {
			want = `"body":"Ym9keQ==","isBase64Encoded":true}`
		}
		if got := string(backend.got.Body); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s, want it to end in %s", contentType, got, want)
		}
	}
}

// TestEventOfMany: as many fields as fit do not make an event slow, and many
// are grouped as few are.
func TestEventOfMany(t *testing.T) {
	var query, single, multi []string
	for i := range 3000 {
		name := string([]byte{'a' + byte(i%26), 'a' + byte(i/26%26)})
		query = append(query, name+"=")
		switch {
		case i < 676:
			single, multi = append(single, `"`+name+`":""`), append(multi, `"`+name+`":[""`)
		default:
			multi[i%676] += `,""`
		}
	}
	backend := &recorder{res: integration.Response{Status: 200, Body: []byte(`{}`)}}
	g := servingAWS(backend, apigw.Stage{}, nil, proxyMethod("POST /x"))
	g.limits.URL = 1 << 20
	serve(t, g, request("POST /dev/x?"+strings.Join(query, "&"), nil, ""))
	want := `"queryStringParameters":{` + strings.Join(single, ",") + `},"multiValueQueryStringParameters":{` + strings.Join(multi, "],") + `]},`
	if got := string(backend.got.Body); !strings.Contains(got, want) {
		t.Errorf("event:\n%.300s\nlacks\n%.300s", got, want)
	}
}

// TestProxyResult: what comes of what a function returns. Recorded but where it
// says otherwise.
func TestProxyResult(t *testing.T) {
	const failed, trace = `{"message": "Internal server error"}`, "X-Amzn-Trace-Id: " + anyTrace
	const jsonLine = "Content-Type: application/json"
	for _, test := range []struct {
		name, result string
		accept       string
		status       int
		body         string
		header       []string // beside what every answer has
	}{
		{"headers alone", `{"headers": {"test-header": "value"}}`, "", 200, "", []string{"test-header: value", jsonLine}},
		{"nothing", `{}`, "", 200, "", []string{jsonLine}}, // assumed
		{"headers null", `{"statusCode": 200, "headers": null}`, "", 200, "", []string{jsonLine}},
		{"scalars", `{"headers": {"a": true, "b": 1.5, "c": null}, "multiValueHeaders": {"d": [false, 2]}}`, "", 200, "", []string{"d: false", "d: 2", "a: true", "b: 1.5", jsonLine}},
		{"status in quotes", `{"statusCode": "201"}`, "", 201, "", []string{jsonLine}},
		{"text", `{"body": "x", "headers": {"content-type": "text/plain"}}`, "", 200, "x", []string{"content-type: text/plain"}},
		{"both maps", `{"multiValueHeaders": {"tesT-Multi": ["value-multi"]}, "headers": {"test-multi": "value-solo", "a": "b"}}`, "", 200, "",
			[]string{"tesT-Multi: value-multi", "tesT-Multi: value-solo", "a: b", jsonLine}},
		{"headers of the gateway", `{"headers": {"Server": "x", "Via": "y", "X-Amzn-Trace-Id": "z", "Bad\r\nX": "1"}}`, "", 502, failed, nil},
		{"headers that change", `{"headers": {"Server": "x", "Via": "y", "X-Amzn-Trace-Id": "z", "A": "1\r\nB: 2"}}`, "", 200, "", []string{"x-amzn-Remapped-Server: x", "A: 1  B: 2", jsonLine}},
		{"coded, not asked for", `{"body": "dGVzdA==", "isBase64Encoded": true}`, "text/plain", 200, "dGVzdA==", []string{jsonLine}},
		{"coded", `{"body": "dGVzdA==", "isBase64Encoded": true}`, "image/png,*/*", 200, "test", []string{jsonLine}},
		{"not coded", `{"body": "dGVzdA=="}`, "image/png", 200, "dGVzdA==", []string{jsonLine}},
		{"not base64", `{"body": "%", "isBase64Encoded": true}`, "image/png", 500, failed, nil}, // seen in an emulator
		{"status no number", `{"statusCode": "test"}`, "", 502, failed, nil},
		{"status out of range", `{"statusCode": 600}`, "", 502, failed, nil}, // assumed
		{"interim status", `{"statusCode": 103}`, "", 502, failed, nil},      // assumed
		{"unknown member", `{"statusCode": 200, "wrongValue": "value"}`, "", 502, failed, nil},
		{"a string", `"justAString"`, "", 502, failed, nil},
		{"null", `null`, "", 502, failed, nil}, // this and the next three: seen in an emulator
		{"array", `[]`, "", 502, failed, nil},
		{"not JSON", `{`, "", 502, failed, nil},
		{"no answer at all", ``, "", 502, failed, nil},
		{"no list", `{"multiValueHeaders": {"a": "x"}}`, "", 502, failed, nil},
		{"no map", `{"multiValueHeaders": []}`, "", 502, failed, nil},
		{"headers no map", `{"headers": "a"}`, "", 502, failed, nil},
		{"header no text", `{"headers": {"a": {}}}`, "", 502, failed, nil},
		{"body an object", `{"body": {}}`, "", 502, failed, nil},                        // reported by users
		{"isBase64Encoded a text", `{"isBase64Encoded": "true"}`, "", 502, failed, nil}, // assumed
		{"failure", `{"errorMessage": "no", "errorType": "E"}`, "", 502, failed, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			backend := &recorder{res: integration.Response{Status: 200, Body: []byte(test.result)}}
			g := servingAWS(backend, apigw.Stage{}, []string{"image/png"}, proxyMethod("POST /x"))
			res := serve(t, g, request("POST /dev/x", []string{"Accept: " + test.accept}, ""))
			want := []string{"x-amzn-RequestId: " + anyUUID, "x-amz-apigw-id: " + anyExtID}
			if test.header == nil {
				want = append(want, "x-amzn-ErrorType: InternalServerErrorException", jsonLine)
			} else {
				want = append(append(want, trace), test.header...)
			}
			if res.Status != test.status || string(res.Body) != test.body {
				t.Errorf("got %d %s, want %d %s", res.Status, res.Body, test.status, test.body)
			}
			if diff := cmp.Diff(want, lines(res.Header)); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOwnStatus: a failure of a function keeps its status unless the gateway
// response has one that somebody set.
func TestOwnStatus(t *testing.T) {
	for status, want := range map[string]int{"504": 502, "": 502, "418": 418} {
		s := snapshot(proxyMethod("POST /x"))
		s.GatewayResponses = []apigw.GatewayResponse{{ResponseType: new("INTEGRATION_FAILURE"), StatusCode: apigw.Text(status)}}
		a, _ := plan.CompileAPI(s)
		table := &Table{}
		table.Set(testAPI, map[string]*plan.Stage{"dev": plan.CompileStage(plan.StageInput{API: a, Stage: &apigw.Stage{StageName: new("dev")}})})
		backend := &recorder{res: integration.Response{Status: 200, Body: []byte(`{"errorMessage": "no"}`)}}
		client := aws.New(aws.Config{HTTP: backend, Keys: sigv4.Keys{AccessKey: "AKID", Secret: "secret"}})
		if res := serve(t, New(Config{Table: table, AWS: client}), request("POST /dev/x", nil, "")); res.Status != want {
			t.Errorf("status %q: %d, want %d", status, res.Status, want)
		}
	}
}

// TestInvocationFailure: what the Invoke API refuses.
func TestInvocationFailure(t *testing.T) {
	withID := exchange.Header{{Name: "x-amzn-RequestId", Value: "id-1"}}
	for _, test := range []struct {
		name          string
		answer        integration.Response
		err           error
		proxy, custom int
		log           string // of AWS_PROXY
	}{
		{"no permission", integration.Response{Status: 403}, nil, 500, 500, "Execution failed due to configuration error: Invalid permissions on Lambda function"},
		{"no function", integration.Response{Status: 404}, nil, 500, 500, "Execution failed due to configuration error: Invalid permissions on Lambda function"},
		{"throttled", integration.Response{Status: 429}, nil, 500, 500, "Lambda invocation failed with status: 429. Lambda request id: "},
		{"broken", integration.Response{Status: 503, Header: withID}, nil, 502, 500, "Lambda invocation failed with status: 503. Lambda request id: id-1"},
		{"bad request", integration.Response{Status: 400, Body: []byte(`{"message":"Could not parse request body into json"}`)}, nil, 502, 200, "Lambda invocation failed with status: 400. Lambda request id: "},
		{"function error", integration.Response{Status: 200, Header: append(withID, exchange.Field{Name: "X-Amz-Function-Error", Value: "Unhandled"}), Body: []byte(`{"errorMessage":"m"}`)}, nil, 502, 200,
			"Lambda execution failed with status 200 due to customer function error: m. Lambda request id: id-1"},
		{"malformed", integration.Response{Status: 200, Body: []byte(`1`)}, nil, 502, 200, "Execution failed due to configuration error: Malformed Lambda proxy response"},
		{"timeout", integration.Response{}, &integration.Error{Kind: integration.Timeout, Cause: errors.New("late")}, 504, 504, "Execution failed due to a timeout error"},
	} {
		for kind, want := range map[string]int{"AWS_PROXY": test.proxy, "AWS": test.custom} {
			backend := &recorder{res: test.answer, err: test.err}
			g := servingAWS(backend, apigw.Stage{}, nil, backendMethod("POST /x", apigw.Integration{Type: &kind, HttpMethod: new("POST"), Uri: new(functionURI)}))
			var log bytes.Buffer
			g.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			if res := serve(t, g, request("POST /dev/x", nil, "")); res.Status != want {
				t.Errorf("%s, %s: %d %s, want %d", test.name, kind, res.Status, res.Body, want)
			}
			if kind == "AWS_PROXY" && !strings.Contains(log.String(), `msg="`+test.log+`"`) {
				t.Errorf("%s: log %s, want %q", test.name, log.String(), test.log)
			}
		}
	}
}

// TestEventBasePath: the path of an event begins with the base path of a custom
// domain name (reported by users).
func TestEventBasePath(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200, Body: []byte(`{}`)}}
	g := servingAWS(backend, apigw.Stage{}, nil, proxyMethod("GET /x"))
	g.live.Domains.Replace([]*live.Domain{{Name: "pets.example.com", Mappings: []live.Mapping{{Base: "/v1", API: testAPI, Stage: "dev"}}}})
	x := request("GET /v1//x", nil, "")
	x.Request.Host = "pets.example.com"
	serve(t, g, x)
	if want := `{"resource":"/x","path":"/v1/x",`; backend.got == nil || !strings.HasPrefix(string(backend.got.Body), want) {
		t.Errorf("call %+v, want an event that begins with %s", backend.got, want)
	}
}
