package complete

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// read reads all that make made, alone and in lists. A list is read whole and
// one by one, for its position.
func (w *walk) read() {
	w.readAPIs()
	w.readParts()
	w.readMethod()
	w.readPlans()
	w.readDomains()
}

func (w *walk) readAPIs() {
	api, one := new(w.names["api"]), new(int32(1))
	do(w, w.GetAccount, &apigateway.GetAccountInput{})
	do(w, w.GetSdkType, &apigateway.GetSdkTypeInput{Id: new("java")})
	do(w, w.GetSdkTypes, &apigateway.GetSdkTypesInput{})
	do(w, w.GetSdkTypes, &apigateway.GetSdkTypesInput{Limit: one})
	do(w, w.GetRestApi, &apigateway.GetRestApiInput{RestApiId: api})
	do(w, w.GetRestApis, &apigateway.GetRestApisInput{})
	do(w, w.GetRestApis, &apigateway.GetRestApisInput{Limit: one})
	do(w, w.GetDeployment, &apigateway.GetDeploymentInput{RestApiId: api, DeploymentId: new(w.names["deployment"]), Embed: []string{"apisummary"}})
	do(w, w.GetDeployments, &apigateway.GetDeploymentsInput{RestApiId: api})
	do(w, w.GetDeployments, &apigateway.GetDeploymentsInput{RestApiId: api, Limit: one})
	do(w, w.GetStage, &apigateway.GetStageInput{RestApiId: api, StageName: new("dev")})
	do(w, w.GetStages, &apigateway.GetStagesInput{RestApiId: api})
	do(w, w.GenerateClientCertificate, &apigateway.GenerateClientCertificateInput{})
	do(w, w.GetClientCertificate, &apigateway.GetClientCertificateInput{ClientCertificateId: new(w.names["certificate"])})
	do(w, w.GetClientCertificates, &apigateway.GetClientCertificatesInput{})
	do(w, w.GetClientCertificates, &apigateway.GetClientCertificatesInput{Limit: one})
	do(w, w.CreateVpcLink, &apigateway.CreateVpcLinkInput{Name: new("second"), TargetArns: []string{balancer}})
	do(w, w.GetVpcLink, &apigateway.GetVpcLinkInput{VpcLinkId: new(w.names["link"])})
	w.waitLink()
	do(w, w.GetVpcLinks, &apigateway.GetVpcLinksInput{})
	do(w, w.GetVpcLinks, &apigateway.GetVpcLinksInput{Limit: one})
}

// waitLink asks for the VPC link until it is ready, as clients do: its state
// can be seen in no other way.
func (w *walk) waitLink() {
	ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
	defer cancel()
	for {
		link, err := w.GetVpcLink(ctx, &apigateway.GetVpcLinkInput{VpcLinkId: new(w.names["link"])})
		if err != nil {
			w.Fatal(err)
		}
		if link.Status == types.VpcLinkStatusAvailable {
			return
		}
	}
}

func (w *walk) readParts() {
	api, one := new(w.names["api"]), new(int32(1))
	do(w, w.GetModel, &apigateway.GetModelInput{RestApiId: api, ModelName: new("M"), Flatten: true})
	do(w, w.GetModelTemplate, &apigateway.GetModelTemplateInput{RestApiId: api, ModelName: new("M")})
	do(w, w.GetModels, &apigateway.GetModelsInput{RestApiId: api})
	do(w, w.GetModels, &apigateway.GetModelsInput{RestApiId: api, Limit: one})
	do(w, w.CreateRequestValidator, &apigateway.CreateRequestValidatorInput{RestApiId: api, Name: new("second")})
	do(w, w.GetRequestValidator, &apigateway.GetRequestValidatorInput{RestApiId: api, RequestValidatorId: new(w.names["validator"])})
	do(w, w.GetRequestValidators, &apigateway.GetRequestValidatorsInput{RestApiId: api})
	do(w, w.GetRequestValidators, &apigateway.GetRequestValidatorsInput{RestApiId: api, Limit: one})
	do(w, w.GetAuthorizer, &apigateway.GetAuthorizerInput{RestApiId: api, AuthorizerId: new(w.names["users"])})
	do(w, w.GetAuthorizers, &apigateway.GetAuthorizersInput{RestApiId: api})
	do(w, w.GetAuthorizers, &apigateway.GetAuthorizersInput{RestApiId: api, Limit: one})
	do(w, w.GetGatewayResponse, &apigateway.GetGatewayResponseInput{RestApiId: api, ResponseType: types.GatewayResponseTypeThrottled})
	do(w, w.GetGatewayResponses, &apigateway.GetGatewayResponsesInput{RestApiId: api})
	do(w, w.GetDocumentationPart, &apigateway.GetDocumentationPartInput{RestApiId: api, DocumentationPartId: new(w.names["part"])})
	do(w, w.GetDocumentationParts, &apigateway.GetDocumentationPartsInput{RestApiId: api})
	do(w, w.GetDocumentationParts, &apigateway.GetDocumentationPartsInput{RestApiId: api, Limit: one})
	do(w, w.CreateDocumentationVersion, &apigateway.CreateDocumentationVersionInput{RestApiId: api, DocumentationVersion: new("2")})
	do(w, w.GetDocumentationVersion, &apigateway.GetDocumentationVersionInput{RestApiId: api, DocumentationVersion: new("1")})
	do(w, w.GetDocumentationVersions, &apigateway.GetDocumentationVersionsInput{RestApiId: api})
	do(w, w.GetDocumentationVersions, &apigateway.GetDocumentationVersionsInput{RestApiId: api, Limit: one})
}

func (w *walk) readMethod() {
	api, resource := new(w.names["api"]), new(w.names["resource"])
	do(w, w.GetResource, &apigateway.GetResourceInput{RestApiId: api, ResourceId: resource, Embed: []string{"methods"}})
	do(w, w.GetResources, &apigateway.GetResourcesInput{RestApiId: api, Embed: []string{"methods"}})
	do(w, w.GetResources, &apigateway.GetResourcesInput{RestApiId: api, Limit: new(int32(1))})
	do(w, w.GetMethod, &apigateway.GetMethodInput{RestApiId: api, ResourceId: resource, HttpMethod: new("POST")})
	do(w, w.GetMethodResponse, &apigateway.GetMethodResponseInput{RestApiId: api, ResourceId: resource, HttpMethod: new("POST"), StatusCode: new("200")})
	do(w, w.GetIntegration, &apigateway.GetIntegrationInput{RestApiId: api, ResourceId: resource, HttpMethod: new("POST")})
	do(w, w.GetIntegrationResponse, &apigateway.GetIntegrationResponseInput{RestApiId: api, ResourceId: resource, HttpMethod: new("POST"), StatusCode: new("200")})
}

func (w *walk) readPlans() {
	one, plan, key := new(int32(1)), new(w.names["plan"]), new(w.names["key"])
	do(w, w.GetApiKey, &apigateway.GetApiKeyInput{ApiKey: key, IncludeValue: new(true)})
	do(w, w.GetApiKeys, &apigateway.GetApiKeysInput{IncludeValues: new(true)})
	do(w, w.GetApiKeys, &apigateway.GetApiKeysInput{Limit: one})
	do(w, w.CreateUsagePlan, &apigateway.CreateUsagePlanInput{Name: new("second")})
	do(w, w.GetUsagePlan, &apigateway.GetUsagePlanInput{UsagePlanId: plan})
	do(w, w.GetUsagePlans, &apigateway.GetUsagePlansInput{})
	do(w, w.GetUsagePlans, &apigateway.GetUsagePlansInput{Limit: one})
	second := do(w, w.CreateApiKey, &apigateway.CreateApiKeyInput{Name: new("second")})
	do(w, w.CreateUsagePlanKey, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan, KeyId: second.Id, KeyType: new("API_KEY")})
	do(w, w.GetUsagePlanKey, &apigateway.GetUsagePlanKeyInput{UsagePlanId: plan, KeyId: key})
	do(w, w.GetUsagePlanKeys, &apigateway.GetUsagePlanKeysInput{UsagePlanId: plan})
	do(w, w.GetUsagePlanKeys, &apigateway.GetUsagePlanKeysInput{UsagePlanId: plan, Limit: one})
	do(w, w.GetUsage, &apigateway.GetUsageInput{UsagePlanId: plan, StartDate: new("2024-01-01"), EndDate: new("2024-01-02"), Limit: one})
}

func (w *walk) readDomains() {
	one, edge := new(int32(1)), new(w.names["edge"])
	do(w, w.GetDomainName, &apigateway.GetDomainNameInput{DomainName: new("private.example"), DomainNameId: new(w.names["private"])})
	do(w, w.GetDomainNames, &apigateway.GetDomainNamesInput{})
	do(w, w.GetDomainNames, &apigateway.GetDomainNamesInput{Limit: one})
	do(w, w.CreateDomainNameAccessAssociation, &apigateway.CreateDomainNameAccessAssociationInput{
		DomainNameArn: new(w.names["privateArn"]), AccessAssociationSource: new("vpce-0123456789abcdef1"), AccessAssociationSourceType: types.AccessAssociationSourceTypeVpce,
	})
	do(w, w.GetDomainNameAccessAssociations, &apigateway.GetDomainNameAccessAssociationsInput{})
	do(w, w.GetDomainNameAccessAssociations, &apigateway.GetDomainNameAccessAssociationsInput{Limit: one})
	do(w, w.GetBasePathMapping, &apigateway.GetBasePathMappingInput{DomainName: edge, BasePath: new("v1")})
	do(w, w.GetBasePathMappings, &apigateway.GetBasePathMappingsInput{DomainName: edge})
	do(w, w.GetBasePathMappings, &apigateway.GetBasePathMappingsInput{DomainName: edge, Limit: one})
}
