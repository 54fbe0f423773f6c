package cli

import (
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/changes"
	"github.com/postern-gateway/postern/lint"
	"github.com/postern-gateway/postern/openapi"
)

// device is a writer that says what kind of file it is.
type device struct {
	bytes.Buffer
	mode fs.FileMode
}

func (d *device) Stat() (fs.FileInfo, error) { return info(d.mode), nil }

type info fs.FileMode

func (info) Name() string        { return "device" }
func (info) Size() int64         { return 0 }
func (i info) Mode() fs.FileMode { return fs.FileMode(i) }
func (info) ModTime() time.Time  { return time.Time{} }
func (info) IsDir() bool         { return false }
func (info) Sys() any            { return nil }

func variables(all map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { value, ok := all[name]; return value, ok }
}

func TestScreenKinds(t *testing.T) {
	const terminal = fs.ModeDevice | fs.ModeCharDevice
	for name, row := range map[string]struct {
		mode             fs.FileMode
		env              map[string]string
		terminal, colour bool
	}{
		"a terminal":              {terminal, nil, true, true},
		"NO_COLOR":                {terminal, map[string]string{"NO_COLOR": "1"}, true, false},
		"NO_COLOR, empty":         {terminal, map[string]string{"NO_COLOR": ""}, true, true},
		"a terminal of no colour": {terminal, map[string]string{"TERM": "dumb"}, true, false},
		"a file":                  {0, nil, false, false},
		"a pipe":                  {fs.ModeNamedPipe, nil, false, false},
	} {
		s := newScreen(&device{mode: row.mode}, variables(row.env))
		if s.terminal != row.terminal || s.colour != row.colour {
			t.Errorf("%s: terminal %t, colour %t; want %t, %t", name, s.terminal, s.colour, row.terminal, row.colour)
		}
	}
	if newScreen(&bytes.Buffer{}, variables(nil)).terminal {
		t.Error("a buffer is taken for a terminal")
	}
}

var longFindings = []lint.Finding{
	{Place: openapi.Place{Line: 12, Column: 7}, Severity: lint.Error, Text: "Errors of " + strings.Repeat("several words ", 12) + "\x1b[2Jend"},
	{Severity: lint.Warning, Text: "nowhere"},
}

// TestWidth: nothing for a terminal is wider than 80 columns, and nothing is
// lost; for other programs each finding is one line.
func TestWidth(t *testing.T) {
	var piped bytes.Buffer
	printFindings(newScreen(&piped, variables(nil)), "api.yaml", longFindings)
	want := "api.yaml:12:7: error: Errors of " + strings.Repeat("several words ", 12) + "\uFFFD[2Jend\napi.yaml: warning: nowhere\n"
	if diff := cmp.Diff(want, piped.String()); diff != "" {
		t.Errorf("without a terminal (-want +got):\n%s", diff)
	}
	terminal := &device{mode: fs.ModeCharDevice}
	printFindings(newScreen(terminal, variables(map[string]string{"NO_COLOR": "1"})), "api.yaml", longFindings)
	for line := range strings.Lines(terminal.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > columns {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if got := strings.ReplaceAll(terminal.String(), "\n    ", " "); got != want {
		t.Errorf("unwrapped:\n got %q\nwant %q", got, want)
	}
	if strings.Count(terminal.String(), "\n") < 4 {
		t.Errorf("not wrapped:\n%s", terminal)
	}
}

func TestColours(t *testing.T) {
	terminal := &device{mode: fs.ModeCharDevice}
	printFindings(newScreen(terminal, variables(nil)), "a.yaml", []lint.Finding{{Severity: lint.Warning, Text: "error: no"}})
	if got, want := terminal.String(), "\x1b[1ma.yaml:\x1b[0m \x1b[33mwarning:\x1b[0m error: no\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPrintChanges(t *testing.T) {
	schema := func(kind string) *string {
		return new(`{"type":"object","title":"Pet","properties":{"name":{"type":"` + kind + `"}}}`)
	}
	list := []changes.Change{
		{Part: changes.Method, Path: "/pets", Verb: "GET", Kind: changes.Changed, Details: []changes.Detail{
			{Member: "/methodIntegration/requestTemplates/application~1json", Before: new("one\nsame\nold\nend"), After: new("one\nsame\nnew\nnewer\nend")},
			{Member: "/methodIntegration/uri", After: new("http://h.example")},
			{Member: "/operationName", Before: new("list")},
		}},
		{Part: changes.Method, Path: "/pets", Verb: "POST", Kind: changes.Added},
		{Part: changes.Model, Name: "Pet", Kind: changes.Changed, Details: []changes.Detail{{Member: "/schema", Before: schema("string"), After: schema("number")}}},
		{Part: changes.Authorizer, Name: "who", Kind: changes.Removed},
	}
	var out bytes.Buffer
	printChanges(newScreen(&out, variables(nil)), list)
	want := `~ GET /pets
    methodIntegration/requestTemplates/application~1json
      - old
      + new
      + newer
    methodIntegration/uri
      + http://h.example
    operationName
      - list
+ POST /pets
~ model Pet
    schema
      -       "type": "string"
      +       "type": "number"
- authorizer who
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := summary(list), "1 part added, 2 parts changed, 1 part removed"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
	if got := summary(nil); got != "nothing changed" {
		t.Errorf("summary of nothing: %q", got)
	}
}

// TestLint: the exit and the output of the command.
func TestLint(t *testing.T) {
	for name, row := range map[string]struct {
		args   []string
		err    string // "" for success
		stdout string // a part of it
	}{
		"a warning":            {[]string{"lint", "../lint/testdata/warned.yaml"}, "", "warned.yaml:15:30: warning: Reference to model 'Missing' not found. Ignoring.\n"},
		"a warning, strict":    {[]string{"lint", "--strict", "../lint/testdata/warned.yaml"}, "../lint/testdata/warned.yaml: no errors, 4 warnings", "warned.yaml:15:30: warning: "},
		"an error":             {[]string{"lint", "../lint/testdata/undeployable.yaml"}, "../lint/testdata/undeployable.yaml: 1 error, no warnings", "undeployable.yaml:6:5: error: No integration"},
		"for scripts":          {[]string{"lint", "--output", "json", "../lint/testdata/undeployable.yaml"}, "../lint/testdata/undeployable.yaml: 1 error, no warnings", `{"file":"../lint/testdata/undeployable.yaml","errors":1,"warnings":0,"findings":[{"line":6,"column":5,"severity":"error","text":"No integration`},
		"nothing, for scripts": {[]string{"lint", "--strict", "--output=json", "../lint/testdata/clean.yaml"}, "", `{"file":"../lint/testdata/clean.yaml","errors":0,"warnings":0}` + "\n"},
		"a longer timeout":     {[]string{"lint", "--integration-timeout", "50s", "../lint/testdata/refused.yaml"}, "../lint/testdata/refused.yaml: 5 errors, no warnings", ""},
		"no such format":       {[]string{"lint", "--output", "xml", "a.yaml"}, `invalid argument "xml" for "--output" flag: want text or json`, ""},
		"no such file":         {[]string{"lint", "none.yaml"}, "open none.yaml: no such file or directory", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			cmd := New(Environment{Args: row.args, Lookup: variables(nil), Stdout: &stdout, Stderr: &stderr})
			err := cmd.ExecuteContext(t.Context())
			if got := errorText(err); got != row.err {
				t.Errorf("error %q, want %q", got, row.err)
			}
			if !strings.Contains(stdout.String(), row.stdout) {
				t.Errorf("standard output %q, want %q in it", stdout.String(), row.stdout)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestHelp: the texts fit in 80 columns, but for the flags of a node, and every
// command has one.
func TestHelp(t *testing.T) {
	for _, cmd := range New(Environment{Lookup: os.LookupEnv}).Commands() {
		if cmd.Short == "" {
			t.Errorf("%s has no help", cmd.Name())
		}
		for line := range strings.Lines("  " + cmd.Name() + "          " + cmd.Short + "\n" + cmd.Long) {
			if len(strings.TrimSpace(line)) > columns {
				t.Errorf("%s: %d columns: %s", cmd.Name(), len(line), line)
			}
		}
	}
}
