package control

import (
	"fmt"
	"strings"
	"testing"
)

// TestLargeImport: a definition of more writes than one commit takes, at first
// as a new API and then over itself.
func TestLargeImport(t *testing.T) {
	const resources = 299 // with the root, as many as an API may have
	var document strings.Builder
	document.WriteString("openapi: 3.0.1\ninfo: {title: large}\npaths:\n")
	for i := range resources {
		fmt.Fprintf(&document, "  /p%d:\n", i)
		for _, verb := range []string{"get", "put"} {
			fmt.Fprintf(&document, "    %s: {x-amazon-apigateway-integration: {type: mock}}\n", verb)
		}
	}
	if writes := resources * 4; writes <= commitWrites {
		t.Fatalf("%d writes fit in one commit", writes)
	}
	h := newHarness(t)
	id := h.do("POST", "/restapis?mode=import", document.String())["id"].(string)
	h.do("PUT", "/restapis/"+id+"?mode=overwrite", document.String())
	all := h.do("GET", "/restapis/"+id+"/resources?limit=500", nil)["item"].([]any)
	if len(all) != resources+1 {
		t.Errorf("%d resources, want %d", len(all), resources+1)
	}
}
