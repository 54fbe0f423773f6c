package recorded

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Functions is the Invoke API for the functions of cases. Their code is not
// carried; what they do is read off what the cases expect.
type Functions struct {
	mu       sync.Mutex
	handlers map[string]string // by name of the function
}

// Set makes a function with a handler, as it was deployed.
func (f *Functions) Set(name, handler string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.handlers == nil {
		f.handlers = map[string]string{}
	}
	f.handlers[name] = handler
}

// ServeHTTP implements http.Handler.
func (f *Functions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, _ := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/2015-03-31/functions/"))
	path = strings.TrimSuffix(path, "/invocations")
	name := path[strings.LastIndexByte(path, ':')+1:]
	f.mu.Lock()
	handler, ok := f.handlers[name]
	f.mu.Unlock()
	event, err := io.ReadAll(r.Body)
	if err != nil || !ok {
		http.Error(w, `{"Type":"User","Message":"Function not found"}`, http.StatusNotFound)
		return
	}
	if len(event) == 0 {
		event = []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(handle(handler, name, event))
}

// handle is what a handler answers.
func handle(handler, name string, event []byte) []byte {
	switch {
	case handler == "lambda_echo.handler":
		return event
	case handler == "lambda_aws_proxy.handler":
		return encode(map[string]any{"statusCode": 200, "body": string(event)})
	case handler == "lambda_mapping_responses.handler":
		var in struct {
			Body struct{ HTTPStatus string }
		}
		if json.Unmarshal(event, &in) == nil && in.Body.HTTPStatus == "400" {
			return []byte(`{"statusCode":200,"body":"customerror"}`)
		}
		return []byte(`{"statusCode":200,"body":"noerror"}`)
	case strings.HasPrefix(name, "response-format-"):
		var in struct{ Body string }
		_ = json.Unmarshal(event, &in) // a function without a body fails
		if !json.Valid([]byte(in.Body)) {
			return []byte(`{"errorMessage":"Expecting value","errorType":"JSONDecodeError"}`)
		}
		return []byte(in.Body)
	}
	return []byte(`{"statusCode":200}`)
}

// TestInvoked is the case whose log shows how AWS calls a function: it is
// replayed on a function of the machine, which is called in the same words.
const TestInvoked = "basic.test_apigw_test_invoke_method_api"

// ServeRuntime is the function of the case TestInvoked, as a program for the
// Lambda Runtime API at an address. It ends when that does.
func ServeRuntime(api string) error {
	base := "http://" + api + "/2018-06-01/runtime/invocation/"
	for {
		question, err := http.Get(base + "next")
		if err != nil {
			return err
		}
		event, err := io.ReadAll(question.Body)
		_ = question.Body.Close()
		if err != nil {
			return err
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, event); err != nil {
			return err
		}
		body := encode(string(encode("response from localstack lambda: " + compact.String())))
		answer := `{"statusCode":200,"body":` + string(body) + `,"isBase64Encoded":false,"headers":{}}`
		done, err := http.Post(base+question.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "application/json", strings.NewReader(answer))
		if err != nil {
			return err
		}
		_ = done.Body.Close()
	}
}

func encode(value any) []byte {
	out, _ := json.Marshal(value) // texts and numbers always encode
	return out
}
