package sdk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern-gateway/postern/test/postern"
)

// hello deploys an API that answers GET /hello, and returns its id.
func hello(t *testing.T, client *apigateway.Client) string {
	t.Helper()
	api := postern.NewAPI(t, client, "hello")
	api.Mock(t, "GET", "/hello", "hello", map[string]string{"X-Protocol": "context.protocol"})
	api.Deploy(t, "dev")
	return api.ID
}

// TestAddresses reaches a stage in each of the three forms.
func TestAddresses(t *testing.T) {
	server, client := start(t, "--public-domain", "apis.example")
	api := hello(t, client)
	for name, form := range map[string]struct{ path, host string }{
		"host":          {"/dev/hello", postern.HostOf(api)},
		"host, port":    {"/dev/hello", postern.HostOf(api) + ":4566"},
		"AWS host":      {"/dev/hello", api + ".execute-api.eu-west-1.amazonaws.com"},
		"public domain": {"/dev/hello", api + ".apis.example"},
		"restapis":      {"/restapis/" + api + "/dev/_user_request_/hello", ""},
		"_aws":          {"/_aws/execute-api/" + api + "/dev/hello", ""},
	} {
		got, err := server.Call(t.Context(), http.MethodGet, server.GatewayURL+form.path, form.host, "")
		if err != nil {
			t.Fatal(err)
		}
		want(t, name, got, http.StatusOK, "hello")
	}
	got, err := server.Call(t.Context(), http.MethodGet, server.GatewayURL+"/dev/hello", "nosuchapi0.execute-api.localhost", "")
	if err != nil {
		t.Fatal(err)
	}
	want(t, "unknown API", got, http.StatusForbidden, `{"message":"Forbidden"}`)
}

// TestProtocols speaks each protocol with the gateway and with the AWS API.
func TestProtocols(t *testing.T) {
	cert, key, roots := certificate(t)
	server, client := start(t, "--tls-cert", cert, "--tls-key", key)
	api := hello(t, client)
	secure := strings.Replace(server.BaseURL, "http:", "https:", 1)
	h1, h2, h2c := new(http.Protocols), new(http.Protocols), new(http.Protocols)
	h1.SetHTTP1(true)
	h2.SetHTTP2(true)
	h2c.SetUnencryptedHTTP2(true)
	for name, c := range map[string]struct {
		base, proto string
		protocols   *http.Protocols
	}{
		"HTTP/1.1":               {server.BaseURL, "HTTP/1.1", h1},
		"HTTP/2, cleartext":      {server.BaseURL, "HTTP/2.0", h2c},
		"HTTP/1.1 over TLS":      {secure, "HTTP/1.1", h1},
		"HTTP/2 over TLS (ALPN)": {secure, "HTTP/2.0", h2},
	} {
		t.Run(name, func(t *testing.T) {
			transport := &http.Transport{Protocols: c.protocols, TLSClientConfig: &tls.Config{RootCAs: roots}}
			defer transport.CloseIdleConnections()
			web := &http.Client{Transport: transport}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.base+"/dev/hello", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = postern.HostOf(api)
			got, err := postern.Do(web, request)
			if err != nil {
				t.Fatal(err)
			}
			want(t, "traffic", got, http.StatusOK, "hello")
			if got.Proto != c.proto {
				t.Errorf("the answer came by %s", got.Proto)
			}
			list, err := server.Client(func(o *apigateway.Options) { o.HTTPClient, o.BaseEndpoint = web, &c.base }).
				GetRestApis(t.Context(), &apigateway.GetRestApisInput{})
			if err != nil || len(list.Items) != 1 {
				t.Errorf("the AWS API answers %+v, %v", list, err)
			}
		})
	}
}

// certificate writes a certificate for 127.0.0.1 and names below localhost.
func certificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "postern test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost", "*.execute-api.localhost"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	certDER, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	parsed, err := x509.ParseCertificate(certDER)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", certDER), write("key.pem", "PRIVATE KEY", keyDER), roots
}

// TestSeparateListeners: each address serves its own plane and not the other.
func TestSeparateListeners(t *testing.T) {
	server := postern.StartCommand(t, nil, "serve", "--ephemeral", "--gateway-listen", "127.0.0.1:0", "--control-listen", "127.0.0.1:0")
	if server.BaseURL == server.GatewayURL {
		t.Fatalf("both planes are at %s", server.BaseURL)
	}
	api := hello(t, server.Client())
	want(t, "traffic", server.Get(t, api, "dev", "/hello"), http.StatusOK, "hello")
	for name, url := range map[string]string{
		"traffic at the AWS API":     server.BaseURL + "/_aws/execute-api/" + api + "/dev/hello",
		"the AWS API at the gateway": server.GatewayURL + "/restapis",
		"health at the gateway":      server.GatewayURL + "/_postern/health",
	} {
		got, err := server.Call(t.Context(), http.MethodGet, url, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != http.StatusForbidden {
			t.Errorf("%s: %d %q", name, got.Status, got.Body)
		}
	}
}
