package complete

import (
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

// tag tags and untags an API.
func (w *walk) tag() {
	arn := new("arn:aws:apigateway:" + postern.Region + "::/restapis/" + w.names["api"])
	do(w, w.TagResource, &apigateway.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"a": "b", "c": "d"}})
	do(w, w.UntagResource, &apigateway.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"c"}})
	if out := do(w, w.GetTags, &apigateway.GetTagsInput{ResourceArn: arn}); len(out.Tags) != 2 || out.Tags["a"] != "b" {
		w.Errorf("tags: got %v, want a:b and team:a", out.Tags)
	}
}

// delete deletes all that make made, what depends on others first.
func (w *walk) delete() {
	api, resource, edge, get, post := new(w.names["api"]), new(w.names["resource"]), new(w.names["edge"]), new("GET"), new("POST")
	do(w, w.RejectDomainNameAccessAssociation, &apigateway.RejectDomainNameAccessAssociationInput{
		DomainNameAccessAssociationArn: new(w.names["association"]), DomainNameArn: new(w.names["privateArn"]),
	})
	again := do(w, w.CreateDomainNameAccessAssociation, &apigateway.CreateDomainNameAccessAssociationInput{
		DomainNameArn: new(w.names["privateArn"]), AccessAssociationSource: new("vpce-0123456789abcdef0"), AccessAssociationSourceType: types.AccessAssociationSourceTypeVpce,
	})
	do(w, w.DeleteDomainNameAccessAssociation, &apigateway.DeleteDomainNameAccessAssociationInput{DomainNameAccessAssociationArn: again.DomainNameAccessAssociationArn})
	for _, base := range []string{"(none)", "v1", "new"} {
		do(w, w.DeleteBasePathMapping, &apigateway.DeleteBasePathMappingInput{DomainName: edge, BasePath: &base})
	}
	do(w, w.DeleteDomainName, &apigateway.DeleteDomainNameInput{DomainName: edge})

	plan, key := new(w.names["plan"]), new(w.names["key"])
	do(w, w.DeleteUsagePlanKey, &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: plan, KeyId: key})
	do(w, w.UpdateUsagePlan, &apigateway.UpdateUsagePlanInput{UsagePlanId: plan, PatchOperations: []types.PatchOperation{
		{Op: types.OpRemove, Path: new("/apiStages"), Value: new(*api + ":dev")},
	}})
	do(w, w.DeleteUsagePlan, &apigateway.DeleteUsagePlanInput{UsagePlanId: plan})
	do(w, w.DeleteApiKey, &apigateway.DeleteApiKeyInput{ApiKey: key})

	do(w, w.FlushStageCache, &apigateway.FlushStageCacheInput{RestApiId: api, StageName: new("dev")})
	do(w, w.FlushStageAuthorizersCache, &apigateway.FlushStageAuthorizersCacheInput{RestApiId: api, StageName: new("dev")})
	do(w, w.DeleteStage, &apigateway.DeleteStageInput{RestApiId: api, StageName: new("dev")})
	for _, id := range []string{"deployment", "next"} {
		do(w, w.DeleteDeployment, &apigateway.DeleteDeploymentInput{RestApiId: api, DeploymentId: new(w.names[id])})
	}
	do(w, w.DeleteIntegrationResponse, &apigateway.DeleteIntegrationResponseInput{RestApiId: api, ResourceId: resource, HttpMethod: post, StatusCode: new("200")})
	do(w, w.DeleteMethodResponse, &apigateway.DeleteMethodResponseInput{RestApiId: api, ResourceId: resource, HttpMethod: post, StatusCode: new("200")})
	do(w, w.DeleteIntegration, &apigateway.DeleteIntegrationInput{RestApiId: api, ResourceId: resource, HttpMethod: post})
	do(w, w.DeleteMethod, &apigateway.DeleteMethodInput{RestApiId: api, ResourceId: resource, HttpMethod: post})
	do(w, w.DeleteMethod, &apigateway.DeleteMethodInput{RestApiId: api, ResourceId: resource, HttpMethod: get})
	do(w, w.DeleteResource, &apigateway.DeleteResourceInput{RestApiId: api, ResourceId: resource})
	do(w, w.DeleteAuthorizer, &apigateway.DeleteAuthorizerInput{RestApiId: api, AuthorizerId: new(w.names["token"])})
	do(w, w.DeleteRequestValidator, &apigateway.DeleteRequestValidatorInput{RestApiId: api, RequestValidatorId: new(w.names["validator"])})
	do(w, w.DeleteModel, &apigateway.DeleteModelInput{RestApiId: api, ModelName: new("M")})
	do(w, w.DeleteGatewayResponse, &apigateway.DeleteGatewayResponseInput{RestApiId: api, ResponseType: types.GatewayResponseTypeThrottled})
	do(w, w.DeleteDocumentationPart, &apigateway.DeleteDocumentationPartInput{RestApiId: api, DocumentationPartId: new(w.names["part"])})
	do(w, w.DeleteDocumentationVersion, &apigateway.DeleteDocumentationVersionInput{RestApiId: api, DocumentationVersion: new("1")})
	do(w, w.DeleteVpcLink, &apigateway.DeleteVpcLinkInput{VpcLinkId: new(w.names["link"])})
	do(w, w.DeleteClientCertificate, &apigateway.DeleteClientCertificateInput{ClientCertificateId: new(w.names["certificate"])})
	do(w, w.DeleteRestApi, &apigateway.DeleteRestApiInput{RestApiId: api})
}
