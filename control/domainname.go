package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

func errNoDomain() error { return fault.NotFoundf("Invalid domain name identifier specified") }

// domain reads a domain name by its reference, or refuses.
func (t *tx) domain(ref string) (*domain.DomainName, error) {
	d, ok, err := get[apigw.DomainName, domain.DomainExt](t, t.scope.DomainKey(ref))
	if err == nil && !ok {
		err = errNoDomain()
	}
	return d, err
}

// domainNamed reads a domain name as calls name it: a private one is not found
// without its id, nor a public one with any.
func (t *tx) domainNamed(name string, id *string) (ref string, d *domain.DomainName, err error) {
	if strings.Contains(name, "+") {
		return "", nil, errNoDomain()
	}
	ref = domain.DomainRef(name, apigw.Val(id))
	d, err = t.domain(ref)
	return ref, d, err
}

// CreateDomainName makes a domain name.
func (s *Service) CreateDomainName(ctx context.Context, in *apigw.CreateDomainNameRequest) (*apigw.DomainName, error) {
	var out *apigw.DomainName
	err := s.change(ctx, "create-domain", func(t *tx) error {
		d, err := s.newDomain(t, in)
		if err != nil {
			return err
		}
		name := *d.DomainName
		if !isPrivate(d) {
			taken, err := s.domainTaken(ctx, t, name)
			if err != nil {
				return err
			}
			if taken {
				return fault.Conflictf("The domain name you provided already exists.") // assumed
			}
			t.put(domain.DomainIndex(t.scope.Region, name), domain.New(t.scope.Account, domain.None{}))
		}
		if err := s.checkDomainQuota(t, isPrivate(d)); err != nil {
			return err
		}
		key := t.scope.DomainKey(refOf(d))
		uploaded, err := s.uploadedCertificate(key, in)
		if err != nil {
			return err
		}
		t.put(key, domain.New(*d, uploaded))
		out = presentDomain(*d)
		return nil
	})
	return out, err
}

// newDomain is what a call asks for, with defaults and generated members.
func (s *Service) newDomain(t *tx, in *apigw.CreateDomainNameRequest) (*apigw.DomainName, error) {
	text := func(member *string) *string { return apigw.Text(apigw.Val(member)) }
	d := &apigw.DomainName{
		DomainName:              in.DomainName,
		CertificateName:         text(in.CertificateName),
		CertificateArn:          text(in.CertificateArn),
		RegionalCertificateName: text(in.RegionalCertificateName),
		RegionalCertificateArn:  text(in.RegionalCertificateArn),
		EndpointConfiguration:   new(apigw.Val(in.EndpointConfiguration)),
		DomainNameStatus:        new(apigw.DomainNameStatus_AVAILABLE),
		SecurityPolicy:          in.SecurityPolicy,
		EndpointAccessMode:      in.EndpointAccessMode,
		RoutingMode:             in.RoutingMode,
		Tags:                    in.Tags,

		OwnershipVerificationCertificateArn: text(in.OwnershipVerificationCertificateArn),
	}
	if m := in.MutualTlsAuthentication; m != nil {
		d.MutualTlsAuthentication = &apigw.MutualTlsAuthentication{
			TruststoreUri: text(m.TruststoreUri), TruststoreVersion: text(m.TruststoreVersion),
		}
	}
	if err := checkDomainName(apigw.Val(in.DomainName)); err != nil {
		return nil, err
	}
	config := d.EndpointConfiguration
	if config.Types == nil {
		config.Types = []string{apigw.EndpointType_EDGE}
	}
	if len(config.Types) > 1 {
		return nil, fault.BadRequestf("Cannot create a domain name with multiple Endpoint Types.") // assumed
	}
	if isPrivate(d) {
		d.DomainNameId = new(s.IDs.API())
	}
	if d.CertificateArn != nil || d.CertificateName != nil {
		d.CertificateUploadDate = &t.now
	}
	d.DomainNameArn = new(domainARN(t.scope, refOf(d)))
	if err := setDomainPolicy(&d.Policy, apigw.Val(in.Policy)); err != nil {
		return nil, err
	}
	if err := s.settleDomain(t.scope, d); err != nil {
		return nil, err
	}
	return d, s.checkTags(in.Tags)
}

// domainTaken reports whether somebody has a public domain name, in this
// account or another one: it is unique in a region. Guide. The index is not
// mirrored and has to be asked for.
func (s *Service) domainTaken(ctx context.Context, t *tx, name string) (bool, error) {
	index := domain.DomainIndex(t.scope.Region, name)
	if t.exists(t.scope.DomainKey(name)) {
		return true, nil
	}
	t.absent(index)
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	entries, _, err := s.Store.List(ctx, index)
	if err != nil {
		return false, unavailable(err)
	}
	for _, entry := range entries {
		if entry.Key == index {
			return true, nil
		}
	}
	return false, nil
}

func (s *Service) checkDomainQuota(t *tx, private bool) error {
	count := 1
	for d, err := range scan[apigw.DomainName, domain.DomainExt](t, t.scope.Domains()) {
		if err != nil {
			return err
		}
		if isPrivate(&d.Shape) == private {
			count++
		}
	}
	if private {
		return s.Quotas.check(PrivateDomainsPerRegion, count)
	}
	return s.Quotas.check(DomainsPerRegion, count)
}

func isPrivate(d *apigw.DomainName) bool {
	return slices.Contains(d.EndpointConfiguration.Types, apigw.EndpointType_PRIVATE)
}

func refOf(d *apigw.DomainName) string {
	return domain.DomainRef(apigw.Val(d.DomainName), apigw.Val(d.DomainNameId))
}

// domainARN is the ARN of a domain name: only that of a private one holds the
// account. Guide.
func domainARN(scope domain.Scope, ref string) string {
	account := ""
	if strings.Contains(ref, "+") {
		account = scope.Account
	}
	return fmt.Sprintf("arn:aws:apigateway:%s:%s:/domainnames/%s", scope.Region, account, ref)
}

// presentDomain returns the answer of a call that shows a domain name.
func presentDomain(d apigw.DomainName) *apigw.DomainName {
	if len(d.Tags) == 0 {
		d.Tags = nil
	}
	return &d
}

// GetDomainName answers one domain name.
func (s *Service) GetDomainName(ctx context.Context, in *apigw.GetDomainNameRequest) (*apigw.DomainName, error) {
	var out *apigw.DomainName
	err := s.read(ctx, func(t *tx) error {
		_, d, err := t.domainNamed(in.DomainName, in.DomainNameId)
		if err == nil {
			out = presentDomain(d.Shape)
		}
		return err
	})
	return out, err
}

// GetDomainNames lists the domain names of the account by name, or the private
// ones of other accounts with which the account has an access association.
func (s *Service) GetDomainNames(ctx context.Context, in *apigw.GetDomainNamesRequest) (*apigw.DomainNames, error) {
	out := &apigw.DomainNames{}
	err := s.read(ctx, func(t *tx) error {
		list := t.ownDomains
		if apigw.Val(in.ResourceOwner) == apigw.ResourceOwner_OTHER_ACCOUNTS {
			list = t.othersDomains
		}
		items, err := list()
		if err != nil {
			return err
		}
		key := func(d apigw.DomainName) string { return refOf(&d) }
		sortBy(items, key)
		out.Items, out.Position, err = page(items, key, in.Position, in.Limit)
		return err
	})
	return out, err
}

func (t *tx) ownDomains() ([]apigw.DomainName, error) {
	items := []apigw.DomainName{}
	for d, err := range scan[apigw.DomainName, domain.DomainExt](t, t.scope.Domains()) {
		if err != nil {
			return nil, err
		}
		items = append(items, *presentDomain(d.Shape))
	}
	return items, nil
}

func (t *tx) othersDomains() ([]apigw.DomainName, error) {
	items := []apigw.DomainName{}
	seen := map[string]bool{}
	for a, err := range scan[apigw.DomainNameAccessAssociation, domain.None](t, t.scope.Associations()) {
		if err != nil {
			return nil, err
		}
		arn := *a.Shape.DomainNameArn
		owner, ref, ok := t.parseDomainARN(arn)
		if !ok || owner == t.scope || seen[arn] {
			continue
		}
		seen[arn] = true
		d, ok, err := get[apigw.DomainName, domain.DomainExt](t, owner.DomainKey(ref))
		if err != nil {
			return nil, err
		}
		if ok {
			items = append(items, *presentDomain(d.Shape))
		}
	}
	return items, nil
}

// UpdateDomainName patches a domain name.
func (s *Service) UpdateDomainName(ctx context.Context, in *apigw.UpdateDomainNameRequest) (*apigw.DomainName, error) {
	var out *apigw.DomainName
	err := s.update(ctx, domain.DomainRef(in.DomainName, apigw.Val(in.DomainNameId)), in.PatchOperations, func(t *tx) error {
		ref, d, err := t.domainNamed(in.DomainName, in.DomainNameId)
		if err != nil {
			return err
		}
		operations, err := domainOperations(in.PatchOperations)
		if err != nil {
			return err
		}
		draft := domainDraft{DomainName: &d.Shape, service: s, tx: t}
		if err := domainPatch.Apply(&draft, operations); err != nil {
			return err
		}
		dropUploaded(d)
		t.put(t.scope.DomainKey(ref), d)
		out = presentDomain(d.Shape)
		return nil
	})
	return out, err
}

// DeleteDomainName removes a domain name with its mappings, and with the access
// associations that any account has with it. Assumed.
func (s *Service) DeleteDomainName(ctx context.Context, in *apigw.DeleteDomainNameRequest) error {
	return s.change(ctx, domain.DomainRef(in.DomainName, apigw.Val(in.DomainNameId)), func(t *tx) error {
		ref, d, err := t.domainNamed(in.DomainName, in.DomainNameId)
		if err != nil {
			return err
		}
		t.delete(t.scope.DomainKey(ref))
		t.deleteAll(t.scope.Mappings(ref))
		if !isPrivate(&d.Shape) {
			t.delete(domain.DomainIndex(t.scope.Region, in.DomainName))
			return nil
		}
		t.settled(t.scope.Associated(ref))
		for entry := range t.view.Scan(t.scope.Associated(ref)) {
			k, _ := domain.ParseKey(entry.Key)
			owner := domain.Scope{Account: k.Rest[1], Region: t.scope.Region}
			t.delete(owner.AssociationKey(ref, k.Rest[2]))
			t.delete(entry.Key)
		}
		return nil
	})
}
