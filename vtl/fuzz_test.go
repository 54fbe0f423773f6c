package vtl

import (
	"errors"
	"testing"
)

// sameTraced renders with a trace, which may take more steps and so fail.
func sameTraced(t *testing.T, source string, want []byte) {
	t.Helper()
	tmpl, err := CompileTraced(source)
	if err != nil {
		t.Fatalf("%q: traced: %v", source, err)
	}
	vars := testVars(document)
	vars.Trace = func(e Event) {
		if e.Line < 1 || e.Column < 1 || e.Kind == BranchTaken && e.Branch >= len(tmpl.Branches()) {
			t.Errorf("%q: event %+v", source, e)
		}
	}
	if got, err := tmpl.Render(nil, vars); err == nil && string(got) != string(want) {
		t.Errorf("%q: traced %q, want %q", source, got, want)
	}
}

// FuzzRender: no template panics, hangs or fails without a place, and a traced
// one renders the same.
func FuzzRender(f *testing.F) {
	for _, source := range []string{
		"#set($a = [1..3])#foreach($i in $a)$i#if($foreach.hasNext),#end#end", `#set($m = {"k": "$a", 'l': [1, 2.5e3, true]})$m.k.replaceAll("(a)", "$1")${m['l'][0]}`,
		"#define($d)$x#end$d#macro(m $a)b#end#m()\\$a\\\\$a#[[ $ ]]#", "#if($a && !$b || 1 + 2 * 3 >= 4 % 2)x#elseif($c == '')y#{else}z#end##", "$util.escapeJavaScript($input.path('$').a)$!{x.y('a', \"b$c\")}", "#*c*#$context.requestOverride.header.put('a', $input.body.length())#stop",
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		tmpl, err := Compile(source)
		if err == nil {
			var out []byte
			if out, err = tmpl.Render(nil, testVars(document)); err == nil {
				sameTraced(t, source, out)
			}
		}
		var typed *Error
		if err != nil && (!errors.As(err, &typed) || typed.Line < 1 || typed.Column < 1) {
			t.Errorf("%q: %#v", source, err)
		}
	})
}
