package wire

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
)

// TestEveryOperationHasItsRoute: the address of each operation, with its labels
// filled in, leads to it and to no other one.
func TestEveryOperationHasItsRoute(t *testing.T) {
	routes := newRoutes(&apigw.Handlers{})
	for _, op := range apigw.Operations {
		path, fixed, _ := strings.Cut(op.URI, "?")
		query, err := url.ParseQuery(fixed)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		segments := strings.Split(path, "/")
		for i, segment := range segments {
			if name, ok := strings.CutPrefix(segment, "{"); ok {
				name = strings.TrimSuffix(name, "}")
				want[name] = "v/ä:" + name
				segments[i] = url.PathEscape(want[name])
			}
		}
		got, labels, ok := routes.match(op.Method, strings.Join(segments, "/"), query)
		if !ok || got.Name != op.Name || !reflect.DeepEqual(labels, want) {
			t.Errorf("%s %s: got %+v with %v, want %s with %v", op.Method, strings.Join(segments, "/"), got, labels, op.Name, want)
		}
	}
}

func TestRoutes(t *testing.T) {
	const arn = "arn:aws:apigateway:eu-west-1::/restapis/abc/stages/prod"
	for _, row := range []struct {
		name, method, path string
		want               any // the input; nil: no route
	}{
		{"plain", "GET", "/restapis", &apigw.GetRestApisRequest{}},
		{"the host plays no part", "GET", "http://anything.example/restapis", &apigw.GetRestApisRequest{}},
		{"V label decoded", "DELETE", "/restapis/a%2Fb/stages/%28none%29", &apigw.DeleteStageRequest{RestApiId: "a/b", StageName: "(none)"}},
		{"a plus stays", "DELETE", "/restapis/a+b/stages/c%2Bd", &apigw.DeleteStageRequest{RestApiId: "a+b", StageName: "c+d"}},
		{"V base path", "GET", "/domainnames/d/basepathmappings/%28none%29", &apigw.GetBasePathMappingRequest{DomainName: "d", BasePath: "(none)"}},
		{"V encoded ARN", "GET", "/tags/" + url.QueryEscape(arn), &apigw.GetTagsRequest{ResourceArn: arn}},
		{"V ARN with plain colons", "GET", "/tags/" + strings.ReplaceAll(arn, "/", "%2F"), &apigw.GetTagsRequest{ResourceArn: arn}},
		{"C ARN with plain slashes", "GET", "/tags/" + arn, &apigw.GetTagsRequest{ResourceArn: arn}},
		{"C ARN half encoded", "GET", "/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A/restapis/abc%2Fstages/prod", &apigw.GetTagsRequest{ResourceArn: arn}},
		{"V repeated keys", "DELETE", "/tags/x?tagKeys=a&tagKeys=b", &apigw.UntagResourceRequest{ResourceArn: "x", TagKeys: []string{"a", "b"}}},
		{"limit", "GET", "/restapis?limit=-1&position=p", &apigw.GetRestApisRequest{Limit: new(int32(-1)), Position: new("p")}},
		{"limit that is no number", "GET", "/restapis?limit=ten", &apigw.GetRestApisRequest{}},
		{"a label never spans segments", "DELETE", "/restapis/a/b/stages/c", nil},
		{"empty label", "DELETE", "/restapis//stages/c", nil},
		{"slash at the end", "GET", "/restapis/", nil},
		{"unknown", "GET", "/nope", nil},
		{"root", "GET", "/", nil},
		{"wrong method", "PUT", "/restapis", nil},
		{"HEAD", "HEAD", "/restapis", nil},
		{"case counts", "GET", "/RestApis", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			server, seen, _ := newTestServer()
			got := send(t, server, row.method, row.path, nil)
			if row.want == nil {
				wantFault(t, got, 403, "MissingAuthenticationTokenException", "Missing Authentication Token")
				return
			}
			if got.status >= 300 || !reflect.DeepEqual(seen.in, row.want) {
				t.Errorf("%s %s: got %d %s with %+v, want %+v", row.method, row.path, got.status, got.body, seen.in, row.want)
			}
		})
	}
}

// TestImportSharesItsAddress: a fixed query tells two operations apart, and
// other keys of the query are parameters of the import.
func TestImportSharesItsAddress(t *testing.T) {
	server, seen, _ := newTestServer()
	send(t, server, "POST", "/restapis?mode=import&failonwarnings=true&basepath=ignore", strings.NewReader("swagger: 2.0"))
	in, ok := seen.in.(*apigw.ImportRestApiRequest)
	if !ok || string(in.Body) != "swagger: 2.0" || !apigw.Val(in.FailOnWarnings) || in.Parameters["basepath"] != "ignore" {
		t.Errorf("mode=import: got %T %+v", seen.in, seen.in)
	}
	send(t, server, "POST", "/restapis?mode=other", strings.NewReader(`{"name":"n"}`))
	if _, ok := seen.in.(*apigw.CreateRestApiRequest); !ok {
		t.Errorf("mode=other: got %T, want CreateRestApi", seen.in)
	}
}

func FuzzRoutes(f *testing.F) {
	f.Add("GET", "/restapis/a%2Fb", "mode=import")
	f.Add("PUT", "/tags/arn:aws:apigateway:r::/restapis/x", "")
	f.Add("GET", "/%zz//", "%")
	f.Fuzz(func(t *testing.T, method, path, rawQuery string) {
		query, _ := url.ParseQuery(rawQuery)
		op, labels, ok := newRoutes(&apigw.Handlers{}).match(method, path, query)
		if !ok {
			return
		}
		for name, value := range labels {
			if value == "" || !strings.Contains(op.URI, "{"+name+"}") {
				t.Errorf("%s %q: label %s is %q of %s", method, path, name, value, op.URI)
			}
		}
	})
}
