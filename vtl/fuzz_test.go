package vtl

import (
	"errors"
	"testing"
)

// FuzzRender: no template panics, hangs or fails without a place.
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
			_, err = tmpl.Render(nil, testVars(document))
		}
		var typed *Error
		if err != nil && (!errors.As(err, &typed) || typed.Line < 1 || typed.Column < 1) {
			t.Errorf("%q: %#v", source, err)
		}
	})
}
