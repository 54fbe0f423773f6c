package control

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/domain"
)

const (
	compressionText = "Invalid minimum compression size, must be between 0 and 10485760"
	onlyReplaceText = "Invalid patch operation specified. Must be one of: [replace]"
	vpcText         = "VPCEndpoints can only be specified with PRIVATE apis."
	policyText      = "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."
	allowAll        = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":["execute-api:/*"]}]}`
)

func TestUpdateRestApi(t *testing.T) {
	const types = "/endpointConfiguration/types/0"
	private := op{"replace", types, "PRIVATE"}
	runPatchRows(t, func(p *petAPI) string { return p.base }, []patchRow{
		{"I no operations", nil, 200, `{"name":"pets","tags":{}}`},
		{"name", []op{{"replace", "/name", "cats"}}, 200, `{"name":"cats","tags":{}}`},
		{"I name empty", []op{{"replace", "/name", ""}}, 400, "Invalid API name specified"},
		{"I name absent", []op{{"replace", "/name", "-"}}, 400, "Invalid API name specified"},
		{"R wrong op on name", []op{{"add", "/name", "x"}}, 400, onlyReplaceText},
		{"I move on a known path", []op{{"move", "/name", "x"}}, 400, onlyReplaceText},
		{"I test on an unknown path", []op{{"test", "/nope", "x"}}, 400, "Invalid patch path /nope"},
		{"I absent op", []op{{"-", "/name", "x"}}, 400, onlyReplaceText},
		{"R absent path", []op{{"replace", "-", "x"}}, 400, "Invalid patch path null"},
		{"I trailing blanks", []op{{"replace", "/name  ", "cats"}}, 200, `{"name":"cats"}`},
		{"description add", []op{{"add", "/description", "d"}}, 200, `{"description":"d"}`},
		{"R the last of several replaces wins", []op{{"replace", "/description", "d"}, {"replace", "/description", "e"}}, 200, `{"description":"e"}`},
		{"R description remove", []op{{"replace", "/description", "d"}, {"remove", "/description"}}, 200, `{"description":null}`},
		{"C description empty clears", []op{{"replace", "/description", "d"}, {"replace", "/description", ""}}, 200, `{"description":null}`},
		{"I wrong op on description", []op{{"copy", "/description", "-", "/name"}}, 400, "Invalid patch operation specified. Must be one of: [add, remove, replace]"},
		{"version", []op{{"replace", "/version", "v2"}}, 200, `{"version":"v2"}`},
		{"version remove", []op{{"remove", "/version"}}, 400, onlyReplaceText},
		{"apiKeySource", []op{{"replace", "/apiKeySource", "AUTHORIZER"}}, 200, `{"apiKeySource":"AUTHORIZER"}`},
		{"I apiKeySource other", []op{{"replace", "/apiKeySource", "COOKIE"}}, 400, "Invalid API key source specified. Valid options are HEADER,AUTHORIZER"},
		{"apiKeySource remove", []op{{"remove", "/apiKeySource"}}, 400, onlyReplaceText},

		{"R binary add takes the path", []op{{"add", "/binaryMediaTypes/image~1png", "text/x"}}, 200, `{"binaryMediaTypes":["image/png"]}`},
		{"R binary replace appends the value", []op{{"add", "/binaryMediaTypes/image~1png"}, {"add", "/binaryMediaTypes/a~1b"}, {"replace", "/binaryMediaTypes/image~1png", "image/gif"}}, 200, `{"binaryMediaTypes":["a/b","image/gif"]}`},
		{"binary remove", []op{{"add", "/binaryMediaTypes/a~1b"}, {"add", "/binaryMediaTypes/c~1d"}, {"remove", "/binaryMediaTypes/a~1b"}}, 200, `{"binaryMediaTypes":["c/d"]}`},
		{"R binary all removed", []op{{"add", "/binaryMediaTypes/a~1b"}, {"remove", "/binaryMediaTypes/a~1b"}}, 200, `{"binaryMediaTypes":null}`},
		{"binary escapes", []op{{"add", "/binaryMediaTypes/a~1b~01c"}}, 200, `{"binaryMediaTypes":["a/b~1c"]}`},
		{"binary no percent-decoding", []op{{"add", "/binaryMediaTypes/a%2Fb"}}, 200, `{"binaryMediaTypes":["a%2Fb"]}`},
		{"E binary alone", []op{{"replace", "/binaryMediaTypes", "a/b"}}, 400, "Invalid patch path /binaryMediaTypes"},
		{"binary unescaped", []op{{"add", "/binaryMediaTypes/a/b"}}, 400, "Invalid patch path /binaryMediaTypes/a/b"},

		{"compression", []op{{"replace", "/minimumCompressionSize", "10485760"}}, 200, `{"minimumCompressionSize":10485760}`},
		{"R compression 0", []op{{"replace", "/minimumCompressionSize", "0"}}, 200, `{"minimumCompressionSize":0}`},
		{"R compression empty disables", []op{{"replace", "/minimumCompressionSize", "5"}, {"replace", "/minimumCompressionSize", ""}}, 200, `{"minimumCompressionSize":null}`},
		{"D compression absent disables", []op{{"replace", "/minimumCompressionSize", "5"}, {"replace", "/minimumCompressionSize", "-"}}, 200, `{"minimumCompressionSize":null}`},
		{"R compression text", []op{{"replace", "/minimumCompressionSize", "test"}}, 400, compressionText},
		{"R compression negative", []op{{"replace", "/minimumCompressionSize", "-1"}}, 400, compressionText},
		{"compression above", []op{{"replace", "/minimumCompressionSize", "10485761"}}, 400, compressionText},
		{"R compression other op", []op{{"add", "/minimumCompressionSize", "5"}}, 400, onlyReplaceText},

		{"R type by index", []op{{"replace", types, "REGIONAL"}}, 200, `{"endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"ipv4"}}`},
		{"R type by name", []op{{"replace", "/endpointConfiguration/types/EDGE", "REGIONAL"}}, 200, `{"endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"ipv4"}}`},
		{"R private sets dualstack", []op{private}, 200, `{"endpointConfiguration":{"types":["PRIVATE"],"ipAddressType":"dualstack"}}`},
		{"R bad type", []op{{"replace", types, "LOCAL"}}, 400, "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE"},
		{"R type remove", []op{{"remove", types}}, 400, "Invalid patch operation specified. Must be 'add'|'remove'|'replace'"},
		{"I type add", []op{{"add", types, "EDGE"}}, 400, "Invalid patch operation specified. Must be 'add'|'remove'|'replace'"},
		{"ipAddressType", []op{{"replace", "/endpointConfiguration/ipAddressType", "dualstack"}}, 200, `{"endpointConfiguration":{"types":["EDGE"],"ipAddressType":"dualstack"}}`},
		{"R bad ipAddressType", []op{{"replace", "/endpointConfiguration/ipAddressType", "ipv6"}}, 400, "ipAddressType must be either ipv4 or dualstack."},
		{"R ipv4 on private", []op{private, {"replace", "/endpointConfiguration/ipAddressType", "ipv4"}}, 400, "Only dualstack ipAddressType is supported for Private APIs."},
		{"R ipAddressType other op", []op{{"remove", "/endpointConfiguration/ipAddressType"}}, 400, onlyReplaceText},
		{"R endpoint right after the switch", []op{private, {"add", "/endpointConfiguration/vpcEndpointIds", "vpce-1"}, {"add", "/endpointConfiguration/vpcEndpointIds", "vpce-2"}, {"remove", "/endpointConfiguration/vpcEndpointIds", "vpce-1"}}, 200, `{"endpointConfiguration":{"types":["PRIVATE"],"ipAddressType":"dualstack","vpcEndpointIds":["vpce-2"]}}`},
		{"I empty endpoint", []op{private, {"add", "/endpointConfiguration/vpcEndpointIds", ""}}, 400, "Invalid null or empty value in vpcEndpointIds"},
		{"I absent endpoint", []op{private, {"add", "/endpointConfiguration/vpcEndpointIds", "-"}}, 400, "Invalid null or empty value in vpcEndpointIds"},
		{"F endpoint on a public API", []op{{"add", "/endpointConfiguration/vpcEndpointIds", "vpce-1"}}, 400, vpcText},
		{"F leaving private with endpoints", []op{private, {"add", "/endpointConfiguration/vpcEndpointIds", "vpce-1"}, {"replace", types, "REGIONAL"}}, 400, vpcText},
		{"endpoint replace", []op{{"replace", "/endpointConfiguration/vpcEndpointIds", "vpce-1"}}, 400, "Invalid patch operation specified. Must be one of: [add, remove]"},

		{"I policy empty clears", []op{{"replace", "/policy", allowAll}, {"replace", "/policy", ""}}, 200, `{"policy":null}`},
		{"F policy no JSON", []op{{"replace", "/policy", "{"}}, 400, policyText},
		{"F policy without principal", []op{{"replace", "/policy", `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}}, 400, policyText},
		{"D policy too long", []op{{"replace", "/policy", strings.Replace(allowAll, `"*"`, `"`+strings.Repeat("x", 8192)+`"`, 1)}}, 400, policyText},
		{"policy remove", []op{{"remove", "/policy"}}, 400, onlyReplaceText},
		{"disableExecuteApiEndpoint in D's case", []op{{"replace", "/disableExecuteApiEndpoint", "True"}}, 200, `{"disableExecuteApiEndpoint":true}`},
		{"R boolean absent is false", []op{{"replace", "/disableExecuteApiEndpoint", "true"}, {"replace", "/disableExecuteApiEndpoint", "-"}}, 200, `{"disableExecuteApiEndpoint":false}`},
		{"odd boolean is false", []op{{"replace", "/disableExecuteApiEndpoint", "yes"}}, 200, `{"disableExecuteApiEndpoint":false}`},
		{"securityPolicy", []op{{"replace", "/securityPolicy", "TLS_1_2"}}, 200, `{"securityPolicy":"TLS_1_2"}`},
		{"D access mode needs a SecurityPolicy_", []op{{"replace", "/endpointAccessMode", "STRICT"}}, 400, "Endpoint access mode can only be set with a security policy that begins with SecurityPolicy_"},
		{"D access mode", []op{{"replace", "/endpointAccessMode", "STRICT"}, {"replace", "/securityPolicy", "SecurityPolicy_TLS13_1_3_2025_09"}}, 200, `{"endpointAccessMode":"STRICT"}`},
		{"R unknown path", []op{{"replace", "/id", "x"}}, 400, "Invalid patch path /id"},
		{"first error wins, nothing kept", []op{{"replace", "/name", "x"}, {"replace", "/nope", "x"}, {"add", "/name", "x"}}, 400, "Invalid patch path /nope"},
	})
}

func TestUpdateRestApiUnknown(t *testing.T) {
	p := newPetAPI(t)
	for _, id := range []string{"nope", strings.ToUpper(p.id)} { // R: ids are case-sensitive
		wantRefusal(t, p.patch("/restapis/"+id, op{"replace", "/name", "x"}), 404, "Invalid API identifier specified "+testAccount+":"+id)
	}
}

// TestPolicyIsNormalised: recorded, but for the escaping, which Terraform needs.
func TestPolicyIsNormalised(t *testing.T) {
	p := newPetAPI(t)
	body := p.do("PATCH", p.base, patchBody(op{"replace", "/policy", strings.ReplaceAll(allowAll, ",", " ,\n ")}))
	want := strings.ReplaceAll(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:eu-west-1:123456789012:`+p.id+`/*"}]}`, `"`, `\"`)
	if body["policy"] != want {
		t.Errorf("policy:\ngot  %v\nwant %v", body["policy"], want)
	}
	// A second look at it, from GetRestApi, is the same.
	if again := p.do("GET", p.base, nil)["policy"]; again != want {
		t.Errorf("GetRestApi policy: got %v, want %v", again, want)
	}
}

func TestCreateRestApi(t *testing.T) {
	endpoint := func(types string) string { return `{"name":"n","endpointConfiguration":` + types + `}` }
	refused := func(detail string) string {
		return "1 validation error detected: Value " + detail
	}
	for _, row := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"R minimal", `{"name":"n"}`, 201, `{"name":"n","apiKeySource":"HEADER","disableExecuteApiEndpoint":false,"endpointConfiguration":{"types":["EDGE"],"ipAddressType":"ipv4"},"tags":null,"description":null,"binaryMediaTypes":null,"policy":null,"version":null}`},
		{"R regional", endpoint(`{"types":["REGIONAL"]}`), 201, `{"endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"ipv4"}}`},
		{"R private", endpoint(`{"types":["PRIVATE"]}`), 201, `{"endpointConfiguration":{"types":["PRIVATE"],"ipAddressType":"dualstack"}}`},
		{"R empty lists and maps are omitted", `{"name":"n","binaryMediaTypes":[],"tags":{}}`, 201, `{"binaryMediaTypes":null,"tags":null}`},
		{"unknown members are ignored", `{"name":"n","nope":{"a":1}}`, 201, `{"name":"n"}`},
		{"R no types", endpoint(`{"types":[]}`), 400, "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED."},
		{"R two types", endpoint(`{"types":["EDGE","REGIONAL"]}`), 400, "Cannot create an api with multiple Endpoint Types."},
		{"R description empty", `{"name":"n","description":""}`, 400, "Description cannot be an empty string"},
		{"R description before compression", `{"name":"n","description":"","minimumCompressionSize":-1}`, 400, "Description cannot be an empty string"},
		{"R description before dualstack", `{"name":"n","description":"","endpointConfiguration":{"types":["PRIVATE"],"ipAddressType":"ipv4"}}`, 400, "Description cannot be an empty string"},
		{"types before description", `{"name":"n","description":"","endpointConfiguration":{"types":[]}}`, 400, "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED."},
		{"R private ipv4", endpoint(`{"types":["PRIVATE"],"ipAddressType":"ipv4"}`), 400, "Only dualstack ipAddressType is supported for Private APIs."},
		{"dualstack before compression", `{"name":"n","minimumCompressionSize":-1,"endpointConfiguration":{"types":["PRIVATE"],"ipAddressType":"ipv4"}}`, 400, "Only dualstack ipAddressType is supported for Private APIs."},
		{"R compression", `{"name":"n","minimumCompressionSize":-1}`, 400, compressionText},
		{"compression before endpoints", `{"name":"n","minimumCompressionSize":-1,"endpointConfiguration":{"vpcEndpointIds":["vpce-1"]}}`, 400, compressionText},
		{"F endpoints", endpoint(`{"types":["EDGE"],"vpcEndpointIds":["vpce-1"]}`), 400, vpcText},
		{"F policy", `{"name":"n","policy":"{}"}`, 400, policyText},
		{"policy before cloneFrom", `{"name":"n","policy":"{}","cloneFrom":"nope"}`, 400, policyText},
		{"I cloneFrom unknown", `{"name":"n","cloneFrom":"nope"}`, 404, "Invalid API identifier specified " + testAccount + ":nope"},
		{"R enum of types", endpoint(`{"types":["wrong"]}`), 400, refused("'[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]")},
		{"R enum of ipAddressType", endpoint(`{"ipAddressType":"wrong"}`), 400, refused("'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]")},
		{"R types first", endpoint(`{"ipAddressType":"wrong","types":["wrong"]}`), 400, "2 validation errors detected: Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]; Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]"},
		{"R constraints before the rest", `{"name":"n","description":"","endpointConfiguration":{"types":["wrong"]}}`, 400, refused("'[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]")},
		{"D tag key of the vendor", `{"name":"n","tags":{"aws:x":"y"}}`, 400, "Invalid tag key: aws:x. Tag keys cannot start with aws:"},
		{"D tag key too long", `{"name":"n","tags":{"` + strings.Repeat("k", 129) + `":"y"}}`, 400, "Invalid tag key: " + strings.Repeat("k", 129)},
		{"D tag value too long", `{"name":"n","tags":{"k":"` + strings.Repeat("v", 257) + `"}}`, 400, "Invalid tag value for key: k"},
		{"D tags", `{"name":"n","tags":{"` + strings.Repeat("k", 128) + `":"a b+-=._:/@9"}}`, 201, `{"tags":{"` + strings.Repeat("k", 128) + `":"a b+-=._:/@9"}}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHarness(t)
			got := h.call("POST", "/restapis", row.body)
			switch {
			case row.status < 300:
				wantMembers(t, got, row.status, row.want)
			case strings.Contains(row.want, "validation error"):
				if got.status != 400 || got.code != "ValidationException" || got.message() != row.want {
					t.Errorf("got %v,\nwant ValidationException %s", got, row.want)
				}
			default:
				wantRefusal(t, got, row.status, row.want)
			}
			if list := h.do("GET", "/restapis", nil)["item"].([]any); row.status >= 300 && len(list) > 0 {
				t.Errorf("a refused call left %v", list)
			}
		})
	}
}

func TestCloneFrom(t *testing.T) {
	p := newPetAPI(t)
	p.do("PATCH", p.base, patchBody(op{"replace", "/policy", allowAll}, op{"replace", "/minimumCompressionSize", "7"},
		op{"add", "/binaryMediaTypes/a~1b"}, op{"replace", "/disableExecuteApiEndpoint", "true"}, op{"replace", "/description", "old"},
		op{"replace", "/endpointConfiguration/types/0", "REGIONAL"}))
	p.do("PUT", p.method+"/responses/200", map[string]any{})
	p.do("PUT", "/tags/arn:aws:apigateway:eu-west-1::"+p.base, map[string]any{"tags": map[string]string{"a": "b"}})
	p.stage("prod", p.deploy())

	clone := p.call("POST", "/restapis", map[string]any{"name": "copy", "cloneFrom": p.id})
	wantMembers(t, clone, 201, `{"name":"copy","minimumCompressionSize":7,"binaryMediaTypes":["a/b"],"disableExecuteApiEndpoint":true,"tags":null,"description":null,
		"endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"ipv4"}}`)
	body := decodeAnswer(t, clone.body)
	id := body["id"].(string)
	if policy, _ := body["policy"].(string); !strings.Contains(policy, ":"+id+"/*") || strings.Contains(policy, p.id) {
		t.Errorf("policy of the clone: got %q, want one that names %s and not %s", policy, id, p.id)
	}
	resources := p.do("GET", "/restapis/"+id+"/resources?embed=methods", nil)["item"].([]any)
	if len(resources) != 2 {
		t.Fatalf("resources: got %v, want two", resources)
	}
	pets := resources[1].(map[string]any)
	get := pets["resourceMethods"].(map[string]any)["GET"].(map[string]any)
	if pets["path"] != "/pets" || pets["id"] == p.pets || get["methodIntegration"].(map[string]any)["cacheNamespace"] != pets["id"] || get["methodResponses"] == nil {
		t.Errorf("cloned resource: got %v", pets)
	}
	for _, list := range []string{"/stages", "/deployments"} {
		if items := p.do("GET", "/restapis/"+id+list, nil)["item"].([]any); len(items) != 0 {
			t.Errorf("%s of the clone: got %v, want none", list, items)
		}
	}
	// What the call gives counts more than what it copies.
	given := p.call("POST", "/restapis", `{"name":"copy","cloneFrom":"`+p.id+`","minimumCompressionSize":9,"apiKeySource":"AUTHORIZER","binaryMediaTypes":["c/d"],"disableExecuteApiEndpoint":false}`)
	wantMembers(t, given, 201, `{"minimumCompressionSize":9,"apiKeySource":"AUTHORIZER","binaryMediaTypes":["c/d"],"disableExecuteApiEndpoint":false}`)
}

func TestDeleteRestApi(t *testing.T) {
	p := newPetAPI(t)
	p.stage("prod", p.deploy())
	if got := p.call("DELETE", p.base, nil); got.status != 202 || got.body != "" {
		t.Errorf("DeleteRestApi: got %v, want 202 without body", got)
	}
	unknown := "Invalid API identifier specified " + testAccount + ":" + p.id
	for _, path := range []string{"", "/stages", "/stages/prod", "/deployments", "/resources"} {
		wantRefusal(t, p.call("GET", p.base+path, nil), 404, unknown)
	}
	wantRefusal(t, p.call("GET", p.method, nil), 404, "Invalid Resource identifier specified")
	wantRefusal(t, p.call("DELETE", p.base, nil), 404, unknown)
	left, _, err := p.store.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		if !strings.HasPrefix(entry.Key, domain.History) {
			t.Errorf("the deleted API left the key %s", entry.Key)
		}
	}
}
