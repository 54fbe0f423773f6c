package sdk

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/gaps"
	"github.com/postern-gateway/postern/test/postern"
)

// TestTypedExceptions: the SDK turns refusals into its modelled types.
func TestTypedExceptions(t *testing.T) {
	_, client := start(t, "--quota", "resources-per-api=2")
	ctx := t.Context()
	api := postern.NewAPI(t, client, "shop")
	api.Mock(t, "GET", "/a", "", nil)
	deployment := api.Deploy(t, "dev")

	_, err := client.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api.ID, StageName: new("none")})
	if e := (*types.NotFoundException)(nil); !errors.As(err, &e) || *e.Message != "Invalid stage identifier specified" {
		t.Errorf("an unknown stage: %v", err)
	}
	_, err = client.CreateStage(ctx, &apigateway.CreateStageInput{RestApiId: &api.ID, StageName: new("dev"), DeploymentId: &deployment})
	if e := (*types.ConflictException)(nil); !errors.As(err, &e) || *e.Message != "Stage already exists" {
		t.Errorf("a second stage of a name: %v", err)
	}
	_, err = client.DeleteDeployment(ctx, &apigateway.DeleteDeploymentInput{RestApiId: &api.ID, DeploymentId: &deployment})
	if e := (*types.BadRequestException)(nil); !errors.As(err, &e) || !strings.HasPrefix(*e.Message, "Active stages") {
		t.Errorf("a deployment in use: %v", err)
	}
	_, err = client.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: &api.ID, ParentId: &api.Root, PathPart: new("b")})
	if e := (*types.LimitExceededException)(nil); !errors.As(err, &e) {
		t.Errorf("a resource beyond the quota: %v", err)
	}
	_, err = client.PutIntegration(ctx, &apigateway.PutIntegrationInput{
		RestApiId: &api.ID, ResourceId: new(api.Resource(t, "/a")), HttpMethod: new("GET"), Type: "WRONG",
	})
	if got := refusalOf(t, err); got.code != "ValidationException" || !strings.Contains(got.message, "[HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]") {
		t.Errorf("an unknown type: %+v", got)
	}
}

// TestNotImplemented: every operation that the register of gaps lists says so
// and names itself.
func TestNotImplemented(t *testing.T) {
	server, _ := start(t)
	listed := map[string]bool{}
	for _, gap := range gaps.Register {
		for _, operation := range gap.Operations {
			listed[operation] = true
		}
	}
	label := regexp.MustCompile(`\{[^}]*\}`)
	for _, operation := range apigw.Operations {
		if !listed[operation.Name] {
			continue
		}
		url := server.BaseURL + label.ReplaceAllString(operation.URI, "x")
		request, err := http.NewRequestWithContext(t.Context(), operation.Method, url, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=00")
		got, err := postern.Do(http.DefaultClient, request)
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != http.StatusNotImplemented || got.Header.Get("x-amzn-ErrorType") != "NotImplementedException" ||
			!strings.Contains(got.Body, `"`+operation.Name+" is not served") {
			t.Errorf("%s: %d %q", operation.Name, got.Status, got.Body)
		}
	}
}

// TestNotImplementedSDK: a client sees the code and the name.
func TestNotImplementedSDK(t *testing.T) {
	_, client := start(t)
	_, err := client.GetSdk(t.Context(), &apigateway.GetSdkInput{RestApiId: new("api"), StageName: new("dev"), SdkType: new("javascript")})
	got := refusalOf(t, err)
	if got.status != http.StatusNotImplemented || got.code != "NotImplementedException" || !strings.HasPrefix(got.message, "GetSdk is not served") {
		t.Errorf("%+v", got)
	}
}

// TestUnsigned: a call without a signature changes and shows nothing.
func TestUnsigned(t *testing.T) {
	server, client := start(t)
	for name, header := range map[string]string{
		"none":        "",
		"other":       "Bearer abc",
		"broken":      "AWS4-HMAC-SHA256 Credential=test",
		"other scope": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.BaseURL+"/restapis", strings.NewReader(`{"name":"sneaked"}`))
		if err != nil {
			t.Fatal(err)
		}
		if header != "" {
			request.Header.Set("Authorization", header)
		}
		got, err := postern.Do(http.DefaultClient, request)
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != http.StatusForbidden || got.Header.Get("x-amzn-ErrorType") == "" {
			t.Errorf("%s: %d %q", name, got.Status, got.Body)
		}
	}
	list, err := client.GetRestApis(t.Context(), &apigateway.GetRestApisInput{})
	if err != nil || len(list.Items) != 0 {
		t.Errorf("there is %+v, %v", list, err)
	}
}
