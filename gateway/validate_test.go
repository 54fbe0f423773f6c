package gateway

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/plan"
)

// TestValidator: texts and order are recorded; blank counting as missing is
// documented; a content type without a model is not validated (documented).
func TestValidator(t *testing.T) {
	method := apigw.Method{
		HttpMethod: new("POST"), AuthorizationType: new("NONE"), RequestValidatorId: new("v"),
		RequestParameters: map[string]bool{
			"method.request.querystring.qs1": true, "method.request.header.x-header-param": true,
			"method.request.path.issuer": true, "method.request.querystring.optional": false,
		},
		RequestModels: map[string]string{"application/json": "Pet"},
		MethodIntegration: &apigw.Integration{
			Type: new("MOCK"), RequestTemplates: map[string]*string{"application/json": new(`{"statusCode": 200}`), "text/plain": new(`{"statusCode": 200}`)},
			IntegrationResponses: map[string]apigw.IntegrationResponse{"200": {StatusCode: new("200")}},
		},
		MethodResponses: map[string]apigw.MethodResponse{"200": {}},
	}
	serve := func(parameters, body bool, request exchange.Request) exchange.Response {
		api, findings := plan.CompileAPI(&domain.Snapshot{
			API:        apigw.RestApi{Id: new("api")},
			Resources:  []apigw.Resource{{Id: new("r"), Path: new("/x"), ResourceMethods: map[string]apigw.Method{"POST": method}}},
			Models:     []apigw.Model{{Name: new("Pet"), Schema: new(`{"type": "object", "required": ["kind"]}`)}},
			Validators: []apigw.RequestValidator{{Id: new("v"), ValidateRequestParameters: &parameters, ValidateRequestBody: &body}},
			GatewayResponses: []apigw.GatewayResponse{{
				ResponseType: new("BAD_REQUEST_BODY"), StatusCode: new("422"),
				ResponseTemplates: map[string]string{"application/json": "$context.error.messageString: $context.error.validationErrorString"},
			}},
		})
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		table := &Table{}
		table.Set("api", map[string]*plan.Stage{"dev": plan.CompileStage(plan.StageInput{API: api, Stage: &apigw.Stage{StageName: new("dev")}})})
		x := &exchange.Exchange{Request: request}
		x.Request.Method, x.Request.Path, x.Request.Host = "POST", "/dev/x", "api.execute-api.localhost"
		New(Config{Table: table}).Serve(t.Context(), x)
		return x.Response
	}
	request := func(query, header, contentType, body string) exchange.Request {
		return exchange.Request{
			RawQuery: query, Body: strings.NewReader(body), ContentLength: int64(len(body)),
			Header: exchange.Header{{Name: "x-header-param", Value: header}, {Name: "Content-Type", Value: contentType}},
		}
	}
	const missing = `{"message": "Missing required request parameters: [%s]"}`
	for name, tt := range map[string]struct {
		parameters, body bool
		request          exchange.Request
		status           int
		want             string
	}{
		"all missing":          {true, true, exchange.Request{Body: http.NoBody}, 400, strings.Replace(missing, "%s", "x-header-param, issuer, qs1", 1)},
		"path never there":     {true, false, request("qs1=1", "h", "application/json", ""), 400, strings.Replace(missing, "%s", "issuer", 1)},
		"blank":                {true, false, request("qs1=1", "  ", "application/json", ""), 400, strings.Replace(missing, "%s", "x-header-param, issuer", 1)},
		"body wrong":           {false, true, request("", "", "application/json", `{}`), 422, ` "Invalid request body": [object has missing required properties (["kind"])]`},
		"no body":              {false, true, request("", "", "application/json", ``), 422, ` "Invalid request body": [Unknown error parsing request body]`},
		"no type is JSON":      {false, true, request("", "", "", `{}`), 422, ` "Invalid request body": [object has missing required properties (["kind"])]`},
		"body right":           {false, true, request("", "", "application/json; charset=utf-8", `{"kind": "dog"}`), 200, ""},
		"type without a model": {false, true, request("", "", "text/plain", `{}`), 200, ""},
		"nothing checked":      {false, false, request("", "", "application/json", `{}`), 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := serve(tt.parameters, tt.body, tt.request)
			if got.Status != tt.status || string(got.Body) != tt.want {
				t.Errorf("got %d %s\nwant %d %s", got.Status, got.Body, tt.status, tt.want)
			}
		})
	}
}
