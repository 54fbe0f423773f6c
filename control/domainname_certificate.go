package control

import (
	"crypto/tls"
	"encoding/pem"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// uploadedCertificate is what is kept of the certificate that comes with a call:
// its chain, and its key sealed under the key of the record. No answer shows
// them. The texts are assumed.
func (s *Service) uploadedCertificate(record string, in *apigw.CreateDomainNameRequest) (domain.DomainExt, error) {
	body, private := apigw.Val(in.CertificateBody), apigw.Val(in.CertificatePrivateKey)
	switch {
	case body == "" && private == "":
		return domain.DomainExt{}, nil
	case apigw.Val(in.CertificateName) == "" && apigw.Val(in.RegionalCertificateName) == "":
		return domain.DomainExt{}, fault.BadRequestf("A certificate name must be specified with a certificate body")
	case s.Secrets == nil:
		return domain.DomainExt{}, fault.BadRequestf("Uploaded certificates need a key file on this node: start it with --key-file")
	}
	chain := certificates(body + "\n" + apigw.Val(in.CertificateChain))
	// The error is not passed on, as nobody knows what of a key it might quote.
	if _, err := tls.X509KeyPair([]byte(chain), []byte(private)); err != nil {
		return domain.DomainExt{}, fault.BadRequestf("Invalid certificate specified. The certificate body, the chain and the private key must be PEM and belong together.")
	}
	return domain.DomainExt{Certificate: chain, Key: s.Secrets.Seal(record, []byte(private))}, nil
}

// certificates returns the certificates of a text in PEM and nothing else: a
// file that is pasted whole may hold the private key, too, and only the member
// for it is sealed.
func certificates(text string) string {
	var out []byte
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return string(out)
		}
		if block.Type == "CERTIFICATE" {
			out = append(out, pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})...)
		}
	}
}

// dropUploaded forgets an uploaded certificate when its name is gone.
func dropUploaded(d *domain.DomainName) {
	if d.Shape.CertificateName == nil && d.Shape.RegionalCertificateName == nil {
		d.Ext = domain.DomainExt{}
	}
}
