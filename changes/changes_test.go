package changes

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
)

// pets returns a definition with something of everything.
func pets() *domain.Snapshot {
	return &domain.Snapshot{
		Account: "123456789012", Region: "us-east-1",
		API: apigw.RestApi{Id: new("api1"), Name: new("pets"), RootResourceId: new("root")},
		Resources: []apigw.Resource{
			{Id: new("root"), Path: new("/")},
			{Id: new("r1"), ParentId: new("root"), PathPart: new("pets"), Path: new("/pets"), ResourceMethods: map[string]apigw.Method{
				"GET": {
					HttpMethod: new("GET"), AuthorizationType: new("CUSTOM"), AuthorizerId: new("a1"), RequestValidatorId: new("v1"),
					MethodResponses: map[string]apigw.MethodResponse{"200": {StatusCode: new("200")}},
					MethodIntegration: &apigw.Integration{
						Type: new("HTTP"), Uri: new("http://one.example"), CacheNamespace: new("r1"), TimeoutInMillis: new(int32(29000)),
						RequestTemplates:   map[string]*string{"application/json": new("{}")},
						CacheKeyParameters: []string{"method.request.path.id"},
					},
				},
			}},
		},
		Models:           []apigw.Model{{Id: new("m1"), Name: new("Pet"), Schema: new(`{"type":"object"}`)}},
		Authorizers:      []apigw.Authorizer{{Id: new("a1"), Name: new("who"), AuthorizerResultTtlInSeconds: new(int32(300))}},
		Validators:       []apigw.RequestValidator{{Id: new("v1"), Name: new("all"), ValidateRequestBody: new(true)}},
		GatewayResponses: []apigw.GatewayResponse{{ResponseType: new("DEFAULT_4XX"), StatusCode: new("418")}},
	}
}

func TestCompare(t *testing.T) {
	get := func(s *domain.Snapshot) apigw.Method { return s.Resources[1].ResourceMethods["GET"] }
	set := func(s *domain.Snapshot, m apigw.Method) { s.Resources[1].ResourceMethods["GET"] = m }
	changedGET := func(details ...Detail) []Change {
		return []Change{{Part: Method, Path: "/pets", Verb: "GET", Kind: Changed, Details: details}}
	}
	for name, row := range map[string]struct {
		edit func(*domain.Snapshot)
		want []Change
	}{
		"nothing": {func(*domain.Snapshot) {}, nil},
		"ids, dates and tags": {func(s *domain.Snapshot) {
			s.API.Tags = map[string]string{"a": "b"}
			s.API.RootResourceId = new("other")
			s.API.CreatedDate = &apigw.Timestamp{}
			s.API.Warnings = []string{"w"}
			s.Resources[1].Id, s.Resources[1].ParentId = new("r2"), new("other")
			s.Authorizers[0].Id, s.Validators[0].Id, s.Models[0].Id = new("a2"), new("v2"), new("m2")
			m := get(s)
			m.AuthorizerId, m.RequestValidatorId, m.MethodIntegration.CacheNamespace = new("a2"), new("v2"), new("r2")
			set(s, m)
		}, nil},
		"an empty map is no map": {func(s *domain.Snapshot) {
			m := get(s)
			m.RequestParameters, m.AuthorizationScopes = map[string]bool{}, []string{}
			set(s, m)
		}, nil},
		"a member changes": {func(s *domain.Snapshot) { get(s).MethodIntegration.Uri = new("http://two.example") },
			changedGET(Detail{"/methodIntegration/uri", new("http://one.example"), new("http://two.example")})},
		"members come and go, a number, a key with a slash": {func(s *domain.Snapshot) {
			i := get(s).MethodIntegration
			i.TimeoutInMillis, i.Uri = new(int32(50)), nil
			i.RequestTemplates = map[string]*string{"text/plain": nil}
		}, changedGET(
			Detail{"/methodIntegration/requestTemplates/application~1json", new("{}"), nil},
			Detail{"/methodIntegration/requestTemplates/text~1plain", nil, new("null")},
			Detail{"/methodIntegration/timeoutInMillis", new("29000"), new("50")},
			Detail{"/methodIntegration/uri", new("http://one.example"), nil},
		)},
		"a list is one value": {func(s *domain.Snapshot) {
			get(s).MethodIntegration.CacheKeyParameters = []string{"method.request.path.id", "a&b"}
		}, changedGET(Detail{"/methodIntegration/cacheKeyParameters", new(`["method.request.path.id"]`), new(`["method.request.path.id","a&b"]`)})},
		"another authorizer, by name; a validator that is not there": {func(s *domain.Snapshot) {
			s.Authorizers = append(s.Authorizers, apigw.Authorizer{Id: new("a9"), Name: new("else")})
			m := get(s)
			m.AuthorizerId, m.RequestValidatorId = new("a9"), new("v9")
			set(s, m)
		}, append(changedGET(Detail{"/authorizerId", new("who"), new("else")}, Detail{"/requestValidatorId", new("all"), new("v9")}),
			Change{Part: Authorizer, Name: "else", Kind: Added})},
		"a cache namespace of its own": {func(s *domain.Snapshot) { get(s).MethodIntegration.CacheNamespace = new("mine") },
			changedGET(Detail{"/methodIntegration/cacheNamespace", nil, new("mine")})},
		"methods and resources": {func(s *domain.Snapshot) {
			s.Resources[1].ResourceMethods = map[string]apigw.Method{"POST": {}, "ANY": {}}
			s.Resources = append(s.Resources, apigw.Resource{Id: new("r5"), Path: new("/hidden")})
		}, []Change{
			{Part: Method, Path: "/pets", Verb: "ANY", Kind: Added},
			{Part: Method, Path: "/pets", Verb: "GET", Kind: Removed},
			{Part: Method, Path: "/pets", Verb: "POST", Kind: Added},
			{Part: Resource, Path: "/hidden", Kind: Added},
		}},
		"everything else": {func(s *domain.Snapshot) {
			s.API.Description = new("new")
			s.Models[0].Schema = new("{}")
			s.Authorizers = nil
			s.Validators[0].ValidateRequestBody = new(false)
			s.GatewayResponses[0].ResponseType = new("DEFAULT_5XX")
		}, []Change{
			{Part: API, Kind: Changed, Details: []Detail{{"/description", nil, new("new")}}},
			{Part: Method, Path: "/pets", Verb: "GET", Kind: Changed, Details: []Detail{{"/authorizerId", new("who"), new("a1")}}},
			{Part: Model, Name: "Pet", Kind: Changed, Details: []Detail{{"/schema", new(`{"type":"object"}`), new("{}")}}},
			{Part: Authorizer, Name: "who", Kind: Removed},
			{Part: Validator, Name: "all", Kind: Changed, Details: []Detail{{"/validateRequestBody", new("true"), new("false")}}},
			{Part: GatewayResponse, Name: "DEFAULT_4XX", Kind: Removed},
			{Part: GatewayResponse, Name: "DEFAULT_5XX", Kind: Added},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := pets(), pets()
			row.edit(after)
			asMade, _ := json.Marshal(after)
			if diff := cmp.Diff(row.want, Compare(before, after)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if left, _ := json.Marshal(after); string(left) != string(asMade) {
				t.Errorf("the definition was changed:\n got %s\nwant %s", left, asMade)
			}
			for i, back := range Compare(after, before) {
				if i >= len(row.want) {
					t.Errorf("backwards there is also %+v", back)
				}
			}
		})
	}
}

func TestSubject(t *testing.T) {
	for want, c := range map[string]Change{
		"the API":                      {Part: API},
		"GET /pets":                    {Part: Method, Verb: "GET", Path: "/pets"},
		"resource /pets":               {Part: Resource, Path: "/pets"},
		"model Pet":                    {Part: Model, Name: "Pet"},
		"gateway response DEFAULT_4XX": {Part: GatewayResponse, Name: "DEFAULT_4XX"},
	} {
		if got := c.Subject(); got != want {
			t.Errorf("%+v: got %q, want %q", c, got, want)
		}
	}
}
