package gateway

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/aws"
	"github.com/postern-gateway/postern/plan"
	"github.com/postern-gateway/postern/sigv4"
)

// BenchmarkServe measures the gateway alone: no front, no network.
func BenchmarkServe(b *testing.B) {
	answer := &integration.Response{
		Status: 200, Body: []byte(`{"body": "ok"}`),
		Header: exchange.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "Date", Value: "x"}},
	}
	backend := invoker(func(context.Context, *integration.Request) (*integration.Response, error) { return answer, nil })
	for _, bench := range []struct {
		name string
		m    method
	}{
		{"mock", mockMethod("GET /pets/{id}", `{"id": 1}`)},
		{"http_proxy", backendMethod("GET /pets/{id}", apigw.Integration{
			Type: new("HTTP_PROXY"), Uri: new("http://backend/pets/{id}"),
			RequestParameters: map[string]string{"integration.request.path.id": "method.request.path.id"},
		})},
		{"aws_proxy", proxyMethod("GET /pets/{id}")},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s := serving(b, backend, apigw.Stage{}, bench.m)
			g := New(Config{Table: s.table, HTTP: backend, AWS: aws.New(aws.Config{HTTP: backend, Keys: sigv4.Keys{AccessKey: "AKID", Secret: "secret"}})})
			x := request("GET /dev/pets/42?a=1", []string{
				"Host: " + testHost, "User-Agent: bench", "Accept: */*", "Accept-Encoding: gzip", "Connection: keep-alive",
			}, "")
			header := make(exchange.Header, 0, 16)
			b.ReportAllocs()
			for b.Loop() {
				x.Response = exchange.Response{Header: header[:0]}
				x.Request.Body = strings.NewReader("")
				g.Serve(b.Context(), x)
			}
			if x.Response.Status != 200 {
				b.Fatalf("status %d %s", x.Response.Status, x.Response.Body)
			}
		})
	}
}

// BenchmarkTableSet changes one API among 10,000.
func BenchmarkTableSet(b *testing.B) {
	var table Table
	for i := range 10000 {
		table.Set(strconv.Itoa(i), map[string]*plan.Stage{"dev": {}})
	}
	stages := map[string]*plan.Stage{"dev": {}}
	b.ReportAllocs()
	for b.Loop() {
		table.Set("77", stages)
	}
}
