package complete

import "strings"

// always holds for each output the members that every answer with it has, as
// far as the service's recorded answers and its guide say so. The walk lists
// only what is not empty, so a list has its items.
var always = fields(map[string]string{
	"Account":                      "throttleSettings features apiKeyVersion",
	"ApiKey":                       "id createdDate lastUpdatedDate stageKeys",
	"ApiKeyIds":                    "ids",
	"ApiKeys":                      "items",
	"Authorizer":                   "id name type authType",
	"Authorizers":                  "items",
	"BasePathMapping":              "basePath restApiId",
	"BasePathMappings":             "items",
	"ClientCertificate":            "clientCertificateId pemEncodedCertificate createdDate expirationDate",
	"ClientCertificates":           "items",
	"Deployment":                   "id createdDate",
	"Deployments":                  "items",
	"DocumentationPart":            "id location properties",
	"DocumentationPartIds":         "ids",
	"DocumentationParts":           "items",
	"DocumentationVersion":         "version createdDate",
	"DocumentationVersions":        "items",
	"DomainName":                   "domainName domainNameArn endpointConfiguration domainNameStatus securityPolicy",
	"DomainNameAccessAssociation":  "domainNameAccessAssociationArn domainNameArn accessAssociationSource accessAssociationSourceType",
	"DomainNameAccessAssociations": "items",
	"DomainNames":                  "items",
	"ExportResponse":               "body contentType contentDisposition",
	"GatewayResponse":              "responseType responseParameters responseTemplates",
	"GatewayResponses":             "items",
	"Integration":                  "type passthroughBehavior timeoutInMillis cacheNamespace cacheKeyParameters",
	"IntegrationResponse":          "statusCode",
	"Method":                       "httpMethod authorizationType apiKeyRequired",
	"MethodResponse":               "statusCode",
	"Model":                        "id name schema contentType",
	"Models":                       "items",
	"RequestValidator":             "id name",
	"RequestValidators":            "items",
	"Resource":                     "id path",
	"Resources":                    "items",
	"RestApi":                      "id name createdDate apiKeySource endpointConfiguration rootResourceId",
	"RestApis":                     "items",
	"SdkResponse":                  "body contentType contentDisposition",
	"SdkType":                      "id friendlyName description",
	"SdkTypes":                     "items",
	"Stage":                        "stageName deploymentId cacheClusterStatus methodSettings createdDate lastUpdatedDate",
	"Stages":                       "item",
	"Tags":                         "tags",
	"Template":                     "value",
	"TestInvokeAuthorizerResponse": "clientStatus log latency",
	"TestInvokeMethodResponse":     "status body headers multiValueHeaders log latency",
	"Usage":                        "usagePlanId startDate endDate items",
	"UsagePlan":                    "id apiStages",
	"UsagePlanKey":                 "id type value name",
	"UsagePlanKeys":                "items",
	"UsagePlans":                   "items",
	"VpcLink":                      "id name targetArns status",
	"VpcLinks":                     "items",
})

func fields(rows map[string]string) map[string][]string {
	out := map[string][]string{}
	for output, members := range rows {
		out[output] = strings.Fields(members)
	}
	return out
}
