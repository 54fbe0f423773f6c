package sdk

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

// TestClientCertificate: a backend that trusts one certificate sees it in the
// very next request after the stage's setting changes, also after a restart,
// and in a test invocation that names it.
func TestClientCertificate(t *testing.T) {
	data := t.TempDir()
	server := postern.Start(t, "--data", data)
	client := server.Client()
	generate := func() (id string, pool *x509.CertPool) {
		t.Helper()
		made, err := client.GenerateClientCertificate(t.Context(), &apigateway.GenerateClientCertificateInput{})
		if err != nil {
			t.Fatal(err)
		}
		pool = x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(*made.PemEncodedCertificate)) {
			t.Fatalf("not a certificate: %s", *made.PemEncodedCertificate)
		}
		return *made.ClientCertificateId, pool
	}
	trusted, pool := generate()
	other, _ := generate()
	backend := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "in: "+r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	backend.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	backend.Config.ErrorLog = log.New(io.Discard, "", 0) // it says that it refused
	backend.StartTLS()
	t.Cleanup(backend.Close)

	api := postern.NewAPI(t, client, "certificates")
	resource := api.Method(t, "GET", "/", &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: new("GET"), Uri: &backend.URL,
		TlsConfig: &types.TlsConfig{InsecureSkipVerification: true},
	})
	api.Deploy(t, "dev")
	expect := func(after string, server *postern.Server, status int) {
		t.Helper()
		if answer := server.Get(t, api.ID, "dev", "/"); answer.Status != status || status == 200 && answer.Body != "in: ApiGateway" {
			t.Errorf("after %s: %d %s, want %d", after, answer.Status, answer.Body, status)
		}
	}
	expect("no certificate", server, 504)
	api.Patch(t, "dev", postern.Replace("/clientCertificateId", trusted))
	expect("the trusted one", server, 200)
	api.Patch(t, "dev", postern.Replace("/clientCertificateId", other))
	expect("another one", server, 504)
	api.Patch(t, "dev", postern.Replace("/clientCertificateId", trusted))
	expect("the trusted one again", server, 200)
	for id, want := range map[string]int32{trusted: 200, other: 504} {
		invoked, err := client.TestInvokeMethod(t.Context(), &apigateway.TestInvokeMethodInput{
			RestApiId: &api.ID, ResourceId: &resource, HttpMethod: new("GET"), ClientCertificateId: &id,
		})
		if err != nil || invoked.Status != want {
			t.Errorf("test invocation with %s: %+v, %v, want %d", id, invoked, err, want)
		}
	}
	server.Stop(t)
	server = postern.Start(t, "--data", data)
	expect("a restart", server, 200)
	api = api.With(server.Client())
	api.Patch(t, "dev", postern.Replace("/clientCertificateId", ""))
	expect("the setting is gone", server, 504)
}
