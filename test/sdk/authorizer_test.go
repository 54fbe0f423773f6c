package sdk

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/test/postern"
)

// TestAuthorizerInvocation: what a Lambda authorizer is asked, and what comes
// of its answers.
func TestAuthorizerInvocation(t *testing.T) {
	var event, answer string
	status := http.StatusOK
	function := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		event = string(body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(function.Close)
	server := postern.Start(t, "--ephemeral", "--account", "123456789012", "--aws-endpoint", "lambda="+function.URL)
	client := server.Client()
	api := postern.NewAPI(t, client, "authorizers")
	const uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.f}/invocations"
	authorizer := func(in *apigateway.CreateAuthorizerInput) string {
		t.Helper()
		in.RestApiId, in.AuthorizerUri = &api.ID, new(uri)
		made, err := client.CreateAuthorizer(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return *made.Id
	}
	token := authorizer(&apigateway.CreateAuthorizerInput{
		Name: new("token"), Type: types.AuthorizerTypeToken, IdentitySource: new("method.request.header.Auth"), IdentityValidationExpression: new("Bearer .*"),
	})
	request := authorizer(&apigateway.CreateAuthorizerInput{
		Name: new("request"), Type: types.AuthorizerTypeRequest, IdentitySource: new("method.request.querystring.k,context.tenant"),
	})
	const policy = `{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"*"}]}`
	allowed := `{"principalId":"me@example.com","policyDocument":` + policy + `,"context":{"n":1,"b":true,"s":"x"}}`
	call := func(in *apigateway.TestInvokeAuthorizerInput) *apigateway.TestInvokeAuthorizerOutput {
		t.Helper()
		in.RestApiId, in.StageVariables = &api.ID, map[string]string{"f": "authorize"}
		out, err := client.TestInvokeAuthorizer(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	answer = allowed
	out := call(&apigateway.TestInvokeAuthorizerInput{AuthorizerId: &token, Headers: map[string]string{"Auth": "Bearer abcdefgh"}})
	want := map[string][]string{"n": {"1"}, "b": {"true"}, "s": {"x"}}
	if out.ClientStatus != 0 || *out.PrincipalId != "me@example.com" || *out.Policy != policy || !cmp.Equal(out.Authorization, want) {
		t.Errorf("allowed: %+v", out)
	}
	wantEvent := `{"type":"TOKEN","methodArn":"arn:aws:execute-api:us-east-1:123456789012:` + api.ID + `/ESTestInvoke-stage/GET/","authorizationToken":"Bearer abcdefgh"}`
	if event != wantEvent {
		t.Errorf("event %s\nwant  %s", event, wantEvent)
	}
	lines := regexp.MustCompile(`(?m)^.*UTC \d{4} : `).ReplaceAllString(*out.Log, "")
	for _, line := range []string{"Execution log for request ", "Starting authorizer: " + token + " for request: ", "Incoming identity: Bearer abcdefgh\n", "Endpoint request body after transformations: {\"type\":\"TOKEN\"",
		"Authorizer result body before parsing: " + allowed + "\n", "Using valid authorizer policy for principal: me@example.com\n", "Successfully completed authorizer execution\n"} {
		at := strings.Index(lines, line)
		if at < 0 {
			t.Fatalf("the log has no %q after what came before:\n%s", line, *out.Log)
		}
		lines = lines[at+len(line):]
	}

	event = ""
	for name, in := range map[string]*apigateway.TestInvokeAuthorizerInput{
		"no token":           {AuthorizerId: &token},
		"another form":       {AuthorizerId: &token, Headers: map[string]string{"Auth": "Basic abc"}},
		"a missing source":   {AuthorizerId: &request, PathWithQueryString: new("/?k=1")},
		"another one is not": {AuthorizerId: &request, AdditionalContext: map[string]string{"tenant": "t"}},
	} {
		if out := call(in); out.ClientStatus != 401 || event != "" || out.PrincipalId != nil {
			t.Errorf("%s: %+v, event %s", name, out, event)
		}
	}
	out = call(&apigateway.TestInvokeAuthorizerInput{
		AuthorizerId: &request, PathWithQueryString: new("/pets?k=1&k=2"), AdditionalContext: map[string]string{"tenant": "t"}, MultiValueHeaders: map[string][]string{"h": {"1", "2"}},
	})
	var got struct {
		Type, Path, HTTPMethod                string
		QueryStringParameters, PathParameters map[string]string
		MultiValueHeaders                     map[string][]string
		RequestContext                        map[string]any
	}
	if err := json.Unmarshal([]byte(event), &got); err != nil || out.ClientStatus != 0 || got.Type != "REQUEST" || got.Path != "/pets" ||
		got.QueryStringParameters["k"] != "2" || got.PathParameters == nil || !cmp.Equal(got.MultiValueHeaders["h"], []string{"1", "2"}) || got.RequestContext["apiId"] != api.ID {
		t.Errorf("request: %+v, %v, event %s", out, err, event)
	}

	for _, test := range []struct {
		answer string
		status int
		want   int32
		log    string
	}{
		{`{"errorMessage":"Unauthorized"}`, 200, 401, "Unauthorized request: "},
		{`{"errorMessage":"boom"}`, 200, 500, "customer function error: boom"},
		{`{"principalId":"p"}`, 200, 500, "Execution failed due to configuration error: Could not parse policy"},
		{`{"principalId":"p","policyDocument":{"Statement":"x"}}`, 200, 500, "Could not parse policy"},
		{`{"principalId":"p","policyDocument":` + policy + `,"context":{"o":{}}}`, 200, 500, "Could not parse policy"},
		{`no json`, 200, 500, "Could not parse policy"},
		{`{}`, 403, 500, "Invalid permissions on Lambda function"},
	} {
		answer, status = test.answer, test.status
		out := call(&apigateway.TestInvokeAuthorizerInput{AuthorizerId: &token, Headers: map[string]string{"Auth": "Bearer x"}})
		if out.ClientStatus != test.want || !strings.Contains(*out.Log, test.log) || out.Policy != nil {
			t.Errorf("%s: %d, want %d; log %s", test.answer, out.ClientStatus, test.want, *out.Log)
		}
	}
	if _, err := client.TestInvokeAuthorizer(t.Context(), &apigateway.TestInvokeAuthorizerInput{RestApiId: &api.ID, AuthorizerId: new("none")}); err == nil || !strings.Contains(err.Error(), "NotFoundException") {
		t.Errorf("an authorizer that is not there: %v", err)
	}
}
