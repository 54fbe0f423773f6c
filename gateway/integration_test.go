package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/gateway/integration"
)

// TestAddress: the URL that the backend is called at.
func TestAddress(t *testing.T) {
	const invalid = "" // recorded: 500, "Invalid endpoint address"
	stage := apigw.Stage{Variables: map[string]string{"host": "b.example.com", "sub": "eu", "path": "v1/x", "q": "k=1", "bad": "a b", "frag": "x#y"}}
	for _, test := range []struct {
		name, kind, uri string
		mapping         map[string]string
		target          string
		want            string
	}{
		{"fixed", "HTTP", "http://b/x", nil, "/7?a=1", "http://b/x"},
		{"fixed, the fragment goes", "HTTP", "http://b/x#f", nil, "/7", "http://b/x"},
		// The guide: where stage variables may stand.
		{"fixed, a fragment after the host", "HTTP", "http://b#f", nil, "/7", "http://b"},
		{"variable with a fragment", "HTTP_PROXY", "http://b/${stageVariables.frag}", nil, "/7?a=1", "http://b/x?a=1"},
		{"own query that is empty", "HTTP_PROXY", "http://b/?", nil, "/7?a=1", "http://b/?a=1"},
		{"host", "HTTP", "http://${stageVariables.host}/x", nil, "/7", "http://b.example.com/x"},
		{"sub-domain", "HTTP", "http://${stageVariables.sub}.b/x", nil, "/7", "http://eu.b/x"},
		{"path", "HTTP", "http://b/${stageVariables.path}", nil, "/7", "http://b/v1/x"},
		{"query", "HTTP", "http://b/?${stageVariables.q}", nil, "/7", "http://b/?k=1"},
		{"unknown variable", "HTTP", "http://b/x${stageVariables.none}y", nil, "/7", "http://b/xy"},
		// Recorded: failed test invoke.
		{"unknown host", "HTTP_PROXY", "https://${stageVariables.none}", nil, "/7", invalid},
		{"bad host", "HTTP", "http://${stageVariables.bad}/", nil, "/7", invalid},
		{"port that is none", "HTTP", "http://b:${stageVariables.sub}/", nil, "/7", invalid},
		// Seen in an emulator: unknown placeholders and broken forms stay.
		{"unknown placeholder", "HTTP", "http://b/{id}", nil, "/7", "http://b/{id}"},
		{"broken form", "HTTP", "http://b/${id}", map[string]string{"path.id": "method.request.path.id"}, "/7", "http://b/${id}"},
		{"placeholder", "HTTP_PROXY", "http://b/{x}/y", map[string]string{"path.x": "method.request.path.id"}, "/7", "http://b/7/y"},
		// The guide: decoded, then encoded again. That a single segment stays one is ours.
		{"escapes", "HTTP", "http://b/{x}", map[string]string{"path.x": "method.request.path.id"}, "/a%2Fb%25c%20d+e", "http://b/a%2Fb%25c%20d+e"},
		{"greedy", "HTTP", "http://b/{x}", map[string]string{"path.x": "method.request.path.rest"}, "/deep/a//b%20c", "http://b/a//b%20c"},
		{"no way out of the segment", "HTTP", "http://b/in/{x}", map[string]string{"path.x": "method.request.querystring.q"}, "/7?q=../%3Fk%23", "http://b/in/..%2F%3Fk%23"},
		{"placeholder in the query", "HTTP", "http://b/?k={x}", map[string]string{"path.x": "method.request.querystring.q"}, "/7?q=a%26b=c", "http://b/?k=a%26b%3Dc"},
		{"placeholder in the host", "HTTP", "http://{x}.b/", map[string]string{"path.x": "method.request.querystring.q"}, "/7?q=evil.org/", invalid},
		// The proxy keeps the client's query as it came and appends mapped values.
		{"proxy query", "HTTP_PROXY", "http://b/p", nil, "/7?a=1&a=%20&b", "http://b/p?a=1&a=%20&b"},
		{"proxy query after the own", "HTTP_PROXY", "http://b/p?o=1", map[string]string{"querystring.a": "'x y'"}, "/7?a=1", "http://b/p?o=1&a=1&a=x%20y"},
		{"own query only", "HTTP", "http://b/p", map[string]string{"querystring.a": "method.request.querystring.a"}, "/7?a=1&a=2%2B", "http://b/p?a=2%2B"},
		{"several values", "HTTP", "http://b/p", map[string]string{"querystring.a": "method.request.multivaluequerystring.a"}, "/7?a=1&b=0&a=2", "http://b/p?a=1&a=2"},
		{"absent value", "HTTP", "http://b/p", map[string]string{"querystring.a": "method.request.querystring.none"}, "/7?a=1", "http://b/p"},
	} {
		t.Run(test.name, func(t *testing.T) {
			parameters := map[string]string{}
			for target, value := range test.mapping {
				parameters["integration.request."+target] = value
			}
			backend := &recorder{res: integration.Response{Status: 200}}
			in := apigw.Integration{Type: &test.kind, Uri: &test.uri, RequestParameters: parameters}
			g := serving(t, backend, stage, backendMethod("GET /{id}", in), backendMethod("GET /deep/{rest+}", in))
			res := serve(t, g, request("GET /dev"+test.target, nil, ""))
			if test.want == invalid {
				if res.Status != 500 || string(res.Body) != `{"message": "Internal server error"}` || backend.got != nil {
					t.Fatalf("got %d %s and a call %v, want a 500 without one", res.Status, res.Body, backend.got)
				}
				return
			}
			if res.Status != 200 || backend.got.URL != test.want {
				t.Fatalf("status %d, backend called at %q, want %q", res.Status, backend.got.URL, test.want)
			}
		})
	}
}

// TestRequestBody: what a backend gets as body. The table of
// passthroughBehavior is the guide's.
func TestRequestBody(t *testing.T) {
	templates := map[string]*string{"application/json": new(`{"fixed": true}`), "application/xml": nil, "text/x": new("$input.body.substring(99)"), "text/y": new("[$input.body]"), "text/z": new("#if(")}
	const refused, failed = "415", "500"
	for _, test := range []struct {
		name, passthrough string
		templates         map[string]*string
		verb, contentType string
		integration       string
		want              string
	}{
		{"template", "WHEN_NO_MATCH", templates, "POST", "application/json; charset=utf-8", "POST", `{"fixed": true}`},
		{"no type is JSON", "NEVER", templates, "POST", "", "POST", `{"fixed": true}`},
		{"empty template", "NEVER", templates, "POST", "application/xml", "POST", "client"},
		{"$default", "NEVER", map[string]*string{"$default": new("d")}, "POST", "a/b", "POST", "d"},
		{"template that cannot be rendered", "NEVER", templates, "POST", "text/x", "POST", failed},
		{"template that does not compile", "NEVER", templates, "POST", "text/z", "POST", failed},
		{"template with the body", "NEVER", templates, "POST", "text/y", "POST", "[client]"},
		{"no match, WHEN_NO_MATCH", "WHEN_NO_MATCH", templates, "POST", "a/b", "POST", "client"},
		{"no match, default", "", templates, "POST", "a/b", "POST", "client"},
		{"no match, WHEN_NO_TEMPLATES", "WHEN_NO_TEMPLATES", templates, "POST", "a/b", "POST", refused},
		{"no match, NEVER", "NEVER", templates, "POST", "a/b", "POST", refused},
		{"no templates, WHEN_NO_MATCH", "WHEN_NO_MATCH", nil, "POST", "a/b", "POST", "client"},
		{"no templates, WHEN_NO_TEMPLATES", "WHEN_NO_TEMPLATES", nil, "POST", "a/b", "POST", "client"},
		{"no templates, NEVER", "NEVER", nil, "POST", "a/b", "POST", refused},
		// Seen in an emulator.
		{"GET to POST", "NEVER", templates, "GET", "", "POST", `{"fixed": true}`},
		{"GET to GET", "NEVER", templates, "GET", "", "GET", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			backend := &recorder{res: integration.Response{Status: 200}}
			in := apigw.Integration{Type: new("HTTP"), Uri: new("http://b/"), HttpMethod: &test.integration, RequestTemplates: test.templates}
			if test.passthrough != "" {
				in.PassthroughBehavior = &test.passthrough
			}
			g := serving(t, backend, apigw.Stage{}, backendMethod("ANY /", in))
			var header []string
			if test.contentType != "" {
				header = []string{"content-type: " + test.contentType}
			}
			res := serve(t, g, request(test.verb+" /dev", header, "client"))
			switch test.want {
			case refused:
				if res.Status != 415 || string(res.Body) != `{"message": "Unsupported Media Type"}` || res.Header.Get("x-amzn-ErrorType") != "BadRequestException" {
					t.Errorf("got %d %s %v, want a 415", res.Status, res.Body, lines(res.Header))
				}
			case failed:
				if res.Status != 500 || backend.got != nil {
					t.Errorf("got %d %s, want a 500", res.Status, res.Body)
				}
			default:
				if res.Status != 200 || string(backend.got.Body) != test.want {
					t.Fatalf("status %d, backend got %q, want %q", res.Status, backend.got.Body, test.want)
				}
				wantType := test.contentType
				if wantType == "" {
					wantType = "application/json"
				}
				if test.verb == "GET" {
					wantType = ""
				}
				if got := backend.got.Header.Get("Content-Type"); got != wantType {
					t.Errorf("backend got Content-Type %q, want %q", got, wantType)
				}
			}
		})
	}
}

// TestBodyInMapping: a body that begins like JSON and is not spoils a mapping
// that reads it (seen in an emulator).
func TestBodyInMapping(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200}}
	g := serving(t, backend, apigw.Stage{}, backendMethod("POST /", apigw.Integration{
		Type: new("HTTP_PROXY"), Uri: new("http://b/"),
		RequestParameters: map[string]string{"integration.request.header.X-Body": "method.request.body"},
	}))
	for _, test := range []struct{ body, want string }{
		{`{"a": 1}`, `{"a": 1}`}, {"", "{}"}, {"plain", "plain"}, {"two\r\nlines: 1", "two  lines: 1"},
		{`{"a": `, ""}, {" [1", ""}, {"'a'", ""},
	} {
		res := serve(t, g, request("POST /dev", nil, test.body))
		if test.want == "" {
			if res.Status != 400 || string(res.Body) != `{"message": "Invalid JSON in request body"}` || res.Header.Get("x-amzn-ErrorType") != "BadRequestException" {
				t.Errorf("body %q: %d %s, want a 400", test.body, res.Status, res.Body)
			}
			continue
		}
		if got := backend.got.Header.Get("X-Body"); res.Status != 200 || got != test.want {
			t.Errorf("body %q: status %d, mapped to %q, want %q", test.body, res.Status, got, test.want)
		}
	}
}

// TestUnreadableMapping: a line that cannot be evaluated spoils the method.
func TestUnreadableMapping(t *testing.T) {
	for target, value := range map[string]string{
		"integration.request.header.A": "method.request.body.pet[", // not a JSONPath
		"integration.request.header.B": "nonsense",
		"integration.request.cookie.C": "'1'",
	} {
		backend := &recorder{res: integration.Response{Status: 200}}
		g := serving(t, backend, apigw.Stage{}, backendMethod("POST /", apigw.Integration{
			Type: new("HTTP"), Uri: new("http://b/"), RequestParameters: map[string]string{target: value},
		}))
		if res := serve(t, g, request("POST /dev", nil, `{"pet": {"id": 1}}`)); res.Status != 500 || backend.got != nil {
			t.Errorf("%s = %s: %d %s, backend got %v; want a 500 and no call", target, value, res.Status, res.Body, backend.got)
		}
	}
}

// TestBackendErrors. Reported by users for status and text; recorded for the 500.
func TestBackendErrors(t *testing.T) {
	internal := `{"message": "Internal server error"}`
	for _, test := range []struct {
		name   string
		err    error
		status int
		body   string
	}{
		{"network", &integration.Error{Kind: integration.Network, Cause: errors.New("refused")}, 504, `{"message": "Network error communicating with endpoint"}`},
		{"timeout", &integration.Error{Kind: integration.Timeout, Cause: context.DeadlineExceeded}, 504, `{"message": "Endpoint request timed out"}`},
		{"address", &integration.Error{Kind: integration.Address, Cause: errors.New("no host")}, 500, internal},
		{"too large", &integration.Error{Kind: integration.TooLarge, Cause: errors.New("11 MB")}, 500, internal},
		{"cancelled", &integration.Error{Kind: integration.Canceled, Cause: context.Canceled}, 500, internal},
		{"unknown", errors.New("oops"), 500, internal},
	} {
		for _, kind := range []string{"HTTP", "HTTP_PROXY"} {
			g := serving(t, &recorder{err: test.err}, apigw.Stage{}, backendMethod("GET /", apigw.Integration{Type: &kind, Uri: new("http://b/")}))
			res := serve(t, g, request("GET /dev", nil, ""))
			if res.Status != test.status || string(res.Body) != test.body {
				t.Errorf("%s, %s: %d %s, want %d %s", kind, test.name, res.Status, res.Body, test.status, test.body)
			}
			if diff := cmp.Diff(errorAnswer("InternalServerErrorException"), lines(res.Header)); diff != "" {
				t.Errorf("%s, %s: header (-want +got):\n%s", kind, test.name, diff)
			}
		}
	}
}

// TestSelection: which integration response answers.
func TestSelection(t *testing.T) {
	type responses = map[string]apigw.IntegrationResponse
	pattern := func(p string) apigw.IntegrationResponse { return apigw.IntegrationResponse{SelectionPattern: &p} }
	for _, test := range []struct {
		name      string
		responses responses
		backend   int
		want      int // 500 is a configuration error
	}{
		{"default", responses{"200": {}}, 404, 200},
		{"empty pattern is the default", responses{"200": pattern("")}, 404, 200},
		{"pattern before default", responses{"200": {}, "404": pattern("404")}, 404, 404},
		{"whole match", responses{"200": {}, "404": pattern("4")}, 404, 200},
		{"whole match of a class", responses{"200": {}, "404": pattern(`4\d`)}, 404, 200},
		{"Java class", responses{"200": {}, "404": pattern(`4\d{2}`)}, 418, 404},
		{"alternatives", responses{"200": {}, "404": pattern(`404|5..`)}, 503, 404},
		{"look-ahead", responses{"200": {}, "404": pattern(`(?!404)4\d\d`)}, 404, 200},
		{"lowest of several", responses{"201": pattern(`2.*`), "200": pattern(`20.`)}, 200, 200}, // assumed
		{"none", responses{"404": pattern("404")}, 200, 500},
		{"no method response", responses{"299": {}}, 200, 500},
		{"pattern that is none", responses{"200": {}, "404": pattern("(")}, 200, 500},
		{"pattern that is none, not reached", responses{"200": pattern("200"), "404": pattern("(")}, 200, 200},
		{"unbalanced pattern", responses{"200": {}, "404": pattern("a)|(b")}, 200, 500},
		{"bad mapping", responses{"200": {ResponseParameters: map[string]string{"method.response.header.A": "integration.response.body["}}}, 200, 500},
		{"bad mapping elsewhere", responses{"200": {}, "404": {SelectionPattern: new("404"), ResponseParameters: map[string]string{"x": "y"}}}, 200, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := backendMethod("GET /", apigw.Integration{Type: new("HTTP"), Uri: new("http://b/"), IntegrationResponses: test.responses})
			m.MethodResponses = map[string]apigw.MethodResponse{"200": {}, "201": {}, "404": {}}
			g := serving(t, &recorder{res: integration.Response{Status: test.backend}}, apigw.Stage{}, m)
			if res := serve(t, g, request("GET /dev", nil, "")); res.Status != test.want {
				t.Errorf("backend's %d became %d %s, want %d", test.backend, res.Status, res.Body, test.want)
			}
		})
	}
}

// TestResponseBody: template selection by Accept. Recorded: image/png takes
// application/json; the guide for the rest, the order of the last assumed.
func TestResponseBody(t *testing.T) {
	both := map[string]*string{"application/json": new("json"), "text/plain": new("plain")}
	other := map[string]*string{"text/b": new("b"), "text/a": new("a")}
	for _, test := range []struct {
		name      string
		templates map[string]*string
		accept    string
		body      string
		kind      string
	}{
		{"none", nil, "text/plain", "backend", "application/json"},
		{"match", both, "text/plain; q=0.5, application/json", "plain", "text/plain"},
		{"only the first counts", both, "a/b, text/plain", "json", "application/json"},
		{"no Accept", both, "", "json", "application/json"},
		{"no match", both, "image/png", "json", "application/json"},
		{"no match and no JSON", other, "image/png", "a", "text/a"},
		{"empty template", map[string]*string{"application/json": nil}, "", "backend", "application/json"},
	} {
		backend := &recorder{res: integration.Response{Status: 200, Body: []byte("backend")}}
		g := serving(t, backend, apigw.Stage{}, backendMethod("GET /", apigw.Integration{
			Type: new("HTTP"), Uri: new("http://b/"),
			IntegrationResponses: map[string]apigw.IntegrationResponse{"200": {ResponseTemplates: test.templates}},
		}))
		var header []string
		if test.accept != "" {
			header = []string{"Accept: " + test.accept}
		}
		res := serve(t, g, request("GET /dev", header, ""))
		if string(res.Body) != test.body || res.Header.Get("Content-Type") != test.kind {
			t.Errorf("%s: %q as %q, want %q as %q", test.name, res.Body, res.Header.Get("Content-Type"), test.body, test.kind)
		}
	}
}

// TestMock. Recorded: no response template, no body; a GET without a request
// template fails (assumed).
func TestMock(t *testing.T) {
	m := method{"ANY /", apigw.Method{
		MethodResponses: map[string]apigw.MethodResponse{"200": {}, "404": {}},
		MethodIntegration: &apigw.Integration{
			Type: new("MOCK"), RequestTemplates: map[string]*string{
				"application/json": new("{statusCode: 404,}"), "text/x": new("nothing"), "text/v": new("#set($a = 404){statusCode: $a}"),
			},
			IntegrationResponses: map[string]apigw.IntegrationResponse{
				"200": {ResponseTemplates: map[string]*string{"application/json": new("$input.body.substring(99)")}},
				"404": {SelectionPattern: new("404"), ResponseParameters: map[string]string{
					"method.response.header.X-Method": "context.httpMethod", "method.response.header.X-None": "integration.response.header.X",
				}},
			},
		},
	}}
	g := serving(t, nil, apigw.Stage{}, m)
	for _, test := range []struct {
		contentType, body string
		status            int
	}{
		{"application/json", "", 404},
		{"text/x", "", 500}, // not a status
		{"text/v", "", 404},
		{"a/b", `{"statusCode":404}`, 404}, // the client's own body
		{"a/b", `{"statusCode":200}`, 500}, // a response template that cannot be rendered
		{"a/b", "", 500},
	} {
		res := serve(t, g, request("PUT /dev", []string{"Content-Type: " + test.contentType}, test.body))
		if res.Status != test.status {
			t.Errorf("%s %q: %d %s, want %d", test.contentType, test.body, res.Status, res.Body, test.status)
		}
		if test.status != 404 {
			continue
		}
		want := []string{"x-amzn-RequestId: <uuid>", "x-amz-apigw-id: <extended>", "X-Method: PUT", "Content-Type: application/json"}
		if diff := cmp.Diff(want, lines(res.Header)); diff != "" || len(res.Body) != 0 {
			t.Errorf("%s: body %q, header (-want +got):\n%s", test.contentType, res.Body, diff)
		}
	}
}

// TestMemoryIsNotShared: a request sees nothing of the one before it.
func TestMemoryIsNotShared(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200}}
	g := serving(t, backend, apigw.Stage{}, backendMethod("ANY /{id}", apigw.Integration{
		Type: new("HTTP"), Uri: new("http://b/"), RequestParameters: map[string]string{
			"integration.request.header.X-Q": "method.request.querystring.q", "integration.request.header.X-H": "method.request.header.h",
		},
	}))
	serve(t, g, request("POST /dev/1?q=secret", []string{"h: secret", "X-Amzn-Trace-Id: Root=1-secret;Parent=a;Sampled=1"}, "secret"))
	serve(t, g, request("POST /dev/2", nil, ""))
	text, _ := json.Marshal(backend.got)
	if strings.Contains(string(text), "secret") || strings.Contains(string(backend.got.Body), "secret") {
		t.Errorf("the second request carries the first one's data: %s", text)
	}
	serve(t, g, request("POST /dev/3?q=mine", nil, ""))
	if got := backend.got.Header.Get("X-Q"); got != "mine" {
		t.Errorf("the third request's query parameter arrived as %q, want mine", got)
	}
}
