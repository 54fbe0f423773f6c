package gateway

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/plan"
)

// servingAPI is serving for an API with settings of its own.
func servingAPI(t testing.TB, backend integration.Invoker, set func(*apigw.RestApi), methods ...method) *Gateway {
	t.Helper()
	s := snapshot(methods...)
	set(&s.API)
	a, _ := plan.CompileAPI(s)
	return servingPlan(backend, plan.StageInput{API: a, Stage: &apigw.Stage{}})
}

func binaryTypes(types ...string) func(*apigw.RestApi) {
	return func(api *apigw.RestApi) { api.BinaryMediaTypes = types }
}

const (
	rawBytes  = "\x1f\x8b\x08\x00\xff"
	asBase64  = "H4sIAP8="
	asText    = "\x1f\uFFFD\x08\x00\uFFFD"
	failed500 = `{"message": "Internal server error"}`
)

// TestRequestContent: what the backend gets. The cells are recorded in front
// of S3; the rows with a template as well.
func TestRequestContent(t *testing.T) {
	templates := map[string]*string{"application/json": new("<$input.body>")}
	for _, test := range []struct {
		kind, content, contentType, body string
		templates                        map[string]*string
		want                             string
	}{
		{"HTTP", "", "image/png", rawBytes, nil, rawBytes},
		{"HTTP", "", "text/plain", rawBytes, nil, asText},
		{"HTTP", "CONVERT_TO_TEXT", "image/png", rawBytes, nil, asBase64},
		{"HTTP", "CONVERT_TO_BINARY", "text/plain", asBase64, nil, rawBytes},
		{"HTTP", "CONVERT_TO_BINARY", "text/plain", "no base64", nil, failed500},
		{"HTTP", "CONVERT_TO_TEXT", "application/json", "a", templates, "<a>"},
		{"HTTP", "CONVERT_TO_BINARY", "application/json", asBase64, templates, failed500}, // bytes that are no text
		{"HTTP", "CONVERT_TO_BINARY", "text/plain", asBase64, templates, rawBytes},
		{"HTTP_PROXY", "", "image/png", rawBytes, nil, rawBytes},
		{"HTTP_PROXY", "", "text/plain", rawBytes, nil, asText},
		{"HTTP_PROXY", "CONVERT_TO_TEXT", "image/png", rawBytes, nil, asBase64},
	} {
		backend := &recorder{res: integration.Response{Status: 200}}
		in := apigw.Integration{Type: &test.kind, Uri: new("http://b/"), HttpMethod: new("POST"), RequestTemplates: test.templates}
		if test.content != "" {
			in.ContentHandling = &test.content
		}
		g := servingAPI(t, backend, binaryTypes("image/png"), backendMethod("POST /", in))
		res := serve(t, g, request("POST /dev", []string{"Content-Type: " + test.contentType}, test.body))
		got := string(res.Body)
		if res.Status == 200 {
			got = string(backend.got.Body)
		}
		if got != test.want {
			t.Errorf("%s %q, %s, %q: got %q, want %q", test.kind, test.content, test.contentType, test.body, got, test.want)
		}
	}
}

// TestResponseContent: what the client gets.
func TestResponseContent(t *testing.T) {
	templates := map[string]*string{"application/json": new("<$input.body>")}
	for _, test := range []struct {
		kind, content, accept string
		header                exchange.Header
		body                  string
		templates             map[string]*string
		want                  string
	}{
		{"HTTP", "", "text/plain", png, rawBytes, nil, asBase64},
		{"HTTP", "", "image/png, text/plain", png, rawBytes, nil, rawBytes},
		{"HTTP", "CONVERT_TO_BINARY", "text/plain", png, rawBytes, nil, rawBytes},
		{"HTTP", "", "image/png", nil, asBase64, nil, rawBytes},
		{"HTTP", "", "image/png", nil, "plain text", nil, failed500}, // recorded
		{"HTTP", "CONVERT_TO_TEXT", "image/png", nil, rawBytes, nil, asText},
		{"HTTP", "CONVERT_TO_TEXT", "image/png", png, rawBytes, templates, "<" + asBase64 + ">"},
		{"HTTP", "CONVERT_TO_BINARY", "text/plain", nil, asBase64, templates, failed500},
		{"HTTP_PROXY", "", "text/plain", png, rawBytes, nil, asBase64},
		{"HTTP_PROXY", "", "image/png", png, rawBytes, nil, rawBytes},
		{"HTTP_PROXY", "", "text/plain", nil, rawBytes, nil, asText},
		{"HTTP_PROXY", "", "text/plain", exchange.Header{{Name: "Content-Encoding", Value: "br"}}, rawBytes, nil, rawBytes}, // assumed
	} {
		answer := apigw.IntegrationResponse{ResponseTemplates: test.templates}
		if test.content != "" {
			answer.ContentHandling = &test.content
		}
		g := servingAPI(t, &recorder{res: integration.Response{Status: 200, Header: test.header, Body: []byte(test.body)}}, binaryTypes("image/png"),
			backendMethod("GET /", apigw.Integration{
				Type: &test.kind, Uri: new("http://b/"), IntegrationResponses: map[string]apigw.IntegrationResponse{"200": answer},
			}))
		res := serve(t, g, request("GET /dev", []string{"Accept: " + test.accept}, ""))
		if got := string(res.Body); got != test.want {
			t.Errorf("%s %q, Accept %s, %v %q: got %q, want %q", test.kind, test.content, test.accept, test.header, test.body, got, test.want)
		}
	}
}

var png = exchange.Header{{Name: "Content-Type", Value: "image/png"}}

// TestContentOfMock: the body of a MOCK's request is converted before its
// template; its empty answer is not.
func TestContentOfMock(t *testing.T) {
	m := mockMethod("POST /", "x")
	m.MethodIntegration.ContentHandling = new("CONVERT_TO_BINARY")
	g := servingAPI(t, nil, binaryTypes("image/png"), m)
	for body, want := range map[string]string{asBase64: failed500, "YQ==": "x", "no base64": failed500, "": "x"} {
		if res := serve(t, g, request("POST /dev", []string{"Accept: image/png"}, body)); string(res.Body) != want {
			t.Errorf("%q: got %q, want %q", body, res.Body, want)
		}
	}
}

// gzipped and deflated code a text without the code under test.
func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text) // into memory
	_ = w.Close()
	return b.String()
}

func deflated(text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// TestDecodeRequest: the guide; no setting is needed for it.
func TestDecodeRequest(t *testing.T) {
	const unsupported, tooLong = `{"message": "Unsupported Media Type"}`, `{"message":"Request Too Long"}`
	for _, test := range []struct{ coding, body, want string }{
		{"gzip", gzipped("body"), "body"}, {"GZip", gzipped("body"), "body"}, {"deflate", deflated("body"), "body"},
		{"identity", "body", "body"}, {"", "body", "body"},
		{"br", "body", unsupported}, {"gzip, gzip", gzipped(gzipped("body")), unsupported},
		{"gzip", "body", unsupported}, {"deflate", gzipped("body"), unsupported},
		{"gzip", gzipped(strings.Repeat("x", 10<<20)), strings.Repeat("x", 10<<20)},
		{"gzip", gzipped(strings.Repeat("x", 10<<20+1)), tooLong},
	} {
		backend := &recorder{res: integration.Response{Status: 200}}
		g := serving(t, backend, apigw.Stage{}, backendMethod("POST /", apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("http://b/")}))
		res := serve(t, g, request("POST /dev", []string{"Content-Encoding: " + test.coding}, test.body))
		got := string(res.Body)
		if res.Status == 200 {
			got = string(backend.got.Body)
			if backend.got.Header.Has("Content-Encoding") {
				t.Errorf("%q: the backend is told of a coding", test.coding)
			}
		}
		if got != test.want {
			t.Errorf("%q, %d bytes: %d, got %.60q, want %.60q", test.coding, len(test.body), res.Status, got, test.want)
		}
	}
}

// TestCompress: the guide's rules of when an answer is compressed.
func TestCompress(t *testing.T) {
	const body = `{"some": "text of an answer"}`
	coded := exchange.Header{{Name: "Content-Encoding", Value: "br"}}
	for _, test := range []struct {
		name    string
		minimum *int32
		accept  string
		header  exchange.Header
		want    string // Content-Encoding
	}{
		{"off", nil, "gzip", nil, ""},
		{"all", new(int32(0)), "gzip", nil, "gzip"},
		{"deflate", new(int32(0)), "deflate", nil, "deflate"},
		{"as large as the setting", new(int32(len(body))), "gzip", nil, "gzip"},
		{"too small", new(int32(len(body) + 1)), "gzip", nil, ""},
		{"not asked for", new(int32(0)), "", nil, ""},
		{"anything", new(int32(0)), "*", nil, ""},
		{"coded by the backend", new(int32(0)), "gzip", coded, "br"},
	} {
		backend := &recorder{res: integration.Response{Status: 200, Header: test.header, Body: []byte(body)}}
		g := servingAPI(t, backend, func(api *apigw.RestApi) { api.MinimumCompressionSize = test.minimum },
			backendMethod("GET /", apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("http://b/")}))
		x := request("GET /dev", nil, "")
		if test.accept != "" {
			x.Request.Header.Add("Accept-Encoding", test.accept)
		}
		res := serve(t, g, x)
		if got := strings.Join(slices.Collect(res.Header.Values("Content-Encoding", false)), "|"); got != test.want {
			t.Errorf("%s: Content-Encoding %q, want %q", test.name, got, test.want)
			continue
		}
		decoded := string(res.Body)
		if decode := decoders[test.want]; decode != nil {
			decoded = decode(t, res.Body)
		}
		if decoded != body {
			t.Errorf("%s: decoded %q, want %q", test.name, decoded, body)
		}
	}
	g := servingAPI(t, nil, func(api *apigw.RestApi) { api.MinimumCompressionSize = new(int32(0)) }, method{"GET /broken", apigw.Method{}})
	for target, want := range map[string]int{"/dev/none": 403, "/dev/broken": 500} {
		res := serve(t, g, request("GET "+target, []string{"Accept-Encoding: gzip"}, ""))
		if res.Status != want || res.Header.Has("Content-Encoding") {
			t.Errorf("the gateway's own answer to %s: %d %v, want %d, not compressed", target, res.Status, lines(res.Header), want)
		}
	}
}

// decoders read bodies without the code under test.
var decoders = map[string]func(*testing.T, []byte) string{
	"gzip": func(t *testing.T, body []byte) string {
		r, err := gzip.NewReader(bytes.NewReader(body))
		return readText(t, r, err)
	},
	"deflate": func(t *testing.T, body []byte) string {
		r, err := zlib.NewReader(bytes.NewReader(body))
		return readText(t, r, err)
	},
}

func readText(t *testing.T, r io.Reader, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
