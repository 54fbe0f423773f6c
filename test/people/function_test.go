package people

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/postern-gateway/postern/test/postern"
)

// TestUpShowsFunctions: what a function prints is shown to whoever runs up,
// without what would move a terminal's cursor.
func TestUpShowsFunctions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "api.yaml")
	write(t, path, `openapi: 3.0.1
info: {title: functions}
paths:
  /hello:
    get:
      responses: {"200": {description: a greeting}}
      x-amazon-apigateway-integration:
        type: aws_proxy
        httpMethod: POST
        uri: arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:hello/invocations
`)
	ctx, cancel := context.WithTimeout(t.Context(), upTimeout) // ends what is shown
	defer cancel()
	cmd := exec.CommandContext(ctx, postern.Binary(t), "up", "--listen", "127.0.0.1:0", path, "--function", `hello=sh -c 'printf "one\033[2Jtwo\n"; exit 3'`)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_, _ = io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}()
	address := regexp.MustCompile(`http://\S+/hello`)
	called, shown := false, ""
	for lines := bufio.NewScanner(stdout); shown == "" && lines.Scan(); {
		switch text := lines.Text(); {
		case strings.HasPrefix(text, "hello | "):
			shown = text
		case !called && address.MatchString(text):
			called = true
			response, err := http.Get(address.FindString(text))
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusBadGateway {
				t.Errorf("status %d, want 502", response.StatusCode)
			}
		}
	}
	if want := "hello | one\ufffd[2Jtwo"; shown != want {
		t.Errorf("shown %q, want %q", shown, want)
	}
}
