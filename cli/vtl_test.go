package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// command runs a command and returns what it writes and why it fails.
func command(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errors bytes.Buffer
	cmd := New(Environment{Args: args, Lookup: variables(nil), Stdout: &out, Stderr: &errors})
	err = cmd.ExecuteContext(t.Context())
	return out.String(), errors.String(), err
}

const templates = "testdata/vtl/"

func TestVTLRun(t *testing.T) {
	stdout, stderr, err := command(t, "vtl", "run", "--trace", "--event", templates+"orders.json", templates+"orders.vtl")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(templates + "orders.golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), stdout); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	const trace = `F:1:12: $input.path('$') = {vip=true, lines=[{"sku":"a"},{"sku":"b"}]}
F:1:6: set $in = {vip=true, lines=[{"sku":"a"},{"sku":"b"}]}
F:3:13: $context.stage = dev
F:4:5: $in.vip = true
F:4:1: #if $in.vip == true
F:11:28: $in.lines = [{"sku":"a"},{"sku":"b"}]
F:11:13: #foreach $in.lines
F:11:13: round of $in.lines: {sku=a}
F:11:39: $l.sku = a
F:11:50: $foreach.hasNext = true
F:11:46: #if $foreach.hasNext
F:11:13: round of $in.lines: {sku=b}
F:11:39: $l.sku = b
F:11:50: $foreach.hasNext = false
F:11:46: no #else
`
	if diff := cmp.Diff(trace, strings.ReplaceAll(stderr, templates+"orders.vtl", "F")); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

// TestVTLRunFails: a mistake has its place, and ends the command with an error.
func TestVTLRunFails(t *testing.T) {
	event := filepath.Join(t.TempDir(), "event.json")
	for _, test := range []struct{ event, template, want string }{
		{`{}`, "a ${b", "T:1:3: a reference is not closed"},
		{`{"body": "{}"}`, "x\n$input.path('$[')", `T:2:1: path: JSONPath, offset 2: `},
		{`{"header": {}}`, "x", `event: json: unknown field "header"`},
		{`{} {}`, "x", "event: something follows it"},
		{`{"context": [1]}`, "x", "event: context: not an object"},
		{`{"side": "other"}`, "x", `event: side "other" is neither request nor response`},
		{`{"headers": {"A": 1}}`, "x", "event: json: cannot unmarshal number"},
	} {
		file := filepath.Join(t.TempDir(), "t.vtl")
		for name, text := range map[string]string{event: test.event, file: test.template} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, _, err := command(t, "vtl", "run", "--event", event, file)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), file, "T"), test.want) {
			t.Errorf("%s over %s: %v, want %q", test.template, test.event, err, test.want)
		}
	}
}

func TestVTLTest(t *testing.T) {
	stdout, _, err := command(t, "vtl", "test", templates)
	const want = `broken.vtl: 0.0% of branches (0 of 0)
  pass broken
orders.vtl: 85.7% of branches (6 of 7)
  not taken: 6:1 #elseif
  pass orders
  FAIL orders.none
    -   "old": true,
    +   "vip": false,
2 passed, 1 failed
`
	if diff := cmp.Diff(want, stdout); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err == nil || err.Error() != templates+": 1 case failed" {
		t.Errorf("error %v", err)
	}
}

// TestVTLUpdate: what --update writes passes.
func TestVTLUpdate(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"sub/a.vtl": "$input.params('q')|$input.params('id')|$input.params('H')|$context.authorizer.claims|$context.authorizer.claims.sub|$context.identity.sourceIp|$stageVariables.v|$input.body|$context.requestTimeEpoch",
		"sub/a.json": `{"side": "response", "body": [1, 2.50], "headers": {"H": ["1", "2"]}, "path": {"id": "a%20b"}, "querystring": {"q": "x&y"},
			"context": {"authorizer": {"claims": {"sub": "me"}}, "identity": {"sourceIp": "192.0.2.1"}}, "stageVariables": {"v": "1"}}`,
	} {
		if err := os.MkdirAll(filepath.Join(folder, "sub"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if stdout, _, err := command(t, "vtl", "test", folder); err == nil || !strings.Contains(stdout, "no a.golden (--update writes it)") {
		t.Errorf("without a golden file: %v\n%s", err, stdout)
	}
	if _, _, err := command(t, "vtl", "test", "--update", folder); err != nil {
		t.Fatal(err)
	}
	stdout, _, err := command(t, "vtl", "test", "--output", "json", folder)
	const text = "x&y|a b|2||me|192.0.2.1|1|[1, 2.50]|0"
	want := `{"passed":1,"failed":0,"templates":[{"template":"sub/a.vtl","cases":[{"name":"a","passed":true,"got":"` + text +
		`","want":"` + text + `"}],"branches":0,"taken":0,"percent":100}]}` + "\n"
	if diff := cmp.Diff(want, stdout); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, _, err := command(t, "vtl", "test", t.TempDir()); err == nil || !strings.Contains(err.Error(), "no templates") {
		t.Errorf("an empty folder: %v", err)
	}
}
