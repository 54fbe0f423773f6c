package mapping

import (
	"testing"
)

// TestTemplate: $input, $context and $stageVariables. Recorded, but for what
// the specification marks as the guide's or an emulator's.
func TestTemplate(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"$input.body|$input.body.a", `{"a": 1}|`},
		{"$input.json('$')|$input.json('$.b')|$input.json('$.a')|$input.path('$.a')|$input.path('$').a|$input.path('$.b')|#if($input.path('$.b') == '')e#end", `{"a":1}|""|1|1|1||e`},
		{"#set($k='a')$input.json(\"$.${k}\")", "1"},
		{"$input.params('id')|$input.params('q')|$input.params('X-Many')|$input.params('x-many')|$input.params('none')", "a/b%zz|2 +|b||"},
		{"$input.params().path|$input.params().querystring.get('q')|$input.params('header')$input.params().header.X-One|$input.params().keySet()", "{id=a/b%zz, rest=x//y+z}|2 +|1|[path, querystring, header]"},
		{"$stageVariables.v|$stageVariables['v']|${stageVariables.none}|$stageVariables.get('v')|$stageVariables.keySet()", "var|var||var|[v]"},
		{"$context.stage|$context.identity.sourceIp|$context.identity|$context.none|$context.identity.user|$context.isCanaryRequest", "dev|192.0.2.7||||false"},
		{"$context.keySet()", "[resourceId, resourcePath, httpMethod, extendedRequestId, requestTime, path, accountId, protocol, requestOverride, stage, domainPrefix, requestTimeEpoch, requestId, identity, domainName, deploymentId, responseOverride, apiId, isCanaryRequest]"},
		{"$context.identity.keySet()", "[cognitoIdentityPoolId, accountId, cognitoIdentityId, caller, sourceIp, principalOrgId, accessKey, cognitoAuthenticationType, cognitoAuthenticationProvider, userArn, userAgent, user]"},
		{"$context.requestOverride.keySet()$context.responseOverride.keySet()$context.requestOverride$context.requestOverride.header", "[path, header, querystring][header]"},
		{"#foreach($k in $context.authorizer.keySet())x#end", ""},
		{"#set($x = $context.keySet())#set($context.requestOverride.path.a = 1)$context.requestOverride.path.a$context.get('stage')", "1dev"},
		{"#set($t = $context.requestTimeEpoch / 1000)$t#if($context.requestTimeEpoch > 5)y#end", "1700000000y"},
		{"#set($x = $context.remove('stage'))[$context.stage]", "[]"},
		{"#if($stageVariables == $context)y#{else}n#end#if($stageVariables == $stageVariables)y#end", "ny"},
	} {
		tmpl, err := ParseTemplate(test.source)
		if err != nil {
			t.Errorf("ParseTemplate(%q): %v", test.source, err)
			continue
		}
		if got, err := tmpl.RenderRequest(source()); string(got) != test.want || err != nil {
			t.Errorf("%q renders %q, %v; want %q", test.source, got, err, test.want)
		}
	}
}

// TestTemplateOfResponse: $input.body is the backend's, the parameters are
// still the client's.
func TestTemplateOfResponse(t *testing.T) {
	tmpl, err := ParseTemplate("$input.body|$input.params('id')|$input.json('$.x')|$input.path('$.x')")
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{"answer": `answer|a/b%zz|""|`, "": `{}|a/b%zz|""|`, `{"x":"\u00fc/"}`: `{"x":"\u00fc/"}|a/b%zz|"ü/"|ü/`} {
		s := source()
		s.BackendBody = []byte(body)
		if got, err := tmpl.RenderResponse(s); string(got) != want || err != nil {
			t.Errorf("%q renders %q, %v; want %q", body, got, err, want)
		}
	}
}

// TestTemplateOfKey: a key that let the caller in is among the members of
// identity.
func TestTemplateOfKey(t *testing.T) {
	tmpl, err := ParseTemplate("$context.identity.apiKey|$context.identity.apiKeyId|$context.identity.keySet().size()")
	if err != nil {
		t.Fatal(err)
	}
	s := source()
	s.Context.APIKey, s.Context.APIKeyID = "secret", "k1"
	if got, err := tmpl.RenderRequest(s); string(got) != "secret|k1|14" || err != nil {
		t.Errorf("renders %q, %v", got, err)
	}
}

// TestTemplateOfLateVariable: what comes after a request template has looked at
// all of $context is there for the response template.
func TestTemplateOfLateVariable(t *testing.T) {
	request, err := ParseTemplate("$context.keySet().size()")
	if err != nil {
		t.Fatal(err)
	}
	response, err := ParseTemplate("$context.awsEndpointRequestId")
	if err != nil {
		t.Fatal(err)
	}
	s := source()
	if _, err := request.RenderRequest(s); err != nil {
		t.Fatal(err)
	}
	s.Context.Outcome.BackendRequestID = "r1"
	if got, err := response.RenderResponse(s); string(got) != "r1" || err != nil {
		t.Errorf("renders %q, %v", got, err)
	}
}

func TestTemplateErrors(t *testing.T) {
	if tmpl, err := ParseTemplate("#if("); err == nil {
		t.Errorf("got %v, want an error", tmpl)
	}
	tmpl, err := ParseTemplate("$input.path('$[')")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tmpl.RenderRequest(source()); err == nil {
		t.Errorf("a bad path renders %q", got)
	}
}
