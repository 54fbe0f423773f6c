package mapping

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// machine is the clock of the machine.
type machine struct{}

func (machine) Now() time.Time { return time.Now() }

// TestHostilePaths: JSON paths of a template end as soon as the template.
func TestHostilePaths(t *testing.T) {
	names := strings.Repeat(`{"name": "`+strings.Repeat("a", 30)+`!"},`, 500)
	for name, test := range map[string]struct{ template, body string }{
		"everything of everything":  {`#foreach($i in [1..1000])#set($x = $input.path('$..*..*'))#end`, `{"items":[` + names + `{}]}`},
		"nearly wild patterns":      {`#foreach($i in [1..1000])$input.json('$..[?(@.name =~ /(a|aa)+b/)]')#end`, `{"items":[` + names + `{}]}`},
		"one path of wild patterns": {`$input.json('$..[?(@.name =~ /(a|aa)+b/)]')`, `{"items":[` + names + `{}]}`},
		"paths that are made":       {`#foreach($i in [1..1000])#foreach($j in [1..1000])#set($x = $input.path("$.a$i.b$j"))#end#end`, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			tmpl, err := ParseTemplate(test.template)
			if err != nil {
				t.Fatal(err)
			}
			var took time.Duration
			var memory uint64
			for range 20 { // the machine of a test may be busy
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				began := time.Now()
				_, err = tmpl.RenderRequest(&Source{Body: []byte(test.body), Clock: machine{}})
				took = time.Since(began)
				runtime.ReadMemStats(&after)
				if memory = after.TotalAlloc - before.TotalAlloc; took <= 100*time.Millisecond {
					break
				}
			}
			t.Logf("%v, %d KB, %v", took.Round(time.Millisecond), memory>>10, err)
			if took > 100*time.Millisecond || memory > 64<<20 {
				t.Errorf("took %v and %d MB", took, memory>>20)
			}
		})
	}
}

// hasty is a clock on which each look takes 20 ms.
type hasty struct{ now time.Time }

func (c *hasty) Now() time.Time {
	c.now = c.now.Add(20 * time.Millisecond)
	return c.now
}

// TestPathsInTime: the matches of a path share the time of their template.
func TestPathsInTime(t *testing.T) {
	tmpl, err := ParseTemplate(`$input.json('$[?(@ =~ /a/)]')`)
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{`["a","a"]`: `["a","a"]`, `["a","a","a","a","a"]`: `""`} {
		got, err := tmpl.RenderRequest(&Source{Body: []byte(body), Clock: &hasty{}})
		if string(got) != want || err != nil {
			t.Errorf("%s: got %s %v, want %s", body, got, err, want)
		}
		expr, err := ParseRequest("method.request.body[?(@ =~ /a/)]")
		if err != nil {
			t.Fatal(err)
		}
		text, _ := expr.Value(&Source{Body: []byte(body), Clock: &hasty{}})
		if want = strings.Trim(want, `"`); text != want {
			t.Errorf("%v of %s: got %s, want %s", expr, body, text, want)
		}
	}
}
