package terraform

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/test/postern"
)

// importKeys are the attributes whose values, joined by slashes, name a
// resource for its import; where there are none, it is the id.
var importKeys = map[string][]string{
	"aws_api_gateway_authorizer":                     {"rest_api_id", "id"},
	"aws_api_gateway_deployment":                     {"rest_api_id", "id"},
	"aws_api_gateway_domain_name_access_association": {"arn"},
	"aws_api_gateway_gateway_response":               {"rest_api_id", "response_type"},
	"aws_api_gateway_integration":                    {"rest_api_id", "resource_id", "http_method"},
	"aws_api_gateway_integration_response":           {"rest_api_id", "resource_id", "http_method", "status_code"},
	"aws_api_gateway_method":                         {"rest_api_id", "resource_id", "http_method"},
	"aws_api_gateway_method_response":                {"rest_api_id", "resource_id", "http_method", "status_code"},
	"aws_api_gateway_method_settings":                {"rest_api_id", "stage_name", "method_path"},
	"aws_api_gateway_model":                          {"rest_api_id", "name"},
	"aws_api_gateway_request_validator":              {"rest_api_id", "id"},
	"aws_api_gateway_resource":                       {"rest_api_id", "id"},
	"aws_api_gateway_rest_api_put":                   {"rest_api_id"},
	"aws_api_gateway_stage":                          {"rest_api_id", "stage_name"},
	"aws_api_gateway_usage_plan_key":                 {"usage_plan_id", "key_id"},
}

// providerOnly are arguments that no answer of the API has: how something is
// made, and secrets. An import cannot bring them, from AWS either, so whoever
// imports tells Terraform to ignore them, and so does the test. The output
// that the provider reads is named with them.
var providerOnly = map[string]struct {
	output    string
	arguments []string
}{
	"aws_api_gateway_account":    {"Account", []string{"reset_on_delete"}},
	"aws_api_gateway_deployment": {"Deployment", []string{"triggers", "stage_name", "stage_description", "variables", "canary_settings"}},
	"aws_api_gateway_rest_api":   {"RestApi", []string{"body", "put_rest_api_mode", "fail_on_warnings", "parameters"}},
	// Its output is read to see that the API is there.
	"aws_api_gateway_rest_api_put": {"RestApi", []string{"body", "fail_on_warnings", "parameters", "triggers", "timeouts"}},
	"aws_api_gateway_domain_name": {"DomainName",
		[]string{"certificate_body", "certificate_chain", "certificate_private_key"}},
}

// TestProviderOnly: what is ignored at an import is really in no answer.
func TestProviderOnly(t *testing.T) {
	for kind, row := range providerOnly {
		for _, argument := range row.arguments {
			name := camel(argument)
			if slices.ContainsFunc(apigw.Schema[row.output].Members, func(m apigw.Member) bool { return m.Wire == name }) {
				t.Errorf("%s.%s: the output %s has the member %s", kind, argument, row.output, name)
			}
		}
	}
}

// camel spells an argument as the API would.
func camel(argument string) string {
	words := strings.Split(argument, "_")
	for i := range words[1:] {
		words[i+1] = strings.ToUpper(words[i+1][:1]) + words[i+1][1:]
	}
	return strings.Join(words, "")
}

// imported imports all resources into an empty state: the plan must have nothing
// to change, and after its apply nothing at all to do.
func imported(t *testing.T, server *postern.Server, folders []string, resources map[string]resource) {
	t.Helper()
	w := emptyWorkspace(t, map[string]string{"endpoint": server.BaseURL, "changed": "true"})
	w.modules(folders)
	var blocks strings.Builder
	overrides := map[string]string{} // of modules
	imports := 0
	for _, address := range slices.Sorted(maps.Keys(resources)) {
		r := resources[address]
		if r.Mode == "data" {
			continue
		}
		keys, ok := importKeys[r.Type]
		if !ok {
			keys = []string{"id"}
		}
		var id []string
		for _, key := range keys {
			id = append(id, fmt.Sprint(r.Values[key]))
		}
		fmt.Fprintf(&blocks, "import {\n  to = %s\n  id = %q\n}\n", address, strings.Join(id, "/"))
		imports++
		parts := strings.Split(address, ".") // module, its name, type, name
		if ignored := r.providerOnly(); len(ignored) > 0 {
			overrides[parts[1]] += fmt.Sprintf("resource %q %q {\n  lifecycle {\n    ignore_changes = [%s]\n  }\n}\n", parts[2], parts[3], strings.Join(ignored, ", "))
		}
	}
	w.write("imports.tf", blocks.String())
	for module, text := range overrides {
		w.write(module+"/import_override.tf", text)
	}
	w.terraform(0, "init")
	arguments := []string{"plan", "-detailed-exitcode", "-input=false"}
	planned := w.terraform(changes, append(arguments, "-out=import")...)
	want := fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", imports)
	if !strings.Contains(planned, want) {
		t.Errorf("the plan of the import has no line %q:\n%s", want, planned)
		return
	}
	w.terraform(0, "apply", "-input=false", "import")
	w.terraform(nothingToDo, arguments...)
}

// providerOnly returns the arguments in the resource's configuration that an
// import cannot bring.
func (r resource) providerOnly() []string {
	var ignored []string
	for _, argument := range providerOnly[r.Type].arguments {
		v := reflect.ValueOf(r.Values[argument])
		if v.IsValid() && !v.IsZero() && (v.Kind() != reflect.Map && v.Kind() != reflect.Slice || v.Len() > 0) {
			ignored = append(ignored, argument)
		}
	}
	return ignored
}
