package pattern

import (
	"testing"
)

// accessLine is a line of an access log in the common format.
const accessLine = `127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 404 1534`

// jsonLine is of the kind that the guide explains its examples by.
const jsonLine = `{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],
"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"cluster.name":"c","status":"404","latency":12.5,"big":1e3,"ok":true,"bad":false}`

func TestMatch(t *testing.T) {
	for _, row := range []struct {
		pattern, message string
		want             bool
	}{
		{"", "anything", true},
		{"  ", "", true},
		{"ERROR", "[ERROR 500]", true},
		{"ERROR", "an error", false},
		{"ERROR ARGUMENTS", "ERROR 1 INVALID ARGUMENTS", true},
		{"ERROR ARGUMENTS", "ERROR 1", false},
		{`"INTERNAL SERVER ERROR"`, "500 INTERNAL SERVER ERROR", true},
		{`"a \"b\" \\c"`, `x a "b" \c`, true},
		{"?ERROR ?WARN", "a WARN b", true},
		{"?ERROR ?WARN", "an INFO", false},
		{"?ERROR INFO", "an INFO", true}, // Guide: the question mark does not count there
		{"ERROR -EXITING", "ERROR, EXITING", false},
		{"ERROR -EXITING", "ERROR, going on", true},
		{`-"a b"`, "a b", false},
		{"-?a b", "", false},
		{"?ERROR ?WARN -noise", "WARN noise", false},
		{"%5[0-9]{2}%", "status 503", true},
		{"%^5[0-9]{2}$%", "status 503", false},

		{`{ $.eventType = "UpdateTrail" }`, jsonLine, true},
		{`{$.eventType="UpdateTrail"}`, jsonLine, true},
		{`{ $.eventType = UpdateT }`, jsonLine, false},
		{`{ $.eventType = "Update*" }`, jsonLine, true},
		{`{ $.eventType = "*date*il" }`, jsonLine, true},
		{`{ $.eventType = "*date*x*il" }`, jsonLine, false},
		{`{ $.sourceIPAddress != 123.123.* }`, jsonLine, true},
		{`{ $.sourceIPAddress != 111.111.* }`, jsonLine, false},
		{`{ $.sourceIPAddress = %1{3}\.% }`, jsonLine, true},
		{`{ $.arrayKey[0] = "value" }`, jsonLine, true},
		{`{ $.arrayKey[1] = "value" }`, jsonLine, false},
		{`{ $.arrayKey[7] = "value" }`, jsonLine, false},
		{`{ $.arrayKey[*] = "another value" }`, jsonLine, true},
		{`{ $.objectList[1].id = 2 }`, jsonLine, true},
		{`{ $.objectList[*].id > 2 }`, jsonLine, false},
		{`{ $.["cluster.name"] = "c" }`, jsonLine, false},
		{`{ $["cluster.name"] = "c" }`, jsonLine, true},
		{`{ $.SomeObject IS NULL }`, jsonLine, true},
		{`{ $.eventType is null }`, jsonLine, false},
		{`{ $.SomeOtherObject NOT EXISTS }`, jsonLine, true},
		{`{ $.eventType NOT EXISTS }`, jsonLine, false},
		{`{ $.eventType EXISTS }`, jsonLine, true},
		{`{ $.ok IS TRUE }`, jsonLine, true},
		{`{ $.ok IS FALSE }`, jsonLine, false},
		{`{ $.bad IS FALSE }`, jsonLine, true},
		{`{ $.ok = true }`, jsonLine, true},
		{`{ $.missing != 1 }`, jsonLine, false},
		{`{ $.SomeObject != 1 }`, jsonLine, false},
		{`{ $.objectList != 1 }`, jsonLine, false},
		{`{ $.latency >= 12.5 }`, jsonLine, true},
		{`{ $.latency > 12.5 }`, jsonLine, false},
		{`{ $.latency < 1.3e1 }`, jsonLine, true},
		{`{ $.latency <= 12 }`, jsonLine, false},
		{`{ $.big = 1000 }`, jsonLine, true},
		{`{ $.big = 1e3 }`, jsonLine, true},
		{`[a = 1.0]`, "1", true},
		{`{ $.big = "1000" }`, jsonLine, true},
		{`{ $.status = 404 }`, jsonLine, true},
		{`{ $.status = 4* }`, jsonLine, true},
		{`{ $.status > 400 }`, jsonLine, false},
		{`{ $.eventType = "x" || $.latency > 1 && $.big = 1 }`, jsonLine, false},
		{`{ ($.eventType = "x" || $.latency > 1) && $.big = 1000 }`, jsonLine, true},
		{`{ $.eventType = "UpdateTrail" || $.latency > 1 && $.big = 1 }`, jsonLine, true},
		{`{ $.a = 1 }`, "no JSON", false},
		{`{ $.a = 1 }`, `{"a":1} and more`, false},
		{`{ $[0] = 1 }`, "[1]", true},

		{"[ip, id, user, timestamp, request, status_code, bytes]", accessLine, true},
		{"[ip, id, user, timestamp, request, status_code]", accessLine, false},
		{"[ip, id, user, timestamp, request, status_code = 4*, bytes > 1000]", accessLine, true},
		{"[ip, id, user, timestamp, request, status_code = 4*, bytes < 1000]", accessLine, false},
		{`[ip, id, user, timestamp, request = "*.gif*", status_code, bytes]`, accessLine, true},
		{"[ip=%127\\.0%, ...]", accessLine, true},
		{"[..., status_code = 404 || status_code = 410, bytes]", accessLine, true},
		{"[..., status_code = 403 || status_code = 410, bytes]", accessLine, false},
		{"[ip, ..., bytes >= 1534]", accessLine, true},
		{"[..., bytes != 1534]", accessLine, false},
		{"[w1=ERROR, w2]", "ERROR x", true},
		{"[w1=ERROR, w2]", "WARN x", false},
		{"[,,]", "a b c", true},
		{"[]", "one", true},
		{"[...]", "", true},
		{"[a, ..., b]", "one", false},
		{`[a]`, `"open quote`, false},
		{`[a, b]`, `"" x`, true},
		{"[(a=1||a=2)&&a!=2]", "1", true},
	} {
		p, err := Parse(row.pattern)
		if err != nil {
			if row.want {
				t.Errorf("%s: %v", row.pattern, err)
			}
			continue
		}
		if got := p.Match(row.message); got != row.want {
			t.Errorf("%s on %s: %t, want %t", row.pattern, row.message, got, row.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, pattern := range []string{
		"a-b", "?", "-", `"open`, "%open", "%(%", "a%b%", "{", "{}", "{ $.a }", "{ $.a = }", "{ a = 1 }", "{ $.a = 1", "{ $.a > x }", "{ $. = 1 }",
		"{ $.a[x] = 1 }", "{ $.a[0 = 1 }", "{ $.a IS MAYBE }", "{ $.a NOT }", "{ $.a = 1 && }", "{ ($.a = 1 }", "{ $.a = 1 } x", "{ $.a[99999999999999999999] = 1 }",
		"[", "[a", "[a b]", "[a=]", "[a=1 || b=2]", "[..., a, ...]", "[a] x", "[a <x]",
		string(make([]byte, maxLength+1)),
	} {
		if p, err := Parse(pattern); err == nil {
			t.Errorf("%s is taken: %+v", pattern, p)
		}
	}
}

// FuzzParse: a pattern is read or refused, and then matches or does not.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a ?b -c", `"a`, "%a%", `{ ($.a[*]["b"] = "*x*" || $.c IS NULL) && $.d >= 1e3 }`, "[a=1*, ..., b != 2 && b<3]", "{((((", "\xff"} {
		f.Add(seed, jsonLine)
		f.Add(seed, accessLine)
	}
	f.Fuzz(func(t *testing.T, pattern, message string) {
		p, err := Parse(pattern)
		if err != nil {
			if p != nil {
				t.Errorf("%q is refused and there", pattern)
			}
			return
		}
		if first, second := p.Match(message), p.Match(message); first != second {
			t.Errorf("%q on %q: %t, then %t", pattern, message, first, second)
		}
	})
}
