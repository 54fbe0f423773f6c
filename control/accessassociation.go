package control

import (
	"context"
	"fmt"
	"regexp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// An access association lets a VPC endpoint of one account reach a private
// domain name, of the same or another account. Its record is with the account
// that made it; a reference is with the account of the domain name. The
// management policy, which says who may, is not evaluated.

// associationPath is the path of the ARN of an association: the domain name's
// reference and the endpoint. Guide.
const associationPath = `/domainnameaccessassociations/domainname/([^/]+)/vpcesource/([^/]+)`

var (
	associationForm = arnPath(associationPath)
	domainForARN    = arnPath(`/domainnames/([^/]+)`)
	vpcEndpoint     = regexp.MustCompile(`^vpce-[0-9A-Za-z-]+$`)
)

func errNoAssociation() error {
	return fault.NotFoundf("Invalid domain name access association identifier specified") // assumed
}

// association reads an association that the caller's account made.
func (t *tx) association(ref, source string) (*domain.Association, error) {
	a, ok, err := get[apigw.DomainNameAccessAssociation, domain.None](t, t.scope.AssociationKey(ref, source))
	if err == nil && !ok {
		err = errNoAssociation()
	}
	return a, err
}

// parseARN returns the scope of an ARN and what the groups of a form took of
// its path. Without an account it is the caller's. Another region is no match.
func (t *tx) parseARN(arn string, form *regexp.Regexp) (owner domain.Scope, groups []string, ok bool) {
	m := serviceARN.FindStringSubmatch(arn)
	if m == nil || m[1] != t.scope.Region {
		return domain.Scope{}, nil, false
	}
	owner = t.scope
	if m[2] != "" {
		owner.Account = m[2]
	}
	groups = form.FindStringSubmatch(m[3])
	return owner, groups, groups != nil
}

func (t *tx) parseDomainARN(arn string) (owner domain.Scope, ref string, ok bool) {
	owner, groups, ok := t.parseARN(arn, domainForARN)
	if !ok {
		return domain.Scope{}, "", false
	}
	return owner, groups[1], true
}

// CreateDomainNameAccessAssociation lets a VPC endpoint reach a private domain
// name. The texts are assumed; the operation has no 404.
func (s *Service) CreateDomainNameAccessAssociation(ctx context.Context, in *apigw.CreateDomainNameAccessAssociationRequest) (*apigw.DomainNameAccessAssociation, error) {
	var out *apigw.DomainNameAccessAssociation
	err := s.change(ctx, apigw.Val(in.DomainNameArn), func(t *tx) error {
		owner, ref, ok := t.parseDomainARN(apigw.Val(in.DomainNameArn))
		if !ok {
			return fault.BadRequestf("Invalid domain name ARN specified: %s", apigw.Val(in.DomainNameArn))
		}
		d, ok, err := get[apigw.DomainName, domain.DomainExt](t, owner.DomainKey(ref))
		if err != nil {
			return err
		}
		if !ok {
			return fault.BadRequestf("Invalid domain name identifier specified")
		}
		if !isPrivate(&d.Shape) {
			return fault.BadRequestf("Access associations can only be created with PRIVATE domain names.")
		}
		source := apigw.Val(in.AccessAssociationSource)
		if !vpcEndpoint.MatchString(source) {
			return fault.BadRequestf("Invalid VPC endpoint identifier specified: %s", source)
		}
		if err := s.checkTags(in.Tags); err != nil {
			return err
		}
		key := t.scope.AssociationKey(ref, source)
		if t.exists(key) {
			return fault.Conflictf("The access association you provided already exists.")
		}
		a := apigw.DomainNameAccessAssociation{
			DomainNameAccessAssociationArn: new(fmt.Sprintf("arn:aws:apigateway:%s:%s:/domainnameaccessassociations/domainname/%s/vpcesource/%s",
				t.scope.Region, t.scope.Account, ref, source)),
			DomainNameArn:               d.Shape.DomainNameArn,
			AccessAssociationSourceType: in.AccessAssociationSourceType,
			AccessAssociationSource:     &source,
			Tags:                        in.Tags,
		}
		t.put(key, domain.New(a, domain.None{}))
		t.put(owner.AssociatedKey(ref, t.scope.Account, source), domain.New(*a.DomainNameAccessAssociationArn, domain.None{}))
		out = presentAssociation(a)
		return nil
	})
	return out, err
}

func presentAssociation(a apigw.DomainNameAccessAssociation) *apigw.DomainNameAccessAssociation {
	if len(a.Tags) == 0 {
		a.Tags = nil
	}
	return &a
}

// GetDomainNameAccessAssociations lists the associations that the account made,
// or those that other accounts made with its domain names. Guide.
func (s *Service) GetDomainNameAccessAssociations(ctx context.Context, in *apigw.GetDomainNameAccessAssociationsRequest) (*apigw.DomainNameAccessAssociations, error) {
	out := &apigw.DomainNameAccessAssociations{}
	err := s.read(ctx, func(t *tx) error {
		list := t.ownAssociations
		if apigw.Val(in.ResourceOwner) == apigw.ResourceOwner_OTHER_ACCOUNTS {
			list = t.othersAssociations
		}
		items, err := list()
		if err != nil {
			return err
		}
		key := func(a apigw.DomainNameAccessAssociation) string { return *a.DomainNameAccessAssociationArn }
		sortBy(items, key)
		out.Items, out.Position, err = page(items, key, in.Position, in.Limit)
		return err
	})
	return out, err
}

func (t *tx) ownAssociations() ([]apigw.DomainNameAccessAssociation, error) {
	items := []apigw.DomainNameAccessAssociation{}
	for a, err := range scan[apigw.DomainNameAccessAssociation, domain.None](t, t.scope.Associations()) {
		if err != nil {
			return nil, err
		}
		items = append(items, *presentAssociation(a.Shape))
	}
	return items, nil
}

func (t *tx) othersAssociations() ([]apigw.DomainNameAccessAssociation, error) {
	items := []apigw.DomainNameAccessAssociation{}
	for entry := range t.view.Scan(t.scope.AllAssociated()) {
		k, _ := domain.ParseKey(entry.Key)
		maker := domain.Scope{Account: k.Rest[1], Region: t.scope.Region}
		if maker == t.scope {
			continue
		}
		a, ok, err := get[apigw.DomainNameAccessAssociation, domain.None](t, maker.AssociationKey(k.Rest[0], k.Rest[2]))
		if err != nil {
			return nil, err
		}
		if ok {
			items = append(items, *presentAssociation(a.Shape))
		}
	}
	return items, nil
}

// DeleteDomainNameAccessAssociation removes an association that the account made.
func (s *Service) DeleteDomainNameAccessAssociation(ctx context.Context, in *apigw.DeleteDomainNameAccessAssociationRequest) error {
	return s.change(ctx, lockOf(in.DomainNameAccessAssociationArn), func(t *tx) error {
		maker, groups, ok := t.parseARN(in.DomainNameAccessAssociationArn, associationForm)
		if !ok || maker != t.scope {
			return errNoAssociation()
		}
		a, err := t.association(groups[1], groups[2])
		if err != nil {
			return err
		}
		owner, ref, _ := t.parseDomainARN(*a.Shape.DomainNameArn)
		t.deleteAssociation(maker, owner, ref, groups[2])
		return nil
	})
}

// RejectDomainNameAccessAssociation removes an association with a domain name
// of the account, whoever made it.
func (s *Service) RejectDomainNameAccessAssociation(ctx context.Context, in *apigw.RejectDomainNameAccessAssociationRequest) error {
	arn := apigw.Val(in.DomainNameAccessAssociationArn)
	return s.change(ctx, lockOf(arn), func(t *tx) error {
		owner, ref, ok := t.parseDomainARN(apigw.Val(in.DomainNameArn))
		if !ok || owner != t.scope {
			return errNoDomain()
		}
		if _, err := t.domain(ref); err != nil {
			return err
		}
		maker, groups, ok := t.parseARN(arn, associationForm)
		if !ok || groups[1] != ref || !t.exists(owner.AssociatedKey(ref, maker.Account, groups[2])) {
			return errNoAssociation()
		}
		t.deleteAssociation(maker, owner, ref, groups[2])
		return nil
	})
}

func (t *tx) deleteAssociation(maker, owner domain.Scope, ref, source string) {
	t.delete(maker.AssociationKey(ref, source))
	t.delete(owner.AssociatedKey(ref, maker.Account, source))
}
