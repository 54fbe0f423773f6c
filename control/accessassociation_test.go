package control

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

const (
	otherAccount      = "210987654321"
	noAssociationText = "Invalid domain name access association identifier specified"
)

// associate makes an association with an endpoint and returns its ARN.
func (h *harness) associate(domainARN, endpoint string) string {
	h.t.Helper()
	body := map[string]any{"domainNameArn": domainARN, "accessAssociationSourceType": "VPCE", "accessAssociationSource": endpoint}
	return h.do("POST", "/domainnameaccessassociations", body)["domainNameAccessAssociationArn"].(string)
}

// as calls as an account.
func (h *harness) as(account string) *harness {
	h.account = account
	return h
}

func associationAt(arn string) string {
	return "/domainnameaccessassociations/" + url.PathEscape(arn)
}

// arnsOf returns a member of all items of a list.
func arnsOf(h *harness, path, member string) string {
	h.t.Helper()
	var arns []string
	for _, item := range h.do("GET", path, nil)["item"].([]any) {
		arns = append(arns, item.(map[string]any)[member].(string))
	}
	return strings.Join(arns, " ")
}

func TestCreateAccessAssociation(t *testing.T) {
	const base = "arn:aws:apigateway:eu-west-1:123456789012:/domainnames/"
	for _, row := range []struct {
		name     string
		arn      string // DOMAIN stands for that of a private domain name, NAME for its reference
		endpoint string
		more     string
		status   int
		want     string
	}{
		{"D private", "DOMAIN", "vpce-1a", `,"tags":{"a":"b"}`, 201, `{"domainNameAccessAssociationArn":"arn:aws:apigateway:eu-west-1:123456789012:/domainnameaccessassociations/domainname/NAME/vpcesource/vpce-1a",
			"domainNameArn":"DOMAIN","accessAssociationSourceType":"VPCE","accessAssociationSource":"vpce-1a","tags":{"a":"b"}}`},
		{"C ARN without account", "arn:aws:apigateway:eu-west-1::/domainnames/NAME", "vpce-1a", "", 201, `{"domainNameArn":"DOMAIN","tags":null}`},
		{"I taken", "DOMAIN", "vpce-taken", "", 409, "The access association you provided already exists."},
		{"I no endpoint", "DOMAIN", "", "", 400, "Invalid VPC endpoint identifier specified: "},
		{"I other source", "DOMAIN", "vpc-1", "", 400, "Invalid VPC endpoint identifier specified: vpc-1"},
		{"I unknown name", base + "none+abc", "vpce-1a", "", 400, noDomainText},
		{"I unknown account", "arn:aws:apigateway:eu-west-1:210987654321:/domainnames/NAME", "vpce-1a", "", 400, noDomainText},
		{"I public name", base + "public.example.com", "vpce-1a", "", 400, "Access associations can only be created with PRIVATE domain names."},
		{"I other region", "arn:aws:apigateway:us-east-1::/domainnames/NAME", "vpce-1a", "", 400, "Invalid domain name ARN specified: arn:aws:apigateway:us-east-1::/domainnames/NAME"},
		{"I other thing", "arn:aws:apigateway:eu-west-1::/restapis/x", "vpce-1a", "", 400, "Invalid domain name ARN specified: arn:aws:apigateway:eu-west-1::/restapis/x"},
		{"D tags of the vendor", "DOMAIN", "vpce-1a", `,"tags":{"aws:x":"y"}`, 400, "Invalid tag key: aws:x. Tag keys cannot start with aws:"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHarness(t)
			h.publicDomain("public.example.com")
			id, arn := h.privateDomain("private.example.com")
			h.associate(arn, "vpce-taken")
			expand := strings.NewReplacer("DOMAIN", arn, "NAME", "private.example.com+"+id).Replace
			got := h.call("POST", "/domainnameaccessassociations", expand(fmt.Sprintf(
				`{"domainNameArn":"%s","accessAssociationSourceType":"VPCE","accessAssociationSource":"%s"%s}`, row.arn, row.endpoint, row.more)))
			if row.status < 300 {
				wantMembers(t, got, row.status, expand(row.want))
			} else {
				wantRefusal(t, got, row.status, expand(row.want))
			}
		})
	}
}

func TestAccessAssociationsOfTwoAccounts(t *testing.T) {
	const (
		associations = "/domainnameaccessassociations"
		domains      = "/domainnames"
		others       = "?resourceOwner=OTHER_ACCOUNTS"
		arnMember    = "domainNameAccessAssociationArn"
	)
	h := newHarness(t)
	id, domainARN := h.privateDomain("private.example.com")
	own := h.associate(domainARN, "vpce-own")
	foreign := h.as(otherAccount).associate(domainARN, "vpce-foreign")
	for _, row := range []struct{ account, path, member, want string }{
		{testAccount, associations, arnMember, own},
		{testAccount, associations + "?resourceOwner=SELF", arnMember, own},
		{testAccount, associations + others, arnMember, foreign},
		{otherAccount, associations, arnMember, foreign},
		{otherAccount, associations + others, arnMember, ""},
		{testAccount, domains, "domainNameArn", domainARN},
		{testAccount, domains + others, "domainNameArn", ""},
		{otherAccount, domains, "domainNameArn", ""},
		{otherAccount, domains + others, "domainNameArn", domainARN},
	} {
		if got := arnsOf(h.as(row.account), row.path, row.member); got != row.want {
			t.Errorf("%s of %s: got %q, want %q", row.path, row.account, got, row.want)
		}
	}

	// Only who made it deletes it; only who has the name rejects it.
	reject := func(association string) string {
		return "/rejectdomainnameaccessassociations?domainNameAccessAssociationArn=" + url.QueryEscape(association) + "&domainNameArn=" + url.QueryEscape(domainARN)
	}
	wantRefusal(t, h.as(testAccount).call("DELETE", associationAt(foreign), nil), 404, noAssociationText)
	wantRefusal(t, h.as(otherAccount).call("DELETE", associationAt(own), nil), 404, noAssociationText)
	wantRefusal(t, h.as(otherAccount).call("POST", reject(foreign), nil), 404, noDomainText)
	wantRefusal(t, h.as(testAccount).call("POST", reject(strings.Replace(foreign, "vpce-foreign", "vpce-none", 1)), nil), 404, noAssociationText)
	wantRefusal(t, h.call("POST", reject(strings.Replace(foreign, id, "x", 1)), nil), 404, noAssociationText)
	if got := h.call("POST", reject(foreign), nil); got.status != 202 || got.body != "" {
		t.Errorf("RejectDomainNameAccessAssociation: got %v, want 202 without body", got)
	}
	if got := arnsOf(h.as(otherAccount), associations, arnMember); got != "" {
		t.Errorf("after the rejection: got %q, want none", got)
	}
	if got := h.as(testAccount).call("DELETE", associationAt(own), nil); got.status != 202 || got.body != "" {
		t.Errorf("DeleteDomainNameAccessAssociation: got %v, want 202 without body", got)
	}
	wantRefusal(t, h.call("DELETE", associationAt(own), nil), 404, noAssociationText)
	wantRefusal(t, h.call("DELETE", associationAt("x"), nil), 404, noAssociationText)

	// Both sides of an association go with the name.
	h.as(otherAccount).associate(domainARN, "vpce-foreign")
	h.as(testAccount).do("DELETE", "/domainnames/private.example.com?domainNameId="+id, nil)
	if got := arnsOf(h, associations+others, arnMember) + arnsOf(h.as(otherAccount), associations, arnMember); got != "" {
		t.Errorf("after DeleteDomainName: got %q, want none", got)
	}
}

func TestAccessAssociationPages(t *testing.T) {
	h := newHarness(t)
	_, arn := h.privateDomain("private.example.com")
	for _, endpoint := range []string{"vpce-c", "vpce-a", "vpce-b"} {
		h.associate(arn, endpoint)
	}
	wantPages(t, h, "/domainnameaccessassociations?limit=2", "accessAssociationSource", "vpce-a", "vpce-b", "", "vpce-c")
}
