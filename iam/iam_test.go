package iam

import (
	"regexp"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, row := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a/b:c", true}, {"?", "", false}, {"?", "a", true}, {"??", "a", false},
		{"a*", "a", true}, {"a*", "ba", false}, {"*a", "ba", true}, {"*a", "ab", false}, {"a*c", "abbbc", true}, {"a*c", "abcd", false},
		{"*aab", "aaab", true}, {"*ab*ab", "abab", true}, {"*ab*ab", "ab", false}, {"a?c*", "abc", true}, {"a?c*", "ac", false}, {"**", "x", true},
		{"arn:aws:apigateway:us-east-1::/restapis/*", "arn:aws:apigateway:us-east-1::/restapis/a/stages/b", true},
		{"arn:aws:apigateway:us-east-1::/restapis/*", "arn:aws:apigateway:us-east-1::/restapis", false},
		{strings.Repeat("a*", 1000) + "b", strings.Repeat("a", 10_000), false}, // ends soon
	} {
		if got := Match(row.pattern, row.text); got != row.want {
			t.Errorf("Match(%.40q, %.40q): %t", row.pattern, row.text, got)
		}
	}
}

// statementOf puts members of a statement into a document.
func statementOf(members string) string {
	return `{"Version":"2012-10-17","Statement":[{` + members + `}]}`
}

func TestEvaluate(t *testing.T) {
	const (
		allowAll  = `"Effect":"Allow","Action":"*","Resource":"*"`
		api       = "arn:aws:apigateway:us-east-1::/restapis/abc"
		condition = `"Effect":"Allow","Action":"apigateway:*","Resource":"*","Condition":`
	)
	for _, row := range []struct {
		name     string
		policies []string
		want     Decision
	}{
		{"no policy", nil, ImplicitDeny},
		{"everything", []string{allowAll}, Allowed},
		{"this action and resource", []string{`"Effect":"Allow","Action":"apigateway:PATCH","Resource":"` + api + `"`}, Allowed},
		{"the action in other case", []string{`"Effect":"Allow","Action":"APIGateway:patch","Resource":"` + api + `"`}, Allowed},
		{"the resource in other case", []string{`"Effect":"Allow","Action":"apigateway:PATCH","Resource":"` + strings.ToUpper(api[3:]) + `"`}, -1},
		{"other resource", []string{`"Effect":"Allow","Action":"apigateway:PATCH","Resource":"` + api + `x"`}, ImplicitDeny},
		{"one of several", []string{`"Effect":"Allow","Action":["apigateway:GET","apigateway:PATCH"],"Resource":["arn:aws:x","` + api + `"]`}, Allowed},
		{"other action", []string{`"Effect":"Allow","Action":["apigateway:GET","postern:*"],"Resource":"*"`}, ImplicitDeny},
		{"not this action", []string{`"Effect":"Allow","NotAction":"apigateway:PATCH","Resource":"*"`}, ImplicitDeny},
		{"not another action", []string{`"Effect":"Allow","NotAction":"apigateway:DELETE","Resource":"*"`}, Allowed},
		{"not this resource", []string{`"Effect":"Allow","Action":"*","NotResource":"arn:aws:apigateway:*::/restapis/*"`}, ImplicitDeny},
		{"not another resource", []string{`"Effect":"Allow","Action":"*","NotResource":"arn:aws:apigateway:*::/apikeys/*"`}, Allowed},
		{"deny after allow", []string{allowAll, `"Effect":"Deny","Action":"apigateway:P*","Resource":"*"`}, ExplicitDeny},
		{"deny before allow", []string{`"Effect":"Deny","Action":"*","Resource":"` + api + `"`, allowAll}, ExplicitDeny},
		{"deny of something else", []string{`"Effect":"Deny","Action":"apigateway:GET","Resource":"*"`, allowAll}, Allowed},

		{"equals", []string{condition + `{"StringEquals":{"aws:username":["x","ann"]}}`}, Allowed},
		{"equals, key in other case", []string{condition + `{"StringEquals":{"AWS:UserName":"ann"}}`}, Allowed},
		{"equals not", []string{condition + `{"StringEquals":{"aws:username":"Ann"}}`}, ImplicitDeny},
		{"not equals", []string{condition + `{"StringNotEquals":{"aws:username":["x","ann"]}}`}, ImplicitDeny},
		{"not equals, other", []string{condition + `{"StringNotEquals":{"aws:username":["x","y"]}}`}, Allowed},
		{"ignoring case", []string{condition + `{"StringEqualsIgnoreCase":{"aws:username":"ANN"}}`}, Allowed},
		{"like", []string{condition + `{"StringLike":{"aws:useragent":"*boto*"}}`}, ImplicitDeny},
		{"two keys", []string{condition + `{"StringLike":{"aws:username":"a*","aws:requestedregion":"eu-*"}}`}, ImplicitDeny},
		{"two operators", []string{condition + `{"StringLike":{"aws:username":"a*"},"Bool":{"aws:SecureTransport":true}}`}, ImplicitDeny},
		{"two that hold", []string{condition + `{"StringLike":{"aws:username":"a*"},"Bool":{"aws:SecureTransport":"false"}}`}, Allowed},
		{"absent key", []string{condition + `{"StringEquals":{"aws:PrincipalAccount":"1"}}`}, ImplicitDeny},
		{"absent key, if it exists", []string{condition + `{"StringEqualsIfExists":{"aws:PrincipalAccount":"1"}}`}, Allowed},
		{"absent key, negated", []string{condition + `{"StringNotEquals":{"aws:PrincipalAccount":"1"}}`}, Allowed},
		{"in a network", []string{condition + `{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.0/24"]}}`}, Allowed},
		{"at an address", []string{condition + `{"IpAddress":{"aws:SourceIp":"192.0.2.8"}}`}, ImplicitDeny},
		{"not in a network", []string{condition + `{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`}, ImplicitDeny},
		{"before", []string{condition + `{"DateLessThan":{"aws:CurrentTime":"2026-01-02"}}`}, ImplicitDeny},
		{"at the same time", []string{condition + `{"DateLessThanEquals":{"aws:CurrentTime":"2026-01-02T00:00:00Z"}}`}, Allowed},
		{"after", []string{condition + `{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T23:59:59Z"}}`}, Allowed},
		{"ARN parts", []string{condition + `{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/a*"}}`}, Allowed},
		{"ARN parts are apart", []string{condition + `{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*"}}`}, ImplicitDeny},
	} {
		t.Run(row.name, func(t *testing.T) {
			var policies []*Policy
			for _, members := range row.policies {
				p, err := Parse([]byte(statementOf(members)))
				if row.want < 0 {
					if err == nil {
						t.Errorf("Parse(%s) takes it", members)
					}
					return
				}
				if err != nil {
					t.Fatalf("Parse(%s): %v", members, err)
				}
				policies = append(policies, p)
			}
			got := Evaluate(policies, Request{Action: "apigateway:PATCH", Resource: api, Context: map[string]string{
				KeyUserName: "ann", KeySecureTransport: "false", KeySourceIP: "192.0.2.7", KeyRequestedRegion: "us-east-1",
				KeyCurrentTime: "2026-01-02T00:00:00Z", KeyUserAgent: "curl", KeyPrincipalARN: "arn:aws:iam::000000000001:user/ann",
			}})
			if got != row.want {
				t.Errorf("%q: got %d, want %d", row.policies, got, row.want)
			}
		})
	}
}

// TestParseRefuses: what is not understood is named.
func TestParseRefuses(t *testing.T) {
	const good = `"Effect":"Allow","Action":"a:b","Resource":"*"`
	for document, want := range map[string]string{
		``:                         "want an object",
		`[]`:                       "want an object",
		`{"Version":"2012-10-17"}`: "no Statement",
		`{"Statement":[]}`:         "no Statement",
		`{"Version":"2013-10-17","Statement":{` + good + `}}`:                                      "Version",
		`{"statement":{` + good + `}}`:                                                             `"statement"`,
		`{"Statement":{` + good + `}} x`:                                                           "behind",
		`{"Statement":{` + good + `},"Statement":{}}`:                                              "twice",
		statementOf(`"Effect":"allow"`):                                                            "Effect",
		statementOf(`"Effect":"Deny",` + good):                                                     "twice",
		statementOf(good + `,"Principal":"*"`):                                                     `"Principal"`,
		statementOf(good + `,"NotAction":"x:y"`):                                                   "one of Action and NotAction",
		statementOf(`"Effect":"Allow","Action":"a:b"`):                                             "one of Resource and NotResource",
		statementOf(`"Effect":"Allow","Action":[],"Resource":"*"`):                                 "empty",
		statementOf(`"Effect":"Allow","Action":[1],"Resource":"*"`):                                "want a text",
		statementOf(`"Effect":"Allow","Action":"everything","Resource":"*"`):                       `"everything"`,
		statementOf(`"Effect":"Allow","Action":"a:b","Resource":"/restapis"`):                      `"/restapis"`,
		statementOf(`"Effect":"Allow","Action":"a:b","Resource":"arn:${aws:username}"`):            "${aws:username}",
		statementOf(good + `,"Condition":{"NumericEquals":{"aws:username":"1"}}`):                  `"NumericEquals"`,
		statementOf(good + `,"Condition":{"ForAnyValue:StringEquals":{"aws:username":"1"}}`):       `"ForAnyValue:StringEquals"`,
		statementOf(good + `,"Condition":{"StringEquals":{"aws:TokenIssueTime":"1"}}`):             `"aws:TokenIssueTime"`,
		statementOf(good + `,"Condition":{"IpAddress":{"aws:SourceIp":"here"}}`):                   `"here"`,
		statementOf(good + `,"Condition":{"Bool":{"aws:SecureTransport":"perhaps"}}`):              `"perhaps"`,
		statementOf(good + `,"Condition":{"DateLessThan":{"aws:CurrentTime":"soon"}}`):             `"soon"`,
		statementOf(good + `,"Condition":{"StringEquals":{"aws:username":"${x}"}}`):                `"${x}"`,
		statementOf(good + `,"Condition":[]`):                                                      "Condition",
		statementOf(good + `,"Condition":{"StringEquals":"x"}`):                                    "StringEquals",
		statementOf(good) + `}`:                                                                    "behind",
		`{"Statement":[{` + good + `},{` + good + `,"Condition":{"StringEquals":{"aws:x":"1"}}}]}`: "statement 2",
	} {
		if _, err := Parse([]byte(document)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%s): %v, want an error with %s", document, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(statementOf(`"Effect":"Allow","Action":"a:*","Resource":["*"],"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`), "a:b", "arn:x")
	f.Add(`{"Statement":{"Effect":"Deny","NotAction":["a:b"],"NotResource":"arn:?"}}`, "", "")
	f.Fuzz(func(t *testing.T, document, action, resource string) {
		p, err := Parse([]byte(document))
		if err != nil {
			return
		}
		r := Request{Action: action, Resource: resource, Context: map[string]string{KeySourceIP: resource, KeyCurrentTime: action}}
		deny, err := Parse([]byte(statementOf(`"Effect":"Deny","Action":"*","Resource":"*"`)))
		if err != nil {
			t.Fatal(err)
		}
		Evaluate([]*Policy{p}, r)
		if got := Evaluate([]*Policy{p, deny}, r); got != ExplicitDeny {
			t.Errorf("%s with a deny: %d", document, got)
		}
	})
}

// FuzzMatch: the matcher agrees with a regular expression.
func FuzzMatch(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	f.Add("**a*", "aa")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		quoted := ""
		for i := range len(pattern) {
			switch c := pattern[i]; {
			case c >= 0x80:
				return // regular expressions do not look at bytes
			case c == '*':
				quoted += "(?s:.*)"
			case c == '?':
				quoted += "(?s:.)"
			default:
				quoted += regexp.QuoteMeta(string(c))
			}
		}
		for i := range len(text) {
			if text[i] >= 0x80 {
				return
			}
		}
		if want := regexp.MustCompile("^" + quoted + "$").MatchString(text); Match(pattern, text) != want {
			t.Errorf("Match(%q, %q): got %t, want %t", pattern, text, !want, want)
		}
	})
}
