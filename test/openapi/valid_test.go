package openapi

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
)

// TestValid has every export checked by somebody else.
func TestValid(t *testing.T) {
	for name, body := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			api := *h.mustImport(body, nil).Id
			h.deploy(api)
			for _, extensions := range []string{"", "postman", "integrations,authorizers,validators,documentation", everything} {
				if err := validOpenAPI(t.Context(), h.export(api, "oas30", "", extensions)); err != nil {
					t.Errorf("oas30 with extensions %q: %v\n%s", extensions, err, h.export(api, "oas30", "", extensions))
				}
				if err := validSwagger(t.Context(), h.export(api, "swagger", "", extensions)); err != nil {
					t.Errorf("swagger with extensions %q: %v\n%s", extensions, err, h.export(api, "swagger", "", extensions))
				}
			}
		})
	}
}

// plainVariables takes away the plus of a greedy variable: the service's own,
// which declares the variable without it.
func plainVariables(document string) []byte {
	return []byte(strings.ReplaceAll(document, "+}", "}"))
}

func validOpenAPI(ctx context.Context, document string) error {
	doc, err := openapi3.NewLoader().LoadFromData(plainVariables(document))
	if err != nil {
		return err
	}
	return doc.Validate(ctx)
}

func validSwagger(ctx context.Context, document string) error {
	var doc openapi2.T
	if err := json.Unmarshal(plainVariables(document), &doc); err != nil {
		return err
	}
	converted, err := openapi2conv.ToV3(&doc)
	if err != nil {
		return err
	}
	return converted.Validate(ctx)
}
