package node

import (
	"crypto/tls"

	"github.com/postern-gateway/postern/rollout"
)

// gatewayTLS is how the data plane speaks TLS: as its custom domain names want
// it, else as configured. Without either a handshake fails.
func (n *Node) gatewayTLS() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if n.cfg.TLS != nil {
		config = n.cfg.TLS.Clone()
	}
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if d := n.live.Domains.Find(hello.ServerName); d != nil {
			return d.Config(hello), nil
		}
		return nil, nil // the one that this is called from
	}
	return config
}

// identities are those of custom domain names.
func (n *Node) identities() rollout.Identities {
	i := rollout.Identities{Certificates: n.cfg.Certificates, TrustStores: n.cfg.TrustStores}
	if n.cfg.TLS != nil {
		i.Default = n.cfg.TLS.Certificates
	}
	return i
}
