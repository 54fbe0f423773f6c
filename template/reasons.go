package template

import "strings"

// Reasons of what is left out.
const (
	reasonOther    = "it is not part of a REST API"
	reasonFunction = "functions do not run here; their API events do"
	reasonProperty = "it is not taken by this version of postern"
)

// reasons explain properties that are left out wherever they are.
var reasons = map[string]string{
	"Domain":               "custom domain names are not made",
	"UsagePlan":            "API keys and usage plans are not made",
	"BodyS3Location":       "S3 is not read: fetch the definition, and give it as Body or DefinitionUri",
	"ClientCertificateId":  "client certificates are not made",
	"DocumentationVersion": "documentation versions are not made",
	"IpAddressType":        "all addresses are served alike",
	"SecurityPolicy":       "TLS settings are those of the node",
	"EndpointAccessMode":   "TLS settings are those of the node",
	"CloneFrom":            "the API to clone is not in the template",
	"AuthorizationScopes":  "only Cognito authorizers have scopes",
}

// taken are the types that become part of an API or of the functions.
var taken = map[string]bool{
	apiType: true, functionType: true, "AWS::Lambda::Function": true,
	"AWS::ApiGateway::RestApi": true, "AWS::ApiGateway::Resource": true, "AWS::ApiGateway::Method": true,
	"AWS::ApiGateway::Model": true, "AWS::ApiGateway::RequestValidator": true, "AWS::ApiGateway::Authorizer": true,
	"AWS::ApiGateway::GatewayResponse": true, "AWS::ApiGateway::Deployment": true, "AWS::ApiGateway::Stage": true,
	"AWS::ApiGateway::DocumentationPart": true,
}

// leftTypes explain types that are left out.
var leftTypes = map[string]string{
	"AWS::ApiGateway::UsagePlan":            "usage plans are not made",
	"AWS::ApiGateway::UsagePlanKey":         "usage plans are not made",
	"AWS::ApiGateway::ApiKey":               "API keys are not made",
	"AWS::ApiGateway::DomainName":           "custom domain names are not made",
	"AWS::ApiGateway::DomainNameV2":         "custom domain names are not made",
	"AWS::ApiGateway::BasePathMapping":      "custom domain names are not made",
	"AWS::ApiGateway::BasePathMappingV2":    "custom domain names are not made",
	"AWS::ApiGateway::VpcLink":              "VPC links are not made",
	"AWS::ApiGateway::Account":              "the settings of the account are not changed",
	"AWS::ApiGateway::ClientCertificate":    "client certificates are not made",
	"AWS::ApiGateway::DocumentationVersion": "documentation versions are not made",
	"AWS::Serverless::StateMachine":         "state machines do not run here; API events of state machines are not made",
	"AWS::Serverless::HttpApi":              "HTTP APIs are not served",
	"AWS::Serverless::WebSocketApi":         "WebSocket APIs are not served",
}

// whole is why all of a resource is left out; empty if it is not.
func whole(kind string) string {
	switch {
	case taken[kind]:
		return ""
	case leftTypes[kind] != "":
		return leftTypes[kind]
	case strings.HasPrefix(kind, "AWS::ApiGatewayV2::"):
		return "HTTP and WebSocket APIs are not served"
	}
	return reasonOther
}
