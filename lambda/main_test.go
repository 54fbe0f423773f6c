package lambda

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// asFunction makes the test binary act as a function instead of running tests.
const asFunction = "LAMBDA_TEST_FUNCTION"

func TestMain(m *testing.M) {
	if os.Getenv(asFunction) != "" {
		if err := act(os.Getenv("AWS_LAMBDA_RUNTIME_API")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// act is a function that does what its event says.
func act(api string) error {
	base := "http://" + api + "/2018-06-01/runtime/"
	if text := os.Getenv("FAIL_INIT"); text != "" {
		_, _ = http.Post(base+"init/error", "application/json", strings.NewReader(text))
		os.Exit(3)
	}
	if os.Getenv("NEVER_ASK") != "" {
		time.Sleep(time.Hour)
	}
	for calls := 1; ; calls++ {
		resp, err := http.Get(base + "invocation/next")
		if err != nil {
			return err
		}
		event, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return err
		}
		id := resp.Header.Get("Lambda-Runtime-Aws-Request-Id")
		kind, answer := "response", event
		var in struct{ Do string }
		_ = json.Unmarshal(event, &in)
		switch in.Do {
		case "tell":
			answer, _ = json.Marshal(map[string]any{
				"calls": calls, "pid": os.Getpid(), "id": id, "env": os.Environ(),
				"trace": resp.Header.Get("Lambda-Runtime-Trace-Id"), "arn": resp.Header.Get("Lambda-Runtime-Invoked-Function-Arn"),
				"deadline": resp.Header.Get("Lambda-Runtime-Deadline-Ms"),
			})
		case "print":
			fmt.Print("one\ntwo\r\n\n")
			fmt.Fprint(os.Stderr, "three")
		case "fail":
			kind, answer = "error", []byte(`{"errorMessage":"no","errorType":"Custom"}`)
		case "exit":
			os.Exit(7)
		case "hang":
			time.Sleep(time.Hour)
		case "child":
			child := exec.Command("sleep", "3600")
			if err := child.Start(); err != nil {
				return err
			}
			answer = fmt.Appendf(nil, "%d", child.Process.Pid)
		case "long":
			answer = bytes.Repeat([]byte("x"), maxPayload+1)
		case "wrong id":
			id = "x"
		}
		resp, err = http.Post(base+"invocation/"+id+"/"+kind, "application/json", bytes.NewReader(answer))
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
		if in.Do == "wrong id" {
			fmt.Println("status", resp.StatusCode)
			os.Exit(0)
		}
	}
}
