package moto

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"
)

// startTimeout bounds the start of the server. It is far above what is normal.
const startTimeout = time.Minute

// Server is a running emulator. It keeps nothing when it ends.
type Server struct{ URL string }

// Installed reports whether the emulator and a client for it are here.
func Installed() bool {
	return exec.Command("python3", "-c", "import moto.server, flask, boto3").Run() == nil
}

// Start starts an emulator, which ends with the test. The test is skipped where
// there is none.
func Start(t testing.TB) *Server {
	t.Helper()
	if !Installed() {
		t.Skip("python3 with moto and boto3 is not here")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close() // it takes a number only
	var log bytes.Buffer
	command := exec.Command("python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", port)
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	t.Cleanup(func() { _ = command.Process.Kill(); <-ended })
	s := &Server{URL: "http://127.0.0.1:" + port}
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	for s.post(ctx, "/moto-api/reset") != nil {
		select {
		case <-ended:
			t.Fatalf("the emulator ended:\n%s", log.String())
		case <-ctx.Done():
			t.Fatal("the emulator does not answer")
		case <-time.After(50 * time.Millisecond): // it tells nobody when it is ready
		}
	}
	return s
}

// Reset empties the emulator.
func (s *Server) Reset(ctx context.Context) error { return s.post(ctx, "/moto-api/reset") }

func (s *Server) post(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	return nil
}

// Call is a call of a service, by names of its model. In the parameters
// {"$base64": "..."} stands for bytes.
type Call struct {
	Service   string         `json:"service"`
	Operation string         `json:"operation"`
	Params    map[string]any `json:"params"`
}

//go:embed call.py
var program string

// Call makes calls in order; each must succeed.
func (s *Server) Call(ctx context.Context, calls ...Call) error {
	input, err := json.Marshal(calls)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "python3", "-c", program, s.URL)
	command.Stdin = bytes.NewReader(input)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}
