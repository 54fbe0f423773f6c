package terraform

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

// checkServed compares what the provider knows after the change with what the
// service answers to others: what this client is known to lean on.
func checkServed(t *testing.T, server *postern.Server, resources map[string]resource) {
	t.Helper()
	checkTags(t, server, resources)
	if r, ok := resources["module.rest_api.aws_api_gateway_rest_api.full"]; ok {
		checkPolicy(t, server, r)
	}
	if r, ok := resources["module.method_settings.aws_api_gateway_method_settings.plain"]; ok {
		checkUnlimited(t, server, r)
	}
	for address, want := range defaults {
		if r, ok := resources[address]; ok {
			for name, value := range want {
				if got := fmt.Sprint(r.Values[name]); got != value {
					t.Errorf("%s: %s was not sent and came back as %q, want %q", address, name, got, value)
				}
			}
		}
	}
}

// defaults are the service's values of arguments that a configuration leaves
// out, of those that the provider has no default of its own for.
var defaults = map[string]map[string]string{
	"module.authorizer.aws_api_gateway_authorizer.plain":             {"authorizer_result_ttl_in_seconds": "300", "type": "TOKEN"},
	"module.domain_name.aws_api_gateway_domain_name.plain":           {"security_policy": "TLS_1_0"},
	"module.gateway_response.aws_api_gateway_gateway_response.plain": {"status_code": ""},
	"module.integration.aws_api_gateway_integration.plain":           {"passthrough_behavior": "WHEN_NO_MATCH", "timeout_milliseconds": "29000", "connection_type": "INTERNET"},
	"module.rest_api.aws_api_gateway_rest_api.plain":                 {"api_key_source": "HEADER", "disable_execute_api_endpoint": "false", "minimum_compression_size": ""},
	"module.stage.aws_api_gateway_stage.plain":                       {"cache_cluster_enabled": "false", "xray_tracing_enabled": "false"},
}

// checkTags looks up the tags of every ARN in the state.
func checkTags(t *testing.T, server *postern.Server, resources map[string]resource) {
	t.Helper()
	for address, r := range resources {
		arn, _ := r.Values["arn"].(string)
		tags, ok := r.Values["tags"].(map[string]any)
		if r.Mode == "data" || arn == "" || !ok {
			continue
		}
		answer, err := server.Client().GetTags(t.Context(), &apigateway.GetTagsInput{ResourceArn: &arn})
		if err != nil {
			t.Errorf("%s: tags of %s: %v", address, arn, err)
			continue
		}
		want := map[string]string{}
		for key, value := range tags {
			want[key] = fmt.Sprint(value)
		}
		if !maps.Equal(answer.Tags, want) {
			t.Errorf("%s: %s has the tags %v, want %v", address, arn, answer.Tags, want)
		}
		if strings.HasSuffix(address, ".full") && !maps.Equal(want, map[string]string{"kept": "2", "new": "3"}) {
			t.Errorf("%s: the tags were not changed: %v", address, want)
		}
	}
}

// checkPolicy: the policy of an API is an escaped text within the text of the
// answer, which this client takes the escapes off.
func checkPolicy(t *testing.T, server *postern.Server, r resource) {
	t.Helper()
	api, err := server.Client().GetRestApi(t.Context(), &apigateway.GetRestApiInput{RestApiId: new(fmt.Sprint(r.Values["id"]))})
	if err != nil || api.Policy == nil {
		t.Fatalf("%s has no policy: %+v, %v", r.Address, api, err)
	}
	if !strings.HasPrefix(*api.Policy, `{\"Statement\":`) {
		t.Errorf("the policy is %q, want each quote escaped", *api.Policy)
	}
	var plain string
	if err := json.Unmarshal([]byte(`"`+*api.Policy+`"`), &plain); err != nil || !json.Valid([]byte(plain)) {
		t.Errorf("the policy without its escapes is %q, %v; want JSON", plain, err)
	}
}

// checkUnlimited: limits of -1, which this client sends for "none", are kept.
func checkUnlimited(t *testing.T, server *postern.Server, r resource) {
	t.Helper()
	stage, err := server.Client().GetStage(t.Context(), &apigateway.GetStageInput{
		RestApiId: new(fmt.Sprint(r.Values["rest_api_id"])), StageName: new(fmt.Sprint(r.Values["stage_name"])),
	})
	if err != nil {
		t.Fatal(err)
	}
	setting, ok := stage.MethodSettings["pets/{pet}/GET"]
	if !ok || setting.ThrottlingBurstLimit != -1 || setting.ThrottlingRateLimit != -1 {
		t.Errorf("the limits of %s are %+v, want -1 and -1", r.Address, stage.MethodSettings)
	}
}

// endCanary removes the canary of a stage. Without that AWS lets neither the
// stage's owner nor the canary's deployment be destroyed by this provider, which
// begins with the deployment.
func endCanary(t *testing.T, server *postern.Server, r resource) {
	t.Helper()
	_, err := server.Client().UpdateStage(t.Context(), &apigateway.UpdateStageInput{
		RestApiId: new(fmt.Sprint(r.Values["rest_api_id"])), StageName: new(fmt.Sprint(r.Values["stage_name"])),
		PatchOperations: []types.PatchOperation{postern.Remove("/canarySettings")},
	})
	if err != nil {
		t.Fatalf("the canary of %s: %v", r.Address, err)
	}
}

// checkEmpty checks that nothing is left of what was made. What is within an API,
// a domain or a usage plan goes with it.
func checkEmpty(t *testing.T, server *postern.Server) {
	t.Helper()
	client, ctx := server.Client(), t.Context()
	keys, err1 := client.GetApiKeys(ctx, &apigateway.GetApiKeysInput{})
	certificates, err2 := client.GetClientCertificates(ctx, &apigateway.GetClientCertificatesInput{})
	associations, err3 := client.GetDomainNameAccessAssociations(ctx, &apigateway.GetDomainNameAccessAssociationsInput{})
	domains, err4 := client.GetDomainNames(ctx, &apigateway.GetDomainNamesInput{})
	apis, err5 := client.GetRestApis(ctx, &apigateway.GetRestApisInput{})
	plans, err6 := client.GetUsagePlans(ctx, &apigateway.GetUsagePlansInput{})
	links, err7 := client.GetVpcLinks(ctx, &apigateway.GetVpcLinksInput{})
	account, err8 := client.GetAccount(ctx, &apigateway.GetAccountInput{})
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8); err != nil {
		t.Fatal(err)
	}
	for kind, left := range map[string]int{
		"API keys": len(keys.Items), "client certificates": len(certificates.Items), "associations": len(associations.Items),
		"domain names": len(domains.Items), "APIs": len(apis.Items), "usage plans": len(plans.Items), "VPC links": len(links.Items),
	} {
		if left > 0 {
			t.Errorf("%d %s are left after destroy", left, kind)
		}
	}
	if account.CloudwatchRoleArn != nil {
		t.Errorf("the account is left with the role %s after destroy", *account.CloudwatchRoleArn)
	}
}
