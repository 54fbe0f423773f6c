package complete

import "strconv"

// domainPatches are those of domain names.
var domainPatches = []patched{
	{"UpdateDomainName", "DomainName=<edge>", []change{
		{"remove", "/certificateArn", "", `{"certificateArn":null}`},
		{"add", "/certificateArn", certificate + "2", `{"certificateArn":"` + certificate + `2"}`},
		{"replace", "/certificateArn", certificate + "3", `{"certificateArn":"` + certificate + `3"}`},
		{"remove", "/certificateName", "", `{"certificateName":null}`},
		{"add", "/certificateName", "c2", `{"certificateName":"c2"}`},
		{"replace", "/certificateName", "c3", `{"certificateName":"c3"}`},
		{"add", "/endpointConfiguration/types", "REGIONAL", `{"endpointConfiguration":{"types":["EDGE","REGIONAL"]}}`},
		{"remove", "/endpointConfiguration/types", "EDGE", `{"endpointConfiguration":{"types":["REGIONAL"]}}`},
		{"replace", "/endpointConfiguration/types/0", "EDGE", `{"endpointConfiguration":{"types":["EDGE"]}}`},
	}},
	{"UpdateDomainName", "DomainName=regional.example", []change{
		{"remove", "/regionalCertificateArn", "", `{"regionalCertificateArn":null}`},
		{"add", "/regionalCertificateArn", certificate + "2", `{"regionalCertificateArn":"` + certificate + `2"}`},
		{"replace", "/regionalCertificateArn", certificate + "3", `{"regionalCertificateArn":"` + certificate + `3"}`},
		{"remove", "/regionalCertificateName", "", `{"regionalCertificateName":null}`},
		{"add", "/regionalCertificateName", "c2", `{"regionalCertificateName":"c2"}`},
		{"replace", "/regionalCertificateName", "c3", `{"regionalCertificateName":"c3"}`},
		{"remove", "/ownershipVerificationCertificateArn", "", `{"ownershipVerificationCertificateArn":null}`},
		{"add", "/ownershipVerificationCertificateArn", certificate + "2", `{"ownershipVerificationCertificateArn":"` + certificate + `2"}`},
		{"replace", "/ownershipVerificationCertificateArn", certificate + "3", `{"ownershipVerificationCertificateArn":"` + certificate + `3"}`},
		{"replace", "/endpointConfiguration/ipAddressType", "dualstack", `{"endpointConfiguration":{"ipAddressType":"dualstack"}}`},
		{"remove", "/mutualTlsAuthentication/truststoreVersion", "", `{"mutualTlsAuthentication":{"truststoreVersion":null}}`},
		{"add", "/mutualTlsAuthentication/truststoreVersion", "2", `{"mutualTlsAuthentication":{"truststoreVersion":"2"}}`},
		{"replace", "/mutualTlsAuthentication/truststoreVersion", "3", `{"mutualTlsAuthentication":{"truststoreVersion":"3"}}`},
		{"replace", "/mutualTlsAuthentication/truststoreUri", "s3://b/k2", `{"mutualTlsAuthentication":{"truststoreUri":"s3://b/k2"}}`},
		{"remove", "/mutualTlsAuthentication/truststoreUri", "", `{"mutualTlsAuthentication":null}`},
		{"add", "/mutualTlsAuthentication/truststoreUri", "s3://b/k3", `{"mutualTlsAuthentication":{"truststoreUri":"s3://b/k3"}}`},
		{"replace", "/endpointAccessMode", "BASIC", `{"endpointAccessMode":"BASIC"}`},
		{"replace", "/securityPolicy", "SecurityPolicy_TLS13_1_2_2021_06", `{"securityPolicy":"SecurityPolicy_TLS13_1_2_2021_06"}`},
		{"replace", "/routingMode", "ROUTING_RULE_ONLY", `{"routingMode":"ROUTING_RULE_ONLY"}`},
	}},
	{"UpdateDomainName", "DomainName=private.example&DomainNameId=<private>", []change{
		{"remove", "/policy", "", `{"policy":null}`},
		{"replace", "/policy", policy, `{"policy":` + strconv.Quote(policy) + `}`},
		{"remove", "/managementPolicy", "", `{"managementPolicy":null}`},
		{"replace", "/managementPolicy", policy, `{"managementPolicy":` + strconv.Quote(policy) + `}`},
	}},
}
