package gateway

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/plan"
)

const (
	testAPI   = "abcdefghij"
	testHost  = testAPI + ".execute-api.localhost:4566"
	anyUUID   = "<uuid>"
	anyExtID  = "<extended>"
	anyTrace  = "<trace>"
	freshRoot = "Root=1-6553f100-" // of testTime
)

var testTime = time.Unix(0x6553f100, 0)

// invoker is a function as a backend.
type invoker func(ctx context.Context, req *integration.Request) (*integration.Response, error)

func (f invoker) Invoke(ctx context.Context, req *integration.Request) (*integration.Response, error) {
	return f(ctx, req)
}

// recorder is a backend that keeps the last request, copied, and answers res.
type recorder struct {
	got *integration.Request
	res integration.Response
	err error
}

func (b *recorder) Invoke(_ context.Context, req *integration.Request) (*integration.Response, error) {
	kept := *req
	kept.Header = append(exchange.Header(nil), req.Header...)
	kept.Body = append([]byte(nil), req.Body...)
	b.got = &kept
	if b.err != nil {
		return nil, b.err
	}
	res := b.res
	return &res, nil
}

// method is one method of a test's API.
type method struct {
	route string // "GET /pets"
	apigw.Method
}

func snapshot(methods ...method) *domain.Snapshot {
	s := &domain.Snapshot{Account: "123456789012", Region: "us-east-1", API: apigw.RestApi{Id: new(testAPI)}}
	byPath := map[string]map[string]apigw.Method{}
	for _, m := range methods {
		verb, path, _ := strings.Cut(m.route, " ")
		if byPath[path] == nil {
			byPath[path] = map[string]apigw.Method{}
			s.Resources = append(s.Resources, apigw.Resource{
				Id: new("id" + strings.ReplaceAll(path, "/", "-")), Path: new(path), ResourceMethods: byPath[path],
			})
		}
		byPath[path][verb] = m.Method
	}
	return s
}

// mockMethod answers 200 with a body, by MOCK.
func mockMethod(route, body string) method {
	return method{route, apigw.Method{
		MethodResponses: map[string]apigw.MethodResponse{"200": {}},
		MethodIntegration: &apigw.Integration{
			Type:             new("MOCK"),
			RequestTemplates: map[string]*string{"application/json": new(`{"statusCode": 200}`)},
			IntegrationResponses: map[string]apigw.IntegrationResponse{
				"200": {ResponseTemplates: map[string]*string{"application/json": &body}},
			},
		},
	}}
}

// backendMethod is a method with an integration that has one default response.
func backendMethod(route string, in apigw.Integration) method {
	if in.HttpMethod == nil {
		in.HttpMethod = new("ANY")
	}
	if in.IntegrationResponses == nil {
		in.IntegrationResponses = map[string]apigw.IntegrationResponse{"200": {}}
	}
	return method{route, apigw.Method{
		MethodResponses:   map[string]apigw.MethodResponse{"200": {}},
		MethodIntegration: &in,
	}}
}

// serving returns a gateway that serves an API at the stage "dev".
func serving(t testing.TB, backend integration.Invoker, stage apigw.Stage, methods ...method) *Gateway {
	t.Helper()
	a, _ := plan.CompileAPI(snapshot(methods...))
	return servingPlan(backend, plan.StageInput{API: a, Stage: &stage})
}

func servingPlan(backend integration.Invoker, in plan.StageInput) *Gateway {
	if in.Stage.StageName == nil {
		in.Stage.StageName = new("dev")
	}
	table := &Table{}
	table.Set(testAPI, map[string]*plan.Stage{*in.Stage.StageName: plan.CompileStage(in)})
	return New(Config{Table: table, HTTP: backend, Clock: clock.NewManual(testTime), IDs: ids.Seeded(1)})
}

// request makes an exchange from a request line ("GET /dev/pets?a=1"), header
// lines and a body.
func request(line string, header []string, body string) *exchange.Exchange {
	verb, target, _ := strings.Cut(line, " ")
	path, query, _ := strings.Cut(target, "?")
	x := &exchange.Exchange{Request: exchange.Request{
		Method: verb, Path: path, RawQuery: query, Host: testHost,
		Body: strings.NewReader(body), ContentLength: int64(len(body)),
		Remote: netip.MustParseAddrPort("192.0.2.7:4711"), Received: testTime,
	}}
	for _, text := range header {
		name, value, _ := strings.Cut(text, ": ")
		x.Request.Header.Add(name, value)
	}
	return x
}

func serve(t testing.TB, g *Gateway, x *exchange.Exchange) *exchange.Response {
	t.Helper()
	g.Serve(t.Context(), x)
	return &x.Response
}

// lines prints a header, one line per field, with what is random replaced.
func lines(h exchange.Header) []string {
	out := []string{}
	for _, field := range h {
		value := field.Value
		switch {
		case field.Name == "x-amzn-RequestId" && isUUID(value):
			value = anyUUID
		case field.Name == "x-amz-apigw-id" && len(value) == 16 && value[15] == '=':
			value = anyExtID
		case field.Name == "X-Amzn-Trace-Id" && strings.HasPrefix(value, freshRoot):
			value = anyTrace
		}
		out = append(out, field.Name+": "+value)
	}
	return out
}
