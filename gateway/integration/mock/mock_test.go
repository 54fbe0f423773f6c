package mock

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/gateway/integration"
)

func TestStatusCode(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       int
		ok         bool
	}{
		// Recorded: accepted by the service.
		{"json", `{"statusCode": 200}`, 200, true},
		{"unquoted key", `{statusCode: 200}`, 200, true},
		{"trailing comma", `{"statusCode": 200,}`, 200, true},
		{"blank lines", "\n\n  {\n\"statusCode\": 404\n}\n\n", 404, true},
		{"as CDK writes it", `{ statusCode: 204 }`, 204, true},
		// Recorded: refused.
		{"text", `{"statusCode": "200"}`, 0, false},
		{"absent", `{"status": 200}`, 0, false},
		{"missing brace", `{"statusCode": 200`, 0, false},
		// Seen in emulators.
		{"single quotes", `{'statusCode': 201}`, 201, true},
		{"malformed sibling", `{"a" "b", "statusCode": 202}`, 202, true},
		{"unbalanced sibling", `{"a": {, "statusCode": 202}`, 0, false},
		{"any integer", `{"statusCode": 70000}`, 70000, true},
		{"negative", `{"statusCode": -1}`, -1, true},
		// Assumed.
		{"no body", ``, 0, false},
		{"null", `null`, 0, false},
		{"fraction", `{"statusCode": 200.0}`, 0, false},
		{"plus", `{"statusCode": +200}`, 0, false},
		{"overflow", `{"statusCode": 99999999999999999999}`, 0, false},
		{"inner object does not count", `{"a": {"x": 1, "statusCode": 500}, "b": 1}`, 0, false},
		{"inner object does not count, in its middle", `{"a": {"x": 1, "statusCode": 500, "y": 2}, "b": 1}`, 0, false},
		{"inside a text", `{"a": "b, statusCode: 500, c", "statusCode": 200}`, 200, true},
		{"escaped quote", `{"a": "\", statusCode: 500, \"", "statusCode": 200}`, 200, true},
		{"twice", `{"statusCode": 200, "statusCode": 201}`, 201, true},
		{"twice, the last one bad", `{"statusCode": 200, "statusCode": "x"}`, 0, false},
		{"only braces", `{}`, 0, false},
		{"case counts", `{"StatusCode": 200}`, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			res, err := Invoker{}.Invoke(t.Context(), &integration.Request{Body: []byte(test.body)})
			if !test.ok {
				var typed *integration.Error
				if !errors.As(err, &typed) || typed.Kind != integration.Configuration {
					t.Fatalf("Invoke(%q) = %v, %v; want an error of kind Configuration", test.body, res, err)
				}
				return
			}
			if err != nil || res.Status != test.want || len(res.Body) != 0 {
				t.Fatalf("Invoke(%q) = %+v, %v; want status %d without body", test.body, res, err, test.want)
			}
		})
	}
}

// FuzzStatusCode: nothing panics, and on strict JSON the lenient parser agrees
// with a strict one.
func FuzzStatusCode(f *testing.F) {
	for _, seed := range []string{`{"statusCode": 200}`, `{statusCode:200,}`, `{'statusCode': -1}`, `{"a":"\`, `{{}}`, `}{`, ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		status, ok := statusCode([]byte(body))
		var members map[string]json.RawMessage
		if strings.Contains(body, `\`) || json.Unmarshal([]byte(body), &members) != nil || members == nil {
			return
		}
		want, wantOK := integer(string(members["statusCode"]))
		if ok != wantOK || ok && status != want {
			t.Errorf("statusCode(%q) = %d, %v; encoding/json says %d, %v", body, status, ok, want, wantOK)
		}
	})
}
