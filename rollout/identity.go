package rollout

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/secret"
	"github.com/postern-gateway/postern/store/mirror"
)

// errNoKey is for a node that cannot read private keys.
var errNoKey = errors.New("this node has no key file to open private keys with: start it with --key-file")

// Identity reads a client certificate with its private key.
func Identity(scope domain.Scope, id string, secrets *secret.Box, now mirror.View) (*integration.Identity, error) {
	key := scope.CertificateKey(id)
	entry, ok := now.Get(key)
	if !ok {
		return nil, fmt.Errorf("client certificate %s is missing", key)
	}
	record, err := domain.Decode[apigw.ClientCertificate, domain.CertificateExt](key, entry.Value)
	if err != nil {
		return nil, err
	}
	if secrets == nil {
		return nil, errNoKey
	}
	der, err := secrets.Open(key, record.Ext.Key)
	if err != nil {
		return nil, fmt.Errorf("client certificate %s: %w", id, err)
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("client certificate %s: its private key is damaged", id) // not the error: it may quote the key
	}
	block, _ := pem.Decode([]byte(apigw.Val(record.Shape.PemEncodedCertificate)))
	if block == nil {
		return nil, fmt.Errorf("client certificate %s is not PEM", id)
	}
	return &integration.Identity{ID: key, Certificate: tls.Certificate{Certificate: [][]byte{block.Bytes}, PrivateKey: private}}, nil
}
