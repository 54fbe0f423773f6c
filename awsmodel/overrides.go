package awsmodel

import "fmt"

// override corrects the model in one place. Each row says how we know.
type override struct {
	evidence string
	apply    func(*Model) error
}

// overrides is keyed by the place that it changes.
var overrides = map[string]override{
	"Integration.requestTemplates":                    nullableValues("Integration", "requestTemplates"),
	"IntegrationResponse.responseTemplates":           nullableValues("IntegrationResponse", "responseTemplates"),
	"PutIntegrationRequest.requestTemplates":          nullableValues("PutIntegrationRequest", "requestTemplates"),
	"PutIntegrationResponseRequest.responseTemplates": nullableValues("PutIntegrationResponseRequest", "responseTemplates"),
}

// mapOfStringToNullableString is a shape of ours: a map that may hold null.
const mapOfStringToNullableString = "MapOfStringToNullableString"

// nullableValues makes a map of templates keep the difference between an
// empty template and null.
func nullableValues(structure, member string) override {
	return override{
		evidence: "Recorded: put-integration-response answers {\"application/json\": null} for a null template.",
		apply: func(m *Model) error {
			base := m.Shapes["MapOfStringToString"]
			m.Shapes[mapOfStringToNullableString] = base
			for i, have := range m.Shapes[structure].Members {
				if have.Name == member {
					m.Shapes[structure].Members[i].Shape = mapOfStringToNullableString
					return nil
				}
			}
			return fmt.Errorf("%s has no member %s", structure, member)
		},
	}
}
