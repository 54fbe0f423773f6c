package mapping

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/jsonpath"
)

func source() *Source {
	return &Source{
		Header: exchange.Header{
			{Name: "X-One", Value: "1"}, {Name: "X-Many", Value: "a"}, {Name: "X-Many", Value: "b"}, {Name: "X-Empty"},
		},
		Path:      []Param{{"id", "a%2Fb%zz"}, {"rest", "x//y+z"}},
		RawQuery:  "q=1&q=%32+%2B&e=&f;g=3&%71q=4&&",
		Body:      []byte(`{"a": 1}`),
		Variables: map[string]string{"v": "var"},
		Context: Context{
			AccountID: "123456789012", APIID: "abcdefghij", Stage: "dev", DeploymentID: "dep", ResourceID: "res",
			ResourcePath: "/pets/{id}", HTTPMethod: "GET", Host: "abcdefghij.execute-api.localhost:4566", Rest: "//x/",
			RequestID: "req", ExtendedID: "ext=", UserAgent: "agent", Remote: netip.MustParseAddr("::ffff:192.0.2.7"),
			Received: time.Unix(1700000000, 123456789), HasCanary: true,
		},
		BackendHeader: exchange.Header{{Name: "X-B", Value: "1"}, {Name: "X-B", Value: "2"}},
		BackendBody:   []byte("answer"),
	}
}

// TestRequestExpressions: the table of expressions of the specification; the
// marks there: the guide for case and multi-values, seen in an emulator for
// the last value and the empty body.
func TestRequestExpressions(t *testing.T) {
	for _, test := range []struct {
		expr string
		want string // empty: no value
	}{
		{"'literal'", "literal"}, {"''", ""}, {"'it's'", "it's"},
		{"stageVariables.v", "var"}, {"stageVariables.none", ""},
		{"method.request.path.id", "a/b%zz"}, {"method.request.path.rest", "x//y+z"}, {"method.request.path.none", ""},
		{"method.request.querystring.q", "2 +"}, {"method.request.querystring.e", ""}, {"method.request.querystring.f", ""},
		{"method.request.querystring.g", "3"}, {"method.request.querystring.qq", "4"}, {"method.request.querystring.Q", ""},
		{"method.request.multivaluequerystring.q", "1,2 +"}, {"method.request.multivaluequerystring.none", ""},
		{"method.request.header.X-One", "1"}, {"method.request.header.x-one", ""}, {"method.request.header.X-Many", "b"},
		{"method.request.header.X-Empty", ""},
		{"method.request.multivalueheader.X-Many", "a,b"}, {"method.request.multivalueheader.X-One", "1"}, {"method.request.multivalueheader.none", ""},
		{"method.request.body", `{"a": 1}`}, {"method.request.body.a", "1"}, {"method.request.body.b", ""}, {"method.request.body['a','c']", `{"a":1}`},
		{"context.accountId", "123456789012"}, {"context.apiId", "abcdefghij"}, {"context.stage", "dev"},
		{"context.deploymentId", "dep"}, {"context.resourceId", "res"}, {"context.resourcePath", "/pets/{id}"},
		{"context.httpMethod", "GET"}, {"context.domainName", "abcdefghij.execute-api.localhost"}, {"context.domainPrefix", "abcdefghij"},
		{"context.path", "/dev//x/"}, // recorded: slashes after the stage stay
		{"context.protocol", "HTTP/1.1"}, {"context.requestId", "req"}, {"context.extendedRequestId", "ext="},
		{"context.identity.sourceIp", "192.0.2.7"}, {"context.identity.userAgent", "agent"},
		{"context.requestTime", "14/Nov/2023:22:13:20 +0000"}, {"context.requestTimeEpoch", "1700000000123"},
		{"context.isCanaryRequest", "false"},
		{"context.identity.user", ""}, {"context.authorizer.principalId", ""}, {"context.nothing", ""},
	} {
		e, err := ParseRequest(test.expr)
		if err != nil {
			t.Errorf("ParseRequest(%q): %v", test.expr, err)
			continue
		}
		got, ok := e.Value(source())
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%s = %q, %v; want %q", test.expr, got, ok, test.want)
		}
		if e.String() != test.expr {
			t.Errorf("%q prints as %q", test.expr, e)
		}
	}
}

func TestResponseExpressions(t *testing.T) {
	for expr, want := range map[string]string{
		"'x'": "x", "context.stage": "dev", "stageVariables.v": "var",
		"integration.response.header.X-B": "2", "integration.response.header.x-b": "",
		"integration.response.multivalueheader.X-B": "1,2", "integration.response.body": "answer", "integration.response.body.a": "", // not JSON

	} {
		e, err := ParseResponse(expr)
		if err != nil {
			t.Errorf("ParseResponse(%q): %v", expr, err)
			continue
		}
		if got, _ := e.Value(source()); got != want || e.String() != expr {
			t.Errorf("%s = %q (prints %q), want %q", expr, got, e, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", "'", "'open", "x", "method.request.header.", "method.request.header.a b", "method.request.cookie.a",
		"context.", "stageVariables.a/b", "integration.response.header.A", "integration.response.body", "method.request.bodyx",
	} {
		if e, err := ParseRequest(text); err == nil {
			t.Errorf("ParseRequest(%q) = %v, want an error", text, e)
		}
	}
	for _, text := range []string{"method.request.header.A", "method.request.body", "method.request.path.a"} {
		if e, err := ParseResponse(text); err == nil {
			t.Errorf("ParseResponse(%q) = %v, want an error", text, e)
		}
	}
	for _, text := range []string{"method.request.body.", "method.request.body[", "method.request.body.a.nope()"} {
		var typed *jsonpath.Error
		if _, err := ParseRequest(text); !errors.As(err, &typed) {
			t.Errorf("ParseRequest(%q): %v, want an error of the path", text, err)
		}
	}
}

// HTTP/2 has lost the spelling of names (assumed).
func TestHeaderWithoutCase(t *testing.T) {
	s := source()
	s.AnyCase = true
	for expr, want := range map[string]string{"method.request.header.x-one": "1", "method.request.multivalueheader.x-mAny": "a,b"} {
		e, err := ParseRequest(expr)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := e.Value(s); got != want {
			t.Errorf("%s = %q, want %q", expr, got, want)
		}
	}
}

func TestAppendValues(t *testing.T) {
	for expr, want := range map[string][]string{
		"method.request.multivaluequerystring.q":    {"1", "2 +"},
		"method.request.multivaluequerystring.none": nil,
		"method.request.querystring.q":              {"2 +"},
		"method.request.querystring.none":           nil,
		"'x'":                                       {"x"},
	} {
		e, err := ParseRequest(expr)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.AppendValues(nil, source()); !slices.Equal(got, want) {
			t.Errorf("values of %s: %q, want %q", expr, got, want)
		}
	}
}

func TestEmptyContext(t *testing.T) {
	s := &Source{}
	for name, slot := range slots {
		value, ok := s.Context.Value(slot)
		switch name {
		case "protocol", "requestTime", "requestTimeEpoch", "path":
		default:
			if ok {
				t.Errorf("context.%s of an empty context is %q", name, value)
			}
		}
	}
	e, _ := ParseRequest("method.request.body")
	if got, _ := e.Value(s); got != "{}" {
		t.Errorf("empty body maps to %q, want {}", got)
	}
}

func TestHostForms(t *testing.T) {
	for host, want := range map[string]string{"a.b": "a.b", "a.b:80": "a.b", "[::1]": "[::1]", "[::1]:80": "[::1]", "": ""} {
		if got := withoutPort(host); got != want {
			t.Errorf("withoutPort(%q) = %q, want %q", host, got, want)
		}
	}
}

func TestParseTarget(t *testing.T) {
	for _, test := range []struct {
		key      string
		location Location
		name     string
		ok       bool
	}{
		{"integration.request.header.X-A", ToHeader, "X-A", true},
		{"integration.request.querystring.q", ToQuery, "q", true},
		{"integration.request.path.id", ToPath, "id", true},
		{"integration.request.path.", 0, "", false},
		{"integration.request.body.a", 0, "", false},
		{"method.response.header.A", 0, "", false},
	} {
		location, name, err := ParseTarget(test.key)
		if location != test.location || name != test.name || (err == nil) != test.ok {
			t.Errorf("ParseTarget(%q) = %v, %q, %v", test.key, location, name, err)
		}
	}
	if name, err := ParseResponseTarget("method.response.header.A"); name != "A" || err != nil {
		t.Errorf("ParseResponseTarget: %q, %v", name, err)
	}
	for _, key := range []string{"method.response.header.", "method.response.header.a\r", "integration.request.header.A"} {
		if name, err := ParseResponseTarget(key); err == nil {
			t.Errorf("ParseResponseTarget(%q) = %q, want an error", key, name)
		}
	}
}

func TestEscaping(t *testing.T) {
	for _, test := range []struct{ value, path, slashed, query string }{
		{"a-b._~c", "a-b._~c", "a-b._~c", "a-b._~c"},
		{"a/b", "a%2Fb", "a/b", "a%2Fb"},
		{"100% ?#", "100%25%20%3F%23", "100%25%20%3F%23", "100%25%20%3F%23"},
		{"a@b:c+d&e=f", "a@b:c+d&e=f", "a@b:c+d&e=f", "a%40b%3Ac%2Bd%26e%3Df"},
		{"ü\r\n", "%C3%BC%0D%0A", "%C3%BC%0D%0A", "%C3%BC%0D%0A"},
	} {
		path, slashed := string(AppendPath(nil, test.value, false)), string(AppendPath(nil, test.value, true))
		query := string(AppendQuery(nil, test.value))
		if path != test.path || slashed != test.slashed || query != test.query {
			t.Errorf("%q: %q %q %q, want %q %q %q", test.value, path, slashed, query, test.path, test.slashed, test.query)
		}
	}
}

// FuzzExpr: nothing panics, and what parses prints as it was written.
func FuzzExpr(f *testing.F) {
	for _, seed := range []string{"'a'", "'", "context.path", "method.request.header.X", "method.request.body", "integration.response.body.x", "stageVariables."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range []func(string) (Expr, error){ParseRequest, ParseResponse} {
			e, err := parse(text)
			if err != nil {
				continue
			}
			if e.String() != text {
				t.Errorf("%q prints as %q", text, e)
			}
			e.AppendValues(nil, source())
		}
		_, _, _ = ParseTarget(text)
	})
}

// FuzzQuery: nothing panics; a value that is encoded again decodes to itself.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"a=1&b=2", "%", "a=%2", "a=+;b", "=&=", "%zz=%41"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, p := range appendQuery(nil, raw) {
			if again := unescape(string(AppendQuery(nil, p.Value)), true); again != p.Value {
				t.Errorf("%q: value %q came back as %q", raw, p.Value, again)
			}
			if again := Unescape(string(AppendPath(nil, p.Value, false))); again != p.Value {
				t.Errorf("%q: value %q came back from a path as %q", raw, p.Value, again)
			}
		}
	})
}
