package domain

import "github.com/postern-gateway/postern/apigw"

// DefaultModels returns the two models of a new API, without ids. Recorded:
// get-models of a new API.
func DefaultModels() []apigw.Model {
	return []apigw.Model{
		{
			Name:        new("Empty"),
			Description: new("This is a default empty schema model"),
			ContentType: new("application/json"),
			Schema:      new("{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \"type\" : \"object\"\n}"),
		},
		{
			Name:        new("Error"),
			Description: new("This is a default error schema model"),
			ContentType: new("application/json"),
			Schema:      new("{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \"type\" : \"object\",\n  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}"),
		},
	}
}
