package gateway

import (
	"crypto/tls"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
)

// clientHeader is what the client of the recorded header-remapping cases sends.
var clientHeader = []string{
	"User-Agent: client/1.0", "Accept-Encoding: br", "Accept: application/json", "Accept-Charset: UTF-8",
	"Age: request_Age", "Authorization: Unauthorized", "Content-Encoding: deflate", "Content-MD5: request_Content-MD5",
	"Content-Type: application/json", "Date: request_Date", "Expect: 100-continue", "Max-Forwards: 2", "Pragma: cache",
	"Proxy-Authenticate: Basic", "Range: bytes=500-999", "Referer: https://example.com/", "Server: https://example.com/",
	"TE: deflate", "Trailer: Expires", "Transfer-Encoding: chunked", "Upgrade: HTTP/2.0", "Via: p.example.net",
	"Warn: 299 client/1.0", "WWW-Authenticate: Basic YWxhZGRpbjpvcGVuc2VzYW1l",
}

// mappedHeader is the request mapping of those cases: every header that may be
// mapped, and those that are dropped without a word.
func mappedHeader() map[string]string {
	out := map[string]string{}
	for _, name := range []string{
		"Accept", "Accept-Charset", "Accept-Encoding", "Age", "Authorization", "Content-Encoding", "Content-MD5",
		"Content-Type", "Date", "Expect", "Max-Forwards", "Pragma", "Range", "Referer", "Server", "Trailer", "Upgrade",
		"User-Agent", "Warn", "WWW-Authenticate", "Connection", "Proxy-Authenticate", "TE", "Via", "Host",
	} {
		out["integration.request.header."+name] = "'mapped " + name + "'"
	}
	return out
}

var allMapped = []string{
	"Accept: mapped Accept", "Accept-Charset: mapped Accept-Charset", "Accept-Encoding: mapped Accept-Encoding",
	"Age: mapped Age", "Authorization: mapped Authorization", "Content-Encoding: mapped Content-Encoding",
	"Content-MD5: mapped Content-MD5", "Content-Type: mapped Content-Type", "Date: mapped Date", "Host: mapped Host",
	"Max-Forwards: mapped Max-Forwards", "Pragma: mapped Pragma", "Range: mapped Range", "Referer: mapped Referer",
	"Server: mapped Server", "Trailer: mapped Trailer", "Upgrade: mapped Upgrade", "User-Agent: mapped User-Agent",
	"WWW-Authenticate: mapped WWW-Authenticate", "Warn: mapped Warn",
}

var forwarded = []string{"X-Forwarded-For: 192.0.2.7", "X-Forwarded-Port: 4566", "X-Forwarded-Proto: http"}

// TestHeadersToBackend. Recorded: header remapping of HTTP and HTTP_PROXY,
// except X-Forwarded-*, which the recording backend hides.
func TestHeadersToBackend(t *testing.T) {
	own := []string{"X-Amzn-Apigateway-Api-Id: " + testAPI, "X-Amzn-Trace-Id: <trace>"}
	for _, test := range []struct {
		name, kind string
		mapped     map[string]string
		want       []string
	}{
		{"HTTP, nothing mapped", "HTTP", nil, append([]string{"Accept: application/json", "User-Agent: AmazonAPIGateway_" + testAPI}, own...)},
		{"HTTP, all mapped", "HTTP", mappedHeader(), append(own[:2:2], allMapped...)},
		{"HTTP_PROXY, nothing mapped", "HTTP_PROXY", nil, concat([]string{
			"User-Agent: client/1.0", "Accept-Encoding: br", "Accept: application/json", "Accept-Charset: UTF-8", "Age: request_Age",
			"Authorization: Unauthorized", "Content-Type: application/json", "Date: request_Date", "Pragma: cache",
			"Range: bytes=500-999", "Referer: https://example.com/", "Warn: 299 client/1.0",
		}, forwarded, own)},
		{"HTTP_PROXY, all mapped", "HTTP_PROXY", mappedHeader(), concat(forwarded, own, allMapped)},
	} {
		t.Run(test.name, func(t *testing.T) {
			backend := &recorder{res: integration.Response{Status: 200}}
			g := serving(t, backend, apigw.Stage{}, backendMethod("GET /p", apigw.Integration{
				Type: &test.kind, HttpMethod: new("POST"), Uri: new("http://backend//post"), RequestParameters: test.mapped,
			}))
			res := serve(t, g, request("GET /dev/p", clientHeader, ""))
			if res.Status != 200 {
				t.Fatalf("status %d %s", res.Status, res.Body)
			}
			if diff := cmp.Diff(test.want, lines(backend.got.Header)); diff != "" {
				t.Errorf("header at the backend (-want +got):\n%s", diff)
			}
			if backend.got.Method != "POST" || backend.got.URL != "http://backend//post" || len(backend.got.Body) != 0 {
				t.Errorf("backend got %s %s with %q, want POST http://backend//post without body", backend.got.Method, backend.got.URL, backend.got.Body)
			}
		})
	}
}

func concat(lists ...[]string) []string {
	var out []string
	for _, list := range lists {
		out = append(out, list...)
	}
	return out
}

// TestUnmappableHeader. Recorded for Content-Length and Transfer-Encoding of
// both types; seen in an emulator for the other two.
func TestUnmappableHeader(t *testing.T) {
	for _, kind := range []string{"HTTP", "HTTP_PROXY"} {
		for _, name := range []string{"Content-Length", "transfer-encoding", "X-Amzn-Trace-Id", "X-Amzn-Apigateway-Api-Id"} {
			backend := &recorder{res: integration.Response{Status: 200}}
			in := apigw.Integration{Type: &kind, Uri: new("http://b/"), RequestParameters: map[string]string{
				"integration.request.header." + name: "method.request.querystring.v",
			}}
			g := serving(t, backend, apigw.Stage{}, backendMethod("GET /", in))
			res := serve(t, g, request("GET /dev?v=0", nil, ""))
			if res.Status != 500 || string(res.Body) != `{"message": "Internal server error"}` || len(res.Body) != 36 || backend.got != nil {
				t.Errorf("%s with %s mapped: %d %s, backend got %v", kind, name, res.Status, res.Body, backend.got)
			}
			if diff := cmp.Diff(errorAnswer("InternalServerErrorException"), lines(res.Header)); diff != "" {
				t.Errorf("%s with %s mapped: header (-want +got):\n%s", kind, name, diff)
			}
			if res := serve(t, g, request("GET /dev", nil, "")); res.Status != 200 {
				t.Errorf("%s with an absent value for %s: status %d, want 200", kind, name, res.Status)
			}
		}
	}
}

// TestHeadersToClient. Recorded: header remapping, for the HTTP answers with
// every name mapped and for the proxy's remapped ones.
func TestHeadersToClient(t *testing.T) {
	const trace = "X-Amzn-Trace-Id: <trace>"
	t.Run("HTTP", func(t *testing.T) {
		kept := []string{"Accept", "Accept-Charset", "Accept-Encoding", "Age", "Content-Encoding", "Content-Type",
			"Pragma", "Range", "Referer", "TE", "Via", "Warn"}
		renamed := []string{"Authorization", "Connection", "Content-Length", "Content-MD5", "Date", "Expect", "Host",
			"Max-Forwards", "Proxy-Authenticate", "Server", "Trailer", "Upgrade", "User-Agent", "WWW-Authenticate"}
		parameters := map[string]string{"method.response.header.Transfer-Encoding": "'v'"}
		want := map[string]string{}
		for _, name := range kept {
			parameters["method.response.header."+name], want[name] = "'v'", "v"
		}
		for _, name := range renamed {
			parameters["method.response.header."+name], want["x-amzn-Remapped-"+name] = "'v'", "v"
		}
		backend := &recorder{res: integration.Response{Status: 201, Header: exchange.Header{{Name: "X-Secret", Value: "s"}}, Body: []byte("body")}}
		g := serving(t, backend, apigw.Stage{}, backendMethod("GET /", apigw.Integration{
			Type: new("HTTP"), Uri: new("http://b/"),
			IntegrationResponses: map[string]apigw.IntegrationResponse{"200": {ResponseParameters: parameters}},
		}))
		res := serve(t, g, request("GET /dev", nil, ""))
		if got := lines(res.Header)[:3]; cmp.Diff([]string{"x-amzn-RequestId: <uuid>", "x-amz-apigw-id: <extended>", trace}, got) != "" {
			t.Errorf("header begins with %v", got)
		}
		got := map[string]string{}
		for _, field := range res.Header[3:] {
			got[field.Name] = field.Value
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("mapped header (-want +got):\n%s", diff)
		}
		if res.Status != 200 || string(res.Body) != "body" {
			t.Errorf("got %d %q, want 200 body", res.Status, res.Body)
		}
	})
	t.Run("HTTP, nothing mapped", func(t *testing.T) {
		backend := &recorder{res: integration.Response{Status: 200, Header: exchange.Header{{Name: "Content-Type", Value: "text/html"}}}}
		g := serving(t, backend, apigw.Stage{}, backendMethod("GET /", apigw.Integration{Type: new("HTTP"), Uri: new("http://b/")}))
		want := []string{"x-amzn-RequestId: <uuid>", "x-amz-apigw-id: <extended>", trace, "Content-Type: application/json"}
		if diff := cmp.Diff(want, lines(serve(t, g, request("GET /dev", nil, "")).Header)); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
	})
	t.Run("HTTP_PROXY", func(t *testing.T) {
		backend := &recorder{res: integration.Response{Status: 418, Body: []byte("body")}}
		for _, name := range []string{"Connection", "Content-Length", "Date", "Server", "Authorization", "WWW-Authenticate",
			"Transfer-Encoding", "Via", "Content-Encoding", "Set-Cookie", "set-cookie", "X-Any"} {
			backend.res.Header.Add(name, "v")
		}
		g := serving(t, backend, apigw.Stage{}, backendMethod("GET /", apigw.Integration{
			Type: new("HTTP_PROXY"), Uri: new("http://b/"),
			// Recorded: a proxy does not map answers.
			IntegrationResponses: map[string]apigw.IntegrationResponse{"200": {ResponseParameters: map[string]string{"method.response.header.X-Any": "'w'"}}},
		}))
		res := serve(t, g, request("GET /dev", nil, ""))
		want := []string{
			"x-amzn-RequestId: <uuid>", "x-amz-apigw-id: <extended>",
			"x-amzn-Remapped-Connection: v", "x-amzn-Remapped-Content-Length: v", "x-amzn-Remapped-Date: v", "x-amzn-Remapped-Server: v",
			"x-amzn-Remapped-Authorization: v", "x-amzn-Remapped-WWW-Authenticate: v",
			"Content-Encoding: v", "Set-Cookie: v", "set-cookie: v", "X-Any: v", "Content-Type: application/json",
		}
		if diff := cmp.Diff(want, lines(res.Header)); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
		if res.Status != 418 || string(res.Body) != "body" {
			t.Errorf("got %d %q, want 418 body", res.Status, res.Body)
		}
	})
}

// TestTraceID. Recorded: invocation trace id.
func TestTraceID(t *testing.T) {
	const full = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"
	for _, test := range []struct{ name, client, want string }{
		{"none", "", `^Root=1-6553f100-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$`},
		{"full", full, "^" + full + "$"},
		{"root only", "Root=1-3152b799-8954dae64eda91bc9a23a7e8", `^Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=[0-9a-f]{16};Sampled=0$`},
		{"keys in any case, Self in front", "Self=1-2-3;root=1-a-b; parent=c;SAMPLED=1", `^Self=1-2-3;root=1-a-b; parent=c;SAMPLED=1$`},
		{"garbage", "nonsense", `^Root=1-6553f100-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$`},
	} {
		backend := &recorder{res: integration.Response{Status: 200}}
		g := serving(t, backend, apigw.Stage{}, backendMethod("GET /", apigw.Integration{Type: new("HTTP"), Uri: new("http://b/")}))
		var header []string
		if test.client != "" {
			header = []string{"x-amzn-trace-id: " + test.client}
		}
		res := serve(t, g, request("GET /dev", header, ""))
		sent, answered := backend.got.Header.Get("X-Amzn-Trace-Id"), res.Header.Get("X-Amzn-Trace-Id")
		if !regexp.MustCompile(test.want).MatchString(sent) || answered != sent {
			t.Errorf("%s: backend got %q, client got %q, want both to be %s", test.name, sent, answered, test.want)
		}
	}
}

func TestProxyForwarding(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200}}
	g := serving(t, backend, apigw.Stage{}, backendMethod("ANY /", apigw.Integration{
		Type: new("HTTP_PROXY"), Uri: new("http://b/"), TimeoutInMillis: new(int32(1500)),
		TlsConfig: &apigw.TlsConfig{InsecureSkipVerification: new(true)},
	}))
	x := request("PATCH /dev", []string{
		"X-Forwarded-For: 203.0.113.1", "x-forwarded-for: 203.0.113.2", "X-Forwarded-Proto: gopher",
		"Authorization: AWS4-HMAC-SHA256 Credential=x", "X-Two: 1", "X-Two: 2", "x-amzn-apigateway-api-id: other",
	}, "body")
	x.Request.TLS, x.Request.Host = &tls.ConnectionState{}, testAPI+".execute-api.localhost"
	serve(t, g, x)
	want := []string{
		"X-Two: 1", "X-Two: 2",
		"X-Forwarded-For: 203.0.113.1, 203.0.113.2, 192.0.2.7", "X-Forwarded-Port: 443", "X-Forwarded-Proto: https",
		"X-Amzn-Apigateway-Api-Id: " + testAPI, "X-Amzn-Trace-Id: <trace>",
	}
	if diff := cmp.Diff(want, lines(backend.got.Header)); diff != "" {
		t.Errorf("header at the backend (-want +got):\n%s", diff)
	}
	got := *backend.got
	if got.Method != "PATCH" || string(got.Body) != "body" || got.Timeout != 1500*time.Millisecond || !got.AnyIssuer {
		t.Errorf("backend got %+v, want PATCH, the body, 1.5s and any issuer", got)
	}
}
