package sdk

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

const account = "123456789012"

// echo is a backend that tells what it was asked.
func echo(t *testing.T) string {
	t.Helper()
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Backend", "yes")
		_, _ = w.Write([]byte(r.Method + " " + r.URL.RequestURI()))
	}))
	t.Cleanup(backend.Close)
	return backend.URL
}

// refusal is what a client sees of an error.
type refusal struct {
	status  int
	code    string
	message string
}

func refusalOf(t *testing.T, err error) refusal {
	t.Helper()
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	if !errors.As(err, &api) || !errors.As(err, &response) {
		t.Fatalf("%v is no refusal by the API", err)
	}
	return refusal{response.HTTPStatusCode(), api.ErrorCode(), api.ErrorMessage()}
}

func start(t *testing.T, args ...string) (*postern.Server, *apigateway.Client) {
	t.Helper()
	server := postern.Start(t, append([]string{"--ephemeral", "--account", account}, args...)...)
	return server, server.Client()
}

// want fails the test unless an answer has a status and a body.
func want(t *testing.T, what string, got postern.Answer, status int, body string) {
	t.Helper()
	if got.Status != status || got.Body != body {
		t.Errorf("%s: %d %q, want %d %q", what, got.Status, got.Body, status, body)
	}
}
