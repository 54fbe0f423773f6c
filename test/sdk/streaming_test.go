package sdk

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

// streamingBackend sends "one", waits to be told and goes on by its path.
type streamingBackend struct {
	goOn chan struct{}
	gone chan struct{} // gets one when a client was seen to go
}

func (b *streamingBackend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	_, _ = io.WriteString(w, "one")
	_ = control.Flush()
	<-b.goOn
	switch r.URL.Path {
	case "/whole":
		_, _ = io.WriteString(w, "two")
	case "/broken":
		panic(http.ErrAbortHandler)
	case "/left":
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, "more")
			_ = control.Flush()
		}
		b.gone <- struct{}{}
	}
}

// TestStreaming: with responseTransferMode STREAM the client has each piece
// when the backend has sent it, sees that a backend broke off, and is missed
// by the backend when it goes; over HTTP/1.1 and HTTP/2.
func TestStreaming(t *testing.T) {
	b := &streamingBackend{goOn: make(chan struct{}), gone: make(chan struct{})}
	backend := httptest.NewServer(b)
	t.Cleanup(backend.Close)
	server, client := start(t)
	api := postern.NewAPI(t, client, "streams")
	for _, path := range []string{"/whole", "/broken", "/left"} {
		api.Method(t, "GET", path, &apigateway.PutIntegrationInput{
			Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: new("GET"), Uri: new(backend.URL + path),
			ResponseTransferMode: types.ResponseTransferModeStream, TimeoutInMillis: new(int32(900_000)),
		})
	}
	api.Deploy(t, "dev")
	for _, version := range []int{1, 2} {
		protocols := &http.Protocols{}
		protocols.SetHTTP1(version == 1)
		protocols.SetUnencryptedHTTP2(version == 2)
		transport := &http.Transport{Protocols: protocols}
		defer transport.CloseIdleConnections()
		get := func(path string) (*http.Response, context.CancelFunc) {
			ctx, cancel := context.WithCancel(t.Context())
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.StageURL(api.ID, "dev")+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := transport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			if response.ProtoMajor != version || response.StatusCode != 200 {
				t.Fatalf("HTTP/%d, status %d", response.ProtoMajor, response.StatusCode)
			}
			first := make([]byte, 3)
			if _, err := io.ReadFull(response.Body, first); err != nil || string(first) != "one" {
				t.Fatalf("%s: first piece %q %v", path, first, err)
			}
			b.goOn <- struct{}{}
			return response, cancel
		}
		whole, cancel := get("/whole")
		if rest, err := io.ReadAll(whole.Body); string(rest) != "two" || err != nil {
			t.Errorf("HTTP/%d: rest %q %v, want two", version, rest, err)
		}
		cancel()
		broken, cancel := get("/broken")
		if rest, err := io.ReadAll(broken.Body); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("HTTP/%d: a broken stream ends like a whole one, after %q", version, rest)
		}
		cancel()
		left, cancel := get("/left")
		cancel()
		_ = left.Body.Close()
		<-b.gone
	}
}
