package control

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/secret"
)

// patchables makes one of everything that can be patched, and returns the
// paths by operation.
func (p *petAPI) patchables() map[string]string {
	p.Secrets = secret.Temporary()
	id := func(path, member string, body any) string {
		return path + "/" + p.do("POST", path, body)[member].(string)
	}
	p.do("PUT", p.method+"/responses/200", `{}`)
	p.do("PUT", p.method+"/integration/responses/200", `{}`)
	p.do("PUT", p.base+"/gatewayresponses/THROTTLED", `{}`)
	p.stage("prod", p.deploy())
	p.publicDomain("api.example.com")
	p.do("POST", "/domainnames/api.example.com/basepathmappings", map[string]any{"restApiId": p.id, "basePath": "v1", "stage": "prod"})
	plan := id("/usageplans", "id", map[string]any{"name": "p", "quota": map[string]any{"limit": 5, "period": "DAY"}})
	key := p.do("POST", "/apikeys", `{"tags":{"a":"b"}}`)["id"].(string)
	p.do("POST", plan+"/keys", map[string]any{"keyId": key, "keyType": "API_KEY"})
	return map[string]string{
		"UpdateAccount":              "/account",
		"UpdateApiKey":               "/apikeys/" + key,
		"UpdateAuthorizer":           id(p.base+"/authorizers", "id", `{"name":"a","type":"TOKEN","authorizerUri":"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations","identitySource":"method.request.header.A"}`),
		"UpdateBasePathMapping":      "/domainnames/api.example.com/basepathmappings/v1",
		"UpdateClientCertificate":    id("/clientcertificates", "clientCertificateId", `{}`),
		"UpdateDeployment":           p.base + "/deployments/" + p.deploy(),
		"UpdateDocumentationPart":    id(p.base+"/documentation/parts", "id", `{"location":{"type":"API"},"properties":"{\"info\":1}"}`),
		"UpdateDocumentationVersion": id(p.base+"/documentation/versions", "version", `{"documentationVersion":"1"}`),
		"UpdateDomainName":           "/domainnames/api.example.com",
		"UpdateGatewayResponse":      p.base + "/gatewayresponses/THROTTLED",
		"UpdateIntegration":          p.method + "/integration",
		"UpdateIntegrationResponse":  p.method + "/integration/responses/200",
		"UpdateMethod":               p.method,
		"UpdateMethodResponse":       p.method + "/responses/200",
		"UpdateModel":                p.base + "/models/Empty",
		"UpdateRequestValidator":     id(p.base+"/requestvalidators", "id", `{"name":"v"}`),
		"UpdateResource":             p.base + "/resources/" + p.pets,
		"UpdateRestApi":              p.base,
		"UpdateStage":                p.base + "/stages/prod",
		"UpdateUsage":                plan + "/keys/" + key + "/usage",
		"UpdateUsagePlan":            plan,
		"UpdateVpcLink":              "/vpclinks/" + p.vpcLink(),
	}
}

// TestEmptyPatch: an empty list answers what is there and commits nothing, so
// that no date moves and no event tells of it. A stage alone moves its date
// (guide: with every successful UpdateStage).
func TestEmptyPatch(t *testing.T) {
	p := newPetAPI(t)
	paths := p.patchables()
	p.clock.Advance(time.Hour)
	later := float64(p.clock.Now().Unix())
	handlers := reflect.TypeFor[apigw.Handlers]()
	for i := range handlers.NumField() {
		name := handlers.Field(i).Name
		if !strings.HasPrefix(name, "Update") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			path, ok := paths[name]
			if !ok {
				t.Fatal("this test has nothing to patch")
			}
			_, before, err := p.store.List(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			for _, body := range []any{patchBody(), `{}`} {
				got := p.do("PATCH", path, body)
				if name == "UpdateUsage" {
					continue // there is no call that reads the same
				}
				want := p.do("GET", path, nil)
				if name == "UpdateStage" && got["lastUpdatedDate"] != later {
					t.Errorf("lastUpdatedDate %v, want %v", got["lastUpdatedDate"], later)
				}
				for _, body := range []map[string]any{got, want} {
					if tags, ok := body["tags"].(map[string]any); ok && len(tags) == 0 {
						delete(body, "tags") // an empty map is shown by one of the two, mostly
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("answer (-get +update):\n%s", diff)
				}
			}
			_, after, err := p.store.List(t.Context(), "")
			if commits := name == "UpdateStage"; err != nil || (after != before) != commits {
				t.Errorf("store is at %d after %d, %v; want a commit: %t", after, before, err, commits)
			}
		})
	}
}

// TestEmptyPatchOfUnsetGatewayResponse answers what GetGatewayResponse does, by
// default and with the class customised, and does not set the type.
func TestEmptyPatchOfUnsetGatewayResponse(t *testing.T) {
	p := newPetAPI(t)
	path := p.base + "/gatewayresponses/THROTTLED"
	for _, status := range []string{"429", "418"} {
		if status == "418" {
			p.do("PUT", p.base+"/gatewayresponses/DEFAULT_4XX", `{"statusCode":"418","responseTemplates":{"text/plain":"x"}}`)
		}
		got, want := p.call("PATCH", path, patchBody()), p.call("GET", path, nil)
		body := decodeAnswer(t, got.body)
		if got != want || body["statusCode"] != status || body["defaultResponse"] != true {
			t.Errorf("got %v, want %v with status code %s and defaultResponse", got, want, status)
		}
	}
	wantRefusal(t, p.call("DELETE", path, nil), 404, "Gateway response type not defined on api")
	wantRefusal(t, p.call("PATCH", "/restapis/nope/gatewayresponses/THROTTLED", patchBody()), 404,
		"Invalid API identifier specified "+testAccount+":nope")
}
