package mapping

import (
	"net/netip"
	"testing"
	"time"
)

func ended() *Context {
	return &Context{
		AccountID: "123456789012", APIID: "a1", Stage: "prod", Rest: "/pets//1", HTTPMethod: "GET", ResourcePath: "/{proxy+}",
		RequestID: "r1", ExtendedID: "e1", Remote: netip.MustParseAddr("::ffff:192.0.2.7"),
		Received: time.Date(2026, 3, 1, 4, 5, 6, 789e6, time.UTC), HasCanary: true,
		Failure: Failure{Message: "Oops", MessageString: ` "Oops"`, ResponseType: "DEFAULT_5XX"},
		Outcome: Outcome{
			Status: 200, Length: 12, Latency: 34 * time.Millisecond,
			Called: true, BackendStatus: 201, BackendLatency: 30 * time.Millisecond, BackendError: "refused",
		},
	}
}

// TestLogFormat: the four presets of the guide, and odd names.
func TestLogFormat(t *testing.T) {
	for _, test := range []struct{ name, format, want string }{
		{
			"CLF",
			`$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] "$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength $context.requestId $context.extendedRequestId`,
			`192.0.2.7 - - [01/Mar/2026:04:05:06 +0000] "GET /{proxy+} HTTP/1.1" 200 12 r1 e1`,
		},
		{"JSON", `{"ip":"$context.identity.sourceIp","path":"$context.path","canary":"$context.isCanaryRequest"}`, `{"ip":"192.0.2.7","path":"/prod/pets//1","canary":"false"}`},
		{"XML", `<request id="$context.requestId"><status>$context.status</status></request>`, `<request id="r1"><status>200</status></request>`},
		{"CSV", `$context.requestTimeEpoch,$context.responseLatency`, `1772337906789,34`},
		{"not escaped", `{"e":"$context.error.messageString"}`, `{"e":" "Oops""}`},
		{"backend", `$context.integration.status $context.integrationLatency $context.integration.latency $context.integrationStatus $context.integration.error $context.integrationErrorMessage`, `201 30 30 - refused refused`},
		{"unknown names", `$context.dataProcessed $context.awsEndpointRequestId2 $context.error.nothing`, `- - -`},
		{"the longest name", `$context.requestIdx $context.requestId.x`, `- -`},
		{"not a variable", `$context $contextual $context. ${context.requestId} $requestId`, `$context $contextual $context. ${context.requestId} $requestId`},
		{"next to each other", `$context.requestId$context.status.`, `r1200.`},
	} {
		if got := string(ParseLogFormat(test.format).Append(nil, ended())); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestLogFormatAgrees: what is appended is what a template would read, for
// every variable that both know.
func TestLogFormatAgrees(t *testing.T) {
	for _, c := range []*Context{ended(), {}, {Test: true, Rest: "/pets"}, {Custom: true, Stage: "dev", Base: "/v1", Rest: "/pets"}} {
		for name, slot := range slots {
			want, ok := c.Value(slot)
			if !ok {
				want = "-"
			}
			if got := string(ParseLogFormat("$context."+name).Append(nil, c)); got != want {
				t.Errorf("$context.%s: %q, want %q", name, got, want)
			}
		}
	}
}

// TestLogVariables: what is known only after the answer is for access logs
// only.
func TestLogVariables(t *testing.T) {
	for name := range logSlots {
		if slot := Lookup(name); slot != NoSlot {
			t.Errorf("$context.%s has slot %d outside access logs", name, slot)
		}
	}
}

func FuzzLogFormat(f *testing.F) {
	f.Add("$context.requestId $context.status")
	f.Add("$context.identity.sourceIp-$context..x")
	f.Fuzz(func(_ *testing.T, format string) {
		ParseLogFormat(format).Append(nil, &Context{})
	})
}

func BenchmarkLogFormat(b *testing.B) {
	f := ParseLogFormat(`$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] "$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength $context.requestId $context.extendedRequestId`)
	c, line := ended(), make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		line = f.Append(line[:0], c)
	}
}
