package gateway

import (
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/plan"
)

// TestCustomDomainLogs: the path in the logs has the base path and not the
// stage, and a name under a public domain goes before the API of that name.
func TestCustomDomainLogs(t *testing.T) {
	a, _ := plan.CompileAPI(snapshot(mockMethod("GET /pets", "")))
	g, written := loggedGateway(t, nil, plan.StageInput{API: a, Stage: &apigw.Stage{
		AccessLogSettings: accessTo("arn:aws:logs:us-east-1:123456789012:log-group:"+accessGroup, "$context.domainName $context.path $context.customDomain.basePathMatched"),
		MethodSettings:    settings("INFO", false),
	}})
	const name = "shop.execute-api.localhost"
	g.live.Domains.Replace([]*live.Domain{{Name: name, Mappings: []live.Mapping{{Base: "/v1", API: testAPI, Stage: "dev"}}}})
	x := request("GET /v1/pets", nil, "")
	x.Request.Host = name + ":4566"
	if !g.Claims(x.Request.Host, "/v1/pets") {
		t.Errorf("%s is not claimed", x.Request.Host)
	}
	serve(t, g, x)
	got := written()
	if want := []string{name + " /v1/pets v1"}; !slices.Equal(got.records[accessGroup], want) {
		t.Errorf("access log: got %q, want %q", got.records[accessGroup], want)
	}
	const line = "HTTP Method: GET, Resource Path: /v1/pets"
	if !slices.ContainsFunc(got.records[executionGroup], func(have string) bool { return strings.HasSuffix(have, line) }) {
		t.Errorf("execution log: got %q, want %q among them", got.records[executionGroup], line)
	}
}
