package plan

import (
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/plan/spec"
)

func setting(rate float64, burst int32) apigw.MethodSetting {
	return apigw.MethodSetting{ThrottlingRateLimit: new(apigw.Double(rate)), ThrottlingBurstLimit: &burst}
}

// TestSettings: which entry of methodSettings holds for a method and a verb.
func TestSettings(t *testing.T) {
	account := spec.Throttle{Limited: true, Rate: 10000, Burst: 5000}
	limited := func(rate float64, burst int) spec.Throttle {
		return spec.Throttle{Limited: true, Rate: rate, Burst: burst}
	}
	none := spec.Throttle{}
	for _, test := range []struct {
		name    string
		entries map[string]apigw.MethodSetting
		path    string
		verb    string
		want    spec.Throttle
	}{
		{"nothing", nil, "/pets", "GET", none},
		{"general", map[string]apigw.MethodSetting{"*/*": setting(1, 2)}, "/pets", "GET", limited(1, 2)},
		{"own", map[string]apigw.MethodSetting{"*/*": setting(1, 2), "pets/GET": setting(3, 4)}, "/pets", "GET", limited(3, 4)},
		{"own, escaped", map[string]apigw.MethodSetting{"~1pets/GET": setting(3, 4)}, "/pets", "GET", limited(3, 4)},
		{"two spellings", map[string]apigw.MethodSetting{"~1pets/GET": setting(3, 4), "pets/GET": setting(5, 6)}, "/pets", "GET", limited(3, 4)},
		{"deep", map[string]apigw.MethodSetting{"~1pets~1{id}/GET": setting(3, 4)}, "/pets/{id}", "GET", limited(3, 4)},
		{"root", map[string]apigw.MethodSetting{"~1/GET": setting(3, 4)}, "/", "GET", limited(3, 4)},
		{"tilde", map[string]apigw.MethodSetting{"~1a~0b/GET": setting(3, 4)}, "/a~b", "GET", limited(3, 4)},
		{"another verb", map[string]apigw.MethodSetting{"pets/POST": setting(3, 4)}, "/pets", "GET", none},
		{"another path", map[string]apigw.MethodSetting{"cats/GET": setting(3, 4)}, "/pets", "GET", none},
		{"-1 is the stage's", map[string]apigw.MethodSetting{"*/*": setting(1, 2), "pets/GET": setting(-1, -1)}, "/pets", "GET", limited(1, 2)},
		{"-1 is the account's", map[string]apigw.MethodSetting{"*/*": setting(-1, -1)}, "/pets", "GET", none},
		{"-1 of one limit", map[string]apigw.MethodSetting{"*/*": setting(1, -1), "pets/GET": setting(-1, 4)}, "/pets", "GET", limited(1, 4)},
		{"the other limit is the account's", map[string]apigw.MethodSetting{"*/*": setting(1, -1)}, "/pets", "GET", limited(1, 5000)},
		{"zero", map[string]apigw.MethodSetting{"*/*": setting(0, 0)}, "/pets", "GET", limited(0, 0)},
		{"no more than the account's", map[string]apigw.MethodSetting{"*/*": setting(10000, 5000)}, "/pets", "GET", none},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBinder(StageInput{API: &API{ID: "a"}, Stage: &apigw.Stage{MethodSettings: test.entries}, Account: account})
			got := b.settings(&Method{Spec: spec.Method{ResourcePath: test.path}}, test.verb).Throttle
			if got != test.want {
				t.Errorf("%s %s: %+v, want %+v", test.verb, test.path, got, test.want)
			}
		})
	}
}

// TestBindAny: a method ANY has the settings of the verb of the request.
func TestBindAny(t *testing.T) {
	a, _ := CompileAPI(testSnapshot(t, "ANY"))
	s := CompileStage(StageInput{API: a, Stage: &apigw.Stage{MethodSettings: map[string]apigw.MethodSetting{
		"*/*":       {LoggingLevel: new("ERROR")},
		"pets/POST": {LoggingLevel: new("INFO"), MetricsEnabled: new(true)},
	}}})
	for verb, want := range map[string]spec.Settings{
		"GET":  {API: "a1", Verb: "GET", From: "*/*", Log: spec.LogErrors},
		"POST": {API: "a1", Verb: "POST", From: "pets/POST", Log: spec.LogInfo, Metrics: true},
	} {
		m, _ := a.Match("/pets", verb, nil)
		if got := s.Production.Bound(m, verb).Settings; got != want {
			t.Errorf("%s: %+v, want %+v", verb, got, want)
		}
	}
}

// testSnapshot is an API with one method at /pets.
func testSnapshot(t *testing.T, verb string) *domain.Snapshot {
	t.Helper()
	return &domain.Snapshot{
		API: apigw.RestApi{Id: new("a1")},
		Resources: []apigw.Resource{{
			Id: new("r1"), Path: new("/pets"),
			ResourceMethods: map[string]apigw.Method{verb: {MethodIntegration: &apigw.Integration{Type: new("MOCK")}}},
		}},
	}
}
