package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/mapping"
)

// routes compiles an API of "VERB /path" lines.
func routes(lines ...string) *API {
	var s domain.Snapshot
	byPath := map[string]map[string]apigw.Method{}
	for _, line := range lines {
		verb, path, _ := strings.Cut(line, " ")
		if byPath[path] == nil {
			byPath[path] = map[string]apigw.Method{}
			s.Resources = append(s.Resources, apigw.Resource{Path: new(path), Id: new(path), ResourceMethods: byPath[path]})
		}
		byPath[path][verb] = apigw.Method{MethodIntegration: &apigw.Integration{Type: new("MOCK")}}
	}
	a, _ := CompileAPI(&s)
	return a
}

func TestMatch(t *testing.T) {
	a := routes(
		"GET /", "GET /pets", "ANY /pets/{id}", "POST /pets/{id}/photos", "GET /pets/mine", "DELETE /pets/mine/photos",
		"ANY /proxy/{proxy+}", "GET /proxy/hard", "GET /a/{x}/c", "GET /a/{y+}", "GET /a/b/d",
		"ANY /verbs", "POST /verbs",
	)
	for _, test := range []struct {
		name, request string
		want          string // "VERB /path name=value", empty for no match
	}{
		{"root", "GET /", "GET /"},
		{"root without a path", "GET ", "GET /"}, // stage without a slash
		{"literal", "GET /pets", "GET /pets"},
		// Recorded: slashes.
		{"slashes in front", "GET ///pets", "GET /pets"},
		{"slash at the end", "GET /pets/", "GET /pets"},
		{"only one slash at the end", "GET /pets//", ""}, // assumed
		{"greedy loses its last slash", "GET /proxy/value/", "ANY /proxy/{proxy+} proxy=value"},
		{"greedy keeps empty segments", "GET /proxy/value//double", "ANY /proxy/{proxy+} proxy=value//double"},
		{"greedy begins with a slash", "GET /proxy//value", "ANY /proxy/{proxy+} proxy=/value"},
		{"empty segment is no literal", "GET /pets//mine", ""},
		{"empty segment is no parameter", "GET /a//c", "GET /a/{y+} y=/c"},
		// Recorded: the literal beside a greedy resource wins; nothing is decoded.
		{"literal beside greedy", "GET /proxy/hard", "GET /proxy/hard"},
		{"raw value", "GET /proxy/a%2Fb+c@d", "ANY /proxy/{proxy+} proxy=a%2Fb+c@d"},
		{"escaped literal is another one", "GET /%70ets", ""},
		// The guide: specificity and ANY.
		{"literal beside parameter", "GET /pets/mine", "GET /pets/mine"},
		{"parameter", "GET /pets/7", "ANY /pets/{id} id=7"},
		{"greedy does not match its parent", "GET /proxy", ""},
		{"greedy does not match its parent with a slash", "GET /proxy/", ""},
		{"exact verb before ANY", "POST /verbs", "POST /verbs"},
		{"ANY", "PATCH /verbs", "ANY /verbs"},
		{"ANY is seven verbs", "TRACE /verbs", ""},
		{"verbs have a case", "post /verbs", ""},
		{"HEAD is not GET", "HEAD /pets", ""},
		{"case-sensitive", "GET /Pets", ""},
		{"nothing there", "GET /cats", ""},
		// Assumed: fall through to the next best path that has the verb.
		{"literal lacks the verb", "PUT /pets/mine", "ANY /pets/{id} id=mine"},
		{"literal lacks the verb, below", "POST /pets/mine/photos", "POST /pets/{id}/photos id=mine"},
		{"dead end below a literal", "GET /a/b/c", "GET /a/{x}/c x=b"},
		{"dead end below a parameter", "GET /a/b/e", "GET /a/{y+} y=b/e"},
		{"greedy beside literal lacks the verb", "POST /proxy/hard", "ANY /proxy/{proxy+} proxy=hard"},
	} {
		t.Run(test.name, func(t *testing.T) {
			verb, path, _ := strings.Cut(test.request, " ")
			m, params := a.Match(path, verb, nil)
			got := ""
			if m != nil {
				got = m.Spec.Verb + " " + m.Spec.ResourcePath
				for _, p := range params {
					got += " " + p.Name + "=" + p.Value
				}
			}
			if got != test.want {
				t.Errorf("%s matched %q, want %q", test.request, got, test.want)
			}
		})
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	a := routes("GET /pets/{id}/photos/{photo}", "ANY /{proxy+}")
	params := make([]mapping.Param, 0, 4)
	if n := testing.AllocsPerRun(100, func() { a.Match("//pets/7/photos/8/", "GET", params[:0]) }); n != 0 {
		t.Errorf("%v allocations per match, want 0", n)
	}
}

// FuzzMatch: no path panics, and a match explains the whole path.
func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"/", "//", "", "/a//b/", "/a/b", "/a/b/c", "/x/", "///"} {
		f.Add(seed)
	}
	a := routes("GET /", "GET /a/{b}", "GET /a/{b}/c", "GET /x/{y+}")
	f.Fuzz(func(t *testing.T, path string) {
		m, params := a.Match(path, "GET", nil)
		if m == nil || !strings.HasPrefix(path, "/") {
			return
		}
		built := m.Spec.ResourcePath
		for _, p := range params {
			if p.Value == "" {
				t.Errorf("%q matched %s with an empty %s", path, built, p.Name)
			}
			built = strings.NewReplacer("{"+p.Name+"}", p.Value, "{"+p.Name+"+}", p.Value).Replace(built)
		}
		want := strings.TrimSuffix("/"+strings.TrimLeft(path, "/"), "/")
		if strings.TrimSuffix(built, "/") != want && built != want {
			t.Errorf("%q matched %s with %v, which is %q", path, m.Spec.ResourcePath, params, built)
		}
	})
}

func BenchmarkRouteMatch(b *testing.B) {
	for _, resources := range []int{10, 1000, 10000} {
		var lines []string
		for i := range resources / 2 {
			lines = append(lines, fmt.Sprintf("GET /group%d/item%d", i%50, i), fmt.Sprintf("ANY /group%d/item%d/{id}", i%50, i))
		}
		a := routes(lines...)
		last := resources/2 - 1
		path := fmt.Sprintf("/group%d/item%d/42", last%50, last)
		b.Run(fmt.Sprint(resources), func(b *testing.B) {
			params := make([]mapping.Param, 0, 4)
			b.ReportAllocs()
			for b.Loop() {
				if m, _ := a.Match(path, "POST", params[:0]); m == nil {
					b.Fatal("no match")
				}
			}
		})
	}
}
