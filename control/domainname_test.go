package control

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

const (
	regionalCert = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
	edgeCert     = "arn:aws:acm:us-east-1:123456789012:certificate/2"

	noDomainText     = "Invalid domain name identifier specified"
	regionalCertText = "Cannot import certificates for REGIONAL while EDGE is active."
	edgeCertText     = "Cannot import certificates for EDGE while REGIONAL is active."
	bothOffText      = "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED."
	mutualTLSText    = "Mutual TLS authentication is only supported with TLS 1.2."
	domainPolicyText = "Policies can only be specified with PRIVATE domain names."
	accessModeText   = "Endpoint access mode can only be set with a security policy that begins with SecurityPolicy_"
)

func jsonPolicy(quoted string) string { return strings.ReplaceAll(quoted, `"`, `\"`) }

func TestCreateDomainName(t *testing.T) {
	body := func(rest string) string { return `{"domainName":"api.example.com"` + rest + `}` }
	types := func(kind, rest string) string {
		return body(`,"endpointConfiguration":{"types":["` + kind + `"]}` + rest)
	}
	for _, row := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"edge", body(`,"certificateArn":"` + edgeCert + `"`), 201, `{"domainName":"api.example.com","certificateArn":"` + edgeCert + `","certificateUploadDate":1714557600,
			"endpointConfiguration":{"types":["EDGE"],"ipAddressType":"ipv4"},"distributionHostedZoneId":"Z2FDTNDATAQYW2","domainNameStatus":"AVAILABLE","securityPolicy":"TLS_1_0",
			"routingMode":"BASE_PATH_MAPPING_ONLY","domainNameArn":"arn:aws:apigateway:eu-west-1::/domainnames/api.example.com",
			"regionalDomainName":null,"regionalHostedZoneId":null,"domainNameId":null,"tags":null,"policy":null,"mutualTlsAuthentication":null}`},
		{"regional", types("REGIONAL", `,"regionalCertificateArn":"`+regionalCert+`","securityPolicy":"TLS_1_2"`), 201, `{"regionalCertificateArn":"` + regionalCert + `",
			"endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"ipv4"},"regionalHostedZoneId":"ZLY8HYME6SFDD","securityPolicy":"TLS_1_2",
			"distributionDomainName":null,"distributionHostedZoneId":null,"certificateArn":null,"certificateUploadDate":null}`},
		{"D private", types("PRIVATE", `,"certificateArn":"`+regionalCert+`"`), 201, `{"certificateArn":"` + regionalCert + `","certificateUploadDate":1714557600,
			"endpointConfiguration":{"types":["PRIVATE"],"ipAddressType":"dualstack"},"securityPolicy":"TLS_1_2","regionalDomainName":null,"distributionDomainName":null}`},
		{"I no certificate", types("REGIONAL", ""), 201, `{"regionalCertificateArn":null}`},
		{"I uploaded certificate without a key file", body(`,"certificateName":"c","certificateBody":"b","certificateChain":"h","certificatePrivateKey":"k"`), 400, "Uploaded certificates need a key file on this node: start it with --key-file"},
		{"I uploaded certificate without a name", body(`,"certificateBody":"b","certificatePrivateKey":"k"`), 400, "A certificate name must be specified with a certificate body"},
		{"C empty texts", body(`,"certificateArn":"","regionalCertificateArn":"","regionalCertificateName":"","ownershipVerificationCertificateArn":""`), 201, `{"certificateArn":null,"regionalCertificateArn":null,"ownershipVerificationCertificateArn":null,"certificateUploadDate":null}`},
		{"tags", body(`,"tags":{"a":"b"}`), 201, `{"tags":{"a":"b"}}`},
		{"wildcard", `{"domainName":"*.example.com"}`, 201, `{"domainName":"*.example.com"}`},
		{"one label", `{"domainName":"api"}`, 201, `{"domainName":"api"}`},
		{"mutual TLS", types("REGIONAL", `,"securityPolicy":"TLS_1_2","mutualTlsAuthentication":{"truststoreUri":"s3://b/k","truststoreVersion":"1"}`), 201, `{"mutualTlsAuthentication":{"truststoreUri":"s3://b/k","truststoreVersion":"1"}}`},
		{"access mode", types("REGIONAL", `,"securityPolicy":"SecurityPolicy_TLS13_1_3_2025_09","endpointAccessMode":"STRICT","routingMode":"ROUTING_RULE_ONLY"`), 201, `{"endpointAccessMode":"STRICT","routingMode":"ROUTING_RULE_ONLY"}`},
		{"dualstack", body(`,"endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"dualstack"}`), 201, `{"endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"dualstack"}}`},

		{"E no name", `{"domainName":""}`, 400, "No Domain Name specified"},
		{"I upper case", `{"domainName":"Api.example.com"}`, 400, "Invalid domain name specified: Api.example.com"},
		{"I plus sign", `{"domainName":"api.example.com+x"}`, 400, "Invalid domain name specified: api.example.com+x"},
		{"I empty label", `{"domainName":"api..com"}`, 400, "Invalid domain name specified: api..com"},
		{"I too long", `{"domainName":"` + strings.Repeat("a.", 127) + `a"}`, 400, "Invalid domain name specified: " + strings.Repeat("a.", 127) + "a"},
		{"R no types, as an API", body(`,"endpointConfiguration":{"types":[]}`), 400, bothOffText},
		{"I two types", body(`,"endpointConfiguration":{"types":["EDGE","REGIONAL"]}`), 400, "Cannot create a domain name with multiple Endpoint Types."},
		{"R private ipv4, as an API", body(`,"endpointConfiguration":{"types":["PRIVATE"],"ipAddressType":"ipv4"}`), 400, "Only dualstack ipAddressType is supported for Private APIs."},
		{"F endpoints, as an API", body(`,"endpointConfiguration":{"types":["REGIONAL"],"vpcEndpointIds":["vpce-1"]}`), 400, vpcText},
		{"F regional certificate of an edge name", body(`,"regionalCertificateArn":"` + regionalCert + `"`), 400, regionalCertText},
		{"F regional certificate name of an edge name", body(`,"regionalCertificateName":"c"`), 400, regionalCertText},
		{"F edge certificate of a regional name", types("REGIONAL", `,"certificateArn":"`+edgeCert+`"`), 400, edgeCertText},
		{"F edge certificate name of a regional name", types("REGIONAL", `,"certificateName":"c"`), 400, edgeCertText},
		{"I regional certificate of a private name", types("PRIVATE", `,"regionalCertificateArn":"`+regionalCert+`"`), 400, "Cannot import certificates for REGIONAL while PRIVATE is active."},
		{"F region of an edge certificate", body(`,"certificateArn":"` + regionalCert + `"`), 400, "Invalid certificate ARN: " + regionalCert + ". Certificate must be in 'us-east-1'."},
		{"F region of a regional certificate", types("REGIONAL", `,"regionalCertificateArn":"`+edgeCert+`"`), 400, "Invalid certificate ARN: " + edgeCert + ". Certificate must be in 'eu-west-1'."},
		{"F region of a private certificate", types("PRIVATE", `,"certificateArn":"`+edgeCert+`"`), 400, "Invalid certificate ARN: " + edgeCert + ". Certificate must be in 'eu-west-1'."},
		{"I no ARN", body(`,"certificateArn":"x"`), 400, arnText},
		{"I no ARN of ownership", body(`,"ownershipVerificationCertificateArn":"x"`), 400, arnText},
		{"F mutual TLS without TLS 1.2", types("REGIONAL", `,"mutualTlsAuthentication":{"truststoreUri":"s3://b/k"}`), 400, mutualTLSText},
		{"I mutual TLS at the edge", body(`,"securityPolicy":"TLS_1_2","mutualTlsAuthentication":{"truststoreUri":"s3://b/k"}`), 400, "Mutual TLS authentication is only supported for REGIONAL domain names."},
		{"I trust store elsewhere", types("REGIONAL", `,"securityPolicy":"TLS_1_2","mutualTlsAuthentication":{"truststoreUri":"https://b/k"}`), 400, "Invalid truststore URI specified: https://b/k. Must be of the form s3://bucket-name/key-name"},
		{"I policy of a public name", body(`,"policy":"` + jsonPolicy(allowAll) + `"`), 400, domainPolicyText},
		{"F bad policy", types("PRIVATE", `,"policy":"{}"`), 400, policyText},
		{"I old TLS of a private name", types("PRIVATE", `,"securityPolicy":"TLS_1_0"`), 400, "Security policy TLS_1_0 is not supported for PRIVATE domain names."},
		{"I access mode", types("REGIONAL", `,"endpointAccessMode":"BASIC"`), 400, accessModeText},
		{"D tags of the vendor", body(`,"tags":{"aws:x":"y"}`), 400, "Invalid tag key: aws:x. Tag keys cannot start with aws:"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHarness(t)
			got := h.call("POST", "/domainnames", row.body)
			if row.status < 300 {
				wantMembers(t, got, row.status, row.want)
				return
			}
			wantRefusal(t, got, row.status, row.want)
			if list := h.do("GET", "/domainnames", nil)["item"].([]any); len(list) > 0 {
				t.Errorf("a refused call left %v", list)
			}
		})
	}
}

func TestTargetsOfDomainNames(t *testing.T) {
	create := func(h *harness, kind string) map[string]any {
		return h.do("POST", "/domainnames", map[string]any{"domainName": strings.ToLower(kind) + ".example.com", "endpointConfiguration": map[string]any{"types": []string{kind}}})
	}
	for _, row := range []struct{ suffix, regional, edge string }{
		{"", `^d-[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com$`, `^d[a-z0-9]{13}\.cloudfront\.net$`},
		{"gw.internal", `^d-[a-z0-9]{10}\.execute-api\.eu-west-1\.gw\.internal$`, `^d[a-z0-9]{13}\.cloudfront\.gw\.internal$`},
	} {
		h := newHarness(t)
		h.TargetSuffix = row.suffix
		if got := create(h, "REGIONAL")["regionalDomainName"].(string); !regexp.MustCompile(row.regional).MatchString(got) {
			t.Errorf("suffix %q: regionalDomainName: got %q, want %s", row.suffix, got, row.regional)
		}
		if got := create(h, "EDGE")["distributionDomainName"].(string); !regexp.MustCompile(row.edge).MatchString(got) {
			t.Errorf("suffix %q: distributionDomainName: got %q, want %s", row.suffix, got, row.edge)
		}
	}
}

// publicDomain makes a regional domain name and returns its path.
func (h *harness) publicDomain(name string) string {
	h.t.Helper()
	h.do("POST", "/domainnames", map[string]any{"domainName": name, "regionalCertificateArn": regionalCert,
		"endpointConfiguration": map[string]any{"types": []string{"REGIONAL"}}})
	return "/domainnames/" + name
}

// privateDomain makes a private domain name and returns its id and ARN.
func (h *harness) privateDomain(name string) (id, arn string) {
	h.t.Helper()
	d := h.do("POST", "/domainnames", map[string]any{"domainName": name, "certificateArn": regionalCert,
		"endpointConfiguration": map[string]any{"types": []string{"PRIVATE"}}, "policy": allowAll})
	return d["domainNameId"].(string), d["domainNameArn"].(string)
}

func TestUpdateDomainName(t *testing.T) {
	const (
		typesPath  = "/endpointConfiguration/types"
		store      = "/mutualTlsAuthentication/truststoreUri"
		version    = "/mutualTlsAuthentication/truststoreVersion"
		setOrClear = "Invalid patch operation specified. Must be one of: [add, remove, replace]"
	)
	tls := op{"replace", "/securityPolicy", "TLS_1_2"}
	addEdge := op{"add", typesPath, "EDGE"}
	runPatchRows(t, func(p *petAPI) string { return p.publicDomain("api.example.com") }, []patchRow{
		{"I no operations", nil, 200, `{"domainName":"api.example.com","domainNameStatus":"AVAILABLE"}`},
		{"certificate replace", []op{{"replace", "/regionalCertificateArn", regionalCert + "b"}}, 200, `{"regionalCertificateArn":"` + regionalCert + `b"}`},
		{"certificate add", []op{{"add", "/regionalCertificateArn", regionalCert + "b"}}, 200, `{"regionalCertificateArn":"` + regionalCert + `b"}`},
		{"D path without slash", []op{{"replace", "regionalCertificateName", "c"}}, 200, `{"regionalCertificateName":"c"}`},
		{"certificate remove", []op{{"remove", "/regionalCertificateArn"}}, 200, `{"regionalCertificateArn":null}`},
		{"C certificate empty clears", []op{{"replace", "/regionalCertificateArn", ""}}, 200, `{"regionalCertificateArn":null}`},
		{"certificate name remove", []op{{"add", "/regionalCertificateName", "c"}, {"replace", "/regionalCertificateName", ""}}, 200, `{"regionalCertificateName":null}`},
		{"I certificate added and removed", []op{{"add", "/regionalCertificateArn", regionalCert}, {"remove", "/regionalCertificateArn"}}, 400, "Invalid patch operations specified. /regionalCertificateArn cannot be added and removed in one request"},
		{"two certificate paths", []op{{"add", "/regionalCertificateName", "c"}, {"remove", "/regionalCertificateArn"}}, 200, `{"regionalCertificateArn":null,"regionalCertificateName":"c"}`},
		{"I certificate copy", []op{{"copy", "/certificateArn", "-", "/x"}}, 400, setOrClear},
		{"F certificate of the other type", []op{{"replace", "/certificateArn", edgeCert}}, 400, edgeCertText},
		{"F certificate name of the other type", []op{{"replace", "/certificateName", "c"}}, 400, edgeCertText},
		{"C empty certificate of the other type", []op{{"replace", "/certificateArn", ""}, {"replace", "/certificateName", ""}}, 200, `{"certificateArn":null,"certificateUploadDate":null}`},
		{"F region of a certificate", []op{{"replace", "/regionalCertificateArn", edgeCert}}, 400, "Invalid certificate ARN: " + edgeCert + ". Certificate must be in 'eu-west-1'."},
		{"I certificate no ARN", []op{{"replace", "/regionalCertificateArn", "x"}}, 400, arnText},

		{"D second type", []op{addEdge, {"add", "/certificateArn", edgeCert}}, 200, `{"endpointConfiguration":{"types":["REGIONAL","EDGE"],"ipAddressType":"ipv4"},"certificateArn":"` + edgeCert + `","regionalCertificateArn":"` + regionalCert + `","distributionHostedZoneId":"Z2FDTNDATAQYW2","regionalHostedZoneId":"ZLY8HYME6SFDD","certificateUploadDate":1714557600}`},
		{"I type twice", []op{{"add", typesPath, "REGIONAL"}}, 200, `{"endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"ipv4"}}`},
		{"D first type goes with its certificate", []op{addEdge, {"remove", typesPath, "REGIONAL"}}, 200, `{"endpointConfiguration":{"types":["EDGE"],"ipAddressType":"ipv4"},"regionalCertificateArn":null,"regionalDomainName":null,"regionalHostedZoneId":null}`},
		{"D second type goes with its certificate", []op{addEdge, {"add", "/certificateArn", edgeCert}, {"remove", typesPath, "EDGE"}}, 200, `{"endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"ipv4"},"certificateArn":null,"certificateUploadDate":null,"distributionDomainName":null,"distributionHostedZoneId":null,"regionalCertificateArn":"` + regionalCert + `"}`},
		{"I last type", []op{{"remove", typesPath, "REGIONAL"}}, 400, bothOffText},
		{"C type by index", []op{{"replace", typesPath + "/0", "EDGE"}, {"replace", "/regionalCertificateArn", ""}, {"replace", "/certificateArn", edgeCert}}, 200, `{"endpointConfiguration":{"types":["EDGE"],"ipAddressType":"ipv4"},"certificateArn":"` + edgeCert + `","regionalCertificateArn":null,"regionalDomainName":null}`},
		{"F to private", []op{{"replace", typesPath + "/0", "PRIVATE"}}, 400, typesPath + "/0 Invalid request input"},
		{"I add private", []op{{"add", typesPath, "PRIVATE"}}, 400, typesPath + " Invalid request input"},
		{"R bad type, as an API", []op{{"replace", typesPath + "/0", "LOCAL"}}, 400, "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE"},
		{"I replace without index", []op{{"replace", typesPath, "EDGE"}}, 400, "Invalid patch operation specified. Must be one of: [add, remove]"},
		{"I add with index", []op{{"add", typesPath + "/0", "EDGE"}}, 400, onlyReplaceText},
		{"ipAddressType", []op{{"replace", "/endpointConfiguration/ipAddressType", "dualstack"}}, 200, `{"endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"dualstack"}}`},
		{"R bad ipAddressType, as an API", []op{{"replace", "/endpointConfiguration/ipAddressType", "ipv6"}}, 400, "ipAddressType must be either ipv4 or dualstack."},
		{"I ipAddressType add", []op{{"add", "/endpointConfiguration/ipAddressType", "ipv4"}}, 400, onlyReplaceText},

		{"securityPolicy", []op{tls}, 200, `{"securityPolicy":"TLS_1_2"}`},
		{"I securityPolicy other", []op{{"replace", "/securityPolicy", "SSL"}}, 400, "Invalid security policy specified. Must be one of: [TLS_1_2, SecurityPolicy_TLS12_2018_EDGE, SecurityPolicy_TLS12_PFS_2025_EDGE, SecurityPolicy_TLS13_2025_EDGE, SecurityPolicy_TLS13_1_2_PQ_2025_09, SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09, SecurityPolicy_TLS13_1_3_FIPS_2025_09, SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09, SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09, SecurityPolicy_TLS13_1_2_2021_06, SecurityPolicy_TLS13_1_3_2025_09, TLS_1_0]"},
		{"I securityPolicy add", []op{{"add", "/securityPolicy", "TLS_1_2"}}, 400, onlyReplaceText},
		{"endpointAccessMode", []op{{"replace", "/securityPolicy", "SecurityPolicy_TLS13_1_3_2025_09"}, {"replace", "/endpointAccessMode", "BASIC"}}, 200, `{"endpointAccessMode":"BASIC"}`},
		{"I endpointAccessMode with an old policy", []op{{"replace", "/endpointAccessMode", "BASIC"}}, 400, accessModeText},
		{"I endpointAccessMode other", []op{{"replace", "/endpointAccessMode", "x"}}, 400, "Invalid endpoint access mode specified. Must be one of: [STRICT, BASIC]"},
		{"I endpointAccessMode remove", []op{{"remove", "/endpointAccessMode"}}, 400, onlyReplaceText},
		{"routingMode", []op{{"replace", "/routingMode", "ROUTING_RULE_THEN_BASE_PATH_MAPPING"}}, 200, `{"routingMode":"ROUTING_RULE_THEN_BASE_PATH_MAPPING"}`},
		{"I routingMode other", []op{{"replace", "/routingMode", "x"}}, 400, "Invalid routing mode specified. Must be one of: [BASE_PATH_MAPPING_ONLY, ROUTING_RULE_THEN_BASE_PATH_MAPPING, ROUTING_RULE_ONLY]"},
		{"I routingMode remove", []op{{"remove", "/routingMode"}}, 400, onlyReplaceText},
		{"I policy", []op{{"replace", "/policy", allowAll}}, 400, domainPolicyText},
		{"I policy empty", []op{{"replace", "/policy", ""}}, 200, `{"policy":null}`},
		{"I managementPolicy", []op{{"replace", "/managementPolicy", allowAll}}, 400, domainPolicyText},

		{"mutual TLS", []op{tls, {"add", store, "s3://b/k"}, {"add", version, "2"}}, 200, `{"mutualTlsAuthentication":{"truststoreUri":"s3://b/k","truststoreVersion":"2"}}`},
		{"C mutual TLS off by an empty URI", []op{tls, {"add", store, "s3://b/k"}, {"add", version, "2"}, {"replace", store, ""}}, 200, `{"mutualTlsAuthentication":null}`},
		{"mutual TLS off by remove", []op{tls, {"replace", store, "s3://b/k"}, {"remove", store}}, 200, `{"mutualTlsAuthentication":null}`},
		{"version remove", []op{tls, {"replace", store, "s3://b/k"}, {"replace", version, "2"}, {"remove", version}}, 200, `{"mutualTlsAuthentication":{"truststoreUri":"s3://b/k"}}`},
		{"I version without a URI", []op{{"replace", version, "2"}}, 200, `{"mutualTlsAuthentication":null}`},
		{"F mutual TLS without TLS 1.2", []op{{"add", store, "s3://b/k"}}, 400, mutualTLSText},
		{"F back to old TLS", []op{tls, {"add", store, "s3://b/k"}, {"replace", "/securityPolicy", "TLS_1_0"}}, 400, mutualTLSText},
		{"I whole member", []op{{"remove", "/mutualTlsAuthentication"}}, 400, "Invalid patch path /mutualTlsAuthentication"},
		{"ownership certificate", []op{{"add", "/ownershipVerificationCertificateArn", edgeCert}}, 200, `{"ownershipVerificationCertificateArn":"` + edgeCert + `"}`},
		{"ownership certificate remove", []op{{"replace", "/ownershipVerificationCertificateArn", edgeCert}, {"remove", "/ownershipVerificationCertificateArn"}}, 200, `{"ownershipVerificationCertificateArn":null}`},
		{"I ownership certificate no ARN", []op{{"add", "/ownershipVerificationCertificateArn", "x"}}, 400, arnText},

		{"unknown path", []op{{"replace", "/domainName", "x"}}, 400, "Invalid patch path /domainName"},
		{"I absent path", []op{{"replace", "-", "x"}}, 400, "Invalid patch path null"},
		{"I all or nothing", []op{tls, {"replace", "/nope", "x"}}, 400, "Invalid patch path /nope"},
	})
}

func TestUpdatePrivateDomainName(t *testing.T) {
	fresh := func(p *petAPI) string {
		id, _ := p.privateDomain("private.example.com")
		return "/domainnames/private.example.com?domainNameId=" + id
	}
	runPatchRows(t, fresh, []patchRow{
		{"policy empty clears", []op{{"replace", "/policy", ""}}, 200, `{"policy":null}`},
		{"C policy as sent, compact", []op{{"replace", "/policy", strings.ReplaceAll(allowAll, `,"`, ` , "`)}}, 200, `{"policy":"` + jsonPolicy(allowAll) + `"}`},
		{"C managementPolicy remove", []op{{"replace", "/managementPolicy", allowAll}, {"remove", "/managementPolicy"}}, 200, `{"managementPolicy":null}`},
		{"C policy remove", []op{{"remove", "/policy"}}, 200, `{"policy":null}`},
		{"I managementPolicy add", []op{{"add", "/managementPolicy", allowAll}}, 400, "Invalid patch operation specified. Must be one of: [remove, replace]"},
		{"managementPolicy empty clears", []op{{"replace", "/managementPolicy", allowAll}, {"replace", "/managementPolicy", ""}}, 200, `{"managementPolicy":null}`},
		{"F bad policy", []op{{"replace", "/policy", "x"}}, 400, policyText},
		{"F bad managementPolicy", []op{{"replace", "/managementPolicy", "{}"}}, 400, policyText},
		{"F to public", []op{{"replace", "/endpointConfiguration/types/0", "REGIONAL"}}, 400, "/endpointConfiguration/types/0 Invalid request input"},
		{"I add a public type", []op{{"add", "/endpointConfiguration/types", "REGIONAL"}}, 400, "/endpointConfiguration/types Invalid request input"},
		{"R ipv4, as an API", []op{{"replace", "/endpointConfiguration/ipAddressType", "ipv4"}}, 400, "Only dualstack ipAddressType is supported for Private APIs."},
		{"certificate", []op{{"replace", "/certificateArn", regionalCert + "b"}}, 200, `{"certificateArn":"` + regionalCert + `b"}`},
		{"I regional certificate", []op{{"replace", "/regionalCertificateArn", regionalCert}}, 400, "Cannot import certificates for REGIONAL while PRIVATE is active."},
		{"I old TLS", []op{{"replace", "/securityPolicy", "TLS_1_0"}}, 400, "Security policy TLS_1_0 is not supported for PRIVATE domain names."},
	})
}

// Names that clients point to must not change while they do.
func TestTargetsStay(t *testing.T) {
	h := newHarness(t)
	path := h.publicDomain("api.example.com")
	before := h.do("GET", path, nil)["regionalDomainName"]
	after := h.do("PATCH", path, patchBody(op{"add", "/endpointConfiguration/types", "EDGE"}, op{"replace", "/securityPolicy", "TLS_1_2"}))["regionalDomainName"]
	if before == nil || after != before {
		t.Errorf("regionalDomainName: got %v, want as before %v", after, before)
	}
}

func TestPrivateDomainNames(t *testing.T) {
	h := newHarness(t)
	first, arn := h.privateDomain("private.example.com")
	second, _ := h.privateDomain("private.example.com")
	public := h.publicDomain("private.example.com")
	if first == second || arn != "arn:aws:apigateway:eu-west-1:123456789012:/domainnames/private.example.com+"+first {
		t.Errorf("ids %s and %s, ARN %s", first, second, arn)
	}
	shown := h.do("GET", public+"?domainNameId="+first, nil)
	if shown["domainNameId"] != first || shown["policy"] != allowAll {
		t.Errorf("GetDomainName: got %v,\nwant id %s and policy %s", shown, first, allowAll)
	}
	wantMembers(t, h.call("GET", public, nil), 200, `{"domainNameId":null}`)
	for _, path := range []string{"?domainNameId=none", "+" + first} {
		wantRefusal(t, h.call("GET", public+path, nil), 404, noDomainText)
	}
	mappings := public + "/basepathmappings?domainNameId=" + first
	api := h.petAPI().id
	wantBody(t, h.call("POST", mappings, map[string]any{"restApiId": api}), 201, `{"basePath":"(none)","restApiId":"`+api+`"}`)
	if got := h.do("GET", public+"/basepathmappings", nil)["item"].([]any); len(got) != 0 {
		t.Errorf("mappings of the public name: got %v, want none", got)
	}
	if got := h.call("DELETE", public+"?domainNameId="+first, nil); got.status != 202 || got.body != "" {
		t.Errorf("DeleteDomainName: got %v, want 202 without body", got)
	}
	wantRefusal(t, h.call("GET", mappings, nil), 404, noDomainText)
	wantMembers(t, h.call("GET", public, nil), 200, `{"domainName":"private.example.com"}`)
}

func TestDomainNameIsUnique(t *testing.T) {
	h := newHarness(t)
	path := h.publicDomain("api.example.com")
	const taken = "The domain name you provided already exists."
	body := `{"domainName":"api.example.com"}`
	wantRefusal(t, h.call("POST", "/domainnames", body), 409, taken)
	// Another account has the name too, but not what begins with it.
	h.account = otherAccount
	wantRefusal(t, h.call("POST", "/domainnames", body), 409, taken)
	wantRefusal(t, h.call("GET", path, nil), 404, noDomainText)
	h.do("POST", "/domainnames", `{"domainName":"api.example.co"}`)
	h.account = testAccount
	h.do("DELETE", path, nil)
	h.account = otherAccount
	h.do("POST", "/domainnames", body)
}

// Another node makes the same name between the check and the commit.
func TestDomainNameTakenMeanwhile(t *testing.T) {
	h := newHarness(t)
	const body = `{"domainName":"api.example.com"}`
	late := h.interrupted(func() { h.as(otherAccount).do("POST", "/domainnames", body) })
	wantRefusal(t, late.call("POST", "/domainnames", body), 409, "The domain name you provided already exists.")
}

func TestDomainNameNotFound(t *testing.T) {
	h := newHarness(t)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		wantRefusal(t, h.call(method, "/domainnames/none.example.com", nil), 404, noDomainText)
	}
}

func TestDomainNamePages(t *testing.T) {
	h := newHarness(t)
	for _, name := range []string{"c", "a", "b"} {
		h.publicDomain(name + ".example.com")
	}
	wantPages(t, h, "/domainnames?limit=2", "domainName", "a.example.com", "b.example.com", "", "c.example.com")
}

// wantPages reads a list page by page and compares a member of all items; an
// empty text stands for the end of a page.
func wantPages(t *testing.T, h *harness, path, member string, want ...string) {
	t.Helper()
	var got []string
	for position := ""; ; {
		answer := h.do("GET", path+"&position="+url.QueryEscape(position), nil)
		for _, item := range answer["item"].([]any) {
			got = append(got, item.(map[string]any)[member].(string))
		}
		if answer["position"] == nil {
			break
		}
		got = append(got, "")
		position = answer["position"].(string)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %q, want %q", path, got, want)
	}
}

func TestQuotasOfDomainsAndLinks(t *testing.T) {
	h := newHarness(t)
	h.Quotas[DomainsPerRegion], h.Quotas[PrivateDomainsPerRegion], h.Quotas[VPCLinksPerRegion] = 1, 1, 1
	h.publicDomain("a.example.com")
	h.privateDomain("a.example.com")
	h.vpcLink()
	const text = "Maximum number of %[1]s for this account has been reached.  Please contact AWS if you need additional %[1]s."
	for _, row := range []struct{ path, body, noun string }{
		{"/domainnames", `{"domainName":"b.example.com"}`, "Domain Names"},
		{"/domainnames", `{"domainName":"b.example.com","endpointConfiguration":{"types":["PRIVATE"]}}`, "private Domain Names"},
		{"/vpclinks", linkBody, "VPC Links"},
	} {
		wantRefusal(t, h.call("POST", row.path, row.body), 429, fmt.Sprintf(text, row.noun))
	}
}
