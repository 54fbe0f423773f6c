package complete

import "github.com/postern-gateway/postern/apigw"

// reasons says of members of outputs why no answer carries them. A key is a
// path from the output on, which covers what is below it, or the name of a
// member in its structure wherever that is.
var reasons = map[string]string{
	"ApiKeys.warnings":                                      "no key that is listed has anything to warn of; an import warns in ApiKeyIds",
	"Deployments.item.apiSummary":                           "GetDeployments has no embed; GetDeployment shows the summary",
	"DocumentationPartIds.warnings":                         "an import of documentation refuses what is wrong and drops nothing",
	"DomainName.domainNameStatusMessage":                    "a domain name is AVAILABLE at once: there is nothing to wait for",
	"DomainName.endpointConfiguration.vpcEndpointIds":       "VPC endpoints come to a domain name by access associations",
	"DomainNames.item.endpointConfiguration.vpcEndpointIds": "VPC endpoints come to a domain name by access associations",
	"GatewayResponses.position":                             "the list is always whole, as with AWS",
	"MutualTlsAuthentication.truststoreWarnings":            "the control plane does not read the trust store",
	"RestApi.apiStatus":                                     "an API is changed at once: it has no state between",
	"RestApi.apiStatusMessage":                              "an API is changed at once: it has no state between",
	"RestApis.item.warnings":                                "warnings are of an import, and are not kept",
	"TestInvokeAuthorizerResponse.claims":                   "claims are those of tokens of user pools, which are not tested yet",
	"Stage.webAclArn":                                       "the association calls of WAFv2, which set it, are not served",
}

// gapReasons are the reasons that the register of gaps gives: an operation that
// is not served answers nothing.
func gapReasons() map[string]string {
	served := map[string]bool{}
	for _, operation := range apigw.Operations {
		served[operation.Output] = served[operation.Output] || !isGap(operation.Name)
	}
	out := map[string]string{}
	for output, any := range served {
		if !any {
			out[output] = "no operation that answers it is served"
		}
	}
	return out
}
