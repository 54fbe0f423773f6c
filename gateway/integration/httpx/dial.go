package httpx

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"time"
)

// dial opens a connection to a target, with TLS if it asks for that.
func (c *Client) dial(ctx context.Context, to target, deadline time.Time) (*conn, error) {
	epoch := c.pool.present()
	// The clock may not be the machine's: pass on how long, not until when.
	ctx, cancel := context.WithTimeout(ctx, deadline.Sub(c.config.Clock.Now()))
	defer cancel()
	wire, err := c.config.Dial(ctx, "tcp", to.address())
	if err != nil {
		return nil, err
	}
	if !to.secure {
		return newConn(wire, wire, epoch), nil
	}
	config, err := c.tlsConfig(&to)
	if err != nil {
		_ = wire.Close()
		return nil, err
	}
	secure := tls.Client(wire, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = wire.Close()
		return nil, err
	}
	return newConn(secure, wire, epoch), nil
}

func (c *Client) tlsConfig(to *target) (*tls.Config, error) {
	roots, err := c.roots()
	if err != nil {
		return nil, err
	}
	config := &tls.Config{
		RootCAs:            roots,
		ServerName:         to.host(),
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{"http/1.1"},
		Time:               c.config.Clock.Now,
		ClientSessionCache: c.trusted,
	}
	if to.anyIssuer {
		config.ClientSessionCache = c.anyIssuer
		// The package's own verification is replaced, not left out.
		// VerifyConnection runs for resumed sessions as well.
		config.InsecureSkipVerify = true
		config.VerifyConnection = func(state tls.ConnectionState) error {
			return verifyAnyIssuer(state.PeerCertificates, roots, to.host(), c.config.Clock.Now())
		}
	}
	if to.certificate != nil {
		config.Certificates = []tls.Certificate{*to.certificate}
		// A resumed session speaks for the identity that began it.
		config.ClientSessionCache = nil
	}
	return config, nil
}

// verifyAnyIssuer accepts a chain of any issuer: it must end in a self-signed
// certificate that the server itself presents, or in a trusted one, and host
// name, dates and signatures must be right. Guide: insecureSkipVerification
// still checks "the certificate's expiration date, hostname, and presence of a
// root certificate authority".
func verifyAnyIssuer(chain []*x509.Certificate, trusted *x509.CertPool, host string, now time.Time) error {
	if len(chain) == 0 {
		return x509.UnknownAuthorityError{}
	}
	roots, between := trusted.Clone(), x509.NewCertPool()
	for _, cert := range chain {
		if selfSigned(cert) {
			roots.AddCert(cert)
		} else {
			between.AddCert(cert)
		}
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		DNSName:       host,
		Roots:         roots,
		Intermediates: between,
		CurrentTime:   now,
	})
	return err
}

// selfSigned also takes a server's own certificate that is no authority, which
// CheckSignatureFrom would not.
func selfSigned(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawSubject, cert.RawIssuer) &&
		cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

// newConn wraps an open connection; wire is the socket below TLS.
func newConn(opened, wire net.Conn, epoch int) *conn {
	c := &conn{net: opened, wire: wire, watch: newWatch(wire), epoch: epoch}
	c.in.Reset(c, nil)
	return c
}
