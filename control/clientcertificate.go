package control

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

const (
	certificateBits = 2048
	certificateTime = 365 * 24 * time.Hour
	// certificateName is seen in certificates that the service made.
	certificateName = "ApiGateway"
)

// makeCertificate makes a key pair with a self-signed certificate for TLS
// clients. The key is returned as PKCS #8.
func makeCertificate(now time.Time) (certificate string, key []byte, err error) {
	private, err := rsa.GenerateKey(rand.Reader, certificateBits)
	if err != nil {
		return "", nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return "", nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: certificateName},
		NotBefore:    now,
		NotAfter:     now.Add(certificateTime),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return "", nil, err
	}
	key, err = x509.MarshalPKCS8PrivateKey(private)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})), key, err
}

// GenerateClientCertificate makes a certificate that the gateway shows to
// backends. The private key is sealed before it is stored and never leaves.
func (s *Service) GenerateClientCertificate(ctx context.Context, in *apigw.GenerateClientCertificateRequest) (*apigw.ClientCertificate, error) {
	if s.Secrets == nil {
		return nil, fault.BadRequestf("Client certificates need a key file on this node: start it with --key-file")
	}
	if err := s.checkTags(in.Tags); err != nil {
		return nil, err
	}
	now := s.Clock.Now().UTC().Truncate(time.Second)
	certificate, key, err := makeCertificate(now)
	if err != nil {
		return nil, err
	}
	var out *apigw.ClientCertificate
	err = s.change(ctx, "certificates", func(t *tx) error {
		if err := s.Quotas.check(CertificatesPerRegion, t.view.Count(t.scope.Certificates())+1); err != nil {
			return err
		}
		c := apigw.ClientCertificate{
			ClientCertificateId: new(s.IDs.Part()), Description: apigw.Text(apigw.Val(in.Description)),
			PemEncodedCertificate: &certificate, Tags: presentTags(in.Tags, false),
			CreatedDate: &apigw.Timestamp{Time: now}, ExpirationDate: &apigw.Timestamp{Time: now.Add(certificateTime)},
		}
		path := t.scope.CertificateKey(*c.ClientCertificateId)
		t.put(path, domain.New(c, domain.CertificateExt{OrderExt: t.order(), Key: s.Secrets.Seal(path, key)}))
		out = &c
		return nil
	})
	return out, err
}

func (t *tx) certificate(id string) (*domain.ClientCertificate, error) {
	r, ok, err := get[apigw.ClientCertificate, domain.CertificateExt](t, t.scope.CertificateKey(id))
	if err == nil && !ok {
		err = fault.NotFoundf("Invalid Client Certificate identifier specified") // assumed
	}
	return r, err
}

// GetClientCertificate answers one certificate, without its private key.
func (s *Service) GetClientCertificate(ctx context.Context, in *apigw.GetClientCertificateRequest) (*apigw.ClientCertificate, error) {
	var out *apigw.ClientCertificate
	err := s.read(ctx, func(t *tx) error {
		r, err := t.certificate(in.ClientCertificateId)
		if err == nil {
			out = &r.Shape
		}
		return err
	})
	return out, err
}

// GetClientCertificates lists certificates by creation.
func (s *Service) GetClientCertificates(ctx context.Context, in *apigw.GetClientCertificatesRequest) (*apigw.ClientCertificates, error) {
	out := &apigw.ClientCertificates{}
	err := s.read(ctx, func(t *tx) error {
		items := []*domain.ClientCertificate{}
		for r, err := range scan[apigw.ClientCertificate, domain.CertificateExt](t, t.scope.Certificates()) {
			if err != nil {
				return err
			}
			items = append(items, r)
		}
		key := func(r *domain.ClientCertificate) string {
			return byCreation(r.Shape.CreatedDate, r.Ext.OrderExt, r.Shape.ClientCertificateId)
		}
		sortBy(items, key)
		shown, position, err := page(items, key, in.Position, in.Limit)
		out.Items, out.Position = []apigw.ClientCertificate{}, position
		for _, r := range shown {
			out.Items = append(out.Items, r.Shape)
		}
		return err
	})
	return out, err
}

var certificatePatch = patch.Table[apigw.ClientCertificate]{
	Refuse: patch.ListsPaths,
	Rows: []patch.Row[apigw.ClientCertificate]{
		{Path: "/description", Ops: patch.Replace, Apply: func(c *apigw.ClientCertificate, op patch.Op) error {
			return setText(&c.Description, op)
		}},
	},
}

// UpdateClientCertificate patches the description of a certificate.
func (s *Service) UpdateClientCertificate(ctx context.Context, in *apigw.UpdateClientCertificateRequest) (*apigw.ClientCertificate, error) {
	var out *apigw.ClientCertificate
	err := s.update(ctx, "certificates", in.PatchOperations, func(t *tx) error {
		r, err := t.certificate(in.ClientCertificateId)
		if err != nil {
			return err
		}
		if err := certificatePatch.Apply(&r.Shape, in.PatchOperations); err != nil {
			return err
		}
		t.put(t.scope.CertificateKey(in.ClientCertificateId), r)
		out = &r.Shape
		return nil
	})
	return out, err
}

// DeleteClientCertificate removes a certificate that no stage presents.
func (s *Service) DeleteClientCertificate(ctx context.Context, in *apigw.DeleteClientCertificateRequest) error {
	return s.change(ctx, "certificates", func(t *tx) error {
		if _, err := t.certificate(in.ClientCertificateId); err != nil {
			return err
		}
		t.settled(t.scope.AllStages())
		for entry := range t.view.Scan(t.scope.AllStages()) {
			stage, err := domain.Decode[apigw.Stage, domain.StageExt](entry.Key, entry.Value)
			if err != nil {
				return err
			}
			if apigw.Val(stage.Shape.ClientCertificateId) == in.ClientCertificateId {
				k, _ := domain.ParseKey(entry.Key)
				return fault.Conflictf("Client certificate %s is in use by stage %s", in.ClientCertificateId, fmt.Sprintf("%s/%s", k.Rest[0], k.Rest[1])) // assumed
			}
		}
		t.delete(t.scope.CertificateKey(in.ClientCertificateId))
		return nil
	})
}
