package complete

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

const (
	account = "123456789012"

	schema      = `{"type":"object","properties":{"a":{"type":"string"}}}`
	certificate = "arn:aws:acm:us-east-1:" + account + ":certificate/1"
	lambda      = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:" + account + ":function:f/invocations"
	lambda2     = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:" + account + ":function:g/invocations"
	pool        = "arn:aws:cognito-idp:us-east-1:" + account + ":userpool/us-east-1_1"
	role        = "arn:aws:iam::" + account + ":role/r"
	balancer    = "arn:aws:elasticloadbalancing:us-east-1:" + account + ":loadbalancer/net/n/1"
	listener    = "arn:aws:elasticloadbalancing:us-east-1:" + account + ":listener/app/a/1"
	logGroup    = "arn:aws:logs:us-east-1:" + account + ":log-group:g"
	policy      = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}`
)

var tags = map[string]string{"team": "a"}

// make makes something of each kind, with every member that it can have.
func (w *walk) make() {
	w.makeAPIs()
	w.makeParts()
	w.makeMethod()
	w.makeStage()
	w.makePlans()
	w.makeDomains()
}

func (w *walk) makeAPIs() {
	do(w, w.UpdateAccount, &apigateway.UpdateAccountInput{PatchOperations: []types.PatchOperation{postern.Replace("/cloudwatchRoleArn", role)}})
	api := do(w, w.CreateRestApi, &apigateway.CreateRestApiInput{
		Name: new("all"), Description: new("d"), Version: new("1"), BinaryMediaTypes: []string{"image/png"}, MinimumCompressionSize: new(int32(1)),
		Policy: new(policy), SecurityPolicy: "SecurityPolicy_TLS13_1_3_2025_09", EndpointAccessMode: types.EndpointAccessModeBasic, Tags: tags,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypePrivate}, VpcEndpointIds: []string{"vpce-0123456789abcdef0"}},
	})
	w.names["api"], w.names["root"] = *api.Id, *api.RootResourceId
	document := []byte(`{"swagger":"2.0","info":{"title":"imported","version":"1"},"host":"a.example","x-amazon-apigateway-request-validator":"missing","paths":{"/x":{"get":{"responses":{"200":{"description":"ok"}},"x-amazon-apigateway-integration":{"type":"mock","uri":"","unknown":1}}}}}`)
	imported := do(w, w.ImportRestApi, &apigateway.ImportRestApiInput{Body: document})
	w.names["imported"] = *imported.Id
	do(w, w.PutRestApi, &apigateway.PutRestApiInput{RestApiId: imported.Id, Mode: types.PutModeOverwrite, Body: document})
	do(w, w.UpdateRestApi, &apigateway.UpdateRestApiInput{RestApiId: imported.Id, PatchOperations: []types.PatchOperation{postern.Replace("/name", "renamed")}})
	certificate := do(w, w.GenerateClientCertificate, &apigateway.GenerateClientCertificateInput{Description: new("d"), Tags: tags})
	w.names["certificate"] = *certificate.ClientCertificateId
	do(w, w.UpdateClientCertificate, &apigateway.UpdateClientCertificateInput{ClientCertificateId: certificate.ClientCertificateId})
	link := do(w, w.CreateVpcLink, &apigateway.CreateVpcLinkInput{Name: new("l"), Description: new("d"), TargetArns: []string{balancer}, Tags: tags})
	w.names["link"] = *link.Id
	do(w, w.UpdateVpcLink, &apigateway.UpdateVpcLinkInput{VpcLinkId: link.Id})
}

func (w *walk) makeParts() {
	api := new(w.names["api"])
	model := do(w, w.CreateModel, &apigateway.CreateModelInput{RestApiId: api, Name: new("M"), ContentType: new("application/json"), Schema: new(schema), Description: new("d")})
	do(w, w.UpdateModel, &apigateway.UpdateModelInput{RestApiId: api, ModelName: model.Name})
	validator := do(w, w.CreateRequestValidator, &apigateway.CreateRequestValidatorInput{RestApiId: api, Name: new("v"), ValidateRequestBody: true})
	w.names["validator"] = *validator.Id
	do(w, w.UpdateRequestValidator, &apigateway.UpdateRequestValidatorInput{RestApiId: api, RequestValidatorId: validator.Id})
	authorizer := do(w, w.CreateAuthorizer, &apigateway.CreateAuthorizerInput{
		RestApiId: api, Name: new("token"), Type: types.AuthorizerTypeToken, AuthorizerUri: new(lambda), AuthorizerCredentials: new(role),
		IdentitySource: new("method.request.header.Authorization"), IdentityValidationExpression: new("^a.*"), AuthorizerResultTtlInSeconds: new(int32(60)),
	})
	w.names["token"] = *authorizer.Id
	do(w, w.UpdateAuthorizer, &apigateway.UpdateAuthorizerInput{RestApiId: api, AuthorizerId: authorizer.Id})
	do(w, w.TestInvokeAuthorizer, &apigateway.TestInvokeAuthorizerInput{RestApiId: api, AuthorizerId: authorizer.Id, Headers: map[string]string{"Authorization": "abc"}})
	for _, name := range []string{"users", "users2"} {
		users := do(w, w.CreateAuthorizer, &apigateway.CreateAuthorizerInput{
			RestApiId: api, Name: &name, Type: types.AuthorizerTypeCognitoUserPools, ProviderARNs: []string{pool}, IdentitySource: new("method.request.header.Authorization"),
		})
		w.names[name] = *users.Id
	}
	do(w, w.PutGatewayResponse, &apigateway.PutGatewayResponseInput{
		RestApiId: api, ResponseType: types.GatewayResponseTypeThrottled, StatusCode: new("429"),
		ResponseParameters: map[string]string{"gatewayresponse.header.A": "'a'"}, ResponseTemplates: map[string]string{"application/json": "{}"},
	})
	do(w, w.UpdateGatewayResponse, &apigateway.UpdateGatewayResponseInput{RestApiId: api, ResponseType: types.GatewayResponseTypeThrottled})
	part := do(w, w.CreateDocumentationPart, &apigateway.CreateDocumentationPartInput{
		RestApiId: api, Properties: new(`{"description":"d"}`),
		Location: &types.DocumentationPartLocation{Type: types.DocumentationPartTypeResponseHeader, Path: new("/things"), Method: new("POST"), StatusCode: new("200"), Name: new("H")},
	})
	w.names["part"] = *part.Id
	do(w, w.UpdateDocumentationPart, &apigateway.UpdateDocumentationPartInput{RestApiId: api, DocumentationPartId: part.Id})
	do(w, w.ImportDocumentationParts, &apigateway.ImportDocumentationPartsInput{
		RestApiId: api, Mode: types.PutModeMerge,
		Body: []byte(`{"documentationParts":[{"location":{"type":"API"},"properties":{"info":{"description":"d"}}}]}`),
	})
	do(w, w.CreateDocumentationVersion, &apigateway.CreateDocumentationVersionInput{RestApiId: api, DocumentationVersion: new("1"), Description: new("d")})
	do(w, w.UpdateDocumentationVersion, &apigateway.UpdateDocumentationVersionInput{RestApiId: api, DocumentationVersion: new("1")})
}

// makeMethod makes two methods, as no integration has all members.
func (w *walk) makeMethod() {
	api := new(w.names["api"])
	resource := do(w, w.CreateResource, &apigateway.CreateResourceInput{RestApiId: api, ParentId: new(w.names["root"]), PathPart: new("things")})
	moved := do(w, w.CreateResource, &apigateway.CreateResourceInput{RestApiId: api, ParentId: new(w.names["root"]), PathPart: new("moved")})
	w.names["resource"], w.names["moved"] = *resource.Id, *moved.Id
	do(w, w.UpdateResource, &apigateway.UpdateResourceInput{RestApiId: api, ResourceId: resource.Id})
	do(w, w.PutMethod, &apigateway.PutMethodInput{
		RestApiId: api, ResourceId: resource.Id, HttpMethod: new("POST"), AuthorizationType: new("COGNITO_USER_POOLS"), AuthorizerId: new(w.names["users"]),
		ApiKeyRequired: true, AuthorizationScopes: []string{"s"}, OperationName: new("Make"), RequestModels: map[string]string{"application/json": "M"},
		RequestParameters: map[string]bool{"method.request.querystring.q": true}, RequestValidatorId: new(w.names["validator"]),
	})
	do(w, w.PutMethodResponse, &apigateway.PutMethodResponseInput{
		RestApiId: api, ResourceId: resource.Id, HttpMethod: new("POST"), StatusCode: new("200"),
		ResponseModels: map[string]string{"application/json": "M"}, ResponseParameters: map[string]bool{"method.response.header.H": false},
	})
	do(w, w.PutIntegration, &apigateway.PutIntegrationInput{
		RestApiId: api, ResourceId: resource.Id, HttpMethod: new("POST"), Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: new("POST"), Uri: new("https://127.0.0.1:1/"),
		ConnectionType: types.ConnectionTypeVpcLink, ConnectionId: new(w.names["link"]), Credentials: new(role), ContentHandling: types.ContentHandlingStrategyConvertToText,
		RequestParameters: map[string]string{"integration.request.querystring.q": "method.request.querystring.q"}, RequestTemplates: map[string]string{"application/json": "{}"},
		PassthroughBehavior: new("NEVER"), TimeoutInMillis: new(int32(1000)), CacheNamespace: new("n"), CacheKeyParameters: []string{"method.request.querystring.q"},
		TlsConfig: &types.TlsConfig{InsecureSkipVerification: true}, IntegrationTarget: new(listener), ResponseTransferMode: types.ResponseTransferModeBuffered,
	})
	do(w, w.PutIntegrationResponse, &apigateway.PutIntegrationResponseInput{
		RestApiId: api, ResourceId: resource.Id, HttpMethod: new("POST"), StatusCode: new("200"), SelectionPattern: new("2.."), ContentHandling: types.ContentHandlingStrategyConvertToText,
		ResponseParameters: map[string]string{"method.response.header.H": "'h'"}, ResponseTemplates: map[string]string{"application/json": "{}"},
	})
	do(w, w.UpdateMethod, &apigateway.UpdateMethodInput{RestApiId: api, ResourceId: resource.Id, HttpMethod: new("POST")})
	do(w, w.UpdateMethodResponse, &apigateway.UpdateMethodResponseInput{RestApiId: api, ResourceId: resource.Id, HttpMethod: new("POST"), StatusCode: new("200")})
	do(w, w.UpdateIntegration, &apigateway.UpdateIntegrationInput{RestApiId: api, ResourceId: resource.Id, HttpMethod: new("POST")})
	do(w, w.UpdateIntegrationResponse, &apigateway.UpdateIntegrationResponseInput{RestApiId: api, ResourceId: resource.Id, HttpMethod: new("POST"), StatusCode: new("200")})

	do(w, w.PutMethod, &apigateway.PutMethodInput{RestApiId: api, ResourceId: resource.Id, HttpMethod: new("GET"), AuthorizationType: new("NONE")})
	do(w, w.PutIntegration, &apigateway.PutIntegrationInput{
		RestApiId: api, ResourceId: resource.Id, HttpMethod: new("GET"), Type: types.IntegrationTypeMock, RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
	})
	do(w, w.PutMethodResponse, &apigateway.PutMethodResponseInput{
		RestApiId: api, ResourceId: resource.Id, HttpMethod: new("GET"), StatusCode: new("200"), ResponseParameters: map[string]bool{"method.response.header.H": false},
	})
	do(w, w.PutIntegrationResponse, &apigateway.PutIntegrationResponseInput{
		RestApiId: api, ResourceId: resource.Id, HttpMethod: new("GET"), StatusCode: new("200"), ResponseTemplates: map[string]string{"application/json": `{"ok":true}`},
		ResponseParameters: map[string]string{"method.response.header.H": "'h'"},
	})
	do(w, w.TestInvokeMethod, &apigateway.TestInvokeMethodInput{RestApiId: api, ResourceId: resource.Id, HttpMethod: new("GET")})
}

func (w *walk) makeStage() {
	api := new(w.names["api"])
	first := do(w, w.CreateDeployment, &apigateway.CreateDeploymentInput{RestApiId: api, Description: new("d")})
	second := do(w, w.CreateDeployment, &apigateway.CreateDeploymentInput{RestApiId: api})
	w.names["deployment"], w.names["next"] = *first.Id, *second.Id
	do(w, w.UpdateDeployment, &apigateway.UpdateDeploymentInput{RestApiId: api, DeploymentId: first.Id})
	do(w, w.CreateStage, &apigateway.CreateStageInput{
		RestApiId: api, StageName: new("dev"), DeploymentId: first.Id, Description: new("d"), DocumentationVersion: new("1"), Tags: tags, TracingEnabled: true,
		CacheClusterEnabled: true, CacheClusterSize: types.CacheClusterSizeSize0Point5Gb, Variables: map[string]string{"a": "1"},
		CanarySettings: &types.CanarySettings{PercentTraffic: 10, DeploymentId: second.Id, UseStageCache: true, StageVariableOverrides: map[string]string{"a": "2"}},
	})
	do(w, w.UpdateStage, &apigateway.UpdateStageInput{RestApiId: api, StageName: new("dev"), PatchOperations: []types.PatchOperation{
		postern.Replace("/clientCertificateId", w.names["certificate"]),
		postern.Replace("/accessLogSettings/destinationArn", logGroup), postern.Replace("/accessLogSettings/format", "$context.requestId"),
		postern.Replace("/*/*/logging/loglevel", "INFO"),
	}})
	do(w, w.GetExport, &apigateway.GetExportInput{RestApiId: api, StageName: new("dev"), ExportType: new("oas30")})
	do(w, w.GetSdk, &apigateway.GetSdkInput{RestApiId: api, StageName: new("dev"), SdkType: new("javascript")})
}

func (w *walk) makePlans() {
	api := new(w.names["api"])
	key := do(w, w.CreateApiKey, &apigateway.CreateApiKeyInput{
		Name: new("k"), Description: new("d"), CustomerId: new("c"), Enabled: true, Value: new("value-of-the-key-1234"), Tags: tags,
		StageKeys: []types.StageKey{{RestApiId: api, StageName: new("dev")}},
	})
	w.names["key"] = *key.Id
	do(w, w.UpdateApiKey, &apigateway.UpdateApiKeyInput{ApiKey: key.Id})
	do(w, w.ImportApiKeys, &apigateway.ImportApiKeysInput{Format: types.ApiKeysFormatCsv, Body: []byte("name,key\nimported,imported-value-of-a-key-123456\nshort,short\n")})
	plan := do(w, w.CreateUsagePlan, &apigateway.CreateUsagePlanInput{
		Name: new("p"), Description: new("d"), Tags: tags,
		ApiStages: []types.ApiStage{{ApiId: api, Stage: new("dev"), Throttle: map[string]types.ThrottleSettings{"/things/GET": {RateLimit: 1, BurstLimit: 1}}}},
		Quota:     &types.QuotaSettings{Limit: 10, Period: types.QuotaPeriodTypeDay}, Throttle: &types.ThrottleSettings{RateLimit: 1, BurstLimit: 1},
	})
	w.names["plan"] = *plan.Id
	do(w, w.UpdateUsagePlan, &apigateway.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: []types.PatchOperation{postern.Replace("/productCode", "c")}})
	do(w, w.CreateUsagePlanKey, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id, KeyType: new("API_KEY")})
	do(w, w.UpdateUsage, &apigateway.UpdateUsageInput{UsagePlanId: plan.Id, KeyId: key.Id, PatchOperations: []types.PatchOperation{postern.Replace("/remaining", "5")}})
	today := new(time.Now().UTC().Format(time.DateOnly))
	do(w, w.GetUsage, &apigateway.GetUsageInput{UsagePlanId: plan.Id, StartDate: today, EndDate: today})
}

// makeDomains makes one name of each endpoint type.
func (w *walk) makeDomains() {
	edge := do(w, w.CreateDomainName, &apigateway.CreateDomainNameInput{
		DomainName: new("edge.example"), CertificateArn: new(certificate), CertificateName: new("c"), Tags: tags,
	})
	w.names["edge"] = *edge.DomainName
	do(w, w.CreateDomainName, &apigateway.CreateDomainNameInput{
		DomainName: new("regional.example"), RegionalCertificateArn: new(certificate), RegionalCertificateName: new("c"), OwnershipVerificationCertificateArn: new(certificate),
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}},
		SecurityPolicy:        "SecurityPolicy_TLS13_1_3_2025_09", EndpointAccessMode: types.EndpointAccessModeStrict,
		MutualTlsAuthentication: &types.MutualTlsAuthenticationInput{TruststoreUri: new("s3://b/k"), TruststoreVersion: new("1")},
	})
	private := do(w, w.CreateDomainName, &apigateway.CreateDomainNameInput{
		DomainName: new("private.example"), CertificateArn: new(certificate), Policy: new(policy),
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypePrivate}},
	})
	w.names["private"] = *private.DomainNameId
	do(w, w.UpdateDomainName, &apigateway.UpdateDomainNameInput{
		DomainName: private.DomainName, DomainNameId: private.DomainNameId, PatchOperations: []types.PatchOperation{postern.Replace("/managementPolicy", policy)},
	})
	association := do(w, w.CreateDomainNameAccessAssociation, &apigateway.CreateDomainNameAccessAssociationInput{
		DomainNameArn: private.DomainNameArn, AccessAssociationSource: new("vpce-0123456789abcdef0"), AccessAssociationSourceType: types.AccessAssociationSourceTypeVpce, Tags: tags,
	})
	w.names["association"], w.names["privateArn"] = *association.DomainNameAccessAssociationArn, *private.DomainNameArn
	for _, base := range []string{"", "v1", "old"} {
		do(w, w.CreateBasePathMapping, &apigateway.CreateBasePathMappingInput{DomainName: edge.DomainName, BasePath: &base, RestApiId: new(w.names["api"]), Stage: new("dev")})
	}
	do(w, w.UpdateBasePathMapping, &apigateway.UpdateBasePathMappingInput{DomainName: edge.DomainName, BasePath: new("v1")})
}
