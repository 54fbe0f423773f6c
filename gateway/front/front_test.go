package front_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/front"
	"github.com/postern-gateway/postern/gateway/front/fronttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// certificate is a self-signed one for 127.0.0.1, made once.
var certificate = sync.OnceValue(func() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "front"},
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Unix(1<<33, 0),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
})

// serve starts a server and returns it with its address. It is shut down, hard,
// at the end of the test.
func serve(t testing.TB, config front.Config) (*front.Server, string) {
	t.Helper()
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	server := front.New(config)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = server.Shutdown(ctx)
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return server, listener.Addr().String()
}

func TestFronts(t *testing.T) {
	for _, kind := range []struct {
		name       string
		http2, tls bool
	}{
		{"h1", false, false},
		{"h1 TLS", false, true},
		{"h2 TLS", true, true},
		{"h2c", true, false},
	} {
		t.Run(kind.name, func(t *testing.T) {
			fronttest.Run(t, fronttest.Front{
				Name: kind.name, HTTP2: kind.http2, TLS: kind.tls,
				Start: func(t *testing.T, handler exchange.Handler) *fronttest.Running {
					config := front.Config{
						Handler: handler,
						TLS:     &tls.Config{Certificates: []tls.Certificate{certificate()}},
					}
					server, address := serve(t, config)
					client, scheme := newClient(t, kind.http2, kind.tls)
					return &fronttest.Running{
						URL:      scheme + address,
						Client:   client,
						Shutdown: server.Shutdown,
						Panics:   func() int64 { return server.Stats().Panics },
					}
				},
			})
		})
	}
}

func newClient(t testing.TB, http2, secure bool) (client *http.Client, scheme string) {
	roots := x509.NewCertPool()
	roots.AddCert(certificate().Leaf)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, Protocols: new(http.Protocols), DisableCompression: true}
	switch {
	case http2 && secure:
		transport.Protocols.SetHTTP2(true)
	case http2:
		transport.Protocols.SetUnencryptedHTTP2(true)
	default:
		transport.Protocols.SetHTTP1(true)
	}
	t.Cleanup(transport.CloseIdleConnections)
	if secure {
		return &http.Client{Transport: transport}, "https://"
	}
	return &http.Client{Transport: transport}, "http://"
}
