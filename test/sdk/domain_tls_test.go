package sdk

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

const (
	firstARN  = "arn:aws:acm:us-east-1:" + account + ":certificate/first"
	secondARN = "arn:aws:acm:us-east-1:" + account + ":certificate/second"
	trustURI  = "s3://bucket/trust.pem"
)

// over asks for /hello below a host name, on a connection of its own to the
// gateway. It returns nil if there is no answer, and else the answer without its
// body.
func over(t *testing.T, server *postern.Server, config *tls.Config, host string) *http.Response {
	t.Helper()
	transport := &http.Transport{
		ForceAttemptHTTP2: true, DisableKeepAlives: true, TLSClientConfig: config,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(server.GatewayURL, "http://"))
		},
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+"/hello", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil
	}
	_ = response.Body.Close()
	return response
}

// regional sets the certificate of a domain name.
func regional(arn string) func(*apigateway.CreateDomainNameInput) {
	return func(in *apigateway.CreateDomainNameInput) { in.RegionalCertificateArn = &arn }
}

// TestDomainCertificates: a handshake gets the certificate of the name that it
// asks for, as of this moment, and the same after a restart.
func TestDomainCertificates(t *testing.T) {
	a := newAuthority(t)
	arguments := []string{
		"--data", t.TempDir(), "--account", account,
		"--certificate", firstARN + "=" + a.files(11, "a.example", "*.b.example"), "--certificate", secondARN + "=" + a.files(22, "a.example"),
	}
	server := postern.Start(t, arguments...)
	client := server.Client()
	api := hello(t, client)
	c := domainClient{t, client}
	expect := func(what, host string, serial int64) {
		t.Helper()
		got := over(t, server, &tls.Config{RootCAs: a.roots()}, host)
		if got == nil {
			if serial != 0 {
				t.Errorf("%s: no answer, want certificate %d", what, serial)
			}
			return
		}
		shown := got.TLS.PeerCertificates[0].SerialNumber.Int64()
		if shown != serial || got.StatusCode != http.StatusOK || got.Proto != "HTTP/2.0" {
			t.Errorf("%s: got %d by %s with certificate %d, want 200 by HTTP/2.0 with %d", what, got.StatusCode, got.Proto, shown, serial)
		}
	}

	expect("no such name", "a.example", 0)
	c.named("a.example", regional(firstARN))
	c.mapped("a.example", "", api, "dev")
	expect("by ARN", "a.example", 11)
	c.patched("a.example", postern.Replace("/regionalCertificateArn", secondARN))
	expect("another ARN", "a.example", 22)
	c.named("*.b.example", regional(firstARN))
	c.mapped("*.b.example", "", api, "dev")
	expect("wildcard", "x.b.example", 11)
	c.named("none.example", regional(firstARN+"-unknown"))
	expect("unknown ARN", "none.example", 0)

	certificate, private := a.issue(33, "up.example")
	if _, err := client.CreateDomainName(t.Context(), &apigateway.CreateDomainNameInput{
		DomainName: new("up.example"), CertificateName: new("up"), CertificateBody: new(string(certificate)), CertificatePrivateKey: new(string(private)),
	}); err != nil {
		t.Fatal(err)
	}
	c.mapped("up.example", "", api, "dev")
	expect("uploaded", "up.example", 33)

	server.Stop(t)
	server = postern.Start(t, arguments...)
	expect("by ARN, restarted", "a.example", 22)
	expect("uploaded, restarted", "up.example", 33)
	domainClient{t, server.Client()}.patched("up.example", postern.Remove("/certificateName"))
	expect("uploaded, name removed", "up.example", 0)
}

// TestSecurityPolicy: the policy of a domain name sets the oldest TLS, at once.
func TestSecurityPolicy(t *testing.T) {
	a := newAuthority(t)
	server, client := start(t, "--certificate", firstARN+"="+a.files(1, "a.example"))
	api := hello(t, client)
	c := domainClient{t, client}
	c.named("a.example", regional(firstARN))
	c.mapped("a.example", "", api, "dev")
	for _, row := range []struct {
		policy string
		oldest uint16
	}{
		{"TLS_1_0", tls.VersionTLS10}, {"TLS_1_2", tls.VersionTLS12}, {"SecurityPolicy_TLS13_1_3_2025_09", tls.VersionTLS13},
	} {
		c.patched("a.example", postern.Replace("/securityPolicy", row.policy))
		for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
			config := &tls.Config{RootCAs: a.roots(), MinVersion: version, MaxVersion: version}
			if got := over(t, server, config, "a.example"); (got != nil) != (version >= row.oldest) {
				t.Errorf("%s with %s: got %v", row.policy, tls.VersionName(version), got)
			}
		}
	}
}

// TestMutualTLS: only clients with a certificate from the trust store get in,
// by whatever way they come.
func TestMutualTLS(t *testing.T) {
	a, others := newAuthority(t), newAuthority(t)
	server, client := start(t,
		"--certificate", firstARN+"="+a.files(1, "closed.example", "open.example", "lost.example"), "--truststore", trustURI+"="+a.file(a.text))
	api := hello(t, client)
	c := domainClient{t, client}
	mutual := func(uri string) func(*apigateway.CreateDomainNameInput) {
		return func(in *apigateway.CreateDomainNameInput) {
			in.RegionalCertificateArn, in.SecurityPolicy = new(firstARN), types.SecurityPolicyTls12
			if uri != "" {
				in.MutualTlsAuthentication = &types.MutualTlsAuthenticationInput{TruststoreUri: &uri}
			}
		}
	}
	for name, uri := range map[string]string{"closed.example": trustURI, "open.example": "", "lost.example": trustURI + ".other"} {
		c.named(name, mutual(uri))
		c.mapped(name, "", api, "dev")
	}
	expect := func(what, host string, config *tls.Config, status int) {
		t.Helper()
		config.RootCAs = a.roots()
		got := over(t, server, config, host)
		if got == nil && status != 0 || got != nil && got.StatusCode != status {
			t.Errorf("%s: got %v, want status %d", what, got, status)
		}
	}
	const refused = 0 // in the handshake
	expect("certificate", "closed.example", &tls.Config{Certificates: a.client()}, 200)
	expect("no certificate", "closed.example", &tls.Config{}, refused)
	expect("certificate of others", "closed.example", &tls.Config{Certificates: others.client()}, refused)
	expect("by the handshake of another name", "closed.example", &tls.Config{ServerName: "open.example", Certificates: a.client()}, 403)
	expect("no mutual TLS", "open.example", &tls.Config{}, 200)
	expect("trust store not known", "lost.example", &tls.Config{Certificates: a.client()}, refused)

	got, err := server.Call(t.Context(), http.MethodGet, server.GatewayURL+"/hello", "closed.example", "")
	if err != nil {
		t.Fatal(err)
	}
	want(t, "cleartext", got, 403, forbidden)
	c.patched("closed.example", postern.Replace("/mutualTlsAuthentication/truststoreUri", ""))
	expect("switched off", "closed.example", &tls.Config{}, 200)
	c.patched("open.example", postern.Replace("/mutualTlsAuthentication/truststoreUri", trustURI))
	expect("switched on", "open.example", &tls.Config{}, refused)
}
