package rollout

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/secret"
	"github.com/postern-gateway/postern/store/mirror"
)

// Identities is where the certificates and trust stores of custom domain names
// come from.
type Identities struct {
	Certificates map[string]tls.Certificate // by ARN
	TrustStores  map[string]*x509.CertPool  // by URI ("s3://bucket/key")
	// Default is shown for domain names without a certificate that is known.
	Default []tls.Certificate
}

// domains keeps the custom domain names of the data plane in step. It belongs
// to the mirror's goroutine.
type domains struct {
	table      *live.Domains
	identities Identities
	secrets    *secret.Box // opens the keys of uploaded certificates; may be nil
	log        *slog.Logger

	names    map[string]servedName              // by the key of the record
	mappings map[string]map[string]live.Mapping // by the key of the domain name, and their own
	changed  bool
}

// servedName is a domain name before it has its mappings.
type servedName struct {
	live.Domain
	// rulesOnly leaves the mappings out: rules that look at more than the path
	// are to route, and this API cannot make any.
	rulesOnly bool
}

// apply notes a change of a domain name or a mapping. Private domain names are
// not served.
func (d *domains) apply(k domain.Key, key string, now mirror.View) {
	if len(k.Rest) == 0 || strings.Contains(k.Rest[0], "+") {
		return
	}
	entry, exists := now.Get(key)
	switch {
	case k.Kind == "domain" && len(k.Rest) == 1:
		d.changed = true
		if delete(d.names, key); exists {
			d.setName(key, entry.Value)
		}
	case k.Kind == "mapping" && len(k.Rest) == 2:
		d.changed = true
		name := k.DomainKey(k.Rest[0])
		if delete(d.mappings[name], key); exists {
			d.setMapping(name, key, entry.Value)
		}
		if len(d.mappings[name]) == 0 {
			delete(d.mappings, name)
		}
	}
}

func (d *domains) setName(key string, value []byte) {
	record, err := domain.Decode[apigw.DomainName, domain.DomainExt](key, value)
	if err != nil {
		d.log.Error("a domain name is not served", "key", key, "error", err)
		return
	}
	name := apigw.Val(record.Shape.DomainName)
	served := servedName{rulesOnly: apigw.Val(record.Shape.RoutingMode) == apigw.RoutingMode_ROUTING_RULE_ONLY}
	served.Name, served.MutualTLS = strings.ToLower(name), record.Shape.MutualTlsAuthentication != nil
	if served.TLS, err = d.config(key, record); err != nil {
		d.log.Warn("a domain name is not served over TLS as it is configured", "name", name, "error", err)
	}
	if served.TLS != nil {
		served.OldTLS = served.TLS.Clone()
		served.OldTLS.NextProtos = []string{"http/1.1"}
	}
	d.names[key] = served
}

func (d *domains) setMapping(name, key string, value []byte) {
	record, err := domain.Decode[apigw.BasePathMapping, domain.None](key, value)
	if err != nil {
		d.log.Error("a base path mapping is not served", "key", key, "error", err)
		return
	}
	m := live.Mapping{API: apigw.Val(record.Shape.RestApiId), Stage: apigw.Val(record.Shape.Stage)}
	if base := apigw.Val(record.Shape.BasePath); base != domain.NoBasePath {
		m.Base = "/" + base
	}
	if d.mappings[name] == nil {
		d.mappings[name] = map[string]live.Mapping{}
	}
	d.mappings[name][key] = m
}

// publish hands what apply noted to the data plane, once for a whole batch.
func (d *domains) publish() {
	if !d.changed {
		return
	}
	d.changed = false
	all := make([]*live.Domain, 0, len(d.names))
	for _, key := range slices.Sorted(maps.Keys(d.names)) {
		named := d.names[key]
		served := &named.Domain
		if !named.rulesOnly {
			served.Mappings = slices.Collect(maps.Values(d.mappings[key]))
			live.SortMappings(served.Mappings)
		}
		all = append(all, served)
	}
	d.table.Replace(all)
}

// config returns how to speak TLS with the clients of a domain name; nil if
// that is not possible, which is no fault of a node that serves cleartext. With
// an error, the domain's clients meet the certificate of the listener; mutual
// TLS then lets nobody in.
func (d *domains) config(key string, record *domain.DomainName) (*tls.Config, error) {
	config := &tls.Config{
		Certificates: d.identities.Default, MinVersion: minimalTLS(apigw.Val(record.Shape.SecurityPolicy)),
		NextProtos: []string{"h2", "http/1.1"},
	}
	certificate, err := d.certificate(key, record)
	if certificate != nil {
		config.Certificates = []tls.Certificate{*certificate}
	}
	m := record.Shape.MutualTlsAuthentication
	if len(config.Certificates) == 0 {
		if err == nil && m != nil {
			err = errors.New("mutual TLS needs its certificate, so nobody is let in: give it with --certificate")
		}
		return nil, err
	}
	if m != nil {
		pool := d.identities.TrustStores[apigw.Val(m.TruststoreUri)]
		if pool == nil {
			return nil, fmt.Errorf("the trust store %s is not known, so nobody is let in: give it with --truststore", apigw.Val(m.TruststoreUri))
		}
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, pool
	}
	return config, err
}

// certificate returns the certificate of a domain name, by its ARN or as it
// was uploaded. There may be none, without an error.
func (d *domains) certificate(key string, record *domain.DomainName) (*tls.Certificate, error) {
	for _, arn := range []*string{record.Shape.RegionalCertificateArn, record.Shape.CertificateArn} {
		if known, ok := d.identities.Certificates[apigw.Val(arn)]; ok {
			return &known, nil
		}
	}
	if record.Ext.Certificate == "" {
		return nil, nil
	}
	if d.secrets == nil {
		return nil, errors.New("the key of its certificate is sealed: this node needs --key-file")
	}
	private, err := d.secrets.Open(key, record.Ext.Key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair([]byte(record.Ext.Certificate), private)
	return &pair, err
}

// minimalTLS is the oldest version of TLS that a security policy takes. The
// ciphers are those of Go, whatever the policy. Guide.
func minimalTLS(policy string) uint16 {
	switch {
	case policy == apigw.SecurityPolicy_TLS_1_0:
		return tls.VersionTLS10
	case strings.HasPrefix(policy, "SecurityPolicy_TLS13_1_3_"), policy == "SecurityPolicy_TLS13_2025_EDGE":
		return tls.VersionTLS13
	}
	return tls.VersionTLS12
}
