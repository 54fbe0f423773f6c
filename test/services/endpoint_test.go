package services

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/sigv4"
)

// newBackend starts a server and returns its address.
func newBackend(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// verifier stands for services that refuse what is not signed well.
type verifier struct {
	url                   string
	access, secret, token string

	mu  sync.Mutex
	saw string
}

func newVerifier(t *testing.T, access, secret, token string) *verifier {
	v := &verifier{access: access, secret: secret, token: token}
	v.url = "http://" + newBackend(t, v.serve)
	return v
}

// last returns target, service and region of the last request.
func (v *verifier) last() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.saw
}

func (v *verifier) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = v.verify(r, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"statusCode":200}`)
}

func (v *verifier) verify(r *http.Request, body []byte) error {
	request := sigv4.FromHTTP(r)
	c, err := sigv4.Read(request)
	if err != nil {
		return err
	}
	target := r.RequestURI
	if strings.HasPrefix(string(body), "Action=") {
		target += "?" + string(body)
	}
	v.mu.Lock()
	v.saw = target + " " + c.Service + " " + c.Region
	v.mu.Unlock()
	if c.AccessKey != v.access {
		return errors.New("unknown key " + c.AccessKey)
	}
	request.PathOnce = c.Service == "s3"
	check := sigv4.Verifier{Service: c.Service}
	return errors.Join(check.CheckScope(request, &c, time.Now()), check.CheckSignature(request, &c, v.secret, body), sigv4.CheckToken(&c, v.token))
}
