package services

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "postern-function-")
	if err != nil {
		panic(err)
	}
	program.path = filepath.Join(dir, "function")
	postern.Main(m, func() { os.RemoveAll(dir) })
}

var program struct {
	path string
	once sync.Once
	err  error
	out  []byte
}

// goFunction builds the function and returns its path.
func goFunction(t *testing.T) string {
	t.Helper()
	program.once.Do(func() {
		program.out, program.err = exec.Command("go", "build", "-o", program.path, "./function").CombinedOutput()
	})
	if program.err != nil {
		t.Fatalf("build the function: %v\n%s", program.err, program.out)
	}
	return program.path
}

const account = "123456789012"

func functionURI(name string) string {
	return "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:" + account + ":function:" + name + "/invocations"
}

// proxy makes a method that gives requests to a function.
func proxy(t *testing.T, api *postern.API, verb, path, uri string) {
	t.Helper()
	api.Method(t, verb, path, &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeAwsProxy, IntegrationHttpMethod: new("POST"), Uri: &uri,
	})
}

// custom makes a method of type AWS with responses by their patterns; an empty
// pattern is the default.
func custom(t *testing.T, api *postern.API, client *apigateway.Client, verb, path string, in *apigateway.PutIntegrationInput, patterns map[string]string) {
	t.Helper()
	in.Type = types.IntegrationTypeAws
	if in.IntegrationHttpMethod == nil {
		in.IntegrationHttpMethod = new("POST")
	}
	resource := api.Method(t, verb, path, in)
	for status, pattern := range patterns {
		_, err := client.PutMethodResponse(t.Context(), &apigateway.PutMethodResponseInput{
			RestApiId: &api.ID, ResourceId: &resource, HttpMethod: &verb, StatusCode: &status,
		})
		if err == nil {
			_, err = client.PutIntegrationResponse(t.Context(), &apigateway.PutIntegrationResponseInput{
				RestApiId: &api.ID, ResourceId: &resource, HttpMethod: &verb, StatusCode: &status, SelectionPattern: &pattern,
			})
		}
		if err != nil {
			t.Fatalf("response %s of %s %s: %v", status, verb, path, err)
		}
	}
}
