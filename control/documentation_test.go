package control

import (
	"strings"
	"testing"
)

// TestImportedLocationType: a document may name a type of location that there
// is not, which the model of an operation would refuse.
func TestImportedLocationType(t *testing.T) {
	const text = "Value 'WRONG' at 'location.type' failed to satisfy constraint: Member must satisfy enum value set: " +
		"[RESPONSE_BODY, RESPONSE, METHOD, MODEL, AUTHORIZER, RESPONSE_HEADER, RESOURCE, PATH_PARAMETER, REQUEST_BODY, QUERY_PARAMETER, API, REQUEST_HEADER]"
	const extension = `"x-amazon-apigateway-documentation":{"documentationParts":[
		{"location":{"type":"API"},"properties":{"a":1}},{"location":{"type":"WRONG"},"properties":{"a":1}}]}`
	p := newPetAPI(t)
	wantRefusal(t, p.call("PUT", p.base+"/documentation/parts", "{"+extension+"}"), 400, text)
	if parts := p.do("GET", p.base+"/documentation/parts", nil)["item"].([]any); len(parts) != 0 {
		t.Errorf("after the refusal: got %v, want no parts", parts)
	}
	got := p.call("POST", "/restapis?mode=import", `{"swagger":"2.0","info":{"title":"a"},`+extension+"}")
	if got.status != 400 || !strings.Contains(got.message(), text) {
		t.Errorf("import of an API: got %v, want a refusal with %s", got, text)
	}
}
