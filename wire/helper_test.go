package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/ids"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const authorization = "AWS4-HMAC-SHA256 Credential=AKID/20240501/eu-west-1/apigateway/aws4_request, SignedHeaders=host, Signature=0a"

// seen is what the handlers of newTestServer were called with.
type seen struct {
	ctx context.Context
	in  any
}

// echo answers success with an empty output and keeps its input.
func echo[In, Out any](s *seen) func(context.Context, *In) (*Out, error) {
	return func(ctx context.Context, in *In) (*Out, error) {
		s.ctx, s.in = ctx, in
		return new(Out), nil
	}
}

// newTestServer serves a few operations, one of each form of input.
func newTestServer() (*Server, *seen, *bytes.Buffer) {
	s, log := &seen{}, &bytes.Buffer{}
	return NewServer(Server{
		IDs: ids.Seeded(1), Log: slog.New(slog.NewTextHandler(log, nil)),
		Authenticator: Open{Accounts: Accounts{Default: "123456789012", ByKey: map[string]string{"AKID2": "210987654321"}}},
		Explain:       func(operation string) string { return operation + " is explained" },
		Handlers: &apigw.Handlers{
			CreateRestApi:           echo[apigw.CreateRestApiRequest, apigw.RestApi](s),
			GetRestApis:             echo[apigw.GetRestApisRequest, apigw.RestApis](s),
			ImportRestApi:           echo[apigw.ImportRestApiRequest, apigw.RestApi](s),
			UpdateRestApi:           echo[apigw.UpdateRestApiRequest, apigw.RestApi](s),
			UpdateMethodResponse:    echo[apigw.UpdateMethodResponseRequest, apigw.MethodResponse](s),
			PutIntegration:          echo[apigw.PutIntegrationRequest, apigw.Integration](s),
			PutIntegrationResponse:  echo[apigw.PutIntegrationResponseRequest, apigw.IntegrationResponse](s),
			CreateStage:             echo[apigw.CreateStageRequest, apigw.Stage](s),
			CreateDocumentationPart: echo[apigw.CreateDocumentationPartRequest, apigw.DocumentationPart](s),
			GetGatewayResponse:      echo[apigw.GetGatewayResponseRequest, apigw.GatewayResponse](s),
			PutGatewayResponse:      echo[apigw.PutGatewayResponseRequest, apigw.GatewayResponse](s),
			GetTags:                 echo[apigw.GetTagsRequest, apigw.Tags](s),
			GetBasePathMapping:      echo[apigw.GetBasePathMappingRequest, apigw.BasePathMapping](s),
			DeleteStage: func(ctx context.Context, in *apigw.DeleteStageRequest) error {
				s.ctx, s.in = ctx, in
				return nil
			},
			UntagResource: func(ctx context.Context, in *apigw.UntagResourceRequest) error {
				s.ctx, s.in = ctx, in
				return nil
			},
		},
	}), s, log
}

type answer struct {
	status  int
	header  http.Header
	message string
	body    string
}

func send(t testing.TB, s *Server, method, path string, body io.Reader, change ...func(*http.Request)) answer {
	t.Helper()
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("Authorization", authorization)
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var out struct{ Message string }
	_ = json.Unmarshal(w.Body.Bytes(), &out)
	return answer{w.Code, w.Header(), out.Message, w.Body.String()}
}

// wantFault compares an answer with a status, a code and a text.
func wantFault(t *testing.T, got answer, status int, code, message string) {
	t.Helper()
	sent := strings.Join(got.header["x-amzn-ErrorType"], ",")
	if got.status != status || sent != code || got.message != message {
		t.Errorf("got %d %s %s,\nwant %d %s %s", got.status, sent, got.body, status, code, message)
	}
	if id := got.header["x-amzn-RequestId"]; len(id) != 1 || len(id[0]) != 36 {
		t.Errorf("x-amzn-RequestId: got %q, want a UUID", id)
	}
	if kind := got.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("Content-Type: got %q, want application/json", kind)
	}
}
