package control

import (
	"net/url"
	"testing"
)

// Every family of ARNs takes tags, shows them on the thing itself and gives
// them back.
func TestTagsOfFamilies(t *testing.T) {
	const region = "arn:aws:apigateway:eu-west-1:"
	for _, family := range []struct {
		name string
		// fresh returns the ARN and the path at which the thing is shown.
		fresh func(*petAPI) (arn, path string)
	}{
		{"RestApi", func(p *petAPI) (string, string) { return region + ":" + p.base, p.base }},
		{"Stage", func(p *petAPI) (string, string) {
			stage := p.stage("prod", p.deploy())
			return region + ":" + stage, stage
		}},
		{"DomainName", func(p *petAPI) (string, string) {
			path := p.publicDomain("api.example.com")
			return region + ":" + path, path
		}},
		{"private DomainName", func(p *petAPI) (string, string) {
			id, arn := p.privateDomain("api.example.com")
			return arn, "/domainnames/api.example.com?domainNameId=" + id
		}},
		{"C private DomainName without account", func(p *petAPI) (string, string) {
			id, _ := p.privateDomain("api.example.com")
			return region + ":/domainnames/api.example.com+" + id, "/domainnames/api.example.com?domainNameId=" + id
		}},
		{"VpcLink", func(p *petAPI) (string, string) {
			path := "/vpclinks/" + p.vpcLink()
			return region + ":" + path, path
		}},
		{"DomainNameAccessAssociation", func(p *petAPI) (string, string) {
			_, arn := p.privateDomain("api.example.com")
			return p.associate(arn, "vpce-1"), ""
		}},
	} {
		t.Run(family.name, func(t *testing.T) {
			p := newPetAPI(t)
			arn, path := family.fresh(p)
			tags := "/tags/" + url.PathEscape(arn)
			wantBody(t, p.call("GET", tags, nil), 200, `{"tags":{}}`)
			if got := p.call("PUT", tags, `{"tags":{"a":"1","b":"2"}}`); got.status != 204 || got.body != "" {
				t.Errorf("TagResource: got %v, want 204 without body", got)
			}
			p.do("PUT", tags, `{"tags":{"b":"3","c":"4"}}`)
			if got := p.call("DELETE", tags+"?tagKeys=a", nil); got.status != 204 || got.body != "" {
				t.Errorf("UntagResource: got %v, want 204 without body", got)
			}
			const want = `{"tags":{"b":"3","c":"4"}}`
			wantBody(t, p.call("GET", tags, nil), 200, want)
			if path != "" {
				wantMembers(t, p.call("GET", path, nil), 200, want)
			}
			p.do("DELETE", tags+"?tagKeys=b&tagKeys=c", nil)
			wantBody(t, p.call("GET", tags, nil), 200, `{"tags":{}}`)
			if path != "" {
				wantMembers(t, p.call("GET", path, nil), 200, `{"tags":null}`)
			}
		})
	}
}

func TestTagsOfUnknownARNs(t *testing.T) {
	p := newPetAPI(t)
	id, _ := p.privateDomain("api.example.com")
	invalid := func(arn string) string { return "Invalid resource ARN specified: " + arn }
	const region = "arn:aws:apigateway:eu-west-1:"
	for _, row := range []struct{ name, arn, want string }{
		{"I no ARN", "x", invalid("x")},
		{"I other region", "arn:aws:apigateway:us-east-1::" + p.base, invalid("arn:aws:apigateway:us-east-1::" + p.base)},
		{"I other account", region + "210987654321:" + p.base, invalid(region + "210987654321:" + p.base)},
		{"I what has no tags", region + ":" + p.base + "/resources/x", invalid(region + ":" + p.base + "/resources/x")},
		{"R API", region + ":/restapis/none", "Invalid API identifier specified " + testAccount + ":none"},
		{"F stage", region + ":" + p.base + "/stages/none", noStageText},
		{"E domain name", region + ":/domainnames/none", noDomainText},
		{"E private domain name without id", region + ":/domainnames/api.example.com", noDomainText},
		{"R VPC link", region + ":/vpclinks/none", noLinkText},
		{"I association", region + testAccount + ":/domainnameaccessassociations/domainname/api.example.com+" + id + "/vpcesource/vpce-1", noAssociationText},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, method := range []string{"GET", "PUT", "DELETE"} {
				wantRefusal(t, p.call(method, "/tags/"+url.PathEscape(row.arn)+"?tagKeys=a", `{"tags":{"a":"b"}}`), 404, row.want)
			}
		})
	}
}
