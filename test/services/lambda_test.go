package services

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/postern-gateway/postern/test/postern"
)

// answered is what the functions of these tests answer to proxy events.
type answered struct {
	Event struct {
		Resource, Path, HTTPMethod string
		Body                       *string
		IsBase64Encoded            bool
		PathParameters             map[string]string
		StageVariables             map[string]string
		RequestContext             struct{ Stage, RequestID string }
	}
	PID  int
	ARN  string
	Name string
}

func read(t *testing.T, answer postern.Answer) answered {
	t.Helper()
	var out answered
	if err := json.Unmarshal([]byte(answer.Body), &out); err != nil {
		t.Fatalf("answer %d %q: %v", answer.Status, answer.Body, err)
	}
	return out
}

// start runs a node with functions; the API has the method ANY /{proxy+} for
// each.
func start(t *testing.T, functions map[string]string, args ...string) (*postern.Server, *postern.API, *apigateway.Client) {
	t.Helper()
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--ephemeral", "--account", account}, args...)
	for name, command := range functions {
		args = append(args, "--function", name+"="+command)
	}
	server := postern.StartCommand(t, []string{"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_SESSION_TOKEN="}, args...)
	client := server.Client()
	return server, postern.NewAPI(t, client, "functions"), client
}

func post(t *testing.T, server *postern.Server, api *postern.API, path, body string) postern.Answer {
	t.Helper()
	answer, err := server.Call(t.Context(), http.MethodPost, server.StageURL(api.ID, "dev")+path, "", body)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// A handler built with AWS's library serves proxy events; its failures are those
// of a function.
func TestGoFunction(t *testing.T) {
	server, api, client := start(t, map[string]string{"hello": goFunction(t)}, "--function-timeout", "10s")
	proxy(t, api, "ANY", "/{proxy+}", functionURI("hello"))
	custom(t, api, client, "POST", "/custom", &apigateway.PutIntegrationInput{Uri: new(functionURI("hello:live"))},
		map[string]string{"200": "", "409": "taken.*"})
	api.Deploy(t, "dev")

	answer := post(t, server, api, "/a/b?x=1", `{"hello":"wörld"}`)
	got := read(t, answer)
	if answer.Status != 201 || answer.Header.Get("X-Function") != "go" || strings.Join(answer.Header.Values("X-Many"), ",") != "a,b" {
		t.Errorf("answer %d %v, want 201 with the headers of the function", answer.Status, answer.Header)
	}
	if got.Event.Resource != "/{proxy+}" || got.Event.Path != "/a/b" || got.Event.HTTPMethod != "POST" || got.Event.PathParameters["proxy"] != "a/b" ||
		got.Event.Body == nil || *got.Event.Body != `{"hello":"wörld"}` || got.Event.RequestContext.Stage != "dev" ||
		got.Event.RequestContext.RequestID != answer.Header.Get("x-amzn-RequestId") {
		t.Errorf("the function saw %+v, and the client %v", got.Event, answer.Header)
	}
	if got.Name != "hello" || got.ARN != "arn:aws:lambda:us-east-1:"+account+":function:hello" {
		t.Errorf("the function is %q with ARN %q", got.Name, got.ARN)
	}
	if again := read(t, post(t, server, api, "/c", "")); again.PID != got.PID || again.Event.Body != nil {
		t.Errorf("the second call: %+v, want process %d and no body", again, got.PID)
	}
	for _, path := range []string{"/fail", "/malformed", "/panic"} {
		if answer := post(t, server, api, path, ""); answer.Status != 502 || answer.Body != `{"message": "Internal server error"}` {
			t.Errorf("%s: %d %s", path, answer.Status, answer.Body)
		}
	}
	if after := read(t, post(t, server, api, "/c", "")); after.PID == got.PID {
		t.Errorf("process %d serves on after it broke", after.PID)
	}
	for body, want := range map[string]string{
		`{"a":[1]}`:             `200 {"a":[1]}`,
		`{"fail":"taken by x"}`: `409 {"errorMessage":"taken by x","errorType":"errorString"}`,
		`{"fail":"else"}`:       `200 {"errorMessage":"else","errorType":"errorString"}`, // the default, as the guide says
	} {
		answer := post(t, server, api, "/custom", body)
		if got := fmt.Sprint(answer.Status, " ", answer.Body); got != want {
			t.Errorf("custom %s: %s, want %s", body, got, want)
		}
	}
	if !strings.Contains(server.Log(), `"msg":"function output","function":"hello","line":"serving /a/b"`) {
		t.Errorf("the log lacks what the function printed:\n%s", server.Log())
	}
	// By its panic at the latest, everything that the process printed is read.
	reader := cloudwatchlogs.New(cloudwatchlogs.Options{
		Region: postern.Region, BaseEndpoint: &server.BaseURL, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	found, err := reader.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: new("/aws/lambda/hello"), FilterPattern: new(`"serving /a/b"`),
	})
	if err != nil || len(found.Events) != 1 || !strings.Contains(*found.Events[0].LogStreamName, "[$LATEST]") {
		t.Errorf("the function's log group has %+v, %v", found, err)
	}
}

// A function that takes too long is killed; it is a failure of the function.
func TestFunctionTimeout(t *testing.T) {
	server, api, _ := start(t, map[string]string{"hello": goFunction(t)}, "--function-timeout", "300ms")
	proxy(t, api, "ANY", "/{proxy+}", functionURI("hello"))
	api.Deploy(t, "dev")
	if answer := post(t, server, api, "/sleep", ""); answer.Status != 502 {
		t.Errorf("%d %s, want 502", answer.Status, answer.Body)
	}
}

// Functions in other languages, with a bootstrap that speaks the Runtime API.
func TestOtherLanguages(t *testing.T) {
	functions := map[string]string{}
	for name, command := range map[string]string{"node": "node testdata/bootstrap.mjs", "python": "python3 testdata/bootstrap.py"} {
		program, _, _ := strings.Cut(command, " ")
		if _, err := exec.LookPath(program); err != nil {
			t.Logf("%s is not here", program)
			continue
		}
		functions[name] = "_HANDLER=handler " + command
	}
	if len(functions) == 0 {
		t.Skip("neither node nor python3 is here")
	}
	server, api, _ := start(t, functions)
	for name := range functions {
		proxy(t, api, "ANY", "/"+name+"/{id}", functionURI(name))
	}
	api.Deploy(t, "dev")
	for name := range functions {
		answer := post(t, server, api, "/"+name+"/7", "body")
		got := read(t, answer)
		if answer.Status != 200 || got.Name != name || got.Event.PathParameters["id"] != "7" || *got.Event.Body != "body" {
			t.Errorf("%s: %d %s", name, answer.Status, answer.Body)
		}
	}
}

func TestFunctionSettings(t *testing.T) {
	for _, test := range []struct{ flag, value, want string }{
		{"--function", "f=./no-such-program", "function f: "},
		{"--function", "f", "want NAME=COMMAND"},
		{"--aws-endpoint", "sqs=127.0.0.1:9", "AWS endpoint"},
		{"--lambda-endpoint", "arn:*=x", "function endpoint"},
		{"--vpc-link-target", "arn:a=b", "VPC link target"},
	} {
		code, output := postern.Run(t, nil, "serve", "--listen", "127.0.0.1:0", "--ephemeral", test.flag, test.value)
		if code != 1 || !strings.Contains(output, test.want) {
			t.Errorf("%s %s: code %d, output %q, want %q", test.flag, test.value, code, output, test.want)
		}
	}
}
