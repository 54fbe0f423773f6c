package control

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/store"
)

const (
	arnText     = "Invalid ARN specified in the request"
	uriText     = "Invalid HTTP endpoint specified for URI"
	partText    = "AWS ARN for integration must contain path or action"
	proxyText   = "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."
	linkText    = "ConnectionId should be set to the vpcLinkId or stage variable on connection type VPC_LINK"
	timeoutText = "Timeout should be between 50 ms and 29000 ms"
	crossText   = "Cross-account pass role is not allowed."
	cacheText   = "Invalid cache key parameter specified"
	lambdaURI   = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations"
)

func TestUpdateIntegration(t *testing.T) {
	const (
		parameter = "/requestParameters/integration.request.header.X"
		template  = "/requestTemplates/application~1json"
	)
	fresh := func(p *petAPI) string {
		p.do("PATCH", p.method, patchBody(op{"add", "/requestParameters/method.request.querystring.q", "true"}))
		p.do("PUT", p.method+"/integration", map[string]any{"type": "HTTP", "httpMethod": "GET", "uri": "http://example.com"})
		return p.method + "/integration"
	}
	runPatchRows(t, fresh, []patchRow{
		{"I no operations", nil, 200, `{"type":"HTTP","uri":"http://example.com"}`},
		{"D type", []op{{"replace", "/type", "MOCK"}}, 400, "Invalid patch path /type"},
		{"uri", []op{{"replace", "/uri", "https://example.org/{p}"}}, 200, `{"uri":"https://example.org/{p}"}`},
		{"R bad uri", []op{{"replace", "/uri", "ftp://example.org"}}, 400, uriText},
		{"uri empty", []op{{"replace", "/uri", ""}}, 400, uriText},
		{"I uri other op", []op{{"add", "/uri", "x"}}, 400, onlyReplaceText},
		{"httpMethod", []op{{"replace", "/httpMethod", "POST"}}, 200, `{"httpMethod":"POST"}`},
		{"R httpMethod empty", []op{{"replace", "/httpMethod", ""}}, 400, "Enumeration value for HttpMethod must be non-empty"},
		{"httpMethod unknown", []op{{"replace", "/httpMethod", "BREW"}}, 400, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"},
		{"F role of another account", []op{{"replace", "/credentials", "arn:aws:iam::111111111111:role/r"}}, 403, crossText},
		{"credentials", []op{{"replace", "/credentials", "arn:aws:iam::123456789012:role/r"}}, 200, `{"credentials":"arn:aws:iam::123456789012:role/r"}`},
		{"credentials of the caller", []op{{"replace", "/credentials", "arn:aws:iam::*:user/*"}}, 200, `{"credentials":"arn:aws:iam::*:user/*"}`},
		{"credentials empty clears", []op{{"replace", "/credentials", "arn:aws:iam::*:user/*"}, {"replace", "/credentials", ""}}, 200, `{"credentials":null}`},
		{"F credentials", []op{{"replace", "/credentials", "me"}}, 400, arnText},
		{"credentials other op", []op{{"remove", "/credentials"}}, 400, onlyReplaceText},
		{"R connection", []op{{"replace", "/connectionType", "VPC_LINK"}, {"replace", "/connectionId", "${stageVariables.x}"}}, 200, `{"connectionType":"VPC_LINK","connectionId":"${stageVariables.x}"}`},
		{"F connection without id", []op{{"replace", "/connectionType", "VPC_LINK"}}, 400, linkText},
		{"connection unknown", []op{{"replace", "/connectionType", "TUBE"}}, 400, "Invalid connection type specified. Must be one of: [INTERNET, VPC_LINK]"},
		{"passthroughBehavior", []op{{"replace", "/passthroughBehavior", "NEVER"}}, 200, `{"passthroughBehavior":"NEVER"}`},
		{"passthroughBehavior unknown", []op{{"replace", "/passthroughBehavior", "MAYBE"}}, 400, "Invalid passthrough behavior specified. Valid options are WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER"},
		{"contentHandling", []op{{"replace", "/contentHandling", "CONVERT_TO_TEXT"}}, 200, `{"contentHandling":"CONVERT_TO_TEXT"}`},
		{"C contentHandling empty clears", []op{{"replace", "/contentHandling", "CONVERT_TO_TEXT"}, {"replace", "/contentHandling", ""}}, 200, `{"contentHandling":null}`},
		{"timeout lowest", []op{{"replace", "/timeoutInMillis", "50"}}, 200, `{"timeoutInMillis":50}`},
		{"F timeout below", []op{{"replace", "/timeoutInMillis", "49"}}, 400, timeoutText},
		{"F timeout above", []op{{"replace", "/timeoutInMillis", "29001"}}, 400, timeoutText},
		{"timeout no number", []op{{"replace", "/timeoutInMillis", "soon"}}, 400, timeoutText},
		{"timeout absent", []op{{"replace", "/timeoutInMillis", "-"}}, 400, timeoutText},
		{"cacheNamespace", []op{{"replace", "/cacheNamespace", "n"}}, 200, `{"cacheNamespace":"n"}`},
		{"C cache key added", []op{{"add", "/cacheKeyParameters/method.request.querystring.q", ""}}, 200, `{"cacheKeyParameters":["method.request.querystring.q"]}`},
		{"C cache key removed", []op{{"add", "/cacheKeyParameters/method.request.querystring.q", ""}, {"remove", "/cacheKeyParameters/method.request.querystring.q"}}, 200, `{"cacheKeyParameters":[]}`},
		{"F cache key not declared", []op{{"add", "/cacheKeyParameters/method.request.querystring.r", ""}}, 400, cacheText},
		{"cache key replaced", []op{{"replace", "/cacheKeyParameters/method.request.querystring.q", ""}}, 400, onlyOps("add, remove")},
		{"D cache key appended", []op{{"add", "/cacheKeyParameters", "method.request.querystring.q"}}, 200, `{"cacheKeyParameters":["method.request.querystring.q"]}`},
		{"D cache keys from a list", []op{{"replace", "/cacheKeyParameters", `["method.request.querystring.q"]`}}, 200, `{"cacheKeyParameters":["method.request.querystring.q"]}`},
		{"D cache keys cleared", []op{{"add", "/cacheKeyParameters", "method.request.querystring.q"}, {"remove", "/cacheKeyParameters"}}, 200, `{"cacheKeyParameters":[]}`},
		{"cache keys no list", []op{{"replace", "/cacheKeyParameters", `{`}}, 400, cacheText},
		{"parameter add", []op{{"add", parameter, "method.request.querystring.q"}}, 200, `{"requestParameters":{"integration.request.header.X":"method.request.querystring.q"}}`},
		{"parameter replace", []op{{"add", parameter, "'a'"}, {"replace", parameter, "'b'"}}, 200, `{"requestParameters":{"integration.request.header.X":"'b'"}}`},
		{"parameter remove", []op{{"add", parameter, "'a'"}, {"remove", parameter}}, 200, `{"requestParameters":null}`},
		{"I absent parameter replaced", []op{{"replace", parameter, "'b'"}}, 404, noNameText},
		{"R bad parameter value", []op{{"add", parameter, "wrong"}}, 400, badMapping("wrong")},
		{"R absent parameter value", []op{{"add", parameter, "-"}}, 400, badMapping("")},
		{"bad parameter", []op{{"add", "/requestParameters/x", "'a'"}}, 400, badMapping("x")},
		{"D parameters whole", []op{{"replace", "/requestParameters", `{"integration.request.path.a":"'b'"}`}}, 200, `{"requestParameters":{"integration.request.path.a":"'b'"}}`},
		{"D parameters cleared", []op{{"add", parameter, "'a'"}, {"remove", "/requestParameters"}}, 200, `{"requestParameters":null}`},
		{"template add", []op{{"add", template, "{}"}}, 200, `{"requestTemplates":{"application/json":"{}"}}`},
		{"template replace", []op{{"add", template, "{}"}, {"replace", template, "[]"}}, 200, `{"requestTemplates":{"application/json":"[]"}}`},
		{"template remove", []op{{"add", template, "{}"}, {"remove", template}}, 200, `{"requestTemplates":null}`},
		{"I absent template removed", []op{{"remove", template}}, 404, noTypeText},
		{"D templates whole", []op{{"replace", "/requestTemplates", `{"a/b":"x"}`}}, 200, `{"requestTemplates":{"a/b":"x"}}`},
		{"D templates cleared", []op{{"add", template, "{}"}, {"remove", "/requestTemplates"}}, 200, `{"requestTemplates":null}`},
		{"tls", []op{{"replace", "/tlsConfig/insecureSkipVerification", "true"}}, 200, `{"tlsConfig":{"insecureSkipVerification":true}}`},
		{"tls other member", []op{{"replace", "/tlsConfig/version", "1"}}, 400, "Invalid patch path /tlsConfig/version"},
		{"integrationTarget", []op{{"replace", "/integrationTarget", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/x"}}, 200, `{"integrationTarget":"arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/x"}`},
		{"responseTransferMode", []op{{"replace", "/responseTransferMode", "BUFFERED"}}, 200, `{"responseTransferMode":"BUFFERED"}`},
		{"D streaming needs a proxy", []op{{"replace", "/responseTransferMode", "STREAM"}}, 400, "Response transfer mode STREAM is only valid for integrations of type HTTP_PROXY and AWS_PROXY"},
		{"I unknown path", []op{{"replace", "/nope", ""}}, 400, "Invalid patch path /nope"},
		{"nothing kept", []op{{"replace", "/uri", "http://example.org"}, {"replace", "/timeoutInMillis", "1"}}, 400, timeoutText},
	})

	mock := func(p *petAPI) string { return p.method + "/integration" }
	runPatchRows(t, mock, []patchRow{
		{"C uri of a MOCK is ignored", []op{{"replace", "/uri", "x"}, {"replace", "/httpMethod", "BREW"}}, 200, `{"uri":null,"httpMethod":null}`},
		{"tls of a MOCK", []op{{"replace", "/tlsConfig/insecureSkipVerification", "true"}}, 400, "TLS configuration is only valid for integrations of type HTTP and HTTP_PROXY"},
	})
}

// TestCacheNamespaceFallsBack: an empty namespace is the id of the resource.
func TestCacheNamespaceFallsBack(t *testing.T) {
	p := newPetAPI(t)
	got := p.do("PATCH", p.method+"/integration", patchBody(op{"replace", "/cacheNamespace", "n"}, op{"replace", "/cacheNamespace", ""}))
	if got["cacheNamespace"] != p.pets {
		t.Errorf("cacheNamespace: got %v, want %s", got["cacheNamespace"], p.pets)
	}
}

// TestIntegrationTimeoutSetting: the guide lets the upper bound be raised.
func TestIntegrationTimeoutSetting(t *testing.T) {
	p := newPetAPI(t)
	p.IntegrationTimeout = time.Minute
	wantMembers(t, p.patch(p.method+"/integration", op{"replace", "/timeoutInMillis", "60000"}), 200, `{"timeoutInMillis":60000}`)
	wantRefusal(t, p.patch(p.method+"/integration", op{"replace", "/timeoutInMillis", "60001"}), 400, "Timeout should be between 50 ms and 60000 ms")
}

func TestPutIntegration(t *testing.T) {
	const role = `,"credentials":"arn:aws:iam::123456789012:role/r"`
	aws := func(kind, uri string) string { return `{"type":"` + kind + `","httpMethod":"POST","uri":"` + uri + `"` }
	for _, row := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"R MOCK", `{"type":"MOCK","uri":"x"}`, 201, `{"type":"MOCK","passthroughBehavior":"WHEN_NO_MATCH","timeoutInMillis":29000,"cacheKeyParameters":[],"uri":null,"connectionType":null,"requestParameters":null,"requestTemplates":null,"integrationResponses":null,"responseTransferMode":null}`},
		{"R HTTP", `{"type":"HTTP","httpMethod":"GET","uri":"http://a"}`, 201, `{"connectionType":"INTERNET","httpMethod":"GET","uri":"http://a"}`},
		{"R no verb wins over a bad uri", `{"type":"HTTP","uri":"x"}`, 400, "Enumeration value for HttpMethod must be non-empty"},
		{"R no verb AWS", `{"type":"AWS","uri":"x"}`, 400, "Enumeration value for HttpMethod must be non-empty"},
		{"R uri", `{"type":"HTTP_PROXY","httpMethod":"GET","uri":"x"}`, 400, uriText},
		{"R no uri", `{"type":"HTTP_PROXY","httpMethod":"GET"}`, 400, uriText},
		{"R no ARN", aws("AWS", "x") + "}", 400, arnText},
		{"R other ARN", aws("AWS", "arn:aws:lambda:eu-west-1:123456789012:function:f") + "}", 400, partText},
		{"R lambda", aws("AWS_PROXY", lambdaURI) + "}", 201, `{"type":"AWS_PROXY","connectionType":null}`},
		{"R proxy to S3", aws("AWS_PROXY", "arn:aws:apigateway:eu-west-1:s3:path/b/k") + role + "}", 400, proxyText},
		{"R proxy to another lambda path", aws("AWS_PROXY", "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/event-source-mappings") + "}", 400, proxyText},
		{"R proxy to a firehose path", aws("AWS_PROXY", strings.Replace(lambdaURI, ":lambda:path", ":firehose:path", 1)) + "}", 400, proxyText},
		{"I proxy to firehose", aws("AWS_PROXY", "arn:aws:apigateway:eu-west-1:firehose:action/PutRecordBatch") + role + "}", 201, `{}`},
		{"E AWS without credentials", aws("AWS", "arn:aws:apigateway:eu-west-1:s3:path/b/k") + "}", 400, "Role ARN must be specified for AWS integrations"},
		{"R AWS lambda without credentials", aws("AWS", lambdaURI) + "}", 201, `{}`},
		{"F role of another account", `{"type":"MOCK","credentials":"arn:aws:iam::111111111111:role/r"}`, 403, crossText},
		{"E caller's credentials", `{"type":"MOCK","credentials":"arn:aws:iam::*:user/*"}`, 201, `{"credentials":"arn:aws:iam::*:user/*"}`},
		{"F uri wins over a role", `{"type":"HTTP","httpMethod":"GET","uri":"x","credentials":"arn:aws:iam::111111111111:role/r"}`, 400, uriText},
		{"F role wins over the timeout", `{"type":"MOCK","timeoutInMillis":1,"credentials":"arn:aws:iam::111111111111:role/r"}`, 403, crossText},
		{"F timeout wins over the cache key", `{"type":"MOCK","timeoutInMillis":1,"cacheKeyParameters":["x"]}`, 400, timeoutText},
		{"F cache key wins over a parameter", `{"type":"MOCK","cacheKeyParameters":["x"],"requestParameters":{"integration.request.header.X":"wrong"}}`, 400, cacheText},
		{"F credentials", `{"type":"MOCK","credentials":"x"}`, 400, arnText},
		{"F link", `{"type":"HTTP","httpMethod":"GET","uri":"http://a","connectionType":"VPC_LINK"}`, 400, linkText},
		{"F timeout", `{"type":"MOCK","timeoutInMillis":30000}`, 400, timeoutText},
		{"F cache key", `{"type":"MOCK","cacheKeyParameters":["method.request.querystring.r"]}`, 400, cacheText},
		{"R parameter", `{"type":"MOCK","requestParameters":{"integration.request.header.X":"wrong"}}`, 400, badMapping("wrong")},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := newPetAPI(t)
			got := p.call("PUT", p.method+"/integration", row.body)
			if row.status < 300 {
				wantMembers(t, got, row.status, row.want)
				wantMembers(t, got, 201, `{"cacheNamespace":"`+p.pets+`"}`)
				return
			}
			wantRefusal(t, got, row.status, row.want)
		})
	}
	// R: the enum is refused before anything is looked up.
	got := newPetAPI(t).call("PUT", "/restapis/nope/resources/nope/methods/GET/integration", `{"type":"WRONG"}`)
	want := "1 validation error detected: Value 'WRONG' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]"
	if got.code != "ValidationException" || got.message() != want {
		t.Errorf("wrong type: got %v, want %s", got, want)
	}
}

func TestIntegrationResponses(t *testing.T) {
	const (
		header   = "/responseParameters/method.response.header.X"
		template = "/responseTemplates/application~1json"
	)
	fresh := func(p *petAPI) string {
		p.do("PUT", p.method+"/integration/responses/200", map[string]any{})
		return p.method + "/integration/responses/200"
	}
	runPatchRows(t, fresh, []patchRow{
		{"I no operations", nil, 200, `{"statusCode":"200","responseTemplates":null,"selectionPattern":null}`},
		{"selectionPattern", []op{{"replace", "/selectionPattern", `4\d{2}`}}, 200, `{"selectionPattern":"4\\d{2}"}`},
		{"R selectionPattern empty", []op{{"replace", "/selectionPattern", "a"}, {"replace", "/selectionPattern", ""}}, 200, `{"selectionPattern":""}`},
		{"selectionPattern with lookahead", []op{{"replace", "/selectionPattern", "(?!a).*"}}, 200, `{"selectionPattern":"(?!a).*"}`},
		{"F selectionPattern bad", []op{{"replace", "/selectionPattern", "("}}, 400, "Invalid regex pattern specified"},
		{"I selectionPattern other op", []op{{"remove", "/selectionPattern"}}, 400, onlyReplaceText},
		{"contentHandling", []op{{"replace", "/contentHandling", "CONVERT_TO_BINARY"}}, 200, `{"contentHandling":"CONVERT_TO_BINARY"}`},
		{"C contentHandling empty clears", []op{{"replace", "/contentHandling", "CONVERT_TO_BINARY"}, {"replace", "/contentHandling", ""}}, 200, `{"contentHandling":null}`},
		{"parameter add", []op{{"add", header, "integration.response.header.Y"}}, 200, `{"responseParameters":{"method.response.header.X":"integration.response.header.Y"}}`},
		{"parameter replace", []op{{"add", header, "'a'"}, {"replace", header, "'b'"}}, 200, `{"responseParameters":{"method.response.header.X":"'b'"}}`},
		{"parameter remove", []op{{"add", header, "'a'"}, {"remove", header}}, 200, `{"responseParameters":null}`},
		{"I absent parameter removed", []op{{"remove", header}}, 404, noNameText},
		{"bad parameter value", []op{{"add", header, "wrong"}}, 400, badMapping("wrong")},
		{"D parameters whole", []op{{"replace", "/responseParameters", `{"method.response.header.Y":"'b'"}`}}, 200, `{"responseParameters":{"method.response.header.Y":"'b'"}}`},
		{"D parameters cleared", []op{{"add", header, "'a'"}, {"remove", "/responseParameters"}}, 200, `{"responseParameters":null}`},
		{"template add", []op{{"add", template, "{}"}}, 200, `{"responseTemplates":{"application/json":"{}"}}`},
		{"template add empty", []op{{"add", template, ""}}, 200, `{"responseTemplates":{"application/json":null}}`},
		{"E template null on add", []op{{"add", template, "-"}}, 400, "Invalid patch value  'null' specified for op 'add'. Must be a string"},
		{"E template null on replace", []op{{"add", template, "{}"}, {"replace", template, "-"}}, 400, "Invalid patch value  'null' specified for op 'replace'. Must be a string"},
		{"template remove", []op{{"add", template, "{}"}, {"remove", template, "-"}}, 200, `{"responseTemplates":null}`},
		{"I absent template removed", []op{{"remove", template}}, 404, noTypeText},
		{"I absent template replaced", []op{{"replace", template, "{}"}}, 404, noTypeText},
		{"D templates whole", []op{{"replace", "/responseTemplates", `{"a/b":"x"}`}}, 200, `{"responseTemplates":{"a/b":"x"}}`},
		{"D templates cleared", []op{{"add", template, "{}"}, {"remove", "/responseTemplates"}}, 200, `{"responseTemplates":null}`},
		{"I unknown path", []op{{"replace", "/statusCode", "201"}}, 400, "Invalid patch path /statusCode"},
		{"I test", []op{{"test", header, "x"}}, 400, onlyOps("add, remove, replace")},
	})

	p := newPetAPI(t)
	put := p.method + "/integration/responses/200"
	// R: empty patterns, null entries and empty maps are echoed; a put replaces.
	wantBody(t, p.call("PUT", put, `{"selectionPattern":"","responseTemplates":{"application/json":null}}`), 201, `{"statusCode":"200","selectionPattern":"","responseTemplates":{"application/json":null}}`)
	wantBody(t, p.call("PUT", put, `{"responseTemplates":{}}`), 201, `{"statusCode":"200","responseTemplates":{}}`)
	wantBody(t, p.call("GET", put, nil), 200, `{"statusCode":"200","responseTemplates":{}}`)
	wantRefusal(t, p.call("PUT", put, `{"selectionPattern":"["}`), 400, "Invalid regex pattern specified")
	wantRefusal(t, p.call("PUT", strings.Replace(put, "GET", "PUT", 1), `{}`), 404, "Invalid Method identifier specified")
}

// TestRoleOfAnotherAccount: an import refuses it like the single calls, and an
// integration that has one, from before, can be changed otherwise.
func TestRoleOfAnotherAccount(t *testing.T) {
	p := newPetAPI(t)
	const role = "arn:aws:iam::111111111111:role/r"
	document := `{"swagger":"2.0","info":{"title":"a"},"paths":{"/":{"get":{"x-amazon-apigateway-integration":{"type":"mock","credentials":"` + role + `"}}}}}`
	wantRefusal(t, p.call("POST", "/restapis?mode=import", document), 400,
		"Errors found during import:\n\tUnable to put integration on 'GET' for resource at path '/': "+crossText)

	parts := domain.Scope{Account: testAccount, Region: testRegion}.AllParts(p.id)
	entries, _, err := p.store.List(t.Context(), parts)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Key, "/method/") {
			e.Value = []byte(strings.Replace(string(e.Value), `"type":"MOCK"`, `"type":"MOCK","credentials":"`+role+`"`, 1))
			if _, err := p.store.Commit(t.Context(), store.Tx{Writes: []store.Write{{Key: e.Key, Value: e.Value}}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	wantMembers(t, p.patch(p.method+"/integration", op{"replace", "/timeoutInMillis", "60"}), 200, `{"timeoutInMillis":60,"credentials":"`+role+`"}`)
}

// TestRoleWithoutAccount: in the account of callers that nothing is known of,
// definitions of any account can be tried out.
func TestRoleWithoutAccount(t *testing.T) {
	h := newHarness(t)
	h.account = caller.DefaultAccount
	document := `{"swagger":"2.0","info":{"title":"a"},"paths":{"/":{"get":{"x-amazon-apigateway-integration":{"type":"mock","credentials":"arn:aws:iam::111111111111:role/r"}}}}}`
	if got := h.call("POST", "/restapis?mode=import", document); got.status != 201 {
		t.Errorf("import: %v", got)
	}
}
