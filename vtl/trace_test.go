package vtl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const traced = `#set($x = "a")
$x#if($x == "b")
  never
#elseif($x == "a")
  #foreach($i in [1, 2])"$i$x"#end
#else
  never
#end
#if($missing == "x")#end#foreach($k in $missing)#end
#set($y = "#if($x)in a string#end")#stop`

// TestTrace: what a traced template tells, in the order of evaluation.
func TestTrace(t *testing.T) {
	tmpl, err := CompileTraced(traced)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	vars := testVars(document)
	vars.Trace = func(e Event) {
		fmt.Fprintf(&got, "%d:%d %s", e.Line, e.Column, e.Kind)
		if e.Kind == BranchTaken {
			fmt.Fprintf(&got, " %s", tmpl.Branches()[e.Branch].Kind)
		}
		fmt.Fprintf(&got, " %s=%s\n", e.Text, e.Value)
	}
	out, err := tmpl.Render(nil, vars)
	if err != nil {
		t.Fatal(err)
	}
	want := `1:6 set $x=a
2:1 reference $x=a
2:7 reference $x=a
4:9 reference $x=a
4:1 branch #elseif $x == "a"=
5:3 branch #foreach [1, 2]=
5:3 round [1, 2]=1
5:26 reference $i=1
5:28 reference $x=a
5:3 round [1, 2]=2
5:26 reference $i=2
5:28 reference $x=a
9:5 reference $missing=
9:1 branch no #else =
9:40 reference $missing=
9:25 branch empty #foreach $missing=
10:16 reference $x=a
10:12 branch #if $x=
10:6 set $y=in a string
10:36 end #stop=
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	plain, err := Compile(traced)
	if err != nil {
		t.Fatal(err)
	}
	same, err := plain.Render(nil, vars)
	if err != nil || string(same) != string(out) {
		t.Errorf("traced %q, plain %q, %v", out, same, err)
	}
	if plain.Branches() != nil {
		t.Errorf("the plain one has branches: %v", plain.Branches())
	}
}

// TestShown: an event shows a part of a large value, cut between characters.
func TestShown(t *testing.T) {
	for source, want := range map[string]string{
		`#set($x = "` + strings.Repeat("\u00e9", 300) + `")`:  strings.Repeat("\u00e9", 100) + "...",
		`#set($x = "a` + strings.Repeat("\u00e9", 300) + `")`: "a" + strings.Repeat("\u00e9", 99) + "...",
		`#set($x = [1..1000])`:                                "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13",
	} {
		tmpl, err := CompileTraced(source)
		if err != nil {
			t.Fatal(err)
		}
		vars := testVars(document)
		got := ""
		vars.Trace = func(e Event) { got = e.Value }
		if _, err := tmpl.Render(nil, vars); err != nil || !strings.HasPrefix(got, want) || len(got) > maxShown+50 {
			t.Errorf("%.30s: got %q, want %q, %v", source, got, want, err)
		}
	}
}
