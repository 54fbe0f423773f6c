package services

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern-gateway/postern/test/postern"
)

// clientAnswer is what the handlers of testdata/handler answer to proxy events.
type clientAnswer struct {
	answered
	Request   string
	Group     string
	Remaining int64
}

func readClient(t *testing.T, answer postern.Answer) clientAnswer {
	t.Helper()
	var out clientAnswer
	if err := json.Unmarshal([]byte(answer.Body), &out); err != nil {
		t.Fatalf("answer %d %q: %v", answer.Status, answer.Body, err)
	}
	return out
}

// Handlers as they are written for Lambda run with AWS's own runtime interface
// clients, where these are found.
func TestRuntimeClients(t *testing.T) {
	for _, client := range []struct {
		name    string
		command string // the name of the handler follows
		module  string
		failure string // what the client calls an error of the handler
		find    func() error
		missing string
	}{
		{
			"node", "aws-lambda-ric", "index", "Error",
			func() error { _, err := exec.LookPath("aws-lambda-ric"); return err },
			"aws-lambda-ric is not on the PATH: npm install aws-lambda-ric",
		},
		{
			"python", "python3 -m awslambdaric", "app", "ValueError",
			func() error { return exec.Command("python3", "-c", "import awslambdaric").Run() },
			"python3 has no awslambdaric: pip install awslambdaric",
		},
	} {
		t.Run(client.name, func(t *testing.T) {
			if err := client.find(); err != nil {
				t.Skipf("%s (%v)", client.missing, err)
			}
			run := func(handler string) string {
				// Python would leave its bytecode beside the handler.
				return "PYTHONDONTWRITEBYTECODE=1 sh -c 'cd testdata/handler && exec " + client.command + " " + client.module + "." + handler + "'"
			}
			server, api, control := start(t, map[string]string{"hello": run("handler"), "broken": run("none")})
			proxy(t, api, "ANY", "/{proxy+}", functionURI("hello"))
			custom(t, api, control, "POST", "/custom", &apigateway.PutIntegrationInput{Uri: new(functionURI("hello"))},
				map[string]string{"200": "", "409": "taken.*"})
			custom(t, api, control, "POST", "/broken", &apigateway.PutIntegrationInput{Uri: new(functionURI("broken"))},
				map[string]string{"200": "", "500": ".*none.*"})
			api.Deploy(t, "dev")

			checkClientEvent(t, server, api, client.name)
			checkClientFailures(t, server, api)
			checkClientErrors(t, server, api, client.failure)
			server.Stop(t) // what functions printed is in the log by the end at the latest
			for _, line := range []string{"serving /a/b", "serving /exit"} {
				if !loggedBy(server, "hello", line) {
					t.Errorf("the log lacks %q of the handler:\n%s", line, server.Log())
				}
			}
		})
	}
}

// checkClientEvent looks at what a handler sees of a call and of itself.
func checkClientEvent(t *testing.T, server *postern.Server, api *postern.API, name string) {
	t.Helper()
	answer := post(t, server, api, "/a/b?x=1", `{"hello":"wörld"}`)
	got := readClient(t, answer)
	if answer.Status != 201 || answer.Header.Get("X-Function") != name || strings.Join(answer.Header.Values("X-Many"), ",") != "a,b" {
		t.Errorf("answer %d %v, want 201 with the headers of the handler", answer.Status, answer.Header)
	}
	if got.Event.Resource != "/{proxy+}" || got.Event.Path != "/a/b" || got.Event.HTTPMethod != "POST" || got.Event.PathParameters["proxy"] != "a/b" ||
		got.Event.Body == nil || *got.Event.Body != `{"hello":"wörld"}` || got.Event.RequestContext.Stage != "dev" ||
		got.Event.RequestContext.RequestID != answer.Header.Get("x-amzn-RequestId") {
		t.Errorf("the handler saw %+v, and the client %v", got.Event, answer.Header)
	}
	if got.Name != "hello" || got.ARN != "arn:aws:lambda:us-east-1:"+account+":function:hello" || got.Group != "/aws/lambda/hello" {
		t.Errorf("the function is %q with ARN %q and log group %q", got.Name, got.ARN, got.Group)
	}
	if len(got.Request) != len("11111111-2222-4333-8444-555555555555") || got.Remaining <= 0 || got.Remaining > 30_000 {
		t.Errorf("request %q with %d ms left, want a UUID and at most the 30 s of a call", got.Request, got.Remaining)
	}
	again := readClient(t, post(t, server, api, "/c", ""))
	if again.PID != got.PID || again.Event.Body != nil || again.Request == got.Request {
		t.Errorf("the second call: %+v, want process %d, no body and another request than %s", again, got.PID, got.Request)
	}
}

// checkClientFailures: a call after one that failed works, in the same process
// after an error and in another after the end of the process.
func checkClientFailures(t *testing.T, server *postern.Server, api *postern.API) {
	t.Helper()
	before := readClient(t, post(t, server, api, "/c", "")).PID
	for _, test := range []struct {
		path string
		same bool
	}{{"/fail", true}, {"/exit", false}} {
		if answer := post(t, server, api, test.path, ""); answer.Status != 502 || answer.Body != `{"message": "Internal server error"}` {
			t.Errorf("%s: %d %s", test.path, answer.Status, answer.Body)
		}
		after := post(t, server, api, "/c", "")
		if pid := readClient(t, after).PID; after.Status != 201 || (pid == before) != test.same {
			t.Errorf("after %s: %d by process %d, before by %d; the same: want %t", test.path, after.Status, pid, before, test.same)
		}
	}
}

// checkClientErrors looks at errors as integrations of type AWS see them: those
// of the handler, an answer that the Runtime API refuses, and one that the
// client finds before the first call.
func checkClientErrors(t *testing.T, server *postern.Server, api *postern.API, failure string) {
	t.Helper()
	type failed struct{ ErrorMessage, ErrorType string }
	for _, test := range []struct {
		path, body string
		status     int
		want       failed
	}{
		{"/custom", `{"a":[1]}`, 200, failed{}},
		{"/custom", `{"fail":"taken by x"}`, 409, failed{"taken by x", failure}},
		{"/custom", `{"fail":"else"}`, 200, failed{"else", failure}}, // the default, as the guide says
		{"/custom", `{"length":7000000}`, 200, failed{"Response payload size exceeded maximum allowed payload size (6291556 bytes).", "Function.ResponseSizeTooLarge"}},
		{"/custom", `{"a":[2]}`, 200, failed{}},
		{"/broken", `{}`, 500, failed{"", "Runtime.HandlerNotFound"}},
		{"/broken", `{}`, 500, failed{"", "Runtime.HandlerNotFound"}}, // of another process
	} {
		answer := post(t, server, api, test.path, test.body)
		var got failed
		if err := json.Unmarshal([]byte(answer.Body), &got); err != nil {
			t.Errorf("%s %s: %d %s: %v", test.path, test.body, answer.Status, answer.Body, err)
		}
		if test.path == "/broken" {
			got.ErrorMessage = "" // each client has its own words; the pattern has seen them
		}
		if answer.Status != test.status || got != test.want {
			t.Errorf("%s %s: %d %s, want %d %+v", test.path, test.body, answer.Status, answer.Body, test.status, test.want)
		}
		if test.want == (failed{}) && compact(answer.Body) != test.body {
			t.Errorf("%s: the event %s came back as %s", test.path, test.body, answer.Body)
		}
	}
}

// loggedBy reports whether a function printed a line that ends with a text.
func loggedBy(server *postern.Server, function, text string) bool {
	for line := range strings.SplitSeq(server.Log(), "\n") {
		var entry struct{ Msg, Function, Line string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "function output" && entry.Function == function &&
			strings.HasSuffix(entry.Line, text) {
			return true
		}
	}
	return false
}
