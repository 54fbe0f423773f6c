package terraform

import (
	"reflect"
	"slices"
	"strings"
)

const prefix = "aws_api_gateway_"

// notUsed are the resources, data sources and arguments that no configuration
// uses, and why.
var notUsed = map[string]string{
	"data.aws_api_gateway_sdk": "GetSdk is not served",
}

// notChanged are the arguments that no configuration changes in place, and why.
// A star stands for every resource.
var notChanged = map[string]string{
	"*.rest_api_id": ofAnother,
	"*.resource_id": ofAnother,
	"*.http_method": ofAnother,

	"aws_api_gateway_base_path_mapping.domain_name":                                 ofAnother,
	"aws_api_gateway_base_path_mapping.domain_name_id":                              ofAnother,
	"aws_api_gateway_documentation_version.version":                                 ofAnother,
	"aws_api_gateway_documentation_part.location.method":                            ofAnother,
	"aws_api_gateway_documentation_part.location.name":                              ofAnother,
	"aws_api_gateway_documentation_part.location.path":                              ofAnother,
	"aws_api_gateway_documentation_part.location.status_code":                       ofAnother,
	"aws_api_gateway_documentation_part.location.type":                              ofAnother,
	"aws_api_gateway_domain_name.domain_name":                                       ofAnother,
	"aws_api_gateway_domain_name_access_association.access_association_source":      ofAnother,
	"aws_api_gateway_domain_name_access_association.access_association_source_type": ofAnother,
	"aws_api_gateway_domain_name_access_association.domain_name_arn":                ofAnother,
	"aws_api_gateway_gateway_response.response_type":                                ofAnother,
	"aws_api_gateway_integration_response.status_code":                              ofAnother,
	"aws_api_gateway_method_response.status_code":                                   ofAnother,
	"aws_api_gateway_method_settings.method_path":                                   ofAnother,
	"aws_api_gateway_method_settings.stage_name":                                    ofAnother,
	"aws_api_gateway_model.name":                                                    ofAnother,
	"aws_api_gateway_stage.stage_name":                                              ofAnother,
	"aws_api_gateway_usage_plan.api_stages.api_id":                                  ofAnother,
	"aws_api_gateway_usage_plan.api_stages.stage":                                   ofAnother,
	"aws_api_gateway_usage_plan.api_stages.throttle.path":                           ofAnother,
	"aws_api_gateway_usage_plan_key.key_id":                                         ofAnother,
	"aws_api_gateway_usage_plan_key.key_type":                                       ofAnother,
	"aws_api_gateway_usage_plan_key.usage_plan_id":                                  ofAnother,

	"aws_api_gateway_api_key.value":                                       replaced,
	"aws_api_gateway_deployment.canary_settings.percent_traffic":          replaced,
	"aws_api_gateway_deployment.canary_settings.stage_variable_overrides": replaced,
	"aws_api_gateway_deployment.canary_settings.use_stage_cache":          replaced,
	"aws_api_gateway_deployment.stage_description":                        replaced,
	"aws_api_gateway_deployment.stage_name":                               replaced,
	"aws_api_gateway_deployment.triggers":                                 replaced,
	"aws_api_gateway_deployment.variables":                                replaced,
	"aws_api_gateway_domain_name.certificate_body":                        replaced,
	"aws_api_gateway_domain_name.certificate_chain":                       replaced,
	"aws_api_gateway_domain_name.certificate_private_key":                 replaced,
	"aws_api_gateway_integration.credentials":                             replaced,
	"aws_api_gateway_integration.integration_http_method":                 replaced,
	"aws_api_gateway_integration.passthrough_behavior":                    replaced,
	"aws_api_gateway_integration.type":                                    replaced,
	"aws_api_gateway_model.content_type":                                  replaced,
	"aws_api_gateway_rest_api_put.body":                                   replaced,
	"aws_api_gateway_rest_api_put.fail_on_warnings":                       replaced,
	"aws_api_gateway_rest_api_put.parameters":                             replaced,
	"aws_api_gateway_rest_api_put.triggers":                               replaced,
	"aws_api_gateway_vpc_link.target_arns":                                replaced,

	"aws_api_gateway_account.reset_on_delete":                  "only the provider knows it",
	"aws_api_gateway_rest_api_put.timeouts.create":             "only the provider knows it",
	"aws_api_gateway_domain_name.endpoint_configuration.types": "another type needs another argument for the certificate too",
}

// Reasons that many arguments share.
const (
	ofAnother = "another value is another thing"
	replaced  = "the provider replaces the resource"
)

// schema is what "terraform providers schema -json" prints, as far as it is used.
type schema struct {
	ProviderSchemas map[string]struct {
		ResourceSchemas   map[string]struct{ Block block } `json:"resource_schemas"`
		DataSourceSchemas map[string]struct{ Block block } `json:"data_source_schemas"`
	} `json:"provider_schemas"`
}

type block struct {
	Attributes map[string]struct{ Required, Optional bool }
	BlockTypes map[string]struct{ Block block } `json:"block_types"`
}

// arguments lists what a configuration can set, with a dot for each block.
func (b block) arguments(within string) []string {
	var names []string
	for name, attribute := range b.Attributes {
		// The id is only there for the provider's own past; tags_all is made of tags.
		if (attribute.Required || attribute.Optional) && name != "id" && name != "tags_all" {
			names = append(names, within+name)
		}
	}
	for name, inner := range b.BlockTypes {
		names = append(names, inner.Block.arguments(within+name+".")...)
	}
	return names
}

// covered checks that the configurations use every argument of every resource
// and data source of the provider, and change what can be changed in place.
func (w *workspace) covered(first, second planFile) {
	w.t.Helper()
	used := map[string]bool{}
	for _, call := range first.Configuration.RootModule.ModuleCalls {
		for _, r := range call.Module.Resources {
			name := r.Type
			if r.Mode == "data" {
				name = "data." + name
			}
			used[name] = true
			collect(used, name, r.Expressions)
		}
	}
	changed := map[string]bool{}
	for _, change := range second.ResourceChanges {
		if slices.Equal(change.Change.Actions, []string{"update"}) {
			compare(changed, change.Type, change.Change.Before, change.Change.After)
		}
	}
	var provider schema
	w.decode(&provider, "providers", "schema", "-json")
	excuses := map[string]bool{}
	need := func(what string, got map[string]bool, table map[string]string, name string) {
		if got[name] {
			return
		}
		for _, excuse := range []string{name, "*" + name[max(0, strings.LastIndex(name, ".")):]} {
			if _, ok := table[excuse]; ok {
				excuses[excuse] = true
				return
			}
		}
		w.t.Errorf("no configuration %s %s", what, name)
	}
	for _, s := range provider.ProviderSchemas {
		for name, resource := range s.ResourceSchemas {
			if !strings.HasPrefix(name, prefix) {
				continue
			}
			for _, argument := range resource.Block.arguments(name + ".") {
				need("sets", used, notUsed, argument)
				need("changes", changed, notChanged, argument)
			}
			need("uses", used, notUsed, name)
		}
		for name, source := range s.DataSourceSchemas {
			if !strings.HasPrefix(name, prefix) {
				continue
			}
			name = "data." + name
			need("uses", used, notUsed, name)
			if _, ok := notUsed[name]; ok {
				continue
			}
			for _, argument := range source.Block.arguments(name + ".") {
				// A data source has what it finds as an optional argument too.
				if !strings.HasSuffix(argument, ".tags") {
					need("sets", used, notUsed, argument)
				}
			}
		}
	}
	for _, table := range []map[string]string{notUsed, notChanged} {
		for name := range table {
			if !excuses[name] {
				w.t.Errorf("%s needs no reason: the provider does not have it, or a configuration does it", name)
			}
		}
	}
}

// collect notes the names of the arguments of a configuration. An expression has
// the members of a language of its own; a block is an object or a list of them.
func collect(used map[string]bool, within string, expressions map[string]any) {
	for name, value := range expressions {
		path := within + "." + name
		used[path] = true
		inner, ok := value.([]any)
		if !ok {
			inner = []any{value}
		}
		for _, item := range inner {
			if object, ok := item.(map[string]any); ok && object["references"] == nil && object["constant_value"] == nil {
				collect(used, path, object)
			}
		}
	}
}

// compare notes the names of the values that differ.
func compare(changed map[string]bool, within string, before, after map[string]any) {
	for name, old := range before {
		if reflect.DeepEqual(old, after[name]) {
			continue
		}
		path := within + "." + name
		changed[path] = true
		olds, ok1 := old.([]any)
		news, ok2 := after[name].([]any)
		if !ok1 || !ok2 {
			continue
		}
		for i := range min(len(olds), len(news)) {
			one, ok1 := olds[i].(map[string]any)
			two, ok2 := news[i].(map[string]any)
			if ok1 && ok2 {
				compare(changed, path, one, two)
			}
		}
	}
}
