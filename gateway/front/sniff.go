package front

import (
	"crypto/tls"
	"net"
	"strings"

	"github.com/postern-gateway/postern/gateway/front/h1"
)

const (
	// preface begins a connection of a client that knows that we speak HTTP/2
	// (RFC 9113, 3.4). No method is called PRI, so nothing else begins with it.
	preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	// clientHello is the first byte of a TLS connection: a handshake record.
	clientHello = 0x16
	// sniffSize holds the first request of most clients, not only the preface:
	// what is read here need not be read again.
	sniffSize = 1 << 10
)

// serveConn finds out what a new connection speaks and serves it.
func (s *Server) serveConn(c *conn) {
	wire := &sniffed{Conn: c.net, closed: func() { s.remove(c) }}
	handedOver := false
	defer func() {
		if !handedOver {
			_ = wire.Close()
		}
	}()
	if err := c.await(s.config.Clock.Now(), s.config.HeadTimeout); err != nil {
		return
	}
	prefix, err := sniff(c.net)
	if err != nil {
		return
	}
	wire.prefix = prefix
	switch {
	case prefix[0] == clientHello:
		handedOver = s.serveTLS(c, wire)
	case string(prefix[:min(len(prefix), len(preface))]) == preface:
		c.hand()
		handedOver = s.h2.Serve(wire)
	default:
		s.h1.Serve(s.base, h1.Conn{
			Net: c.net, Prefix: prefix, Remote: addrPort(c.net.RemoteAddr()), Gate: c,
		})
	}
}

// sniff reads until it is clear whether the client sends the preface.
func sniff(from net.Conn) ([]byte, error) {
	buffer := make([]byte, sniffSize)
	n := 0
	for {
		more, err := from.Read(buffer[n:])
		n += more
		if n >= len(preface) || n > 0 && !strings.HasPrefix(preface, string(buffer[:n])) {
			return buffer[:n], nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// serveTLS does the handshake and serves what was agreed on. It reports whether
// the connection is no longer ours to close.
func (s *Server) serveTLS(c *conn, wire *sniffed) (handedOver bool) {
	if s.config.TLS == nil {
		return false
	}
	secure := tls.Server(wire, s.config.TLS)
	if err := c.net.SetWriteDeadline(s.config.Clock.Now().Add(s.config.HeadTimeout)); err != nil {
		return false
	}
	if err := secure.HandshakeContext(s.base); err != nil {
		s.config.Log.Debug("TLS handshake", "remote", c.net.RemoteAddr(), "error", err)
		return false
	}
	facts := secure.ConnectionState()
	if facts.NegotiatedProtocol == "h2" {
		c.hand()
		return s.h2.Serve(secure)
	}
	s.h1.Serve(s.base, h1.Conn{
		Net: secure, Remote: addrPort(c.net.RemoteAddr()), TLS: &facts, Gate: c,
	})
	// Close says goodbye to the client within the record layer first.
	_ = secure.Close()
	return false
}
