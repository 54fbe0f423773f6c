package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseCurl(t *testing.T) {
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, []byte("from a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for _, test := range []struct {
		line string
		want curlRequest
	}{
		{"curl http://h/a?b=1", curlRequest{method: "GET", url: "http://h/a?b=1"}},
		{"h:1/a", curlRequest{method: "GET", url: "http://h:1/a"}},
		{"curl -sS -XDELETE 'http://h/a b'", curlRequest{method: "DELETE", url: "http://h/a b"}},
		{"curl -I --url http://h", curlRequest{method: "HEAD", url: "http://h"}},
		{`curl -k https://h -H "Host: api.example" -H 'x-api-key: a b' --header x-api-key:c`, curlRequest{
			method: "GET", url: "https://h", host: "api.example", insecure: true, header: http.Header{"x-api-key": {"a b", "c"}},
		}},
		{"curl h \\\n  -d a=1 -d b=2", curlRequest{method: "POST", url: "http://h", body: []byte("a=1&b=2"), header: form}},
		{"curl h -X PUT --data-raw @x", curlRequest{method: "PUT", url: "http://h", body: []byte("@x"), header: form}},
		{"curl h --data-binary @" + file, curlRequest{method: "POST", url: "http://h", body: []byte("from a file"), header: form}},
		{`curl h --json '{"a": "it'\''s"}'`, curlRequest{method: "POST", url: "http://h", body: []byte(`{"a": "it's"}`), header: http.Header{
			"Accept": {"application/json"}, "Content-Type": {"application/json"},
		}}},
		{"curl h -u me:secret -A agent -b c=1 -o /dev/null", curlRequest{method: "GET", url: "http://h", header: http.Header{
			"Authorization": {"Basic bWU6c2VjcmV0"}, "User-Agent": {"agent"}, "Cookie": {"c=1"},
		}}},
	} {
		got, err := parseCurl(test.line)
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		if test.want.header == nil {
			test.want.header = http.Header{}
		}
		if diff := cmp.Diff(test.want, *got, cmp.AllowUnexported(curlRequest{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.line, diff)
		}
	}
}

func TestParseCurlRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"curl":                   "no URL",
		"curl a b":               "two URLs",
		"curl a --proxy b":       "--proxy",
		"curl a -F x=y":          "-F",
		"curl a -H":              "wants a value",
		"curl a -H nothing":      "NAME: VALUE",
		"curl 'a":                "Unterminated",
		`curl "a`:                "Unterminated",
		"curl a -d @/nowhere/at": "no such file",
	} {
		if _, err := parseCurl(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error about %q", line, err, want)
		}
	}
}

func FuzzParseCurl(f *testing.F) {
	f.Add(`curl -sS "http://h" -H 'a: b' \`)
	f.Add(`curl -XPOST -d "a\"b" h`)
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, "@") {
			t.Skip("it might name a file")
		}
		if q, err := parseCurl(line); err == nil && (q.url == "" || q.method == "") {
			t.Errorf("%q: no URL or no method: %+v", line, q)
		}
	})
}
