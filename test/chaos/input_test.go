package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/postern-gateway/postern/test/postern"
)

// isUnavailable reports whether a call was refused with status 503 and the code
// of an exception that not all operations model.
func isUnavailable(err error) bool {
	var refusal smithy.APIError
	return errors.As(err, &refusal) && refusal.ErrorCode() == "ServiceUnavailableException"
}

// signed is a header that any loopback listener takes for a signature.
const signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=00"

func send(ctx context.Context, method, url string, body io.Reader) (postern.Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return postern.Answer{}, err
	}
	request.Header.Set("Authorization", signed)
	return postern.Do(http.DefaultClient, request)
}

// endless is a text as long as wanted, without its memory.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestBadInput sends what no client should. Each answer has AWS's shape, and
// nothing has changed.
func TestBadInput(t *testing.T) {
	server := postern.Start(t, "--ephemeral")
	client := server.Client()
	api := postern.NewAPI(t, client, "steady")
	api.Mock(t, "GET", "/", "steady", nil)
	api.Deploy(t, "dev")
	before := everything(t, server, api.ID)

	long := strings.Repeat("x", 100_000)
	var manyOps strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&manyOps, `,{"op":"replace","path":"/variables/v%d","value":"x"}`, i)
	}
	apiPath := "/restapis/" + api.ID
	stage := apiPath + "/stages/dev"
	root := apiPath + "/resources/" + api.Root
	cases := map[string]struct {
		method, path, body string
		status             int
		code               string
	}{
		"no JSON":             {"POST", "/restapis", `{"name":`, 400, "SerializationException"},
		"trailing text":       {"POST", "/restapis", `{"name":"a"} x`, 400, "SerializationException"},
		"JSON is a list":      {"POST", "/restapis", `["name"]`, 400, "SerializationException"},
		"deep JSON":           {"POST", "/restapis", strings.Repeat(`{"a":`, 100_000), 400, "SerializationException"},
		"bytes":               {"POST", "/restapis", "\x00\xff\xfe", 400, "SerializationException"},
		"boolean for text":    {"POST", "/restapis", `{"name":true}`, 400, "SerializationException"},
		"text for list":       {"POST", "/restapis", `{"name":"a","binaryMediaTypes":"x"}`, 400, "SerializationException"},
		"list for map":        {"POST", "/restapis", `{"name":"a","tags":["x"]}`, 400, "SerializationException"},
		"number out of range": {"POST", "/restapis", `{"name":"a","minimumCompressionSize":1e99}`, 400, "SerializationException"},
		"no name":             {"POST", "/restapis", `{}`, 400, ""},
		"unknown API":         {"GET", "/restapis/zzzzzzzzzz", "", 404, "NotFoundException"},
		"unknown resource":    {"GET", apiPath + "/resources/zzzzzz", "", 404, "NotFoundException"},
		"unknown method":      {"GET", root + "/methods/PUT", "", 404, "NotFoundException"},
		"unknown stage":       {"PATCH", apiPath + "/stages/zzz", `{"patchOperations":[]}`, 404, "NotFoundException"},
		"unknown deployment":  {"DELETE", apiPath + "/deployments/zzzzzz", "", 404, "NotFoundException"},
		"unknown route":       {"GET", "/nothing/here", "", 403, "MissingAuthenticationTokenException"},
		"unknown verb":        {"BREW", "/restapis", "", 403, "MissingAuthenticationTokenException"},
		"id with a slash":     {"GET", "/restapis/a%2Fb", "", 404, "NotFoundException"},
		"id with a null":      {"GET", "/restapis/a%00b", "", 404, "NotFoundException"},
		"long id":             {"GET", "/restapis/" + long[:10_000], "", 404, "NotFoundException"},
		"long stage name":     {"POST", apiPath + "/stages", `{"stageName":"` + long + `","deploymentId":"x"}`, 400, "BadRequestException"},
		"long variable":       {"PATCH", stage, `{"patchOperations":[{"op":"replace","path":"/variables/v","value":"` + long + `"}]}`, 400, "BadRequestException"},
		"long patch path":     {"PATCH", stage, `{"patchOperations":[{"op":"replace","path":"/` + long + `","value":"x"}]}`, 400, "BadRequestException"},
		"patch is a map":      {"PATCH", stage, `{"patchOperations":{"op":"replace"}}`, 400, "SerializationException"},
		"unknown patch op":    {"PATCH", stage, `{"patchOperations":[{"op":"wrong","path":"/description"}]}`, 400, "ValidationException"},
		"10,000 patch ops":    {"PATCH", stage, `{"patchOperations":[` + manyOps.String()[1:] + `]}`, 0, ""},
		"wrong enum":          {"PUT", root + "/methods/GET/integration", `{"type":"WRONG"}`, 400, "ValidationException"},
		"bad policy":          {"PATCH", apiPath, `{"patchOperations":[{"op":"replace","path":"/policy","value":"{"}]}`, 400, "BadRequestException"},
		"limit is text":       {"GET", "/restapis?limit=many", "", 0, ""},
		"no position":         {"GET", "/restapis?position=!", "", 400, "BadRequestException"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := send(t.Context(), c.method, server.BaseURL+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			checkRefusal(t, got, c.status, c.code)
		})
	}
	t.Run("100 MB", func(t *testing.T) {
		body := io.MultiReader(strings.NewReader(`{"name":"big"`), io.LimitReader(endless{}, 100<<20), strings.NewReader("}"))
		got, err := send(t.Context(), "POST", server.BaseURL+"/restapis", body)
		if err != nil {
			t.Logf("the connection was closed while we wrote: %v", err)
			return
		}
		checkRefusal(t, got, http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException")
	})
	if after := everything(t, server, api.ID); after != before {
		t.Errorf("something changed:\nbefore %s\nafter  %s", before, after)
	}
	if got := server.Get(t, api.ID, "dev", "/"); got.Body != "steady" {
		t.Errorf("traffic: %d %q", got.Status, got.Body)
	}
	metrics, err := server.Call(t.Context(), http.MethodGet, server.BaseURL+"/metrics", "", "")
	if err != nil || !strings.Contains(metrics.Body, "postern_panics_total 0\n") {
		t.Errorf("there were panics, %v", err)
	}
}

// TestLongValues sends values of members that have no documented limit. They
// may be taken or refused, but the size of what we keep is not the client's
// problem: no failure is ours.
func TestLongValues(t *testing.T) {
	server := postern.Start(t, "--ephemeral")
	api := postern.NewAPI(t, server.Client(), "steady")
	api.Mock(t, "GET", "/", "steady", nil)
	api.Deploy(t, "dev")
	apiPath := "/restapis/" + api.ID
	for _, n := range []int{1 << 10, 1 << 17, 1 << 20, 3 << 20, 5 << 20, 9 << 20} {
		long := strings.Repeat("x", n)
		for name, c := range map[string]struct{ method, path, body string }{
			"name":        {"POST", "/restapis", `{"name":"` + long + `"}`},
			"path part":   {"POST", apiPath + "/resources/" + api.Root, `{"pathPart":"` + long + `"}`},
			"description": {"PATCH", apiPath + "/stages/dev", `{"patchOperations":[{"op":"replace","path":"/description","value":"` + long + `"}]}`},
			"template":    {"PUT", apiPath + "/resources/" + api.Root + "/methods/GET/integration", `{"type":"MOCK","requestTemplates":{"application/json":"` + long + `"}}`},
		} {
			got, err := send(t.Context(), c.method, server.BaseURL+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			t.Run(fmt.Sprintf("%s of %d", name, n), func(t *testing.T) { checkRefusal(t, got, 0, "") })
			if got := server.Get(t, api.ID, "dev", "/"); got.Body != "steady" {
				t.Errorf("traffic after a %s of %d: %d %q", name, n, got.Status, got.Body)
			}
		}
	}
}

// checkRefusal checks the shape of an error: the header with the code, and a
// JSON body with a message and nothing of our inside. Status 0 takes anything
// that is no failure of ours.
func checkRefusal(t *testing.T, got postern.Answer, status int, code string) {
	t.Helper()
	if got.Status >= 500 || status != 0 && got.Status != status {
		t.Errorf("status %d, want %d: %.300q", got.Status, status, got.Body)
	}
	if got.Status < 300 {
		return
	}
	if have := got.Header.Get("x-amzn-ErrorType"); have == "" || code != "" && have != code {
		t.Errorf("code %q, want %q", have, code)
	}
	if got.Header.Get("Content-Type") != "application/json" || got.Header.Get("x-amzn-RequestId") == "" {
		t.Errorf("header %v", got.Header)
	}
	var body map[string]string
	if err := json.NewDecoder(bytes.NewReader([]byte(got.Body))).Decode(&body); err != nil || body["message"] == "" || len(body) != 1 {
		t.Errorf("body %.300q: %v", got.Body, err)
	}
}

// everything is what the AWS API shows of the account and of an API.
func everything(t *testing.T, server *postern.Server, api string) string {
	t.Helper()
	var all strings.Builder
	for _, path := range []string{"/restapis", "/restapis/" + api, "/restapis/" + api + "/resources?embed=methods", "/restapis/" + api + "/stages", "/restapis/" + api + "/deployments", "/account"} {
		got, err := send(t.Context(), "GET", server.BaseURL+path, nil)
		if err != nil || got.Status != http.StatusOK {
			t.Fatalf("%s: %d, %v", path, got.Status, err)
		}
		all.WriteString(got.Body + "\n")
	}
	return all.String()
}
