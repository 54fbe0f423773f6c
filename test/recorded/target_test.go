package recorded_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/test/moto"
	"github.com/postern-gateway/postern/test/postern"
	"github.com/postern-gateway/postern/test/recorded"
)

// server is the real program, started once.
type server struct {
	*postern.Server
	services recorded.Services
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{}
	if s.services.Functions = (&recorded.Functions{}); moto.Installed() {
		s.services.Moto = moto.Start(t)
	}
	functions := httptest.NewServer(s.services.Functions)
	t.Cleanup(functions.Close)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	arguments := []string{"serve", "--listen", "127.0.0.1:0", "--ephemeral", "--account", "123456789012", "--allow-reset",
		"--lambda-endpoint", "*=" + functions.URL,
		"--function", "test-" + recorded.Case{Name: recorded.TestInvoked}.UID(1) + "=" + recorded.AsFunction + "=yes " + program}
	if s.services.Moto != nil {
		arguments = append(arguments, "--aws-endpoint", s.services.Moto.URL)
	}
	// The token is as long as one of AWS, so that logs cut it off.
	keys := []string{"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_SESSION_TOKEN=" + strings.Repeat("t", 1200)}
	s.Server = postern.StartCommand(t, keys, arguments...)
	return s
}

// newTarget empties the server and returns it as the target of a case.
func (s *server) newTarget(t *testing.T) recorded.Target {
	t.Helper()
	if err := s.reset(); err != nil {
		t.Fatalf("reset: %v; the end of the log:\n%s", err, s.Log())
	}
	return recorded.Target{
		BaseURL: s.BaseURL,
		Account: "123456789012",
		Region:  "us-east-1",
		Suffix:  "localhost",

		Services: s.services,
	}
}

func (s *server) reset() error {
	if s.services.Moto != nil {
		if err := s.services.Moto.Reset(context.Background()); err != nil {
			return err
		}
	}
	resp, err := http.Post(s.BaseURL+"/_postern/reset", "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("status %s", resp.Status)
	}
	return nil
}
