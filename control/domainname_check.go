package control

import (
	"regexp"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// domainForm is a host name, maybe of a wildcard. One label is enough: there are
// networks with such names. Clients of the service refuse upper-case letters
// themselves.
var domainForm = regexp.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

const maxDomainName = 253

func checkDomainName(name string) error {
	if name == "" {
		return fault.BadRequestf("No Domain Name specified")
	}
	if len(name) > maxDomainName || !domainForm.MatchString(name) {
		return fault.BadRequestf("Invalid domain name specified: %s", name) // assumed
	}
	return nil
}

// settleDomain fills in defaults and generated members, drops what the endpoint
// types leave without use, and holds the rules over the whole.
func (s *Service) settleDomain(scope domain.Scope, d *apigw.DomainName) error {
	config := d.EndpointConfiguration
	if len(config.Types) == 0 {
		return fault.BadRequestf("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.") // recorded for an API
	}
	private := isPrivate(d)
	if config.IpAddressType == nil {
		config.IpAddressType = new(apigw.IpAddressType_ipv4)
		if private {
			config.IpAddressType = new(apigw.IpAddressType_dualstack)
		}
	}
	if d.SecurityPolicy == nil {
		// Quoted by users, but for a private domain name: the guide gives it no other.
		d.SecurityPolicy = new(apigw.SecurityPolicy_TLS_1_0)
		if private {
			d.SecurityPolicy = new(apigw.SecurityPolicy_TLS_1_2)
		}
	}
	if d.RoutingMode == nil {
		d.RoutingMode = new(apigw.RoutingMode_BASE_PATH_MAPPING_ONLY)
	}
	if d.CertificateArn == nil && d.CertificateName == nil {
		d.CertificateUploadDate = nil
	}
	if d.MutualTlsAuthentication != nil && d.MutualTlsAuthentication.TruststoreUri == nil {
		d.MutualTlsAuthentication = nil
	}
	for _, check := range []func(domain.Scope, *apigw.DomainName) error{
		checkDomainEndpoint, checkCertificates, checkMutualTLS, checkDomainPolicies,
	} {
		if err := check(scope, d); err != nil {
			return err
		}
	}
	s.setTargets(scope.Region, d)
	return nil
}

// checkDomainEndpoint: the texts are those recorded for an API.
func checkDomainEndpoint(_ domain.Scope, d *apigw.DomainName) error {
	config := d.EndpointConfiguration
	if isPrivate(d) && *config.IpAddressType == apigw.IpAddressType_ipv4 {
		return fault.BadRequestf("Only dualstack ipAddressType is supported for Private APIs.")
	}
	if len(config.VpcEndpointIds) > 0 {
		return fault.BadRequestf("VPCEndpoints can only be specified with PRIVATE apis.")
	}
	return nil
}

// edgeRegion is where the certificates of edge-optimized domain names are. Guide.
const edgeRegion = "us-east-1"

var certificateARN = regexp.MustCompile(`^arn:[^:]+:(acm|iam):([^:]*):[^:]*:(certificate|server-certificate)/.+$`)

// checkCertificates: a certificate belongs to an endpoint type that is active,
// and is where that type looks for it. The texts are quoted by users of the
// real service, the one with PRIVATE is by analogy.
func checkCertificates(scope domain.Scope, d *apigw.DomainName) error {
	types := d.EndpointConfiguration.Types
	regional := slices.Contains(types, apigw.EndpointType_REGIONAL)
	if !regional && (d.RegionalCertificateArn != nil || d.RegionalCertificateName != nil) {
		return fault.BadRequestf("Cannot import certificates for REGIONAL while %s is active.", types[0])
	}
	edge := slices.Contains(types, apigw.EndpointType_EDGE)
	if !edge && !isPrivate(d) && (d.CertificateArn != nil || d.CertificateName != nil) {
		return fault.BadRequestf("Cannot import certificates for EDGE while REGIONAL is active.")
	}
	region := scope.Region
	if edge {
		region = edgeRegion
	}
	if err := checkCertificateARN(d.CertificateArn, region); err != nil {
		return err
	}
	if err := checkCertificateARN(d.RegionalCertificateArn, scope.Region); err != nil {
		return err
	}
	return checkCertificateARN(d.OwnershipVerificationCertificateArn, "")
}

// checkCertificateARN checks an ARN if there is one, and its region if it has
// one and the caller minds.
func checkCertificateARN(arn *string, region string) error {
	if arn == nil {
		return nil
	}
	m := certificateARN.FindStringSubmatch(*arn)
	if m == nil {
		return fault.BadRequestf("Invalid ARN specified in the request") // assumed
	}
	if m[2] != "" && region != "" && m[2] != region {
		return fault.BadRequestf("Invalid certificate ARN: %s. Certificate must be in '%s'.", *arn, region)
	}
	return nil
}

var truststoreURI = regexp.MustCompile(`^s3://[^/]+/.+$`)

// checkMutualTLS: guide for the rules, quoted for the version of TLS, assumed
// for the other texts.
func checkMutualTLS(_ domain.Scope, d *apigw.DomainName) error {
	switch m := d.MutualTlsAuthentication; {
	case m == nil:
		return nil
	case *d.SecurityPolicy == apigw.SecurityPolicy_TLS_1_0:
		return fault.BadRequestf("Mutual TLS authentication is only supported with TLS 1.2.")
	case !slices.Contains(d.EndpointConfiguration.Types, apigw.EndpointType_REGIONAL):
		return fault.BadRequestf("Mutual TLS authentication is only supported for REGIONAL domain names.")
	case !truststoreURI.MatchString(*m.TruststoreUri):
		return fault.BadRequestf("Invalid truststore URI specified: %s. Must be of the form s3://bucket-name/key-name", *m.TruststoreUri)
	}
	return nil
}

// checkDomainPolicies: guide for the rules, assumed for the texts.
func checkDomainPolicies(_ domain.Scope, d *apigw.DomainName) error {
	private := isPrivate(d)
	if private && *d.SecurityPolicy == apigw.SecurityPolicy_TLS_1_0 {
		return fault.BadRequestf("Security policy TLS_1_0 is not supported for PRIVATE domain names.")
	}
	if !private && (d.Policy != nil || d.ManagementPolicy != nil) {
		return fault.BadRequestf("Policies can only be specified with PRIVATE domain names.")
	}
	return checkAccessMode(d.EndpointAccessMode, d.SecurityPolicy)
}

// normalizeDomainPolicy returns a policy of a domain name as it is kept:
// "execute-api:/..." resources become ARNs below the domain name. Assumed, as
// for an API.
func normalizeDomainPolicy(scope domain.Scope, d *apigw.DomainName, text string) (*string, error) {
	return normalizePolicy(scope, "/domainnames/"+refOf(d), text)
}

// setTargets gives each active endpoint type the name that clients point their
// DNS records to, and takes it from the others. A name that there is stays.
func (s *Service) setTargets(region string, d *apigw.DomainName) {
	types := d.EndpointConfiguration.Types
	switch active := slices.Contains(types, apigw.EndpointType_REGIONAL); {
	case !active:
		d.RegionalDomainName, d.RegionalHostedZoneId = nil, nil
	case d.RegionalDomainName == nil:
		suffix := "amazonaws.com"
		if s.TargetSuffix != "" {
			suffix = s.TargetSuffix
		}
		d.RegionalDomainName = new("d-" + s.IDs.API() + ".execute-api." + region + "." + suffix)
		d.RegionalHostedZoneId = apigw.Text(hostedZones[region])
	}
	switch active := slices.Contains(types, apigw.EndpointType_EDGE); {
	case !active:
		d.DistributionDomainName, d.DistributionHostedZoneId = nil, nil
	case d.DistributionDomainName == nil:
		suffix := "cloudfront.net"
		if s.TargetSuffix != "" {
			suffix = "cloudfront." + s.TargetSuffix
		}
		id := strings.Join([]string{s.IDs.Part(), s.IDs.Part(), s.IDs.Part()[:1]}, "") // 13 characters
		d.DistributionDomainName = new("d" + id + "." + suffix)
		d.DistributionHostedZoneId = new(edgeHostedZone)
	}
}

// edgeHostedZone is the hosted zone of all names of CloudFront. Guide.
const edgeHostedZone = "Z2FDTNDATAQYW2"

// hostedZones are the hosted zones of the regional names. Guide; a region that
// is not here shows none.
var hostedZones = map[string]string{
	"af-south-1":     "Z2DHW2332DAMTN",
	"ap-east-1":      "Z3FD1VL90ND7K5",
	"ap-northeast-1": "Z1YSHQZHG15GKL",
	"ap-northeast-2": "Z20JF4UZKIW1U8",
	"ap-northeast-3": "Z22ILHG95FLSZ2",
	"ap-south-1":     "Z3VO1THU9YC4UR",
	"ap-southeast-1": "ZL327KTPIQFUL",
	"ap-southeast-2": "Z2RPCDW04V8134",
	"ca-central-1":   "Z19DQILCV0OWEC",
	"eu-central-1":   "Z1U9ULNL0V5AJ3",
	"eu-north-1":     "Z3UWIKFBOOGXPP",
	"eu-south-1":     "Z3BT4WSQ9TDYZV",
	"eu-south-2":     "Z02499852UI5HEQ5JVWX3",
	"eu-west-1":      "ZLY8HYME6SFDD",
	"eu-west-2":      "ZJ5UAJN8Y3Z2Q",
	"eu-west-3":      "Z3KY65QIEKYHQQ",
	"me-central-1":   "Z08780021BKYYY8U0YHTV",
	"me-south-1":     "Z20ZBPC0SS8806",
	"sa-east-1":      "ZCMLWB8V5SYIT",
	"us-east-1":      "Z1UJRXOUMOOFQ8",
	"us-east-2":      "ZOJJZC49E0EPZ",
	"us-gov-east-1":  "Z3SE9ATJYCRCZJ",
	"us-gov-west-1":  "Z1K6XKP9SAGWDV",
	"us-west-1":      "Z2MUQ32089INYE",
	"us-west-2":      "Z2OJLYMUO9EFXC",
}
