package gateway

import (
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/plan"
)

// TestRequestOverride: what the request template sets wins over the mapping,
// wherever the value goes.
func TestRequestOverride(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200}}
	g := serving(t, backend, apigw.Stage{}, backendMethod("POST /{id}", apigw.Integration{
		Type: new("HTTP"), Uri: new("http://b/{id}/{other}?fix=1"), HttpMethod: new("POST"),
		RequestParameters: map[string]string{
			"integration.request.header.X-One": "'mapped'", "integration.request.header.X-Two": "'two'", "integration.request.querystring.q": "'mapped'",
			"integration.request.path.id": "method.request.path.id", "integration.request.path.other": "'o'", "integration.request.header.X-Json": "method.request.body.pet.name",
		},
		RequestTemplates: map[string]*string{"application/json": new(
			`#set($context.requestOverride.header.x-one = "set")#set($context.requestOverride.header["Content-Type"] = "text/a")` +
				`$context.requestOverride.querystring.put("q", ["1","2 3"])#set($context.requestOverride.path.id = "new/id")$input.json('$.pet')`)},
	}))
	res := serve(t, g, request("POST /dev/old", nil, `{"pet": {"name": "Rex", "age": 3}}`))
	if res.Status != 200 {
		t.Fatalf("%d %s", res.Status, res.Body)
	}
	got := backend.got
	if want := "http://b/new/id/o?fix=1&q=1&q=2%203"; got.URL != want {
		t.Errorf("URL %s, want %s", got.URL, want)
	}
	if want := `{"name":"Rex","age":3}`; string(got.Body) != want {
		t.Errorf("body %s, want %s", got.Body, want)
	}
	for name, want := range map[string]string{"X-One": "set", "X-Two": "two", "Content-Type": "text/a", "X-Json": "Rex"} {
		if values := slices.Collect(got.Header.Values(name, false)); len(values) != 1 || values[0] != want {
			t.Errorf("header %s: %q, want %q once", name, values, want)
		}
	}
}

func TestResponseOverride(t *testing.T) {
	const set = "#set($context.responseOverride.status = "
	for _, test := range []struct {
		template string
		status   int
		header   string // of X-A
	}{
		{set + "418)x", 418, "mapped"}, {set + "'418')x", 200, "mapped"}, {set + "99)x", 200, "mapped"}, {set + "103)x", 200, "mapped"}, {set + "$input.path('$.status'))", 202, "mapped"},
		{"#set($context.responseOverride.header.x-a = 'set')", 200, "set"}, {"#set($context.responseOverride.header['bad name'] = 'set')", 200, "mapped"},
		{"#set($context.responseOverride.header.X-A = ['1','2'])", 200, "1|2"}, {"#set($context.responseOverride.header.X-A = \"1\n2\")", 200, "1 2"},
	} {
		backend := &recorder{res: integration.Response{Status: 200, Body: []byte(`{"status": 202, "a": "mapped"}`)}}
		g := serving(t, backend, apigw.Stage{}, backendMethod("GET /", apigw.Integration{
			Type: new("HTTP"), Uri: new("http://b/"),
			IntegrationResponses: map[string]apigw.IntegrationResponse{"200": {
				ResponseParameters: map[string]string{"method.response.header.X-A": "integration.response.body.a"},
				ResponseTemplates:  map[string]*string{"application/json": &test.template},
			}},
		}))
		res := serve(t, g, request("GET /dev", nil, ""))
		if got := strings.Join(slices.Collect(res.Header.Values("X-A", false)), "|"); res.Status != test.status || got != test.header {
			t.Errorf("%s: %d, X-A %q; want %d, %q", test.template, res.Status, got, test.status, test.header)
		}
	}
}

// TestTemplatesOfMock: what the request template set is there in the response
// template (recorded), and the templates for several origins that deployment
// tools write run as they are.
func TestTemplatesOfMock(t *testing.T) {
	const head = "#set($origin = $input.params().header.get(\"Origin\"))\n#if($origin == \"\")\n  #set($origin = $input.params().header.get(\"origin\"))\n#end\n"
	const tail = "\n  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n#end"
	templates := map[string]string{
		"==":      head + `#if($origin == "https://a.com" || $origin == "https://b.com")` + tail,
		"matches": head + `#if($origin.matches("https://a.com") || $origin.matches("https://b.com"))` + tail,
	}
	for name, template := range templates {
		m := mockMethod("GET /", template)
		m.MethodIntegration.IntegrationResponses["200"] = apigw.IntegrationResponse{
			ResponseParameters: map[string]string{"method.response.header.Access-Control-Allow-Origin": "'https://default.com'"},
			ResponseTemplates:  map[string]*string{"application/json": &template},
		}
		g := serving(t, nil, apigw.Stage{}, m)
		for header, want := range map[string]string{"Origin: https://b.com": "https://b.com", "origin: https://a.com": "https://a.com", "Origin: https://c.com": "https://default.com", "X: y": "https://default.com"} {
			res := serve(t, g, request("GET /dev", []string{header}, ""))
			if got := res.Header.Get("Access-Control-Allow-Origin"); res.Status != 200 || got != want {
				t.Errorf("%s, %s: %d, origin %q; want %q", name, header, res.Status, got, want)
			}
		}
	}

	m := mockMethod("GET /{p}", "$context.requestOverride.path.body|$context.identity|$context.identity.sourceIp.length()|$context.keySet().size()")
	m.MethodIntegration.RequestTemplates["application/json"] = new(`#set($context["requestOverride"].path.body = $input.params("p")){"statusCode": 200}`)
	res := serve(t, serving(t, nil, apigw.Stage{}, m), request("GET /dev/a%20b", nil, ""))
	if got := string(res.Body); !strings.HasPrefix(got, "a b||") || !strings.HasSuffix(got, "|18") {
		t.Errorf("got %q", got)
	}
	// Nothing of it is left for the next request.
	other := mockMethod("GET /", "[$context.requestOverride.path.body]")
	g := serving(t, nil, apigw.Stage{}, m, other)
	for path, want := range map[string]string{"/dev/x": "x|", "/dev": "[]"} {
		if res := serve(t, g, request("GET "+path, nil, "")); !strings.HasPrefix(string(res.Body), want) {
			t.Errorf("%s: %q, want %q", path, res.Body, want)
		}
	}
}

// TestTemplateFindings: a mistake is reported with its method, line and column.
func TestTemplateFindings(t *testing.T) {
	m := mockMethod("GET /pets", "ok\n  ${open")
	_, findings := plan.CompileAPI(snapshot(m))
	for _, f := range findings {
		if text := f.String(); strings.Contains(text, "/pets") && strings.Contains(text, "line 2, column 3") {
			return
		}
	}
	t.Errorf("findings %v", findings)
}
