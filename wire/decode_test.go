package wire

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
)

func TestDecodeTypes(t *testing.T) {
	const create, stage = "POST /restapis", "POST /restapis/a/stages"
	cannot := func(class, want string) string { return "class " + class + " can not be converted to an " + want }
	for _, row := range []struct{ name, call, body, want string }{
		{"R boolean for string", create, `{"name":true}`, cannot("java.lang.Boolean", "String")},
		{"R boolean in a map of strings", "PUT /restapis/a/resources/b/methods/GET/integration", `{"type":"MOCK","requestParameters":{"true":true}}`, cannot("java.lang.Boolean", "String")},
		{"integer for string", create, `{"name":1}`, cannot("java.lang.Integer", "String")},
		{"long for string", create, `{"name":5000000000}`, cannot("java.lang.Long", "String")},
		{"big integer for string", create, `{"name":50000000000000000000}`, cannot("java.math.BigInteger", "String")},
		{"double for string", create, `{"name":1.5}`, cannot("java.lang.Double", "String")},
		{"exponent for string", create, `{"name":1e3}`, cannot("java.lang.Double", "String")},
		{"object for string", create, `{"name":{}}`, cannot("java.util.LinkedHashMap", "String")},
		{"list for string", create, `{"name":[]}`, cannot("java.util.ArrayList", "String")},
		{"I string for integer", create, `{"name":"n","minimumCompressionSize":"5"}`, cannot("java.lang.String", "Integer")},
		{"double for integer", create, `{"name":"n","minimumCompressionSize":5.0}`, cannot("java.lang.Double", "Integer")},
		{"long for integer", create, `{"name":"n","minimumCompressionSize":2147483648}`, cannot("java.lang.Long", "Integer")},
		{"boolean for integer", create, `{"name":"n","minimumCompressionSize":true}`, cannot("java.lang.Boolean", "Integer")},
		{"string for boolean", create, `{"name":"n","disableExecuteApiEndpoint":"true"}`, cannot("java.lang.String", "Boolean")},
		{"integer for boolean", create, `{"name":"n","disableExecuteApiEndpoint":1}`, cannot("java.lang.Integer", "Boolean")},
		{"string for double", stage, `{"stageName":"s","deploymentId":"d","canarySettings":{"percentTraffic":"5"}}`, cannot("java.lang.String", "Double")},
		{"double too large", stage, `{"stageName":"s","deploymentId":"d","canarySettings":{"percentTraffic":1e999}}`, cannot("java.lang.Double", "Double")},
		{"string for list", create, `{"name":"n","binaryMediaTypes":"a/b"}`, cannot("java.lang.String", "List")},
		{"object for list", create, `{"name":"n","binaryMediaTypes":{}}`, cannot("java.util.LinkedHashMap", "List")},
		{"integer in a list", create, `{"name":"n","binaryMediaTypes":["a/b",1]}`, cannot("java.lang.Integer", "String")},
		{"list for map", create, `{"name":"n","tags":[]}`, cannot("java.util.ArrayList", "Map")},
		{"integer in a map", create, `{"name":"n","tags":{"a":1}}`, cannot("java.lang.Integer", "String")},
		{"string for structure", create, `{"name":"n","endpointConfiguration":"EDGE"}`, cannot("java.lang.String", "Structure")},
		{"list for structure", create, `{"name":"n","endpointConfiguration":[]}`, cannot("java.util.ArrayList", "Structure")},
		{"I null in a list", "PATCH /restapis/a", `{"patchOperations":[null]}`, "null can not be converted to an Structure"},
		{"string in a list of structures", "PATCH /restapis/a", `{"patchOperations":["x"]}`, cannot("java.lang.String", "Structure")},
		{"R boolean value of an operation", "PATCH /restapis/a", `{"patchOperations":[{"op":"replace","path":"/a","value":true}]}`, cannot("java.lang.Boolean", "String")},
		{"list as a body", create, `[]`, cannot("java.util.ArrayList", "Map")},
		{"string as a body", create, `"x"`, cannot("java.lang.String", "Map")},
		{"null as a body", create, `null`, "null can not be converted to an Map"},
	} {
		t.Run(row.name, func(t *testing.T) {
			server, seen, _ := newTestServer()
			method, path, _ := strings.Cut(row.call, " ")
			wantFault(t, send(t, server, method, path, strings.NewReader(row.body)), 400, "SerializationException", row.want)
			if seen.in != nil {
				t.Errorf("the handler ran on %+v", seen.in)
			}
		})
	}
}

func TestDecodeMalformed(t *testing.T) {
	server, seen, _ := newTestServer()
	for _, body := range []string{
		`{`, `{"name":`, `{"name":"n"`, `{"name":"n"} {}`, `{"name":"n"}x`, `{'name':'n'}`, `nul`, `{"name":"n",}`, `{"name":01}`,
		strings.Repeat("[", 200_000), strings.Repeat(`{"a":`, 200_000), "\x00", `{"name":"` + "\n" + `"}`,
	} {
		got := send(t, server, "POST", "/restapis", strings.NewReader(body))
		if got.status != 400 || got.header["x-amzn-ErrorType"][0] != "SerializationException" || !strings.HasPrefix(got.message, "Could not parse request body into json: ") {
			t.Errorf("body %.40q: got %d %.200s, want a SerializationException", body, got.status, got.body)
		}
	}
	if seen.in != nil {
		t.Errorf("the handler ran on %+v", seen.in)
	}
}

func TestDecodeAccepted(t *testing.T) {
	name := func(n string) *apigw.CreateRestApiRequest { return &apigw.CreateRestApiRequest{Name: &n} }
	for _, row := range []struct {
		name, body, contentType string
		want                    any
	}{
		{"JSON", `{"name":"n"}`, "application/json", name("n")},
		{"other type", `{"name":"n"}`, "application/x-amz-json-1.1", name("n")},
		{"odd type", `{"name":"n"}`, "text/plain; charset=x", name("n")},
		{"no type", ` {"name":"n"} `, "", name("n")},
		{"unknown members", `{"name":"n","nope":[1,{"a":null}],"Name":"x","restApiId":"x"}`, "", name("n")},
		{"deep unknown member", `{"nope":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `,"name":"n"}`, "", name("n")},
		{"null is absence", `{"name":"n","description":null,"tags":null,"binaryMediaTypes":null,"endpointConfiguration":null}`, "", name("n")},
		{"null in a map is absence", `{"name":"n","tags":{"a":null,"b":"c"}}`, "", &apigw.CreateRestApiRequest{Name: new("n"), Tags: map[string]string{"b": "c"}}},
		{"the last of two members counts", `{"name":"m","name":"n"}`, "", name("n")},
		{"empty list and map are kept", `{"name":"n","tags":{},"binaryMediaTypes":[]}`, "", &apigw.CreateRestApiRequest{Name: new("n"), Tags: map[string]string{}, BinaryMediaTypes: []string{}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			server, seen, _ := newTestServer()
			got := send(t, server, "POST", "/restapis", strings.NewReader(row.body), func(r *http.Request) {
				r.Header.Set("Content-Type", row.contentType)
			})
			if got.status != 201 || !reflect.DeepEqual(seen.in, row.want) {
				t.Errorf("got %d %s with %+v, want %+v", got.status, got.body, seen.in, row.want)
			}
		})
	}
	// Recorded: a null entry of a map of templates is kept.
	server, seen, _ := newTestServer()
	send(t, server, "PUT", "/restapis/a/resources/b/methods/GET/integration/responses/200", strings.NewReader(`{"responseTemplates":{"a/b":null}}`))
	if value, ok := seen.in.(*apigw.PutIntegrationResponseRequest).ResponseTemplates["a/b"]; !ok || value != nil {
		t.Errorf("responseTemplates: got %v, want a null entry", seen.in)
	}
}

// countingBody is an endless body that counts what is read of it.
type countingBody struct{ read int64 }

func (b *countingBody) Read(p []byte) (int, error) {
	b.read += int64(len(p))
	return copy(p, bytes.Repeat([]byte(" "), len(p))), nil
}

func TestLargeBodies(t *testing.T) {
	const size = 100 << 20
	for _, row := range []struct {
		name    string
		length  int64
		maximal int64 // read at most
	}{{"announced", size, 0}, {"not announced", -1, 12 << 20}} {
		t.Run(row.name, func(t *testing.T) {
			server, seen, _ := newTestServer()
			body := &countingBody{}
			got := send(t, server, "POST", "/restapis", io.LimitReader(body, size), func(r *http.Request) { r.ContentLength = row.length })
			wantFault(t, got, 413, "RequestEntityTooLargeException", "Request body exceeds 10485760 bytes")
			if body.read > row.maximal || seen.in != nil {
				t.Errorf("read %d bytes, want at most %d; the handler saw %v", body.read, row.maximal, seen.in)
			}
		})
	}
	server, _, _ := newTestServer()
	server.MaxBody = 20
	if got := send(t, server, "POST", "/restapis", strings.NewReader(`{"name":"12345678"} `)); got.status != 201 {
		t.Errorf("body of just the limit: got %d %s", got.status, got.body)
	}
}

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBrokenBody(t *testing.T) {
	server, _, _ := newTestServer()
	wantFault(t, send(t, server, "POST", "/restapis", brokenBody{}), 400, "SerializationException", "The request body could not be read")
}

// FuzzDecode: whatever the body of whatever operation, decoding and the check of
// constraints end with an input or a fault.
func FuzzDecode(f *testing.F) {
	for i, body := range []string{
		`{"name":"n","endpointConfiguration":{"types":["EDGE"]},"tags":{"a":null}}`, `{"patchOperations":[{"op":"x"},null]}`,
		`{"canarySettings":{"percentTraffic":1e400}}`, `[`, `{"throttle":{"a":{"rateLimit":-0}}}`, `{"location":{"type":"API"}}`, "",
	} {
		f.Add(uint8(i), body, "limit=5&tagKeys=a")
	}
	f.Fuzz(func(t *testing.T, index uint8, body, query string) {
		op := apigw.Operations[int(index)%len(apigw.Operations)]
		r := httptest.NewRequest(op.Method, "/", nil)
		r.URL.RawQuery = query
		in, err := decode(op, map[string]string{}, r, []byte(body))
		if err == nil && in == nil {
			t.Errorf("%s: neither input nor fault", op.Name)
		}
		if err == nil {
			_ = checkConstraints(op, in)
		}
	})
}
