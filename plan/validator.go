package plan

import (
	"maps"
	"slices"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/plan/spec"
	"github.com/postern-gateway/postern/schema"
)

// models compiles the models of an API, each once.
type models struct {
	texts    map[string]string
	compiled map[string]*schema.Schema
}

func newModels(list []apigw.Model) *models {
	m := &models{texts: map[string]string{}, compiled: map[string]*schema.Schema{}}
	for _, model := range list {
		m.texts[apigw.Val(model.Name)] = apigw.Val(model.Schema)
	}
	return m
}

func (m *models) schema(name string) (*schema.Schema, error) {
	if s := m.compiled[name]; s != nil {
		return s, nil
	}
	s, err := schema.Compile(m.texts, name)
	if err == nil {
		m.compiled[name] = s
	}
	return s, err
}

// validator returns what the validator of a method checks; nil if it has none.
func (m *models) validator(s *domain.Snapshot, method *apigw.Method, report steps.Report) *spec.Validator {
	id := apigw.Val(method.RequestValidatorId)
	if id == "" {
		return nil
	}
	i := slices.IndexFunc(s.Validators, func(v apigw.RequestValidator) bool { return apigw.Val(v.Id) == id })
	if i < 0 {
		return &spec.Validator{Missing: "there is no request validator " + id}
	}
	v := &spec.Validator{}
	if apigw.Val(s.Validators[i].ValidateRequestParameters) {
		for _, key := range slices.Sorted(maps.Keys(method.RequestParameters)) {
			if method.RequestParameters[key] {
				v.Required = append(v.Required, key)
			}
		}
	}
	if !apigw.Val(s.Validators[i].ValidateRequestBody) {
		return v
	}
	v.Bodies = map[string]spec.BodyCheck{}
	for contentType, name := range method.RequestModels {
		check, err := m.schema(name)
		if err != nil {
			report("request model "+contentType, err.Error())
			v.Missing = err.Error()
			continue
		}
		v.Bodies[contentType] = check
	}
	return v
}
