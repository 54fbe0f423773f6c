package httpx_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/httpx"
)

// issued is a certificate with its key.
type issued struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate; a nil issuer makes it self-signed.
func issue(t *testing.T, name string, by *issued, change func(*x509.Certificate)) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(name))),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Unix(1<<33, 0),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if change != nil {
		change(template)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{cert, key}
}

func authority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	c.IPAddresses = nil
}

func expired(c *x509.Certificate)   { c.NotAfter = time.Unix(1, 0) }
func otherHost(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 2)} }

func TestTLS(t *testing.T) {
	root := issue(t, "trusted root", nil, authority)
	private := issue(t, "private root", nil, authority)
	between := issue(t, "private intermediate", private, authority)
	oldPrivate := issue(t, "expired private root", nil, func(c *x509.Certificate) { authority(c); expired(c) })
	noAuthority := issue(t, "self-signed but no authority", nil, func(c *x509.Certificate) { c.BasicConstraintsValid = true })
	var (
		good       = issue(t, "leaf", root, nil)
		alone      = issue(t, "self-signed", nil, nil)
		privately  = issue(t, "private leaf", private, nil)
		indirectly = issue(t, "private leaf, indirect", between, nil)
	)
	for _, test := range []struct {
		name        string
		chain       []*issued
		strict, any bool // whether it is accepted
	}{
		{"trusted issuer", []*issued{good}, true, true},
		{"trusted issuer, expired", []*issued{issue(t, "leaf", root, expired)}, false, false},
		{"trusted issuer, other host", []*issued{issue(t, "leaf", root, otherHost)}, false, false},
		{"self-signed", []*issued{alone}, false, true},
		{"self-signed, expired", []*issued{issue(t, "self-signed", nil, expired)}, false, false},
		{"self-signed, other host", []*issued{issue(t, "self-signed", nil, otherHost)}, false, false},
		{"private issuer, presented", []*issued{privately, private}, false, true},
		{"private issuer, not presented", []*issued{privately}, false, false},
		{"private issuer, other root presented", []*issued{privately, oldPrivate}, false, false},
		{"private issuer, whole chain", []*issued{indirectly, between, private}, false, true},
		{"private issuer, gap in the chain", []*issued{indirectly, private}, false, false},
		{"private issuer, no root", []*issued{indirectly, between}, false, false},
		{"private issuer, expired", []*issued{issue(t, "private leaf", private, expired), private}, false, false},
		{"private issuer, other host", []*issued{issue(t, "private leaf", private, otherHost), private}, false, false},
		{"private issuer, itself expired", []*issued{issue(t, "private leaf", oldPrivate, nil), oldPrivate}, false, false},
		{"issuer that is no authority", []*issued{issue(t, "leaf of a leaf", noAuthority, nil), noAuthority}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			certificate := tls.Certificate{PrivateKey: test.chain[0].key}
			for _, part := range test.chain {
				certificate.Certificate = append(certificate.Certificate, part.cert.Raw)
			}
			config := &tls.Config{Certificates: []tls.Certificate{certificate}}
			b := serve(t, func(s *session) {
				secure := tls.Server(s.Conn, config)
				if secure.Handshake() != nil {
					return
				}
				s.Conn = secure
				s.in.Reset(secure)
				forever(ok)(s)
			})
			client := newClient(t, httpx.Config{Roots: []*x509.Certificate{root.cert}})
			for round := range 2 { // the second time sessions might be resumed
				for anyIssuer, want := range map[bool]bool{false: test.strict, true: test.any} {
					req := b.request("GET", "")
					req.URL = "https" + strings.TrimPrefix(req.URL, "http")
					req.AnyIssuer = anyIssuer
					got, err := client.Invoke(t.Context(), req)
					if accepted := err == nil && string(got.Body) == "ok"; accepted != want {
						t.Errorf("round %d, any issuer %v: got %+v, %v, want accepted %v", round, anyIssuer, got, err, want)
					}
					if err != nil && kindOf(t, err) != integration.Network {
						t.Errorf("got error %v, want Network", err)
					}
				}
				client.Close()
			}
		})
	}
}

// TestIdentity: a server sees the certificate of the request, never that of
// another request on a connection or in a session that was begun before.
func TestIdentity(t *testing.T) {
	server := issue(t, "server", nil, nil)
	config := &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{server.cert.Raw}, PrivateKey: server.key}},
		ClientAuth:   tls.RequestClientCert,
	}
	b := serve(t, func(s *session) {
		secure := tls.Server(s.Conn, config)
		if secure.Handshake() != nil {
			return
		}
		name := "nobody"
		if shown := secure.ConnectionState().PeerCertificates; len(shown) > 0 {
			name = shown[0].Subject.CommonName
		}
		s.Conn = secure
		s.in.Reset(secure)
		forever("HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(name)) + "\r\n\r\n" + name)(s)
	})
	client := newClient(t, httpx.Config{})
	identity := func(name string) *integration.Identity {
		one := issue(t, name, nil, nil)
		return &integration.Identity{ID: name, Certificate: tls.Certificate{Certificate: [][]byte{one.cert.Raw}, PrivateKey: one.key}}
	}
	first, second := identity("first"), identity("second")
	for round := range 3 { // connections and sessions of the rounds before are there
		for want, shown := range map[string]*integration.Identity{"nobody": nil, "first": first, "second": second} {
			req := b.request("GET", "")
			req.URL = "https" + strings.TrimPrefix(req.URL, "http")
			req.AnyIssuer, req.Identity = true, shown
			got, err := client.Invoke(t.Context(), req)
			if err != nil || string(got.Body) != want {
				t.Errorf("round %d: the server saw %v, %v, want %s", round, got, err, want)
			}
		}
		if round == 1 {
			client.Close() // new connections, in sessions that could be resumed
		}
	}
}
