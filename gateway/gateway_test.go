package gateway

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/plan"
)

var jsonAnswer = []string{"x-amzn-RequestId: <uuid>", "x-amz-apigw-id: <extended>", "Content-Type: application/json"}

func errorAnswer(errorType string) []string {
	return []string{"x-amzn-RequestId: <uuid>", "x-amz-apigw-id: <extended>", "x-amzn-ErrorType: " + errorType, "Content-Type: application/json"}
}

// TestRouting. Recorded: routing-not-found, for the first three.
func TestRouting(t *testing.T) {
	const body = `{"statusCode": 200, "message": "exists"}`
	g := serving(t, nil, apigw.Stage{}, mockMethod("GET /existing", body), mockMethod("GET /", "root"))
	missing := `{"message":"Missing Authentication Token"}`
	for _, test := range []struct {
		name, host, line string
		header           []string
		status           int
		body, errorType  string
	}{
		{"existing", "", "GET /dev/existing", nil, 200, body, ""},
		{"unknown path", "", "GET /dev/random-non-existing", nil, 403, missing, "MissingAuthenticationTokenException"},
		{"unknown verb", "", "POST /dev/existing", nil, 403, missing, "MissingAuthenticationTokenException"},
		{"signed, unknown path", "", "GET /dev/none", []string{"Authorization: AWS4-HMAC-SHA256 Credential=AK/20240501/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=0"}, 403, missing, "MissingAuthenticationTokenException"},
		{"a token, unknown path", "", "GET /dev/none", []string{"Authorization: Bearer abc"}, 403,
			`{"message":"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'w1Xc6WwWEogNEZQP/dkBTThsJT4MNlKmzQanIm970rY='."}`, "IncompleteSignatureException"},
		{"root without a slash", "", "GET /dev", nil, 200, "root", ""},
		{"slashes around the stage", "", "GET ///dev///existing", nil, 200, body, ""},
		{"upper-case host", strings.ToUpper(testHost), "GET /dev/existing", nil, 200, body, ""},
		{"regional host", testAPI + ".execute-api.eu-west-1.amazonaws.com", "GET /dev/existing", nil, 200, body, ""},
		{"path form", "localhost", "GET /restapis/abcdefghij/dev/_user_request_/existing", nil, 200, body, ""},
		{"path form without a path", "localhost", "GET /restapis/abcdefghij/dev/_user_request_", nil, 200, "root", ""},
		{"second path form", "localhost", "GET /_aws/execute-api/ABCDEFGHIJ/dev/existing", nil, 200, body, ""},
		{"second path form without a path", "localhost", "GET /_aws/execute-api/abcdefghij/dev", nil, 200, "root", ""},
		{"method override", "", "POST /dev/existing", []string{"X-HTTP-Method-Override: GET"}, 200, body, ""},
		{"stages have a case", "", "GET /DEV/existing", nil, 403, `{"message":"Forbidden"}`, "ForbiddenException"},
		{"no stage", "", "GET /", nil, 403, `{"message":"Forbidden"}`, "ForbiddenException"},
		{"unknown API", "bcdefghijk.execute-api.localhost", "GET /dev/existing", nil, 403, `{"message":"Forbidden"}`, "ForbiddenException"},
		{"not ours", "localhost", "GET /dev/existing", nil, 403, `{"message":"Forbidden"}`, "ForbiddenException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := request(test.line, test.header, "")
			if test.host != "" {
				x.Request.Host = test.host
			}
			res := serve(t, g, x)
			if res.Status != test.status || string(res.Body) != test.body {
				t.Errorf("%s: %d %s, want %d %s", test.line, res.Status, res.Body, test.status, test.body)
			}
			want := jsonAnswer
			if test.errorType != "" {
				want = errorAnswer(test.errorType)
			}
			if diff := cmp.Diff(want, lines(res.Header)); diff != "" {
				t.Errorf("%s: header (-want +got):\n%s", test.line, diff)
			}
		})
	}
}

func TestDisabledEndpoint(t *testing.T) {
	s := snapshot(mockMethod("GET /", "x"))
	s.API.DisableExecuteApiEndpoint = new(true)
	a, _ := plan.CompileAPI(s)
	g := servingPlan(nil, plan.StageInput{API: a, Stage: &apigw.Stage{}})
	if res := serve(t, g, request("GET /dev/", nil, "")); res.Status != 403 || string(res.Body) != `{"message":"Forbidden"}` {
		t.Errorf("a disabled endpoint answered %d %s", res.Status, res.Body)
	}
}

func TestClaims(t *testing.T) {
	g := New(Config{Table: &Table{}, Domains: append(DefaultDomains(), "execute-api.gateway.example.com")})
	for _, test := range []struct {
		host, path string
		want       bool
	}{
		{"abc.execute-api.localhost", "/", true},
		{"abc.execute-api.localhost:4566", "/restapis", true},
		{"ABC.Execute-API.LocalHost.LocalStack.Cloud", "/", true},
		{"abc.execute-api.us-east-1.amazonaws.com", "/", true},
		{"abc.execute-api.cn-north-1.amazonaws.com.cn", "/", true},
		{"abc.execute-api.gateway.example.com", "/", true},
		{"abc.execute-api.amazonaws.com", "/", false}, // the region is missing
		{"abc.execute-api.a.b.amazonaws.com", "/", false},
		{"a.b.execute-api.localhost", "/", false},
		{".execute-api.localhost", "/", false},
		{"abc.execute-api.elsewhere.org", "/", false},
		{"execute-api.localhost", "/", false},
		{"apigateway.us-east-1.amazonaws.com", "/restapis", false},
		{"[::1]:4566", "/restapis/abc/dev/_user_request_/pets", true},
		{"localhost", "/restapis/abc/dev/_user_request_", true},
		{"localhost", "/restapis/abc/stages/dev", false},
		{"localhost", "/restapis/abc/dev/_user_request_x", false},
		{"localhost", "/restapis//dev/_user_request_/", false},
		{"localhost", "/_aws/execute-api/abc/dev/pets", true},
		{"localhost", "/_aws/health", false},
		{"", "", false},
	} {
		if got := g.Claims(test.host, test.path); got != test.want {
			t.Errorf("Claims(%q, %q) = %v, want %v", test.host, test.path, got, test.want)
		}
	}
}

// TestIDs. The guide: a client's UUID is the request id, anything else is ignored.
func TestIDs(t *testing.T) {
	g := serving(t, nil, apigw.Stage{}, mockMethod("GET /", "x"))
	const mine = "4f7a1c2e-0000-4000-8000-1234567890ab"
	if got := serve(t, g, request("GET /dev", []string{"x-amzn-RequestId: " + mine}, "")).Header.Get("x-amzn-RequestId"); got != mine {
		t.Errorf("request id %q, want the client's %q", got, mine)
	}
	for _, bad := range []string{"abc", mine + "0", strings.ReplaceAll(mine, "-", "0"), "4f7a1c2e-0000-4000-8000-1234567890ag"} {
		got := serve(t, g, request("GET /dev", []string{"x-amzn-RequestId: " + bad}, "")).Header.Get("x-amzn-RequestId")
		if got == bad || !isUUID(got) {
			t.Errorf("client id %q gave request id %q, want a fresh UUID", bad, got)
		}
	}
	first, second := serve(t, g, request("GET /dev", nil, "")), serve(t, g, request("GET /dev", nil, ""))
	for _, name := range []string{"x-amzn-RequestId", "x-amz-apigw-id"} {
		if first.Header.Get(name) == second.Header.Get(name) {
			t.Errorf("two requests have the same %s %q", name, first.Header.Get(name))
		}
	}
}

// TestLimits. The statuses are the guide's; bodies of 414 and 431 are assumed.
func TestLimits(t *testing.T) {
	base := serving(t, nil, apigw.Stage{}, mockMethod("POST /", "ok"))
	g := New(Config{Table: base.table, Limits: Limits{Body: 100, Header: 50, URL: 40}})
	unknown := func(body string) *exchange.Exchange {
		x := request("POST /dev", nil, body)
		x.Request.ContentLength = -1
		return x
	}
	broken := request("POST /dev", nil, "")
	broken.Request.Body, broken.Request.ContentLength = io.MultiReader(strings.NewReader("abc"), failingReader{}), -1
	for _, test := range []struct {
		name   string
		x      *exchange.Exchange
		status int
		body   string
		close  bool
	}{
		{"all within", request("POST /dev?"+strings.Repeat("a", 36), []string{"A: " + strings.Repeat("b", 50)}, strings.Repeat("c", 100)), 200, "ok", false},
		{"long URL", request("POST /dev?"+strings.Repeat("a", 37), nil, ""), 414, `{"message":"Request URI too long"}`, false},
		{"long header", request("POST /dev", []string{"A: " + strings.Repeat("b", 30), "B: " + strings.Repeat("b", 21)}, ""), 431, `{"message":"Request Header Fields Too Large"}`, false},
		{"long body", request("POST /dev", nil, strings.Repeat("c", 101)), 413, `{"message":"Request Too Long"}`, true},
		{"long body of unknown length", unknown(strings.Repeat("c", 101)), 413, `{"message":"Request Too Long"}`, true},
		{"body of unknown length", unknown(strings.Repeat("c", 100)), 200, "ok", false},
		{"body breaks off", broken, 400, `{"message":"Bad Request"}`, true},
		{"raw bar", request("POST /dev?a=|", nil, ""), 400, `{"message":"Bad Request"}`, false},
		{"raw brace", request("POST /dev?a={b}", nil, ""), 400, `{"message":"Bad Request"}`, false},
		{"two percent signs", request("POST /dev?a=%%", nil, ""), 400, `{"message":"Bad Request"}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			res := serve(t, g, test.x)
			if res.Status != test.status || string(res.Body) != test.body || res.Close != test.close {
				t.Errorf("got %d %s close=%v, want %d %s close=%v", res.Status, res.Body, res.Close, test.status, test.body, test.close)
			}
			if failed := res.Status != 200; failed != res.Header.Has("x-amzn-ErrorType") {
				t.Errorf("header %v of a %d", lines(res.Header), res.Status)
			}
		})
	}
	if d := (Limits{}).withDefaults(); d != (Limits{Body: 10485760, Header: 10240, URL: 10240}) {
		t.Errorf("default limits %+v", d)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestLargeBodyArrivesWhole(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200}}
	g := serving(t, backend, apigw.Stage{}, backendMethod("POST /", apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("http://b/")}))
	body := strings.Repeat("0123456789", 50000)
	for _, length := range []int64{int64(len(body)), -1} {
		x := request("POST /dev", nil, body)
		x.Request.ContentLength = length
		serve(t, g, x)
		if string(backend.got.Body) != body {
			t.Errorf("length %d: backend got %d bytes, want %d", length, len(backend.got.Body), len(body))
		}
	}
}

// TestClosed: what cannot be checked lets nobody in.
func TestClosed(t *testing.T) {
	auth := []string{"Authorization: Bearer abc"}
	secured := func(kind string) apigw.Method {
		m := mockMethod("", "secret").Method
		m.AuthorizationType = &kind
		return m
	}
	key, validated := mockMethod("", "secret").Method, mockMethod("", "secret").Method
	key.ApiKeyRequired, validated.RequestValidatorId = new(true), new("v1")
	g := serving(t, nil, apigw.Stage{},
		method{"GET /iam", secured("AWS_IAM")}, method{"GET /custom", secured("CUSTOM")},
		method{"GET /cognito", secured("COGNITO_USER_POOLS")}, method{"GET /key", key}, method{"GET /validated", validated},
		method{"GET /none", apigw.Method{}})
	for _, test := range []struct {
		path      string
		header    []string
		status    int
		body      string
		errorType string
	}{
		{"/iam", nil, 403, `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
		{"/iam", auth, 403, `{"Message":"User is not authorized to access this resource"}`, "AccessDeniedException"},
		{"/custom", nil, 401, `{"message":"Unauthorized"}`, "UnauthorizedException"},
		{"/custom", auth, 403, `{"Message":"User is not authorized to access this resource"}`, "AccessDeniedException"},
		{"/cognito", nil, 401, `{"message":"Unauthorized"}`, "UnauthorizedException"},
		{"/key", nil, 403, `{"message":"Forbidden"}`, "ForbiddenException"},
		{"/key", []string{"x-api-key: k"}, 403, `{"message":"Forbidden"}`, "ForbiddenException"},
		{"/validated", nil, 500, `{"message": "Internal server error"}`, "InternalServerErrorException"},
		{"/none", nil, 500, `{"message": "Internal server error"}`, "InternalServerErrorException"},
	} {
		res := serve(t, g, request("GET /dev"+test.path, test.header, ""))
		if res.Status != test.status || string(res.Body) != test.body || res.Header.Get("x-amzn-ErrorType") != test.errorType {
			t.Errorf("%s %v: %d %s %v; want %d %s %s", test.path, test.header, res.Status, res.Body, lines(res.Header), test.status, test.body, test.errorType)
		}
	}
	for _, close := range []func(*apigw.RestApi){
		func(a *apigw.RestApi) { a.Policy = new(`{"Statement":[]}`) },
		func(a *apigw.RestApi) {
			a.EndpointConfiguration = &apigw.EndpointConfiguration{Types: []string{"PRIVATE"}}
		},
	} {
		s := snapshot(mockMethod("GET /", "secret"))
		close(&s.API)
		a, findings := plan.CompileAPI(s)
		g := servingPlan(nil, plan.StageInput{API: a, Stage: &apigw.Stage{}})
		if res := serve(t, g, request("GET /dev", nil, "")); res.Status != 403 || strings.Contains(string(res.Body), "secret") || len(findings) != 1 {
			t.Errorf("closed API answered %d %s, findings %v", res.Status, res.Body, findings)
		}
	}
}

// TestCanary. Recorded: invoking a canary deployment, at 0 and at 100 percent.
func TestCanary(t *testing.T) {
	// The release shows in the answer's headers.
	answering := func(text string) *plan.API {
		m := mockMethod("GET /", text)
		res := m.MethodIntegration.IntegrationResponses["200"]
		res.ResponseParameters = map[string]string{
			"method.response.header.variable":      "stageVariables.testVar",
			"method.response.header.nonExisting":   "stageVariables.noStageVar",
			"method.response.header.nonOverridden": "stageVariables.defaultVar",
			"method.response.header.isCanary":      "context.isCanaryRequest",
			"method.response.header.deployment":    "context.deploymentId",
		}
		m.MethodIntegration.IntegrationResponses["200"] = res
		a, _ := plan.CompileAPI(snapshot(m))
		return a
	}
	production, canary := answering("default deployment"), answering("canary deployment")
	stage := func(percent apigw.Double) *apigw.Stage {
		return &apigw.Stage{
			DeploymentId: new("d1"), Variables: map[string]string{"testVar": "default", "defaultVar": "default"},
			CanarySettings: &apigw.CanarySettings{
				DeploymentId: new("d2"), PercentTraffic: &percent,
				StageVariableOverrides: map[string]string{"testVar": "canary", "noStageVar": "canary"},
			},
		}
	}
	plain := stage(0)
	plain.CanarySettings = nil
	for _, test := range []struct {
		name  string
		stage *apigw.Stage
		body  string
		want  []string
	}{
		{"0", stage(0), "default deployment", []string{"deployment: d1", "isCanary: false", "nonOverridden: default", "variable: default"}},
		{"100", stage(100), "canary deployment", []string{"deployment: d2", "isCanary: true", "nonExisting: canary", "nonOverridden: default", "variable: canary"}},
		{"none", plain, "default deployment", []string{"deployment: d1", "nonOverridden: default", "variable: default"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := servingPlan(nil, plan.StageInput{API: production, Canary: canary, Stage: test.stage})
			res := serve(t, g, request("GET /dev", nil, ""))
			if string(res.Body) != test.body {
				t.Errorf("body %q, want %q", res.Body, test.body)
			}
			if diff := cmp.Diff(test.want, lines(res.Header)[2:len(res.Header)-1]); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("share", func(t *testing.T) {
		g := servingPlan(nil, plan.StageInput{API: production, Canary: canary, Stage: stage(25)})
		n := 0
		for range 4000 {
			if string(serve(t, g, request("GET /dev", nil, "")).Body) == "canary deployment" {
				n++
			}
		}
		if n < 850 || n > 1150 {
			t.Errorf("%d of 4000 requests went to a canary of 25%%", n)
		}
	})
}

func TestPanicIsAnswered(t *testing.T) {
	backend := invoker(nil) // calling it panics
	g := serving(t, backend, apigw.Stage{}, backendMethod("GET /", apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("http://b/")}))
	res := serve(t, g, request("GET /dev", nil, ""))
	if res.Status != 500 || string(res.Body) != `{"message": "Internal server error"}` || g.Panics() != 1 {
		t.Errorf("got %d %s and %d panics, want a 500 and 1", res.Status, res.Body, g.Panics())
	}
	if diff := cmp.Diff(errorAnswer("InternalServerErrorException"), lines(res.Header)); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}
