package lambda

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseFunction(t *testing.T) {
	for _, test := range []struct {
		text string
		want Function
		err  string
	}{
		{"hello=./main", Function{Name: "hello", Command: []string{"./main"}}, ""},
		{"a-b_1=python3 -m app 'two words' \"x\\\"y\" a\\ b ''", Function{Name: "a-b_1", Command: []string{"python3", "-m", "app", "two words", `x"y`, "a b", ""}}, ""},
		{"f=_HANDLER=app.handler TABLE='a b' ./bootstrap X=1", Function{Name: "f", Env: []string{"_HANDLER=app.handler", "TABLE=a b"}, Command: []string{"./bootstrap", "X=1"}}, ""},
		{`f='a\b'`, Function{Name: "f", Command: []string{`a\b`}}, ""},
		{"f=1A=b", Function{Name: "f", Command: []string{"1A=b"}}, ""},
		{"f", Function{}, "want NAME=COMMAND"},
		{"=x", Function{}, "want NAME=COMMAND"},
		{"a b=x", Function{}, "want NAME=COMMAND"},
		{strings.Repeat("a", 65) + "=x", Function{}, "want NAME=COMMAND"},
		{"f=  ", Function{}, "no command"},
		{"f=A=1", Function{}, "no command"},
		{"f='x", Function{}, "Unterminated"},
	} {
		got, err := ParseFunction(test.text)
		if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: error %v, want %q", test.text, err, test.err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, diff)
		}
	}
}

func FuzzParseFunction(f *testing.F) {
	for _, seed := range []string{"f=a", "f=A=1 'b c'", `f="\`, "=", "f=\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseFunction(text)
		if err == nil && (got.Name == "" || len(got.Command) == 0) {
			t.Errorf("%q: %+v", text, got)
		}
	})
}

func TestParseRef(t *testing.T) {
	const arn = "arn:aws:lambda:eu-west-1:111122223333:function:"
	for text, want := range map[string]Ref{
		"f":                               {Name: "f"},
		"f:v1":                            {Name: "f", Qualifier: "v1"},
		"111122223333:function:f":         {Account: "111122223333", Name: "f"},
		"111122223333:function:f:$LATEST": {Account: "111122223333", Name: "f", Qualifier: "$LATEST"},
		arn + "f":                         {Region: "eu-west-1", Account: "111122223333", Name: "f"},
		arn + "f:live":                    {Region: "eu-west-1", Account: "111122223333", Name: "f", Qualifier: "live"},
		arn + "f:live:x":                  {Region: "eu-west-1", Account: "111122223333"},
		"arn:aws:sqs:a:b:f":               {},
		"":                                {},
	} {
		if got := ParseRef(text); got != want {
			t.Errorf("ParseRef(%q) = %+v, want %+v", text, got, want)
		}
	}
	if got, want := (Ref{Name: "f", Qualifier: "v"}).ARN("r", "a"), "arn:aws:lambda:r:a:function:f:v"; got != want {
		t.Errorf("ARN = %s, want %s", got, want)
	}
}
