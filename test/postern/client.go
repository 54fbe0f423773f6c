package postern

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
)

// Region is where clients act.
const Region = "us-east-1"

// Client returns a client of the AWS SDK. It does not retry: a test wants to
// see the first answer.
func (s *Server) Client(options ...func(*apigateway.Options)) *apigateway.Client {
	base := apigateway.Options{
		Region:       Region,
		BaseEndpoint: &s.BaseURL,
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer:      aws.NopRetryer{},
	}
	return apigateway.New(base, options...)
}

// Answer is what a request got.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Proto  string // "HTTP/1.1" or "HTTP/2.0"
}

// StageURL returns the path form of the address of a stage, without a slash at
// its end.
func (s *Server) StageURL(api, stage string) string {
	return s.GatewayURL + "/restapis/" + api + "/" + stage + "/_user_request_"
}

// HostOf returns the name below which an API is reached.
func HostOf(api string) string { return api + ".execute-api.localhost" }

// Get asks a stage for a path and fails the test if there is no answer.
func (s *Server) Get(t testing.TB, api, stage, path string) Answer {
	t.Helper()
	answer, err := s.Call(t.Context(), http.MethodGet, s.StageURL(api, stage)+path, "", "")
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// Call sends a request to the server at any URL, with the Host header host if
// that is not empty.
func (s *Server) Call(ctx context.Context, method, url, host, body string) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	request.Host = host
	return Do(http.DefaultClient, request)
}

// Do sends a request and reads the whole answer.
func Do(client *http.Client, request *http.Request) (Answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("%s %s: %w", request.Method, request.URL, err)
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: string(body), Proto: response.Proto}, nil
}
