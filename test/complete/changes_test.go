package complete

import (
	"slices"
	"strconv"
	"strings"
)

// patches holds what is patched, one operation after the other on the same
// thing.
var patches = slices.Concat(stagePatches, methodPatches, domainPatches, []patched{
	{"UpdateAccount", "", []change{
		{"replace", "/cloudwatchRoleArn", "", `{"cloudwatchRoleArn":null}`},
		{"replace", "/cloudwatchRoleArn", role, `{"cloudwatchRoleArn":"` + role + `"}`},
		{"add", "/features", "UsagePlans", unchanged},
		{"remove", "/features", "UsagePlans", refused},
	}},
	{"UpdateApiKey", "ApiKey=<key>", []change{
		{"replace", "/name", "n2", `{"name":"n2"}`},
		{"replace", "/description", "d2", `{"description":"d2"}`},
		{"replace", "/customerId", "c2", `{"customerId":"c2"}`},
		{"replace", "/enabled", "false", `{"enabled":false}`},
		{"remove", "/stages", "<api>/dev", `{"stageKeys":[]}`},
		{"add", "/stages", "<api>/dev", `{"stageKeys":["<api>/dev"]}`},
		{"add", "/labels", "a=b", `{"tags":{"a":"b"}}`},
		{"remove", "/labels", "a", `{"tags":{"a":null}}`},
	}},
	{"UpdateAuthorizer", "RestApiId=<api>&AuthorizerId=<token>", []change{
		{"replace", "/name", "n2", `{"name":"n2"}`},
		{"replace", "/authType", "t2", `{"authType":"t2"}`},
		{"replace", "/authorizerUri", lambda2, `{"authorizerUri":"` + lambda2 + `"}`},
		{"replace", "/authorizerCredentials", "", `{"authorizerCredentials":null}`},
		{"replace", "/identityValidationExpression", "^b", `{"identityValidationExpression":"^b"}`},
		{"replace", "/authorizerResultTtlInSeconds", "0", `{"authorizerResultTtlInSeconds":0}`},
		{"replace", "/type", "REQUEST", `{"type":"REQUEST"}`},
		{"remove", "/identitySource", "", `{"identitySource":null}`},
		{"add", "/identitySource", "method.request.header.A", `{"identitySource":"method.request.header.A"}`},
		{"replace", "/identitySource", "method.request.header.B", `{"identitySource":"method.request.header.B"}`},
	}},
	{"UpdateAuthorizer", "RestApiId=<api>&AuthorizerId=<users>", []change{
		{"add", "/providerARNs", pool + "2", `{"providerARNs":["` + pool + `","` + pool + `2"]}`},
		{"remove", "/providerARNs", pool, `{"providerARNs":["` + pool + `2"]}`},
	}},
	{"UpdateBasePathMapping", "DomainName=<edge>&BasePath=v1", []change{
		{"replace", "/stage", "", `{"stage":null}`},
		{"replace", "/restapiId", "<imported>", `{"restApiId":"<imported>"}`},
		{"replace", "/restapiId", "<api>", `{"restApiId":"<api>"}`},
	}},
	{"UpdateBasePathMapping", "DomainName=<edge>&BasePath=old", []change{
		{"replace", "/basePath", "new", `{"basePath":"new"}`},
	}},
	{"UpdateClientCertificate", "ClientCertificateId=<certificate>", []change{
		{"replace", "/description", "d2", `{"description":"d2"}`},
	}},
	{"UpdateDeployment", "RestApiId=<api>&DeploymentId=<deployment>", []change{
		{"replace", "/description", "d2", `{"description":"d2"}`},
	}},
	{"UpdateDocumentationPart", "RestApiId=<api>&DocumentationPartId=<part>", []change{
		{"replace", "/properties", `{"a":1}`, `{"properties":"{\"a\":1}"}`},
	}},
	{"UpdateDocumentationVersion", "RestApiId=<api>&DocumentationVersion=1", []change{
		{"replace", "/description", "d2", `{"description":"d2"}`},
	}},
	{"UpdateGatewayResponse", "RestApiId=<api>&ResponseType=THROTTLED", []change{
		{"replace", "/statusCode", "430", `{"statusCode":"430"}`},
		{"add", "/responseParameters/gatewayresponse.header.B", "'b'", `{"responseParameters":{"gatewayresponse.header.B":"'b'"}}`},
		{"replace", "/responseParameters/gatewayresponse.header.B", "'c'", `{"responseParameters":{"gatewayresponse.header.B":"'c'"}}`},
		{"remove", "/responseParameters/gatewayresponse.header.B", "", `{"responseParameters":{"gatewayresponse.header.B":null}}`},
		{"remove", "/responseParameters", "", `{"responseParameters":{"gatewayresponse.header.A":null}}`},
		{"add", "/responseParameters", `{"gatewayresponse.header.C":"'c'"}`, `{"responseParameters":{"gatewayresponse.header.C":"'c'"}}`},
		{"replace", "/responseParameters", `{"gatewayresponse.header.D":"'d'"}`, `{"responseParameters":{"gatewayresponse.header.C":null,"gatewayresponse.header.D":"'d'"}}`},
		{"add", "/responseTemplates/text~1plain", "t", `{"responseTemplates":{"text/plain":"t"}}`},
		{"replace", "/responseTemplates/text~1plain", "u", `{"responseTemplates":{"text/plain":"u"}}`},
		{"remove", "/responseTemplates/text~1plain", "", `{"responseTemplates":{"text/plain":null}}`},
		{"remove", "/responseTemplates", "", `{"responseTemplates":{"application/json":null}}`},
		{"add", "/responseTemplates", `{"a/b":"t"}`, `{"responseTemplates":{"a/b":"t"}}`},
		{"replace", "/responseTemplates", `{"c/d":"t"}`, `{"responseTemplates":{"a/b":null,"c/d":"t"}}`},
	}},
	{"UpdateModel", "RestApiId=<api>&ModelName=M", []change{
		{"replace", "/description", "d2", `{"description":"d2"}`},
		{"replace", "/schema", `{"type":"string"}`, `{"schema":"{\"type\":\"string\"}"}`},
	}},
	{"UpdateRequestValidator", "RestApiId=<api>&RequestValidatorId=<validator>", []change{
		{"replace", "/name", "n2", `{"name":"n2"}`},
		{"replace", "/validateRequestBody", "false", `{"validateRequestBody":false}`},
		{"replace", "/validateRequestParameters", "true", `{"validateRequestParameters":true}`},
	}},
	{"UpdateResource", "RestApiId=<api>&ResourceId=<moved>", []change{
		{"replace", "/pathPart", "n2", `{"pathPart":"n2","path":"/n2"}`},
		{"replace", "/parentId", "<resource>", `{"parentId":"<resource>","path":"/things/n2"}`},
	}},
	{"UpdateRestApi", "RestApiId=<imported>", []change{
		{"replace", "/name", "n2", `{"name":"n2"}`},
		{"add", "/description", "d2", `{"description":"d2"}`},
		{"replace", "/description", "d3", `{"description":"d3"}`},
		{"remove", "/description", "", `{"description":null}`},
		{"replace", "/version", "2", `{"version":"2"}`},
		{"replace", "/apiKeySource", "AUTHORIZER", `{"apiKeySource":"AUTHORIZER"}`},
		{"add", "/binaryMediaTypes/image~1png", "", `{"binaryMediaTypes":["image/png"]}`},
		{"replace", "/binaryMediaTypes/image~1png", "image/gif", `{"binaryMediaTypes":["image/gif"]}`},
		{"remove", "/binaryMediaTypes/image~1gif", "", `{"binaryMediaTypes":null}`},
		{"replace", "/minimumCompressionSize", "0", `{"minimumCompressionSize":0}`},
		{"replace", "/endpointConfiguration/ipAddressType", "dualstack", `{"endpointConfiguration":{"ipAddressType":"dualstack"}}`},
		{"replace", "/endpointConfiguration/types/0", "PRIVATE", `{"endpointConfiguration":{"types":["PRIVATE"]}}`},
		{"add", "/endpointConfiguration/types/0", "REGIONAL", refused},
		{"remove", "/endpointConfiguration/types/0", "", refused},
		{"add", "/endpointConfiguration/vpcEndpointIds", "vpce-1", `{"endpointConfiguration":{"vpcEndpointIds":["vpce-1"]}}`},
		{"remove", "/endpointConfiguration/vpcEndpointIds", "vpce-1", `{"endpointConfiguration":{"vpcEndpointIds":null}}`},
		{"replace", "/policy", policy, `{"policy":` + strconv.Quote(restPolicy) + `}`},
		{"replace", "/disableExecuteApiEndpoint", "true", `{"disableExecuteApiEndpoint":true}`},
		{"replace", "/securityPolicy", "SecurityPolicy_TLS13_1_3_2025_09", `{"securityPolicy":"SecurityPolicy_TLS13_1_3_2025_09"}`},
		{"replace", "/endpointAccessMode", "STRICT", `{"endpointAccessMode":"STRICT"}`},
	}},
	{"UpdateUsage", "UsagePlanId=<plan>&KeyId=<key>", []change{
		{"replace", "/remaining", "7", `{"values":{"<key>":[[0,7]]}}`},
	}},
	{"UpdateUsagePlan", "UsagePlanId=<plan>", []change{
		{"replace", "/name", "n2", `{"name":"n2"}`},
		{"replace", "/description", "d2", `{"description":"d2"}`},
		{"remove", "/productCode", "", `{"productCode":null}`},
		{"add", "/productCode", "c2", `{"productCode":"c2"}`},
		{"replace", "/productCode", "c3", `{"productCode":"c3"}`},
		{"add", "/throttle/rateLimit", "2", `{"throttle":{"rateLimit":2}}`},
		{"replace", "/throttle/rateLimit", "3", `{"throttle":{"rateLimit":3}}`},
		{"add", "/throttle/burstLimit", "2", `{"throttle":{"burstLimit":2}}`},
		{"replace", "/throttle/burstLimit", "3", `{"throttle":{"burstLimit":3}}`},
		{"remove", "/throttle", "", `{"throttle":null}`},
		{"add", "/quota/limit", "2", `{"quota":{"limit":2}}`},
		{"replace", "/quota/limit", "3", `{"quota":{"limit":3}}`},
		{"add", "/quota/period", "WEEK", `{"quota":{"period":"WEEK"}}`},
		{"replace", "/quota/period", "MONTH", `{"quota":{"period":"MONTH"}}`},
		{"add", "/quota/offset", "2", `{"quota":{"offset":2}}`},
		{"replace", "/quota/offset", "3", `{"quota":{"offset":3}}`},
		{"remove", "/quota", "", `{"quota":null}`},
		{"add", "/apiStages/<api>:dev/throttle//things/POST/rateLimit", "2", `{"apiStages":[{"apiId":"<api>","stage":"dev","throttle":{"/things/GET":{"burstLimit":1,"rateLimit":1},"/things/POST":{"rateLimit":2}}}]}`},
		{"replace", "/apiStages/<api>:dev/throttle/~1things/POST/burstLimit", "3", `{"apiStages":[{"apiId":"<api>","stage":"dev","throttle":{"/things/GET":{"burstLimit":1,"rateLimit":1},"/things/POST":{"burstLimit":3,"rateLimit":2}}}]}`},
		{"remove", "/apiStages/<api>:dev/throttle/~1things/GET", "", `{"apiStages":[{"apiId":"<api>","stage":"dev","throttle":{"/things/POST":{"burstLimit":3,"rateLimit":2}}}]}`},
		{"remove", "/apiStages/<api>:dev/throttle", "", `{"apiStages":[{"apiId":"<api>","stage":"dev"}]}`},
		{"add", "/apiStages/<api>:dev/throttle", `{"/a/GET":{"rateLimit":1}}`, `{"apiStages":[{"apiId":"<api>","stage":"dev","throttle":{"/a/GET":{"rateLimit":1}}}]}`},
		{"replace", "/apiStages/<api>:dev/throttle", `{"/b/GET":{"rateLimit":1}}`, `{"apiStages":[{"apiId":"<api>","stage":"dev","throttle":{"/b/GET":{"rateLimit":1}}}]}`},
		{"remove", "/apiStages", "<api>:dev", `{"apiStages":[]}`},
		{"add", "/apiStages", "<api>:dev", `{"apiStages":[{"apiId":"<api>","stage":"dev"}]}`},
	}},
	{"UpdateVpcLink", "VpcLinkId=<link>", []change{
		{"replace", "/name", "n2", `{"name":"n2"}`},
		{"replace", "/description", "d2", `{"description":"d2"}`},
	}},
})

// restPolicy is policy as an API shows it: with whole ARNs, and its quotes
// escaped once more.
var restPolicy = strings.ReplaceAll(strings.Replace(policy, "execute-api:/*", "arn:aws:execute-api:us-east-1:"+account+":<imported>/*", 1), `"`, `\"`)
