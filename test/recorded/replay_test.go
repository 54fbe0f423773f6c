package recorded

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/test/postern"
)

// AsFunction makes the test binary act as a function instead of running tests.
const AsFunction = "RECORDED_TEST_FUNCTION"

func TestMain(m *testing.M) {
	if os.Getenv(AsFunction) != "" {
		fmt.Fprintln(os.Stderr, ServeRuntime(os.Getenv("AWS_LAMBDA_RUNTIME_API")))
		os.Exit(1)
	}
	postern.Main(m)
}

// replay runs a made-up case against a made-up server.
func replay(t *testing.T, steps string, form Form, handler http.HandlerFunc) []string {
	t.Helper()
	c, err := Parse([]byte(`{"case": "made.up", "class": "data-plane", "uids": 2, "backends": ["backend.1"], "steps": [` + steps + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	var out []string
	target := Target{BaseURL: server.URL, Account: "123", Region: "us-east-1", Suffix: "test"}
	for _, d := range Replay(t.Context(), c, target, form) {
		out = append(out, d.String())
	}
	return out
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

// seen is what the server was sent, on one line.
func seen(r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Method, r.RequestURI, r.Header.Get("X-Test"), body))
}

func TestRequests(t *testing.T) {
	var lines []string
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Apigw") == "" && !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=") {
			t.Errorf("%s %s is not signed", r.Method, r.RequestURI)
		}
		lines = append(lines, r.Host[:4]+" "+seen(r))
		fmt.Fprint(w, `{"id": "abc", "item": [{"path": "/", "id": "root"}]}`)
	}
	steps := `
	{"step": 1, "wire": {"method": "POST", "path": "/restapis?mode=import", "query": {"failonwarnings": "true"}, "body_from": "body"}, "call": {"params": {"body": "raw ${account}"}}},
	{"step": 2, "wire": {"method": "PUT", "path": "/restapis/${1.id}/${1.items[path=/].id}", "query": {"limit": -1, "k": ["a b", "c"]}, "headers": {"X-Test": "${1.id|upper}"}, "body": {"a<b": 1.0, "n": null}}},
	{"step": 3, "http": {"method": "GET", "api": "${1.id}", "stage": "dev", "path": "/a%2Fb", "query": "x=%20&y", "headers": {"X-Apigw": "1"}}},
	{"step": 4, "http": {"method": "POST", "api": "${1.id}", "stage": "dev", "path": "/", "headers": {"X-Apigw": "1"}, "body": {"$base64": "YWI="}}},
	{"step": 5, "http": {"method": "POST", "api": "${1.id}", "stage": "dev", "path": "/", "headers": {"X-Apigw": "1", "Transfer-Encoding": "chunked"}, "body": "xyz"}}`
	want(t, replay(t, steps, PathForm, handler))
	want(t, lines,
		`127. POST /restapis?mode=import&failonwarnings=true  raw 123`,
		`127. PUT /restapis/abc/root?k=a+b&k=c&limit=-1 ABC {"a<b":1.0,"n":null}`,
		`127. GET /restapis/abc/dev/_user_request_/a%2Fb?x=%20&y`,
		`127. POST /restapis/abc/dev/_user_request_/  ab`,
		`127. POST /restapis/abc/dev/_user_request_/  xyz`)
	lines = nil
	want(t, replay(t, steps, HostForm, handler))
	if got := lines[2]; got != `abc. GET /dev/a%2Fb?x=%20&y` {
		t.Errorf("host form: %s", got)
	}
}

func TestExpectations(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/error":
			w.Header().Set("X-Amzn-ErrorType", "NotFoundException:http://x/")
			w.WriteHeader(404)
			fmt.Fprint(w, `{"message": "no", "more": 1}`)
		case "/list":
			fmt.Fprint(w, `{"item": [{"id": "1"}]}`)
		case "/export":
			w.Header().Set("Content-Type", "a/b")
			fmt.Fprint(w, `{"openapi": "3"}`)
		case "/empty":
			w.WriteHeader(204)
		default:
			w.Header()["Date"] = nil
			w.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(w, `{"headers": {"A": "1", "B": "2"}}`)
		}
	}
	wire := func(path, rest string) string {
		return `{"step": 1, "wire": {"method": "GET", "path": "` + path + `"}, ` + rest + `}`
	}
	stage := func(rest string) string {
		return `{"step": 1, "http": {"method": "GET", "api": "a", "stage": "s", "path": "/"}, ` + rest + `}`
	}
	for _, row := range []struct {
		name, step string
		want       []string
	}{
		{"error", wire("/error", `"expect": {"status": 404, "error": {"code": "NotFoundException", "message": "no"}, "body": {"message": "no", "more": 1}}`), nil},
		{"error, other members", wire("/error", `"expect": {"error": {"code": "NotFoundException", "message": "no"}, "body": {"more": 1}}`), nil},
		{"error differs", wire("/error", `"expect": {"status": 400, "error": {"code": "Not", "message": "na"}}`), []string{
			`step 1, status: got "404 {\"message\": \"no\", \"more\": 1}", want 400`,
			`step 1, error.code: got "NotFoundException", want "Not"`,
			`step 1, error.message: got "no", want "na"`}},
		{"no error", wire("/list", `"expect": {"error": {"code": "Not", "message": "na"}}`), []string{
			`step 1, error.code: got "", want "Not"`,
			`step 1, error.message: got nothing, want "na"`}},
		{"rename", wire("/list", `"expect": {"body": {"items": [{"id": {"$same": "x"}}]}}`), nil},
		{"no rename", wire("/list", `"call": {"operation": "GetStages"}, "expect": {"body": {"item": [{"id": "1"}]}}`), nil},
		{"export", wire("/export", `"call": {"operation": "GetExport"}, "expect": {"body": {"body": {"openapi": "3"}, "contentType": "a/b"}}`), nil},
		{"empty", wire("/empty", `"expect": {"status": 204, "body": {}}`), nil},
		{"text", stage(`"expect": {"text": {"$text": ["{", {"$any": "x"}, "}"]}}`), nil},
		{"body as text", stage(`"expect": {"body": "{\"headers\": {\"A\": \"1\", \"B\": \"2\"}}"}`), nil},
		{"part", stage(`"expect": {"parts": {"body.headers": {"A": "1", "B": {"$any": "x"}}}}`), nil},
		{"part differs", stage(`"expect": {"parts": {"body.headers.A": "2", "body.none": "x"}}`), []string{
			`step 1, body.headers.A: got "1", want "2"`,
			`step 1, body.none: got nothing, want "x"`}},
		{"ignore", stage(`"expect": {"ignore": ["body.headers.B"], "body": {"headers": {"A": "1"}}}`), nil},
		{"headers", stage(`"expect": {"headers": {"content-type": "text/plain", "X-None": null}}`), nil},
		{"headers differ", stage(`"expect": {"headers": {"content-type": null, "X-None": "1"}}`), []string{
			`step 1, header X-None: got nothing, want "1"`,
			`step 1, header content-type: got "text/plain", want nothing`}},
		{"headers exact", stage(`"expect": {"headers": {"content-type": "text/plain"}, "headers_exact": true}`), []string{
			`step 1, header Content-Length: got "33", want nothing`}},
		{"may fail", wire("/error", `"may_fail": true`), nil},
		{"preparation fails", wire("/error", `"call": {}`) + `, {"step": 2, "wire": {"method": "GET", "path": "/never"}}`, []string{
			`step 1, GET /error: got 404 "{\"message\": \"no\", \"more\": 1}", want success`}},
		{"unknown reference", wire("/${7.id}", `"call": {}`), []string{
			`step 1, request: got ${7.id}: step 7 has no answer yet, want a request that can be made`}},
		{"unknown reference in an expectation", wire("/list", `"expect": {"body": "${7.id}"}`), []string{
			`step 1, body: got ${7.id}: step 7 has no answer yet, want "${7.id}"`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			want(t, replay(t, row.step, PathForm, handler), row.want...)
		})
	}
}

// TestEventually: the third answer matches. What the first bound is forgotten.
func TestEventually(t *testing.T) {
	calls := 0
	handler := func(w http.ResponseWriter, _ *http.Request) {
		calls++
		fmt.Fprintf(w, `{"a": "%d", "b": "%d"}`, calls, min(calls, 3))
	}
	step := `{"step": 1, "wire": {"method": "GET", "path": "/"}, "eventually": true, "expect": {"body": {"a": {"$same": "x"}, "b": "3"}}}`
	want(t, replay(t, step, PathForm, handler))
	if calls != 3 {
		t.Errorf("%d calls", calls)
	}
}

// TestSameAcrossSteps: a binding holds for the whole case.
func TestSameAcrossSteps(t *testing.T) {
	calls := 0
	handler := func(w http.ResponseWriter, _ *http.Request) {
		calls++
		fmt.Fprintf(w, `{"id": "%d"}`, calls)
	}
	var steps []string
	for i := range 2 {
		steps = append(steps, fmt.Sprintf(`{"step": %d, "wire": {"method": "GET", "path": "/"}, "expect": {"body": {"id": {"$same": "x"}}}}`, i+1))
	}
	want(t, replay(t, strings.Join(steps, ","), PathForm, handler), `step 2, body.id: got "2", want "1"`)
}

func TestNoServer(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	c, err := Parse([]byte(`{"case": "c", "steps": [{"step": 1, "wire": {"method": "GET", "path": "/"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := Replay(t.Context(), c, Target{BaseURL: server.URL}, PathForm)
	if len(got) != 1 || got[0].Path != "answer" {
		t.Errorf("%v", got)
	}
}

func TestEcho(t *testing.T) {
	server := NewEcho()
	defer server.Close()
	address := server.Listener.Addr().String()
	got, err := send(t.Context(), address, request{
		method: "POST", target: "//post?a=1", host: "h.example",
		headers: map[string]string{"X-Test": "1", "content-md5": "x"}, body: []byte(`{"k": 1}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	value, _ := parseJSON(got.body)
	m := &matching{same: bindings{}}
	expected, _ := parseJSON([]byte(`{"args": {"a": "1"}, "data": {"k": 1}, "files": {}, "form": {}, "json": {"k": 1}, "method": "POST",
		"headers": {"Host": "h.example", "Content-Length": "8", "X-Test": "1", "Content-Md5": "x"}, "origin": "127.0.0.1", "url": {"$any": "url"}}`))
	if d := m.compare("body", expected, value); len(d) > 0 {
		t.Errorf("%v", d)
	}
	got, err = send(t.Context(), address, request{method: "GET", target: "/status/418", host: "h"})
	if err != nil || got.status != 418 {
		t.Errorf("%d, %v", got.status, err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir); err == nil {
		t.Error("an empty folder has no cases, and no error")
	}
	if err := os.Mkdir(filepath.Join(dir, "cases"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "cases", name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("2.json", `{"case": "b", "steps": [{"step": 1, "http": {"method": "GET"}}]}`)
	write("1.json", `{"case": "c", "steps": []}`)
	cases, err := Load(dir)
	if err != nil || len(cases) != 2 || cases[0].Name != "b" || cases[1].Name != "c" {
		t.Fatalf("%v, %v", cases, err)
	}
	if got := len(cases[0].Forms()) + len(cases[1].Forms()); got != 3 {
		t.Errorf("%d forms", got)
	}
	for _, bad := range []string{`{`, `{}`, `{"case": "d", "steps": [{"step": 1}]}`} {
		write("3.json", bad)
		if _, err := Load(dir); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestList(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(path, []byte("# why\nb\na\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := AddToList(path, []string{"c", "a"}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil || string(content) != "# why\na\nb\nc\n" {
		t.Errorf("%q, %v", content, err)
	}
	difference := []Difference{{Step: 1, Path: "p", Got: "g", Want: "w"}}
	for _, row := range []struct {
		name        string
		c           Case
		listed      bool
		differences []Difference
		add, fails  bool
	}{
		{"listed and matches", Case{}, true, nil, false, false},
		{"new", Case{}, false, nil, true, true},
		{"fell off", Case{}, true, difference, false, true},
		{"not yet", Case{}, false, difference, false, false},
		{"cannot, and does", Case{CannotMatch: "x"}, false, nil, false, false},
	} {
		add, err := Verdict(row.c, row.listed, row.differences)
		if add != row.add || (err != nil) != row.fails {
			t.Errorf("%s: %t, %v", row.name, add, err)
		}
	}
}
