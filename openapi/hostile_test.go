package openapi_test

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/openapi"
)

const mebibyte = 1 << 20

// bomb is a YAML document whose aliases would make 10^levels values.
func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("swagger: '2.0'\ninfo: {title: a}\nx0: &x0 [a,a,a,a,a,a,a,a,a,a]\n")
	for i := 1; i < levels; i++ {
		fmt.Fprintf(&b, "x%d: &x%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d,", i-1), 10), ","))
	}
	return b.String()
}

// fill repeats a text up to the limit of a document.
func fill(before, text, after string) string {
	const limit = 6 * mebibyte
	return before + strings.Repeat(text, (limit-len(before)-len(after))/len(text)) + after
}

// TestHostile: documents made to be expensive are refused within a second and
// a hundred megabytes.
func TestHostile(t *testing.T) {
	if raceEnabled {
		t.Skip("time and memory mean nothing under the race detector")
	}
	head := `{"swagger": "2.0", "info": {"title": "a"}, "paths": {}, `
	refs := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"p%d": {"$ref": "#/parameters/p%d"},`, i, (i+1)%n)
		}
		return `{"swagger": "2.0", "info": {"title": "a"}, "parameters": {` + strings.TrimSuffix(b.String(), ",") +
			`}, "paths": {"/": {"get": {"parameters": [` + strings.TrimSuffix(strings.Repeat(`{"$ref": "#/parameters/p0"},`, 10_000), ",") + `]}}}}`
	}
	for name, document := range map[string]string{
		"alias bomb":                 bomb(9),
		"alias of itself":            "swagger: '2.0'\nx: &a [*a]\n",
		"merge of itself":            "swagger: '2.0'\nx: &a\n  <<: *a\n",
		"deep JSON":                  fill(head+`"x": `, "[", ""),
		"deep JSON, closed":          head + `"x": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}",
		"deep JSON objects":          fill(head+`"x": `, `{"a":`, ""),
		"deep YAML":                  "swagger: '2.0'\nx: " + strings.Repeat("[", 100_000),
		"deep YAML blocks":           fill("swagger: '2.0'\nx:\n  ", "- ", "a"),
		"many JSON values":           fill(head+`"x": [1`, ",1", "]}"),
		"many JSON members":          fill(head+`"x": {"a":1`, `,"b":1`, "}}"),
		"many YAML values":           fill("swagger: '2.0'\nx:\n", "- a\n", ""),
		"many YAML flow values":      fill("swagger: '2.0'\nx: [a", ",a", "]\n"),
		"many YAML empty lists":      fill("swagger: '2.0'\nx: [a", ",[]", "]\n"),
		"many YAML documents":        fill("", "---\na\n", ""),
		"many YAML anchors":          fill("x: 1\n", "&a a: 1\n", ""),
		"one long line":              fill("", "a", ""),
		"one long quoted text":       fill(`"`, "\\u0041", ""),
		"one long comment":           fill("#", "a", ""),
		"blanks":                     fill("", " ", ""),
		"tabs":                       fill("", "\t", ""),
		"too long":                   strings.Repeat("a", 6*mebibyte+1),
		"null bytes":                 fill("{", "\x00", ""),
		"wrong encoding":             fill("a: ", "\xff", ""),
		"references in a circle":     refs(3),
		"long references":            refs(1000),
		"reference to itself":        `{"swagger": "2.0", "info": {"title": "a"}, "paths": {"/": {"$ref": "#/paths/~1"}}}`,
		"variables":                  fill("", "${AWS::AccountId}", ""),
		"unresolved tags":            fill("swagger: '2.0'\nx: !Sub a\ny: '", "a", "'"),
		"many keys that are no text": fill("swagger: '2.0'\n", "? [a]\n: b\n", ""),
	} {
		t.Run(name, func(t *testing.T) {
			read := func() {
				if _, problems := openapi.Read([]byte(document), openapi.Options{Account: "1", Region: "r"}); !openapi.Failed(problems) {
					t.Error("the document was taken")
				}
			}
			if took := fastest(read); took > time.Second {
				t.Errorf("it took %v", took)
			}
			if used := memory(read); used > 100*mebibyte {
				t.Errorf("it took %d MiB", used/mebibyte)
			}
		})
	}
}

// fastest returns the shortest of a few runs: other programs may be in the way
// of one.
func fastest(f func()) time.Duration {
	best := time.Duration(math.MaxInt64)
	for range 3 {
		begin := time.Now()
		f()
		if best = min(best, time.Since(begin)); best < time.Second {
			break
		}
	}
	return best
}

// memory returns the most memory that was in use while f ran, beyond what was
// before.
func memory(f func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before, most := stats.HeapAlloc, uint64(0)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		var stats runtime.MemStats
		for {
			select {
			case <-done:
				return
			default:
			}
			runtime.ReadMemStats(&stats)
			if stats.HeapAlloc > before {
				most = max(most, stats.HeapAlloc-before)
			}
			runtime.Gosched()
		}
	}()
	f()
	close(done)
	<-ended
	return most
}

// TestWrongTypes puts every kind of value in every place of a document: it is
// read or refused, and never panics.
func TestWrongTypes(t *testing.T) {
	const whole = `{"swagger":"2.0","info":{"title":"a","version":"1","description":"d"},"basePath":"/b","consumes":["a/b"],
	"parameters":{"P":{"name":"p","in":"query","required":true}},
	"paths":{"/x/{id}":{"parameters":[{"$ref":"#/parameters/P"}],"get":{"operationId":"o","consumes":["a/b"],
		"parameters":[{"in":"body","schema":{"$ref":"#/definitions/M"}},{"in":"header","name":"h","required":false}],
		"responses":{"200":{"headers":{"H":{"type":"string"}},"schema":{"type":"array","items":{"$ref":"#/definitions/M"}}}},
		"security":[{"s":["x"]}],"x-amazon-apigateway-auth":{"type":"NONE"},"x-amazon-apigateway-request-validator":"v",
		"x-amazon-apigateway-integration":{"type":"http","uri":"http://a","httpMethod":"GET","timeoutInMillis":50,"cacheKeyParameters":["k"],
			"tlsConfig":{"insecureSkipVerification":true},"requestParameters":{"a":"b"},"requestTemplates":{"a/b":"t"},
			"responses":{"default":{"statusCode":"200","responseParameters":{"a":"b"},"responseTemplates":{"a/b":"t"}}}}}}},
	"definitions":{"M":{"type":"object","description":"d","properties":{"p":{"$ref":"#/definitions/M"}},"required":["p"],"enum":[1]}},
	"securityDefinitions":{"s":{"type":"apiKey","name":"n","in":"header","x-amazon-apigateway-authtype":"custom","x-amazon-apigateway-authorizer":{"type":"token","authorizerUri":"u","authorizerResultTtlInSeconds":1,"providerARNs":["p"],"identitySource":"i"}}},
	"x-amazon-apigateway-policy":{"Statement":[{"Effect":"Allow"}]},"x-amazon-apigateway-binary-media-types":["a/b"],
	"x-amazon-apigateway-minimum-compression-size":1,"x-amazon-apigateway-api-key-source":"HEADER",
	"x-amazon-apigateway-endpoint-configuration":{"vpcEndpointIds":["v"],"types":["PRIVATE"],"disableExecuteApiEndpoint":true},
	"x-amazon-apigateway-gateway-responses":{"THROTTLED":{"statusCode":"429","responseParameters":{"a":"b"},"responseTemplates":{"a/b":"t"}}},
	"x-amazon-apigateway-request-validators":{"v":{"validateRequestBody":true}},"x-amazon-apigateway-request-validator":"v",
	"x-amazon-apigateway-documentation":{"version":"1","documentationParts":[{"location":{"type":"API","path":"/"},"properties":{"a":1}}]}}`
	const third = `{"openapi":"3.0.1","info":{"title":"a"},"servers":[{"url":"/","variables":{"basePath":{"default":"/b"}}}],
	"paths":{"/":{"post":{"requestBody":{"content":{"a/b":{"schema":{"type":"object"}}}},"responses":{"200":{"content":{"a/b":{"schema":{"$ref":"#/components/schemas/M"}}},"headers":{"H":{"schema":{"type":"string"}}}}}}}},
	"components":{"schemas":{"M":{"allOf":[{"type":"object"}]}},"securitySchemes":{"s":{"type":"http","scheme":"basic"}}}}`
	n := 0
	for _, document := range []string{whole, third} {
		for _, replaced := range replaceEach(t, document) {
			definition, problems := openapi.Read([]byte(replaced), options)
			if definition == nil && len(problems) == 0 {
				t.Errorf("neither a definition nor a problem for %s", replaced)
			}
			n++
		}
	}
	if n < 1000 {
		t.Errorf("only %d documents", n)
	}
}
