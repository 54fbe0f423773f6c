package control

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func limitText(noun, scope string) string {
	return fmt.Sprintf("Maximum number of %s for this %s has been reached.  Please contact AWS if you need additional %s.", noun, scope, noun)
}

// plans makes usage plans without stages and returns their ids.
func (h *harness) plans(n int) []string {
	h.t.Helper()
	var ids []string
	for range n {
		ids = append(ids, h.do("POST", "/usageplans", `{"name":"p"}`)["id"].(string))
	}
	return ids
}

func TestUsagePlansPerKey(t *testing.T) {
	h := newHarness(t)
	key := h.do("POST", "/apikeys", `{}`)["id"].(string)
	other := h.do("POST", "/apikeys", `{}`)["id"].(string)
	plans := h.plans(11)
	add := func(plan, key string) answer {
		return h.call("POST", "/usageplans/"+plan+"/keys", map[string]any{"keyId": key, "keyType": "API_KEY"})
	}
	for i, plan := range plans[:10] {
		if got := add(plan, key); got.status != 201 {
			t.Fatalf("plan %d: got %v, want 201", i+1, got)
		}
	}
	wantRefusal(t, add(plans[10], key), 429, limitText("Usage Plans", "API Key"))
	if got := add(plans[10], other); got.status != 201 {
		t.Errorf("another key: got %v, want 201", got)
	}
	h.Quotas[UsagePlansPerKey] = 11
	if got := add(plans[10], key); got.status != 201 {
		t.Errorf("with another quota: got %v, want 201", got)
	}
}

// TestUsagePlansPerImportedKey counts the plans that the import itself adds.
func TestUsagePlansPerImportedKey(t *testing.T) {
	h := newHarness(t)
	plans := h.plans(11)
	file := func(n int) string {
		return "Name,Key,UsagePlanIds\nk,abcdefghijklmnopqrstuvwxyz0123456789,\"" + strings.Join(plans[:n], ",") + "\"\n"
	}
	got := h.call("POST", "/apikeys?mode=import&format=csv&failonwarnings=true", file(11))
	if got.status != 400 || !strings.Contains(got.message(), limitText("Usage Plans", "API Key")) {
		t.Errorf("eleven plans: got %v, want a refusal", got)
	}
	if got := h.call("POST", "/apikeys?mode=import&format=csv&failonwarnings=true", file(10)); got.status != 201 {
		t.Errorf("ten plans: got %v, want 201", got)
	}
}

func TestThrottlesPerStage(t *testing.T) {
	p := newPetAPI(t)
	throttles := func(n int) string {
		all := map[string]any{}
		for i := range n {
			all[fmt.Sprintf("/r%d/GET", i)] = map[string]any{"rateLimit": 1.0}
		}
		data, _ := json.Marshal(all)
		return string(data)
	}
	text := limitText("Method throttles", "API Stage")
	plan := p.planOn(`,"throttle":` + throttles(20))
	wantRefusal(t, p.call("POST", "/usageplans", fmt.Sprintf(`{"name":"p","apiStages":[{"apiId":"%s","stage":"dev","throttle":%s}]}`, p.id, throttles(21))), 429, text)

	stage := "/apiStages/" + p.id + ":dev/throttle"
	wantRefusal(t, p.patch(plan, op{"add", stage + "//more/GET/rateLimit", "1"}), 429, text)
	wantRefusal(t, p.patch(plan, op{"replace", stage, throttles(21)}), 429, text)
	ok := func(what string, ops ...op) {
		t.Helper()
		if got := p.patch(plan, ops...); got.status != 200 {
			t.Errorf("%s: got %v, want 200", what, got)
		}
	}
	ok("one for another", op{"remove", stage + "//r0/GET"}, op{"add", stage + "//more/GET/rateLimit", "1"})
	p.Quotas[ThrottlesPerStage] = 5
	ok("a plan from before the quota", op{"replace", "/description", "d"})
	ok("and fewer", op{"remove", stage + "//r1/GET"})
	wantRefusal(t, p.patch(plan, op{"add", stage + "//again/GET/rateLimit", "1"}), 429, text)
}

func TestSchemaSize(t *testing.T) {
	p := newPetAPI(t)
	schema := func(size int) string {
		const rest = `{"type":"object","title":""}`
		return strings.Replace(rest, `""`, `"`+strings.Repeat("x", size-len(rest))+`"`, 1)
	}
	const text = "Model schema exceeds maximum size of 409600 bytes"
	model := func(size int) map[string]any {
		return map[string]any{"name": "M", "contentType": "application/json", "schema": schema(size)}
	}
	wantRefusal(t, p.call("POST", p.base+"/models", model(409601)), 400, text)
	p.do("POST", p.base+"/models", model(409600))
	wantRefusal(t, p.patch(p.base+"/models/M", op{"replace", "/schema", schema(409601)}), 400, text)
	p.do("PATCH", p.base+"/models/M", patchBody(op{"replace", "/schema", schema(409600)}))
	document := fmt.Sprintf(`{"swagger":"2.0","info":{"title":"a"},"definitions":{"M":%s}}`, schema(409700))
	if got := p.call("POST", "/restapis?mode=import", document); got.status != 400 || !strings.Contains(got.message(), text) {
		t.Errorf("import: got %v, want a refusal", got)
	}
}

func TestTemplateSize(t *testing.T) {
	p := newPetAPI(t)
	const text = "Mapping template for content type a/b exceeds maximum size of 307200 bytes"
	fits := strings.Repeat("x", 307200)
	templates := func(member, value string) map[string]any {
		return map[string]any{"type": "MOCK", member: map[string]string{"a/b": value}}
	}
	integration := p.method + "/integration"
	for _, row := range []struct{ path, member string }{
		{integration, "requestTemplates"}, {integration + "/responses/200", "responseTemplates"},
	} {
		wantRefusal(t, p.call("PUT", row.path, templates(row.member, fits+"x")), 400, text)
		p.do("PUT", row.path, templates(row.member, fits))
		wantRefusal(t, p.patch(row.path, op{"replace", "/" + row.member + "/a~1b", fits + "x"}), 400, text)
		p.do("PATCH", row.path, patchBody(op{"replace", "/" + row.member + "/a~1b", fits}))
	}
	for _, extension := range []map[string]any{
		templates("requestTemplates", fits+"x"),
		{"type": "MOCK", "responses": map[string]any{"default": map[string]any{"statusCode": "200", "responseTemplates": map[string]string{"a/b": fits + "x"}}}},
	} {
		got := p.call("POST", "/restapis?mode=import", map[string]any{
			"swagger": "2.0", "info": map[string]any{"title": "a"},
			"paths": map[string]any{"/": map[string]any{"get": map[string]any{"x-amazon-apigateway-integration": extension}}},
		})
		if got.status != 400 || !strings.Contains(got.message(), text) {
			t.Errorf("import: got %.300v, want a refusal", got)
		}
	}
}
