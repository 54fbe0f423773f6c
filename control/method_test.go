package control

import "testing"

const (
	authorizerText = "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."
	scopesText     = "Authorization Scopes are only valid for COGNITO_USER_POOLS authorization type"
	validatorText  = "Invalid Request Validator identifier specified"
	uniqueText     = "Parameter names must be unique across querystring, header and path"
	noTypeText     = "Content-Type specified was not found"
	noNameText     = "Invalid parameter name specified"
	noJSONText     = "Invalid patch value  '[' specified for op 'replace'. Must be a JSON object"
)

func onlyOps(ops string) string {
	return "Invalid patch operation specified. Must be one of: [" + ops + "]"
}

func badMapping(expression string) string {
	return "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: " + expression + "]"
}

func TestUpdateMethod(t *testing.T) {
	const (
		header = "/requestParameters/method.request.header.X"
		model  = "/requestModels/application~1json"
	)
	runPatchRows(t, func(p *petAPI) string { return p.method }, []patchRow{
		{"I no operations", nil, 200, `{"authorizationType":"NONE","apiKeyRequired":false}`},
		{"authorizationType", []op{{"replace", "/authorizationType", "AWS_IAM"}}, 200, `{"authorizationType":"AWS_IAM"}`},
		{"E authorizationType is stored in capitals", []op{{"replace", "/authorizationType", "aws_iam"}}, 200, `{"authorizationType":"AWS_IAM"}`},
		{"R CUSTOM without authorizer", []op{{"replace", "/authorizationType", "CUSTOM"}}, 400, authorizerText},
		{"R COGNITO without authorizer", []op{{"replace", "/authorizationType", "COGNITO_USER_POOLS"}}, 400, authorizerText},
		{"E CUSTOM with an unknown authorizer", []op{{"replace", "/authorizationType", "CUSTOM"}, {"replace", "/authorizerId", "abc123"}}, 400, authorizerText},
		{"E there and back is checked at the end", []op{{"replace", "/authorizationType", "CUSTOM"}, {"replace", "/authorizationType", "NONE"}}, 200, `{"authorizationType":"NONE"}`},
		{"authorizationType unknown", []op{{"replace", "/authorizationType", "MAGIC"}}, 400, "Invalid authorization type specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS"},
		{"E I authorizationType other op", []op{{"add", "/authorizationType", "NONE"}}, 400, onlyReplaceText},
		{"E authorizerId is ignored", []op{{"replace", "/authorizerId", "abc123"}}, 200, `{"authorizerId":null}`},
		{"authorizerId other op", []op{{"remove", "/authorizerId"}}, 400, onlyReplaceText},
		{"apiKeyRequired", []op{{"replace", "/apiKeyRequired", "tRUE"}}, 200, `{"apiKeyRequired":true}`},
		{"R apiKeyRequired absent", []op{{"replace", "/apiKeyRequired", "true"}, {"replace", "/apiKeyRequired", "-"}}, 200, `{"apiKeyRequired":false}`},
		{"apiKeyRequired other op", []op{{"add", "/apiKeyRequired", "true"}}, 400, onlyReplaceText},
		{"operationName", []op{{"replace", "/operationName", "List"}}, 200, `{"operationName":"List"}`},
		{"operationName empty clears", []op{{"replace", "/operationName", "List"}, {"replace", "/operationName", ""}}, 200, `{"operationName":null}`},
		{"operationName other op", []op{{"remove", "/operationName"}}, 400, onlyReplaceText},
		{"R requestValidatorId unknown", []op{{"replace", "/requestValidatorId", "abc123"}}, 400, validatorText},
		{"E C requestValidatorId empty clears", []op{{"replace", "/requestValidatorId", ""}}, 200, `{"requestValidatorId":null}`},
		{"requestValidatorId other op", []op{{"add", "/requestValidatorId", ""}}, 400, onlyReplaceText},

		{"parameter add", []op{{"add", header, "true"}}, 200, `{"requestParameters":{"method.request.header.X":true}}`},
		{"parameter replace", []op{{"add", header, "true"}, {"replace", header, "false"}}, 200, `{"requestParameters":{"method.request.header.X":false}}`},
		{"R last parameter removed", []op{{"add", header, "true"}, {"remove", header, "ignored"}}, 200, `{"requestParameters":null}`},
		{"I absent parameter replaced", []op{{"replace", header, "true"}}, 404, noNameText},
		{"I absent parameter removed", []op{{"remove", header}}, 404, noNameText},
		{"F bad parameter", []op{{"add", "/requestParameters/method.request.cookie.X", "true"}}, 400, "Invalid mapping expression parameter specified: method.request.cookie.X"},
		{"R no parameter at all", []op{{"add", "/requestParameters/true", "true"}}, 400, badMapping("true")},
		{"E one name in two places", []op{{"add", header, "true"}, {"add", "/requestParameters/method.request.querystring.X", "true"}}, 400, uniqueText},
		{"parameter copy", []op{{"copy", header, "-", "/x"}}, 400, onlyOps("add, remove, replace")},
		{"D parameters whole", []op{{"replace", "/requestParameters", `{"method.request.path.id":true}`}}, 200, `{"requestParameters":{"method.request.path.id":true}}`},
		{"D parameters cleared", []op{{"add", header, "true"}, {"remove", "/requestParameters"}}, 200, `{"requestParameters":null}`},
		{"D parameters no JSON", []op{{"replace", "/requestParameters", `[`}}, 400, noJSONText},
		{"E deeper path", []op{{"add", header + "/y", "true"}}, 400, "Invalid patch path " + header + "/y"},

		{"model add", []op{{"add", model, "Empty"}}, 200, `{"requestModels":{"application/json":"Empty"}}`},
		{"model replace", []op{{"add", model, "Empty"}, {"replace", model, "Error"}}, 200, `{"requestModels":{"application/json":"Error"}}`},
		{"R model removed", []op{{"add", model, "Empty"}, {"remove", model}}, 200, `{"requestModels":null}`},
		{"R model unknown", []op{{"add", model, "Nope"}}, 400, "Invalid model identifier specified: Nope"},
		{"I absent model removed", []op{{"remove", model}}, 404, noTypeText},
		{"I absent model replaced", []op{{"replace", model, "Empty"}}, 404, noTypeText},
		{"D models whole", []op{{"add", "/requestModels", `{"a/b":"Empty"}`}}, 200, `{"requestModels":{"a/b":"Empty"}}`},
		{"D models cleared", []op{{"add", model, "Empty"}, {"remove", "/requestModels"}}, 200, `{"requestModels":null}`},
		{"D models no JSON", []op{{"replace", "/requestModels", `[`}}, 400, noJSONText},
		{"E model unescaped", []op{{"add", "/requestModels/application/json", "Empty"}}, 400, "Invalid patch path /requestModels/application/json"},

		{"F scopes without COGNITO", []op{{"add", "/authorizationScopes", "a"}}, 400, scopesText},
		{"scopes added and removed", []op{{"add", "/authorizationScopes", "a"}, {"add", "/authorizationScopes", "b"}, {"remove", "/authorizationScopes", "a"}, {"remove", "/authorizationScopes", "b"}}, 200, `{"authorizationScopes":null}`},
		{"scopes removed without value", []op{{"add", "/authorizationScopes", "a"}, {"remove", "/authorizationScopes", "-"}}, 200, `{"authorizationScopes":null}`},
		{"scopes not all removed", []op{{"add", "/authorizationScopes", "a"}, {"add", "/authorizationScopes", "b"}, {"remove", "/authorizationScopes", "a"}}, 400, scopesText},
		{"I empty scope", []op{{"add", "/authorizationScopes", ""}}, 400, "Invalid null or empty value in authorizationScopes"},
		{"I absent scope", []op{{"add", "/authorizationScopes", "-"}}, 400, "Invalid null or empty value in authorizationScopes"},
		{"E I scopes replace", []op{{"replace", "/authorizationScopes", "a"}}, 400, onlyOps("add, remove")},
		{"E unknown path", []op{{"replace", "/httpMethod", "PUT"}}, 400, "Invalid patch path /httpMethod"},
		{"R absent path", []op{{"replace", "-", "PUT"}}, 400, "Invalid patch path null"},
	})
}

// TestNotFoundBelowAnAPI: section 1.3, the same calls at each missing level.
func TestNotFoundBelowAnAPI(t *testing.T) {
	const (
		resource    = "Invalid Resource identifier specified"
		method      = "Invalid Method identifier specified"
		integration = "Invalid Integration identifier specified"
		status      = "Invalid Response status code specified"
		response    = "Invalid Integration Response identifier specified"
	)
	p := newPetAPI(t)
	apiless := "/restapis/nope/resources/" + p.pets + "/methods/GET"
	resourceless := p.base + "/resources/nope/methods/GET"
	methodless := p.base + "/resources/" + p.pets + "/methods/PUT"
	bare := p.base + "/resources/" + p.pets + "/methods/POST"
	p.do("PUT", bare, map[string]any{"authorizationType": "NONE"})
	for _, row := range []struct{ name, method, path, want string }{
		{"R UpdateMethod API", "PATCH", apiless, resource},
		{"R UpdateMethod resource", "PATCH", resourceless, resource},
		{"R UpdateMethod", "PATCH", methodless, method},
		{"R GetMethod API", "GET", apiless, resource},
		{"R GetMethod", "GET", methodless, method},
		{"R DeleteMethod", "DELETE", methodless, method},
		{"R GetIntegration API", "GET", apiless + "/integration", resource},
		{"R GetIntegration resource", "GET", resourceless + "/integration", resource},
		{"R GetIntegration method", "GET", methodless + "/integration", method},
		{"R GetIntegration none", "GET", bare + "/integration", integration},
		{"E UpdateIntegration method", "PATCH", methodless + "/integration", integration},
		{"UpdateIntegration none", "PATCH", bare + "/integration", integration},
		{"UpdateIntegration resource", "PATCH", resourceless + "/integration", resource},
		{"E DeleteIntegration API", "DELETE", apiless + "/integration", resource},
		{"E DeleteIntegration method", "DELETE", methodless + "/integration", resource},
		{"E DeleteIntegration none", "DELETE", bare + "/integration", resource},
		{"R GetMethodResponse", "GET", p.method + "/responses/200", status},
		{"R UpdateMethodResponse", "PATCH", p.method + "/responses/200", status},
		{"R UpdateMethodResponse method", "PATCH", methodless + "/responses/200", method},
		{"R DeleteMethodResponse", "DELETE", p.method + "/responses/200", status},
		{"R GetIntegrationResponse", "GET", p.method + "/integration/responses/200", status},
		{"E UpdateIntegrationResponse", "PATCH", p.method + "/integration/responses/200", response},
		{"R DeleteIntegrationResponse", "DELETE", p.method + "/integration/responses/200", status},
		{"R DeleteIntegrationResponse method", "DELETE", methodless + "/integration/responses/200", integration},
		{"R DeleteIntegrationResponse resource", "DELETE", resourceless + "/integration/responses/200", resource},
	} {
		t.Run(row.name, func(t *testing.T) {
			var body any
			if row.method == "PATCH" {
				body = patchBody(op{"replace", "/nope", "x"})
			}
			wantRefusal(t, p.call(row.method, row.path, body), 404, row.want)
		})
	}
}

func TestPutMethod(t *testing.T) {
	for _, row := range []struct {
		name, verb, body string
		status           int
		want             string
	}{
		{"R minimal", "PUT", `{"authorizationType":"NONE"}`, 201, `{"httpMethod":"PUT","authorizationType":"NONE","apiKeyRequired":false,"requestParameters":null,"requestModels":null,"methodResponses":null,"methodIntegration":null}`},
		{"E stored in capitals", "PUT", `{"authorizationType":"none"}`, 201, `{"authorizationType":"NONE"}`},
		{"ANY", "ANY", `{"authorizationType":"AWS_IAM","apiKeyRequired":true,"operationName":"o"}`, 201, `{"httpMethod":"ANY","authorizationType":"AWS_IAM","apiKeyRequired":true,"operationName":"o"}`},
		{"R verb first", "WRONG", `{"authorizationType":"CUSTOM","requestModels":{"a":"Nope"}}`, 400, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"},
		{"verb in small letters", "put", `{"authorizationType":"NONE"}`, 400, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"},
		{"E names before keys", "PUT", `{"authorizationType":"CUSTOM","requestParameters":{"method.request.header.a":true,"method.request.path.a":true,"method.request.x":true}}`, 400, uniqueText},
		{"F key before authorizer", "PUT", `{"authorizationType":"CUSTOM","requestParameters":{"method.request.cookie.a":true}}`, 400, "Invalid mapping expression parameter specified: method.request.cookie.a"},
		{"R authorizer before validator", "PUT", `{"authorizationType":"CUSTOM","requestValidatorId":"x"}`, 400, authorizerText},
		{"F scopes before validator", "PUT", `{"authorizationType":"NONE","authorizationScopes":["a"],"requestValidatorId":"x"}`, 400, scopesText},
		{"R validator before model", "PUT", `{"authorizationType":"NONE","requestValidatorId":"x","requestModels":{"a":"Nope"}}`, 400, validatorText},
		{"R model", "PUT", `{"authorizationType":"NONE","requestModels":{"a":"Nope"}}`, 400, "Invalid model identifier specified: Nope"},
		{"I there already", "GET", `{"authorizationType":"NONE"}`, 409, "Method already exists for this resource"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := newPetAPI(t)
			got := p.call("PUT", p.base+"/resources/"+p.pets+"/methods/"+row.verb, row.body)
			if row.status < 300 {
				wantMembers(t, got, row.status, row.want)
				return
			}
			wantRefusal(t, got, row.status, row.want)
		})
	}
}

// TestDeletesWithoutBody: status oddities of section 2.
func TestDeletesWithoutBody(t *testing.T) {
	p := newPetAPI(t)
	p.do("PUT", p.method+"/responses/200", map[string]any{})
	p.do("PUT", p.method+"/integration/responses/200", map[string]any{})
	for _, path := range []string{"/integration/responses/200", "/responses/200", "/integration", ""} {
		if got := p.call("DELETE", p.method+path, nil); got.status != 204 || got.body != "" {
			t.Errorf("DELETE %s: got %v, want 204 without body", path, got)
		}
	}
}

func TestMethodResponses(t *testing.T) {
	const (
		header = "/responseParameters/method.response.header.X"
		model  = "/responseModels/application~1json"
	)
	fresh := func(p *petAPI) string {
		p.do("PUT", p.method+"/responses/200", map[string]any{})
		return p.method + "/responses/200"
	}
	runPatchRows(t, fresh, []patchRow{
		{"R M answers 201", nil, 201, `{"statusCode":"200","responseParameters":null,"responseModels":null}`},
		{"parameter add", []op{{"add", header, "true"}}, 201, `{"responseParameters":{"method.response.header.X":true}}`},
		{"parameter replace", []op{{"add", header, "true"}, {"replace", header, "false"}}, 201, `{"responseParameters":{"method.response.header.X":false}}`},
		{"R last parameter removed", []op{{"add", header, "true"}, {"remove", header}}, 201, `{"responseParameters":null}`},
		{"R absent parameter removed", []op{{"remove", header}}, 404, noNameText},
		{"I absent parameter replaced", []op{{"replace", header, "true"}}, 404, noNameText},
		{"bad parameter", []op{{"add", "/responseParameters/method.request.header.X", "true"}}, 400, "Invalid mapping expression parameter specified: method.request.header.X"},
		{"D parameters whole", []op{{"replace", "/responseParameters", `{"method.response.header.Y":true}`}}, 201, `{"responseParameters":{"method.response.header.Y":true}}`},
		{"D parameters cleared", []op{{"add", header, "true"}, {"remove", "/responseParameters"}}, 201, `{"responseParameters":null}`},
		{"D parameters no JSON", []op{{"replace", "/responseParameters", `[`}}, 400, noJSONText},
		{"model add", []op{{"add", model, "Empty"}}, 201, `{"responseModels":{"application/json":"Empty"}}`},
		{"model replace", []op{{"add", model, "Empty"}, {"replace", model, "Error"}}, 201, `{"responseModels":{"application/json":"Error"}}`},
		{"model unknown", []op{{"add", model, "Nope"}}, 400, "Invalid model identifier specified: Nope"},
		{"R absent model removed", []op{{"remove", model}}, 404, noTypeText},
		{"I absent model replaced", []op{{"replace", model, "Empty"}}, 404, noTypeText},
		{"R model removed", []op{{"add", model, "Empty"}, {"remove", model}}, 201, `{"responseModels":null}`},
		{"D models whole", []op{{"add", "/responseModels", `{"a/b":"Empty"}`}}, 201, `{"responseModels":{"a/b":"Empty"}}`},
		{"D models cleared", []op{{"add", model, "Empty"}, {"remove", "/responseModels"}}, 201, `{"responseModels":null}`},
		{"R other path", []op{{"replace", "/statusCode", "201"}}, 400, "Invalid patch path /statusCode"},
		{"R copy", []op{{"copy", header, "-", "/x"}}, 400, onlyOps("add, remove, replace")},
		{"R absent path", []op{{"add", "-", "x"}}, 400, "Invalid patch path null"},
	})

	p := newPetAPI(t)
	put := p.method + "/responses/200"
	wantBody(t, p.call("PUT", put, `{"responseParameters":{},"responseModels":{}}`), 201, `{"statusCode":"200","responseParameters":{},"responseModels":{}}`) // R
	wantBody(t, p.call("GET", put, nil), 200, `{"statusCode":"200","responseParameters":{},"responseModels":{}}`)
	wantRefusal(t, p.call("PUT", put, `{}`), 409, "Response already exists for this resource")
	wantBody(t, p.call("PUT", p.method+"/responses/404", `{}`), 201, `{"statusCode":"404"}`) // R
	bad := p.call("PUT", p.method+"/responses/abc", `{}`)
	if want := `1 validation error detected: Value 'abc' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`; bad.message() != want || bad.code != "ValidationException" { // R
		t.Errorf("status abc: got %v, want %s", bad, want)
	}
}

// TestScopesGoWithCognito: a type without authorizer takes no scopes either;
// another that has one refuses them.
func TestScopesGoWithCognito(t *testing.T) {
	for _, kind := range []string{"NONE", "aws_iam"} {
		p := newPetAPI(t)
		id := p.do("POST", p.base+"/authorizers", `{"name":"a","type":"COGNITO_USER_POOLS","identitySource":"method.request.header.A",
			"providerARNs":["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_1"]}`)["id"].(string)
		p.do("PATCH", p.method, patchBody(op{"replace", "/authorizationType", "COGNITO_USER_POOLS"},
			op{"replace", "/authorizerId", id}, op{"add", "/authorizationScopes", "s"}))
		wantRefusal(t, p.patch(p.method, op{"replace", "/authorizationType", kind}, op{"add", "/authorizationScopes", "s"}), 400, scopesText)
		wantRefusal(t, p.patch(p.method, op{"replace", "/authorizationType", "CUSTOM"}), 400, authorizerText)
		wantMembers(t, p.patch(p.method, op{"replace", "/authorizationType", kind}), 200, `{"authorizerId":null,"authorizationScopes":null}`)
	}
}
