package template_test

import (
	"os"
	"testing"

	"github.com/postern-gateway/postern/openapi"
	"github.com/postern-gateway/postern/template"
)

// TestExample shows that the example of the repository has nothing left out, and
// that its document can be imported.
func TestExample(t *testing.T) {
	data, err := os.ReadFile("../examples/sam/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	result, err := template.Read(data, template.Options{Parameters: map[string]string{"StageName": "live"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.LeftOut) > 0 || len(result.APIs) != 1 {
		t.Fatalf("%d APIs, left out: %v", len(result.APIs), result.LeftOut)
	}
	api := result.APIs[0]
	definition, problems := openapi.Read(api.Document, openapi.Options{})
	if len(problems) > 0 {
		t.Fatalf("%v in %s", problems, api.Document)
	}
	if len(definition.Resources) != 2 || len(api.Stages) != 1 || api.Stages[0].Name != "live" {
		t.Errorf("%d resources, stages %+v", len(definition.Resources), api.Stages)
	}
	if got := api.Stages[0].MethodSettings["*/*"].ThrottlingBurstLimit; got == nil || *got != 500 {
		t.Errorf("burst limit %v of the stage live, want 500", got)
	}
}
