package gateway

import (
	"encoding/json"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
)

// FuzzProxyResult: whatever a function returns, the client gets an answer that
// can be sent.
func FuzzProxyResult(f *testing.F) {
	for _, seed := range []string{
		`{"statusCode": 200, "headers": {"a": "b"}, "multiValueHeaders": {"A": ["c", 1]}, "body": "x"}`,
		`{"body": "eA==", "isBase64Encoded": true}`, `{"errorMessage": {"a": 1}}`, `{"headers": {"a\r\nb": "c\r\nd"}}`, `[`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		backend := &recorder{res: integration.Response{Status: 200, Body: body}}
		g := servingAWS(backend, apigw.Stage{}, []string{"*/*"}, proxyMethod("GET /x"))
		res := serve(t, g, request("GET /dev/x", nil, ""))
		if g.Panics() > 0 || res.Status < 100 || res.Status > 599 {
			t.Fatalf("%q: %d panics, status %d", body, g.Panics(), res.Status)
		}
		for _, field := range res.Header {
			for _, c := range []byte(field.Name + field.Value) {
				if c == '\r' || c == '\n' || c == 0 {
					t.Fatalf("%q: header %q", body, field)
				}
			}
		}
	})
}

// FuzzEvent: whatever a client sends, the event is JSON.
func FuzzEvent(f *testing.F) {
	f.Add("/x/a%2", "a=b&a=%ff;c", "X-A", "v\"", []byte("body\xff"))
	f.Add("//x/\\", "&=&", "authorization", "", []byte(nil))
	f.Fuzz(func(t *testing.T, path, query, name, value string, body []byte) {
		backend := &recorder{res: integration.Response{Status: 200, Body: []byte(`{}`)}}
		g := servingAWS(backend, apigw.Stage{}, nil, proxyMethod("POST /{rest+}"))
		x := request("POST /dev/x", nil, string(body))
		x.Request.Path, x.Request.RawQuery = "/dev/"+path, query
		x.Request.Header = exchange.Header{{Name: name, Value: value}, {Name: name, Value: "2"}}
		serve(t, g, x)
		if g.Panics() > 0 {
			t.Fatal("a panic")
		}
		if backend.got != nil && !json.Valid(backend.got.Body) {
			t.Errorf("event of %q %q %q: %s", path, query, name, backend.got.Body)
		}
	})
}
