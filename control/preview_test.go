package control

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/openapi"
)

// document has methods GET and POST on /pets and one more that has no integration.
const document = `
openapi: 3.0.1
info: {title: pets}
servers: [{url: "https://a"}, {url: "https://b"}]
paths:
  /pets:
    get:
      x-amazon-apigateway-integration: {type: mock}
    post:
      security: [{who: []}]
      x-amazon-apigateway-integration: {type: http, httpMethod: POST, uri: "http://h.example/"}
  /unfinished:
    get: {}
components:
  securitySchemes:
    who: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authorizer: {type: token, authorizerUri: "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations"}}
`

// finished is the document without the method that has no integration.
var finished = strings.Replace(document, "    get: {}\n", "    get: {x-amazon-apigateway-integration: {type: mock}}\n", 1)

// methodsOf lists the methods of a definition.
func methodsOf(p *Preview) []string {
	if p == nil || p.Snapshot == nil {
		return nil
	}
	var out []string
	for _, r := range p.Snapshot.Resources {
		for _, verb := range sortedKeys(r.ResourceMethods) {
			out = append(out, verb+" "+*r.Path)
		}
	}
	return out
}

func problemsOf(p *Preview) []string {
	var out []string
	for _, problem := range p.Problems {
		out = append(out, problem.String())
	}
	return out
}

// TestPreviewPut: a preview is what the import and the deployment after it
// make, and changes nothing.
func TestPreviewPut(t *testing.T) {
	p := newPetAPI(t)
	before, err := p.Definition(t.Context(), p.id, "")
	if err != nil {
		t.Fatal(err)
	}
	events := p.Mirror.View().Revision()
	put := func(mode, text string) *apigw.PutRestApiRequest {
		return &apigw.PutRestApiRequest{RestApiId: p.id, Mode: &mode, Body: []byte(text)}
	}
	for name, row := range map[string]struct {
		in       *apigw.PutRestApiRequest
		methods  []string
		problems []string
	}{
		"overwrite": {put("overwrite", document), []string{"GET /pets", "POST /pets", "GET /unfinished"}, []string{
			"4:31: More than one server provided. Ignoring all but the first for defining endpoint configuration",
			"13:5: No integration defined for method: 'GET' on resource at path '/unfinished' cannot be deployed",
		}},
		"merge": {put("merge", "swagger: '2.0'\ninfo: {title: pets}\npaths: {/more: {get: {x-amazon-apigateway-integration: {type: mock}}}}"),
			append([]string{"GET /more"}, methodsOf(before)...), nil},
		"refused by the reader": {put("overwrite", "{"), nil, []string{"1:2: Invalid OpenAPI input. (unexpected EOF)"}},
		"refused by the rules": {put("overwrite", "swagger: '2.0'\ninfo: {title: pets}\npaths:\n  /a b: {}"), nil,
			[]string{"4:3: Unable to create resource at path '/a b': Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end."}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := p.PreviewPut(t.Context(), row.in)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(row.methods)
			methods := methodsOf(got)
			slices.Sort(methods)
			if diff := cmp.Diff(row.methods, methods); diff != "" {
				t.Errorf("methods (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(row.problems, problemsOf(got)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
	if now := p.Mirror.View().Revision(); now != events {
		t.Errorf("the store went from revision %d to %d", events, now)
	}

	preview, err := p.PreviewPut(t.Context(), put("overwrite", finished))
	if err != nil {
		t.Fatal(err)
	}
	if a := p.call("PUT", p.base+"?mode=overwrite", finished); a.status != 200 {
		t.Fatal(a)
	}
	p.do("POST", p.base+"/deployments", map[string]any{"stageName": "dev"})
	deployed, err := p.Definition(t.Context(), p.id, "dev")
	if err != nil {
		t.Fatal(err)
	}
	withoutIDs := cmp.FilterPath(func(path cmp.Path) bool {
		last := path.Last().String()
		return slices.Contains([]string{".Id", ".AuthorizerId", ".CacheNamespace", ".ParentId"}, last)
	}, cmp.Ignore())
	if diff := cmp.Diff(preview.Snapshot, deployed.Snapshot, withoutIDs); diff != "" {
		t.Errorf("the preview is not what was deployed (-preview +deployed):\n%s", diff)
	}
}

// TestDefinition: the present definition, that of a stage, and what there is not.
func TestDefinition(t *testing.T) {
	p := newPetAPI(t)
	p.do("POST", p.base+"/deployments", map[string]any{"stageName": "dev"})
	if a := p.call("DELETE", p.method, nil); a.status != 204 {
		t.Fatal(a)
	}
	now, err := p.Definition(t.Context(), p.id, "")
	if err != nil {
		t.Fatal(err)
	}
	if methodsOf(now) != nil || cmp.Diff(problemsOf(now), []string{"The REST API doesn't contain any methods"}) != "" {
		t.Errorf("the present definition has %v and the problems %q", methodsOf(now), problemsOf(now))
	}
	deployed, err := p.Definition(t.Context(), p.id, "dev")
	if err != nil || len(methodsOf(deployed)) != 1 || len(deployed.Problems) != 0 {
		t.Errorf("the stage has %v and the problems %q, %v", methodsOf(deployed), problemsOf(deployed), err)
	}
	if s := deployed.Snapshot; s.Account != testAccount || s.Region != testRegion {
		t.Errorf("the scope is %s/%s", s.Account, s.Region)
	}
	for _, missing := range [][2]string{{p.id, "prod"}, {p.id[:9], ""}, {"nothing", "dev"}} {
		want := "Invalid API identifier specified"
		if missing[0] == p.id {
			want = "Invalid stage identifier specified"
		}
		if _, err := p.Definition(t.Context(), missing[0], missing[1]); fault.From(err).Kind != fault.NotFound || fault.From(err).Message != want {
			t.Errorf("%v: %v, want %s", missing, err, want)
		}
	}
}

// TestPreviewImport needs no store.
func TestPreviewImport(t *testing.T) {
	service := &Service{Clock: clock.NewManual(time.Unix(0, 0)), IDs: ids.Seeded(1), Log: slog.New(slog.DiscardHandler)}
	scope := domain.Scope{Account: testAccount, Region: testRegion}
	got, err := service.PreviewImport(scope, &apigw.ImportRestApiRequest{Body: []byte(finished)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"GET /pets", "POST /pets", "GET /unfinished"}, methodsOf(got)); diff != "" || openapi.Failed(got.Problems) {
		t.Errorf("methods (-want +got):\n%s\nproblems %q", diff, problemsOf(got))
	}
	a := got.Snapshot.Authorizers
	if len(a) != 1 || apigw.Val(a[0].Name) != "who" || apigw.Val(got.Snapshot.Resources[1].ResourceMethods["POST"].AuthorizerId) != *a[0].Id {
		t.Errorf("the authorizers are %+v", a)
	}
	got, err = service.PreviewImport(scope, &apigw.ImportRestApiRequest{
		Body: []byte(finished), Parameters: map[string]string{"endpointConfigurationTypes": "EDGE,REGIONAL"},
	})
	if err != nil || got.Snapshot != nil || !openapi.Failed(got.Problems) || got.Problems[len(got.Problems)-1].Line != 3 {
		t.Errorf("an endpoint type that there is not: %q, %v", problemsOf(got), err)
	}
}
