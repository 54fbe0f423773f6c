package openapi

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
)

const authorizerScheme = `{"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
	"x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations"}}`

// before has one of everything.
var before = swagger(`
	"/keep": {"get": {"operationId": "old", "parameters": [{"name": "q", "in": "query", "type": "string"}],
		"security": [{"auth": []}], "x-amazon-apigateway-request-validator": "v",
		"responses": {"200": {"description": "ok"}, "404": {"description": "no"}},
		"x-amazon-apigateway-integration": {"type": "http", "uri": "http://old.example.com", "responses": {"default": {"statusCode": "200"}}}},
		"post": {"responses": {}, "x-amazon-apigateway-integration": {"type": "mock"}}},
	"/drop/{id}": {`+mockGet+`}`,
	`"definitions": {"Kept": {"type": "object"}, "Dropped": {"type": "object"}}`,
	`"securityDefinitions": {"auth": `+authorizerScheme+`, "spare": `+authorizerScheme+`}`,
	`"x-amazon-apigateway-request-validators": {"v": {"validateRequestBody": true}, "w": {}}`,
	`"x-amazon-apigateway-gateway-responses": {"THROTTLED": {"statusCode": 429}, "UNAUTHORIZED": {"statusCode": 401}}`,
	`"x-amazon-apigateway-policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}`,
	`"x-amazon-apigateway-binary-media-types": ["image/png"]`,
	`"x-amazon-apigateway-minimum-compression-size": 10`,
	`"x-amazon-apigateway-api-key-source": "AUTHORIZER"`,
	`"x-amazon-apigateway-documentation": {"version": "1", "documentationParts": [
		{"location": {"type": "API"}, "properties": {"a": 1}}, {"location": {"type": "MODEL", "name": "Kept"}, "properties": {"b": 1}}]}`)

// after replaces some of it.
var after = swagger(`"/keep": {"get": {"responses": {}, "security": [{"auth": []}], "x-amazon-apigateway-integration": {"type": "mock"}}}, "/new": {`+mockGet+`}`,
	`"definitions": {"Kept": {"type": "array"}}`,
	`"securityDefinitions": {"auth": `+authorizerScheme+`}`,
	`"x-amazon-apigateway-request-validators": {"v": {"validateRequestParameters": true}}`,
	`"x-amazon-apigateway-gateway-responses": {"UNAUTHORIZED": {"statusCode": 403}}`,
	`"x-amazon-apigateway-binary-media-types": ["image/gif", "image/png"]`,
	`"x-amazon-apigateway-documentation": {"version": "1", "documentationParts": [{"location": {"type": "API"}, "properties": {"a": 2}}]}`)

// TestPut holds both modes over one of everything: what remains, what keeps
// its id, and that a method is replaced completely.
func TestPut(t *testing.T) {
	for _, test := range []struct {
		mode string
		want map[string][]string
	}{
		{"merge", map[string][]string{
			"resources":         {"/", "/drop", "/drop/{id} GET", "/keep GET POST", "/new GET"},
			"models":            {"Dropped", "Kept"},
			"authorizers":       {"auth", "spare"},
			"validators":        {"v", "w"},
			"gateway responses": {"THROTTLED 429", "UNAUTHORIZED 403"},
			"documentation":     {`API {"a":2}`, `MODEL {"b":1}`},
			"binary":            {"image/png", "image/gif"},
			"settings":          {"policy", "AUTHORIZER", "10"},
		}},
		{"overwrite", map[string][]string{
			"resources":         {"/", "/keep GET", "/new GET"},
			"models":            {"Kept"},
			"authorizers":       {"auth"},
			"validators":        {"v"},
			"gateway responses": {"UNAUTHORIZED 403"},
			"documentation":     {`API {"a":2}`},
			"binary":            {"image/gif", "image/png"},
			"settings":          {"HEADER"},
		}},
	} {
		t.Run(test.mode, func(t *testing.T) {
			h := newHarness(t)
			api := *h.mustImport(before, nil).Id
			was, ids := h.survey(api)
			h.mustPut(api, test.mode, after)
			got, newIDs := h.survey(api)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the API differs (-want +got):\n%s\nbefore: %v", diff, was)
			}
			for name, id := range newIDs {
				if old, ok := ids[name]; ok && id != old {
					t.Errorf("%s has the id %s, and had %s", name, id, old)
				}
			}
			m := h.resources(api)["/keep"].ResourceMethods["GET"]
			want := apigw.Method{
				HttpMethod: new("GET"), AuthorizationType: new("CUSTOM"), AuthorizerId: new(ids["authorizer auth"]), ApiKeyRequired: new(false),
				MethodIntegration: &apigw.Integration{
					Type: new("MOCK"), PassthroughBehavior: new("WHEN_NO_MATCH"), TimeoutInMillis: new(int32(29000)),
					CacheNamespace: new(ids["resource /keep"]), CacheKeyParameters: []string{},
				},
			}
			if diff := cmp.Diff(want, m); diff != "" {
				t.Errorf("the method is not replaced completely (-want +got):\n%s", diff)
			}
		})
	}
}

// survey lists what an API has, and the ids by name.
func (h *harness) survey(api string) (map[string][]string, map[string]string) {
	h.t.Helper()
	all, ids := map[string][]string{}, map[string]string{}
	check := func(err error) {
		if err != nil {
			h.t.Helper()
			h.t.Fatal(err)
		}
	}
	resources := h.resources(api)
	for _, path := range paths(resources) {
		line := path
		for _, verb := range []string{"GET", "POST"} {
			if _, ok := resources[path].ResourceMethods[verb]; ok {
				line += " " + verb
			}
		}
		all["resources"] = append(all["resources"], line)
		ids["resource "+path] = *resources[path].Id
	}
	models, err := h.GetModels(h.ctx, &apigw.GetModelsRequest{RestApiId: api})
	check(err)
	for _, m := range models.Items {
		all["models"] = append(all["models"], *m.Name)
		ids["model "+*m.Name] = *m.Id
	}
	authorizers, err := h.GetAuthorizers(h.ctx, &apigw.GetAuthorizersRequest{RestApiId: api})
	check(err)
	for _, a := range authorizers.Items {
		all["authorizers"] = append(all["authorizers"], *a.Name)
		ids["authorizer "+*a.Name] = *a.Id
	}
	validators, err := h.GetRequestValidators(h.ctx, &apigw.GetRequestValidatorsRequest{RestApiId: api})
	check(err)
	for _, v := range validators.Items {
		all["validators"] = append(all["validators"], *v.Name)
		ids["validator "+*v.Name] = *v.Id
	}
	responses, err := h.GetGatewayResponses(h.ctx, &apigw.GetGatewayResponsesRequest{RestApiId: api})
	check(err)
	for _, r := range responses.Items {
		if !*r.DefaultResponse {
			all["gateway responses"] = append(all["gateway responses"], *r.ResponseType+" "+*r.StatusCode)
		}
	}
	parts, err := h.GetDocumentationParts(h.ctx, &apigw.GetDocumentationPartsRequest{RestApiId: api})
	check(err)
	for _, p := range parts.Items {
		all["documentation"] = append(all["documentation"], *p.Location.Type+" "+*p.Properties)
		ids["documentation "+*p.Location.Type] = *p.Id
	}
	for _, kind := range []string{"models", "authorizers", "validators", "documentation"} {
		slices.Sort(all[kind])
	}
	own, err := h.GetRestApi(h.ctx, &apigw.GetRestApiRequest{RestApiId: api})
	check(err)
	all["binary"] = own.BinaryMediaTypes
	all["settings"] = []string{}
	if own.Policy != nil {
		all["settings"] = append(all["settings"], "policy")
	}
	all["settings"] = append(all["settings"], *own.ApiKeySource)
	if own.MinimumCompressionSize != nil {
		all["settings"] = append(all["settings"], strconv.Itoa(int(*own.MinimumCompressionSize)))
	}
	return all, ids
}

// TestPutKeeps: what is not the document's business stays in both modes.
func TestPutKeeps(t *testing.T) {
	for _, mode := range []string{"merge", "overwrite", ""} {
		t.Run("mode="+mode, func(t *testing.T) {
			h := newHarness(t)
			api := *h.mustImport(before, parameters{"endpointConfigurationTypes": "REGIONAL"}).Id
			deployment := h.deploy(api)
			arn := "arn:aws:apigateway:eu-west-1::/restapis/" + api
			if err := h.TagResource(h.ctx, &apigw.TagResourceRequest{ResourceArn: arn, Tags: map[string]string{"a": "b"}}); err != nil {
				t.Fatal(err)
			}
			frozen := meaning(t, h.snapshot(api, deployment))
			exported := h.export(api, "oas30", "", everything)
			h.mustPut(api, mode, after)
			own, err := h.GetRestApi(h.ctx, &apigw.GetRestApiRequest{RestApiId: api})
			if err != nil {
				t.Fatal(err)
			}
			if got := own.EndpointConfiguration.Types; !slices.Equal(got, []string{"REGIONAL"}) || own.Tags["a"] != "b" {
				t.Errorf("endpoint %v, tags %v: want REGIONAL and a=b", got, own.Tags)
			}
			if diff := cmp.Diff(frozen, meaning(t, h.snapshot(api, deployment))); diff != "" {
				t.Errorf("the deployment changed (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(exported, h.export(api, "oas30", "", everything)); diff != "" {
				t.Errorf("the export of the stage changed (-before +after):\n%s", diff)
			}
			version, err := h.GetDocumentationVersion(h.ctx, &apigw.GetDocumentationVersionRequest{RestApiId: api, DocumentationVersion: "1"})
			if err != nil || !version.CreatedDate.Time.Equal(epoch) {
				t.Errorf("the documentation version changed: %+v, %v", version, err)
			}
		})
	}
}

// TestPutRefused: a put that fails changes nothing.
func TestPutRefused(t *testing.T) {
	h := newHarness(t)
	api := *h.mustImport(before, nil).Id
	was, ids := h.survey(api)
	revision := h.Mirror.View().Revision()
	for _, body := range []string{"", oas30(`"/a b": {` + mockGet + `}`), oas30(`"/x": {"get": {"x-amazon-apigateway-integration": {"type": "http", "uri": "x"}}}`)} {
		if _, err := h.put(api, "overwrite", body); err == nil {
			t.Errorf("taken: %s", body)
		}
	}
	now, nowIDs := h.survey(api)
	if diff := cmp.Diff(was, now) + cmp.Diff(ids, nowIDs); diff != "" {
		t.Errorf("the API changed (-before +after):\n%s", diff)
	}
	if got := h.Mirror.View().Revision(); got != revision {
		t.Errorf("something was written: revision %d, was %d", got, revision)
	}
	if _, err := h.put("none", "merge", after); message(err) != "NotFoundException: Invalid API identifier specified 123456789012:none" {
		t.Errorf("put to an API that does not exist: %v", err)
	}
}

// TestSecurity has what each kind of scheme makes of a method.
func TestSecurity(t *testing.T) {
	schemes := `"securityDefinitions": {
		"key": {"type": "apiKey", "name": "X-API-Key", "in": "header"},
		"iam": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
		"auth": ` + authorizerScheme + `,
		"pool": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "cognito_user_pools",
			"x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/p"]}}}`
	for _, test := range []struct{ security, extension, want string }{
		{`[]`, ``, "NONE"},
		{`[{"NONE": []}]`, ``, "NONE"},
		{`[{"key": []}]`, ``, "NONE key"},
		{`[{"iam": []}]`, ``, "AWS_IAM"},
		{`[{"iam": []}, {"key": []}]`, ``, "AWS_IAM key"},
		{`[{"auth": []}]`, ``, "CUSTOM auth"},
		{`[{"auth": [], "key": []}]`, ``, "CUSTOM auth key"},
		{`[{"pool": ["a", "b"]}]`, ``, "COGNITO_USER_POOLS pool a b"},
		{`[{"pool": ["a"]}]`, `"x-amazon-apigateway-auth": {"type": "none"},`, "NONE"},
		{`[]`, `"x-amazon-apigateway-auth": {"type": "AWS_IAM"},`, "AWS_IAM"},
	} {
		t.Run(test.security+test.extension, func(t *testing.T) {
			h := newHarness(t)
			body := swagger(`"/": {"get": {"security": `+test.security+`, `+test.extension+` "responses": {}}}`, schemes, `"security": [{"auth": []}]`)
			api := *h.mustImport(body, nil).Id
			_, ids := h.survey(api)
			m := h.resources(api)["/"].ResourceMethods["GET"]
			got := *m.AuthorizationType
			for _, name := range []string{"auth", "pool"} {
				if m.AuthorizerId != nil && *m.AuthorizerId == ids["authorizer "+name] {
					got += " " + name
				}
			}
			if *m.ApiKeyRequired {
				got += " key"
			}
			for _, scope := range m.AuthorizationScopes {
				got += " " + scope
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
