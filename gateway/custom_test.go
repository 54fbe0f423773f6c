package gateway

import (
	"net/http"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/plan"
)

// customAPI has one open and one closed method, and gateway responses of its own.
func customAPI(responses ...apigw.GatewayResponse) *Gateway {
	mock := &apigw.Integration{Type: new("MOCK")}
	api, _ := plan.CompileAPI(&domain.Snapshot{
		API: apigw.RestApi{Id: new("api")},
		Resources: []apigw.Resource{{Id: new("r"), Path: new("/closed"), ResourceMethods: map[string]apigw.Method{
			"GET": {HttpMethod: new("GET"), AuthorizationType: new("CUSTOM"), MethodIntegration: mock},
			"PUT": {HttpMethod: new("PUT"), AuthorizationType: new("NONE"), MethodIntegration: mock}, // no template: 500
		}}},
		GatewayResponses: responses,
	})
	table := &Table{}
	table.Set("api", map[string]*plan.Stage{"dev": plan.CompileStage(plan.StageInput{API: api, Stage: &apigw.Stage{
		StageName: new("dev"), Variables: map[string]string{"color": "blue"},
	}})})
	return New(Config{Table: table})
}

func TestCustomResponses(t *testing.T) {
	own := apigw.GatewayResponse{
		ResponseType: new("UNAUTHORIZED"), StatusCode: new("418"),
		ResponseParameters: map[string]string{
			"gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
			"gatewayresponse.header.X-Path":                      "context.path",
			"gatewayresponse.header.X-Sent":                      "method.request.header.X-Sent",
			"gatewayresponse.header.X-None":                      "method.request.header.X-None",
			"gatewayresponse.path.ignored":                       "'x'",
		},
		ResponseTemplates: map[string]string{
			"application/json": `{"m":$context.error.messageString,"t":"$context.error.responseType","c":"$stageVariables.color"}`,
			"text/plain":       "$context.error.message",
		},
	}
	family := apigw.GatewayResponse{ResponseType: new("DEFAULT_4XX"), StatusCode: new("499"), ResponseTemplates: map[string]string{"application/json": "4XX $context.error.responseType"}}
	interim := apigw.GatewayResponse{ResponseType: new("UNAUTHORIZED"), StatusCode: new("103"), ResponseTemplates: map[string]string{"application/json": "own"}}
	keepsStatus := apigw.GatewayResponse{ResponseType: new("DEFAULT_5XX"), ResponseTemplates: map[string]string{"application/json": `{"message":$context.error.messageString}`}}
	for name, tt := range map[string]struct {
		responses    []apigw.GatewayResponse
		method, path string
		accept       string
		status       int
		body         string
		header       map[string]string
	}{
		"own entry": {[]apigw.GatewayResponse{own, family}, "GET", "/closed", "", 418, `{"m":"Unauthorized","t":"UNAUTHORIZED","c":"blue"}`, map[string]string{
			"Content-Type": "application/json", "Access-Control-Allow-Origin": "*", "X-Path": "/dev/closed", "X-Sent": "yes", "X-None": "",
			"x-amzn-ErrorType": "UnauthorizedException",
		}},
		"template by Accept":         {[]apigw.GatewayResponse{own}, "GET", "/closed", "text/plain, */*", 418, "Unauthorized", map[string]string{"Content-Type": "text/plain"}},
		"family":                     {[]apigw.GatewayResponse{family}, "GET", "/closed", "", 499, "4XX UNAUTHORIZED", nil},
		"family of a missing route":  {[]apigw.GatewayResponse{family}, "GET", "/nowhere", "", 499, "4XX MISSING_AUTHENTICATION_TOKEN", nil},
		"other family":               {[]apigw.GatewayResponse{keepsStatus}, "GET", "/closed", "", 401, `{"message":"Unauthorized"}`, nil},
		"family without a status":    {[]apigw.GatewayResponse{keepsStatus}, "PUT", "/closed", "", 500, `{"message": "Internal server error"}`, nil},
		"interim status":             {[]apigw.GatewayResponse{interim}, "GET", "/closed", "", 401, "own", nil}, // assumed
		"nothing of its own defined": {nil, "GET", "/closed", "", 401, `{"message":"Unauthorized"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			x := &exchange.Exchange{Request: exchange.Request{
				Method: tt.method, Path: "/dev" + tt.path, Host: "api.execute-api.localhost", Body: http.NoBody,
				Header: exchange.Header{{Name: "X-Sent", Value: "yes"}, {Name: "Accept", Value: tt.accept}},
			}}
			customAPI(tt.responses...).Serve(t.Context(), x)
			if got := x.Response; got.Status != tt.status || string(got.Body) != tt.body {
				t.Errorf("got %d %s\nwant %d %s", got.Status, got.Body, tt.status, tt.body)
			}
			for name, want := range tt.header {
				if got := x.Response.Header.Get(name); got != want {
					t.Errorf("header %s: got %q, want %q", name, got, want)
				}
			}
		})
	}
}
