package control

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/fault"
)

// domainDraft is a domain name that is being patched.
type domainDraft struct {
	*apigw.DomainName
	service *Service
	tx      *tx
}

const setOrRemove = patch.Add | patch.Replace | patch.Remove

var domainPatch = patch.Table[domainDraft]{
	Resource: "DomainName",
	Refuse:   patch.Plain,
	Finish:   func(d *domainDraft) error { return d.service.settleDomain(d.tx.scope, d.DomainName) },
	Rows: []patch.Row[domainDraft]{
		{Path: "/certificateArn", Ops: setOrRemove, Apply: func(d *domainDraft, op patch.Op) error {
			return d.setCertificate(&d.CertificateArn, op)
		}},
		{Path: "/certificateName", Ops: setOrRemove, Apply: func(d *domainDraft, op patch.Op) error {
			return d.setCertificate(&d.CertificateName, op)
		}},
		{Path: "/regionalCertificateArn", Ops: setOrRemove, Apply: func(d *domainDraft, op patch.Op) error {
			return setOrClear(&d.RegionalCertificateArn, op)
		}},
		{Path: "/regionalCertificateName", Ops: setOrRemove, Apply: func(d *domainDraft, op patch.Op) error {
			return setOrClear(&d.RegionalCertificateName, op)
		}},
		{Path: "/endpointConfiguration/types", Ops: patch.Add | patch.Remove, Apply: changeDomainTypes},
		{Path: "/endpointConfiguration/types/{type}", Ops: patch.Replace, Apply: changeDomainTypes},
		{Path: "/endpointConfiguration/ipAddressType", Ops: patch.Replace, Apply: func(d *domainDraft, op patch.Op) error {
			return setAddressType(d.EndpointConfiguration, op)
		}},
		{Path: "/securityPolicy", Ops: patch.Replace, Apply: func(d *domainDraft, op patch.Op) error {
			return setEnum(&d.SecurityPolicy, "SecurityPolicy", "security policy", op)
		}},
		{Path: "/endpointAccessMode", Ops: patch.Replace, Apply: func(d *domainDraft, op patch.Op) error {
			return setEnum(&d.EndpointAccessMode, "EndpointAccessMode", "endpoint access mode", op)
		}},
		{Path: "/routingMode", Ops: patch.Replace, Apply: func(d *domainDraft, op patch.Op) error {
			return setEnum(&d.RoutingMode, "RoutingMode", "routing mode", op)
		}},
		{Path: "/policy", Ops: patch.Replace, Apply: func(d *domainDraft, op patch.Op) (err error) {
			d.Policy, err = normalizeDomainPolicy(d.tx.scope, d.DomainName, op.Value())
			return err
		}},
		{Path: "/managementPolicy", Ops: patch.Replace, Apply: func(d *domainDraft, op patch.Op) (err error) {
			d.ManagementPolicy, err = normalizeDomainPolicy(d.tx.scope, d.DomainName, op.Value())
			return err
		}},
		{Path: "/mutualTlsAuthentication/truststoreUri", Ops: setOrRemove, Apply: func(d *domainDraft, op patch.Op) error {
			return setOrClear(&d.mutualTLS().TruststoreUri, op)
		}},
		{Path: "/mutualTlsAuthentication/truststoreVersion", Ops: setOrRemove, Apply: func(d *domainDraft, op patch.Op) error {
			return setOrClear(&d.mutualTLS().TruststoreVersion, op)
		}},
		{Path: "/ownershipVerificationCertificateArn", Ops: setOrRemove, Apply: func(d *domainDraft, op patch.Op) error {
			return setOrClear(&d.OwnershipVerificationCertificateArn, op)
		}},
	},
}

// domainOperations puts the slash before paths that lack it, as some examples
// of the guide do, and refuses what the guide says does not go together.
func domainOperations(operations []apigw.PatchOperation) ([]apigw.PatchOperation, error) {
	operations = slices.Clone(operations)
	seen := map[string]string{} // path -> add or remove
	for i, operation := range operations {
		if operation.Path == nil {
			continue
		}
		path := "/" + strings.TrimPrefix(*operation.Path, "/")
		operations[i].Path = &path
		op := apigw.Val(operation.Op)
		if !strings.Contains(strings.ToLower(path), "certificate") || op != "add" && op != "remove" {
			continue
		}
		if before := seen[path]; before != "" && before != op {
			return nil, fault.BadRequestf("Invalid patch operations specified. %s cannot be added and removed in one request", path) // assumed
		}
		seen[path] = op
	}
	return operations, nil
}

// setOrClear sets a member to the value; remove and an empty value clear it.
func setOrClear(member **string, op patch.Op) error {
	*member = op.Text()
	if op.Kind == patch.Remove {
		*member = nil
	}
	return nil
}

func (d *domainDraft) setCertificate(member **string, op patch.Op) error {
	d.CertificateUploadDate = &d.tx.now
	return setOrClear(member, op)
}

func (d *domainDraft) mutualTLS() *apigw.MutualTlsAuthentication {
	if d.MutualTlsAuthentication == nil {
		d.MutualTlsAuthentication = &apigw.MutualTlsAuthentication{}
	}
	return d.MutualTlsAuthentication
}

// changeDomainTypes adds, removes or replaces an endpoint type. Both public
// types may be active while clients move from one to the other; the certificates
// of a type that goes go with it. Nothing becomes private or public. Quoted, for
// a replace; the other texts are those recorded for an API.
func changeDomainTypes(d *domainDraft, op patch.Op) error {
	switch {
	case op.Value() == apigw.EndpointType_PRIVATE, isPrivate(d.DomainName):
		return fault.BadRequestf("%s Invalid request input", op.Path)
	case op.Value() != apigw.EndpointType_EDGE && op.Value() != apigw.EndpointType_REGIONAL:
		return fault.BadRequestf("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
	}
	config := d.EndpointConfiguration
	switch op.Kind {
	case patch.Add:
		config.Types = append(without(config.Types, op.Value()), op.Value())
	case patch.Remove:
		config.Types = without(config.Types, op.Value())
	case patch.Replace:
		config.Types = []string{op.Value()}
	}
	if !slices.Contains(config.Types, apigw.EndpointType_EDGE) {
		d.CertificateArn, d.CertificateName = nil, nil
	}
	if !slices.Contains(config.Types, apigw.EndpointType_REGIONAL) {
		d.RegionalCertificateArn, d.RegionalCertificateName = nil, nil
	}
	return nil
}
