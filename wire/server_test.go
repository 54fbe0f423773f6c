package wire

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/fault"
)

func TestIdentity(t *testing.T) {
	const (
		missing = "MissingAuthenticationTokenException"
		ill     = "IncompleteSignatureException"
		invalid = "InvalidSignatureException"
		five    = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
		pairs   = "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): "
	)
	signed := func(credential string) string {
		return "AWS4-HMAC-SHA256 Credential=" + credential + ", SignedHeaders=host, Signature=0a"
	}
	for _, row := range []struct{ name, header, code, message string }{
		{"unsigned", "", missing, "Missing Authentication Token"},
		{"other scheme", "Bearer x", ill, pairs + "'uTem/WB082UJMN2ajD6lH6UChGpTAddMJSx2iu923No='."},
		{"no parameters", "AWS4-HMAC-SHA256", ill, pairs + "'YI2YWea8FSxnksZL2ETHbs5elHm9HQufxTLK0W0ffV0='."},
		{"no signature", "AWS4-HMAC-SHA256 Credential=a/20240501/r/apigateway/aws4_request, SignedHeaders=host", ill, "Authorization header requires 'Signature' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization=sZMRdUtizyMCtb1r6cyMis6UdaG6+ouTicOHicHikEg="},
		{"short scope", signed("AKID/20240501/eu-west-1"), ill, five + "'AKID/20240501/eu-west-1'"},
		{"no key", signed("/20240501/eu-west-1/apigateway/aws4_request"), ill, five + "'/20240501/eu-west-1/apigateway/aws4_request'"},
		{"bad date", signed("AKID/2024-05-01/eu-west-1/apigateway/aws4_request"), ill, "Date in Credential scope must have the form YYYYMMDD, got '2024-05-01'"},
		{"signature not hexadecimal", strings.Replace(signed("AKID/20240501/eu-west-1/apigateway/aws4_request"), "0a", "0x", 1), ill, "Signature must be hexadecimal"},
		{"other service", signed("AKID/20240501/eu-west-1/s3/aws4_request"), invalid, "Credential should be scoped to correct service: 'apigateway'. "},
		{"odd region", signed("AKID/20240501/EU_WEST/apigateway/aws4_request"), invalid, "Credential should be scoped to a valid region."},
		{"long region", signed("AKID/20240501/" + strings.Repeat("r", 33) + "/apigateway/aws4_request"), invalid, "Credential should be scoped to a valid region."},
	} {
		t.Run(row.name, func(t *testing.T) {
			server, seen, _ := newTestServer()
			got := send(t, server, "GET", "/restapis", nil, func(r *http.Request) {
				r.Header.Del("Authorization")
				if row.header != "" {
					r.Header.Set("Authorization", row.header)
				}
			})
			wantFault(t, got, 403, row.code, row.message)
			if seen.in != nil {
				t.Errorf("the handler ran")
			}
		})
	}
}

func TestCaller(t *testing.T) {
	for _, row := range []struct{ key, account string }{
		{"AKID", "123456789012"}, {"AKID2", "210987654321"}, {"333333333333", "333333333333"}, {"33333333333", "123456789012"},
	} {
		server, seen, _ := newTestServer()
		got := send(t, server, "GET", "/restapis", nil, func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(authorization, "AKID", row.key, 1))
			r.Header.Set("User-Agent", "agent/1")
			r.RemoteAddr = "192.0.2.7:1234"
		})
		want := caller.Caller{Account: row.account, Region: "eu-west-1", AccessKey: row.key, UserAgent: "agent/1", Remote: "192.0.2.7:1234",
			RequestID: got.header["x-amzn-RequestId"][0], Operation: "GetRestApis"}
		if c := caller.From(seen.ctx); c != want {
			t.Errorf("key %s: got %+v, want %+v", row.key, c, want)
		}
	}
}

func TestConstraints(t *testing.T) {
	one := func(detail string) string { return "1 validation error detected: Value " + detail }
	const locations = "[RESPONSE_BODY, RESPONSE, METHOD, MODEL, AUTHORIZER, RESPONSE_HEADER, RESOURCE, PATH_PARAMETER, REQUEST_BODY, QUERY_PARAMETER, API, REQUEST_HEADER]"
	const responses = "[REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, AUTHORIZER_CONFIGURATION_ERROR, MISSING_AUTHENTICATION_TOKEN, BAD_REQUEST_BODY, INVALID_SIGNATURE, INVALID_API_KEY, BAD_REQUEST_PARAMETERS, AUTHORIZER_FAILURE, UNAUTHORIZED, INTEGRATION_TIMEOUT, ACCESS_DENIED, DEFAULT_4XX, DEFAULT_5XX, WAF_FILTERED, QUOTA_EXCEEDED, THROTTLED, API_CONFIGURATION_ERROR, UNSUPPORTED_MEDIA_TYPE, INTEGRATION_FAILURE, EXPIRED_TOKEN]"
	for _, row := range []struct{ name, method, path, body, want string }{
		{"R types", "POST", "/restapis", `{"name":"n","endpointConfiguration":{"types":["EDGE","wrong"]}}`, one("'[EDGE, wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]")},
		{"R ipAddressType", "POST", "/restapis", `{"name":"n","endpointConfiguration":{"ipAddressType":"x"}}`, one("'x' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]")},
		{"R integration type", "PUT", "/restapis/a/resources/b/methods/GET/integration", `{"type":"x"}`, one("'x' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]")},
		{"R location type", "POST", "/restapis/a/documentation/parts", `{"location":{"type":"x"},"properties":"{}"}`, one("'x' at 'createDocumentationPartInput.location.type' failed to satisfy constraint: Member must satisfy enum value set: " + locations)},
		{"R response type", "GET", "/restapis/a/gatewayresponses/x", "", one("'x' at 'responseType' failed to satisfy constraint: Member must satisfy enum value set: " + responses)},
		{"R status code of the address", "PATCH", "/restapis/a/resources/b/methods/GET/responses/600", "", one(`'600' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`)},
		{"the whole code must match", "PATCH", "/restapis/a/resources/b/methods/GET/responses/2000", "", one(`'2000' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`)},
		{"F status code of the body", "PUT", "/restapis/a/gatewayresponses/THROTTLED", `{"statusCode":"x"}`, one(`'x' at 'putGatewayResponseInput.statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`)},
		{"E body before address", "PUT", "/restapis/a/gatewayresponses/x", `{"statusCode":"y"}`, `2 validation errors detected: Value 'y' at 'putGatewayResponseInput.statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d; Value 'x' at 'responseType' failed to satisfy constraint: Member must satisfy enum value set: ` + responses},
		{"required", "POST", "/restapis", "", one("null at 'createRestApiInput.name' failed to satisfy constraint: Member must not be null")},
	} {
		t.Run(row.name, func(t *testing.T) {
			server, seen, _ := newTestServer()
			wantFault(t, send(t, server, row.method, row.path, strings.NewReader(row.body)), 400, "ValidationException", row.want)
			if seen.in != nil {
				t.Errorf("the handler ran")
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	server, _, _ := newTestServer()
	got := send(t, server, "DELETE", "/restapis/a/stages/b", nil)
	if got.status != 202 || got.body != "" || len(got.header["x-amzn-RequestId"]) != 1 {
		t.Errorf("delete: got %d %q %v, want 202 without body", got.status, got.body, got.header)
	}
	server.Handlers.CreateRestApi = func(context.Context, *apigw.CreateRestApiRequest) (*apigw.RestApi, error) {
		return &apigw.RestApi{Name: new("<&>"), Tags: map[string]string{}}, nil
	}
	got = send(t, NewServer(*server), "POST", "/restapis", strings.NewReader(`{"name":"n"}`))
	if got.status != 201 || got.body != `{"name":"<&>","tags":{}}` || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("create: got %d %q %v", got.status, got.body, got.header)
	}
	wantFault(t, send(t, server, "GET", "/account", nil), 501, "NotImplementedException", "GetAccount is explained")
}

// TestDefectsShowNothing: a panic and an error that is no fault end in a bare
// 500, and all that is known of them is in the log.
func TestDefectsShowNothing(t *testing.T) {
	for _, row := range []struct {
		name    string
		handler func(context.Context, *apigw.GetRestApisRequest) (*apigw.RestApis, error)
		logged  []string
	}{
		{"panic", func(context.Context, *apigw.GetRestApisRequest) (*apigw.RestApis, error) {
			panic("secret of the store")
		},
			[]string{"secret of the store", "goroutine", "TestDefectsShowNothing", "server_test.go"}},
		{"nil dereference", func(_ context.Context, in *apigw.GetRestApisRequest) (*apigw.RestApis, error) {
			return nil, errors.New(*in.Position)
		}, []string{"nil pointer dereference", "goroutine"}},
		{"error", func(context.Context, *apigw.GetRestApisRequest) (*apigw.RestApis, error) {
			return nil, errors.New("secret of the store")
		}, []string{"secret of the store"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			server, _, log := newTestServer()
			server.Handlers.GetRestApis = row.handler
			got := send(t, NewServer(*server), "GET", "/restapis", nil)
			wantFault(t, got, 500, "InternalFailure", "Internal failure")
			if got.body != `{"message":"Internal failure"}` {
				t.Errorf("body: got %s, want nothing but the message", got.body)
			}
			for _, text := range append(row.logged, got.header["x-amzn-RequestId"][0], "path=/restapis") {
				if !strings.Contains(log.String(), text) {
					t.Errorf("log: got %s, want it to contain %q", log, text)
				}
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	server, _, log := newTestServer()
	server.Handlers.GetRestApis = func(context.Context, *apigw.GetRestApisRequest) (*apigw.RestApis, error) {
		return nil, &fault.Error{Kind: fault.ServiceUnavailable, Message: "Service Unavailable", RetryAfter: 3 * time.Second}
	}
	got := send(t, NewServer(*server), "GET", "/restapis", nil)
	wantFault(t, got, 503, "ServiceUnavailableException", "Service Unavailable")
	if after := got.header.Get("Retry-After"); after != "3" {
		t.Errorf("Retry-After: got %q, want 3", after)
	}
	if log.Len() > 0 {
		t.Errorf("log: got %s, want nothing for a refusal", log)
	}
}

func TestParseAccounts(t *testing.T) {
	for _, row := range []struct {
		settings []string
		key      string
		want     string // account of the key; empty: refused
	}{
		{nil, "AKID", caller.DefaultAccount},
		{[]string{"111111111111"}, "AKID", "111111111111"},
		{[]string{"AKID=222222222222", "111111111111"}, "AKID", "222222222222"},
		{[]string{"AKID=222222222222"}, "OTHER", caller.DefaultAccount},
		{[]string{"444444444444=222222222222"}, "444444444444", "222222222222"},
		{nil, "444444444444", "444444444444"},
		{[]string{"1"}, "AKID", ""},
		{[]string{"AKID=1"}, "AKID", ""},
		{[]string{""}, "AKID", ""},
	} {
		accounts, err := ParseAccounts(row.settings)
		if (err != nil) != (row.want == "") {
			t.Errorf("ParseAccounts(%q): got error %v", row.settings, err)
			continue
		}
		if got := accounts.Of(row.key); err == nil && got != row.want {
			t.Errorf("ParseAccounts(%q).Of(%s): got %s, want %s", row.settings, row.key, got, row.want)
		}
	}
}
