package vtl

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/value"
)

// machine is the clock of the machine.
type machine struct{}

func (machine) Now() time.Time { return time.Now() }

// hostile are templates that would take all of a machine.
var hostile = map[string]string{
	"nested loops":           `#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end`,
	"loops that print":       `#foreach($a in [1..1000])#foreach($b in [1..1000])xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx#end#end`,
	"a string that doubles":  `#set($s = "xxxxxxxx")#foreach($i in [1..1000])#set($s = $s + $s)#end`,
	"interpolated doubling":  `#set($s = "xxxxxxxx")#foreach($i in [1..1000])#set($s = "$s$s")#end`,
	"concat":                 `#set($s = "xxxxxxxx")#foreach($i in [1..1000])#set($s = $s.concat($s))#end`,
	"strings thrown away":    `#set($s = "` + strings.Repeat("x", 100_000) + `")#foreach($i in [1..1000])#foreach($j in [1..1000])#set($t = $s + "y")#end#end`,
	"a list that doubles":    `#set($l = [1, 2])#foreach($i in [1..1000])#set($x = $l.addAll($l))#end`,
	"lists of lists":         `#set($l = [1..1000])#foreach($i in [1..1000])#set($l = [$l, $l, $l, $l])#end$l`,
	"ranges":                 `#foreach($i in [1..1000])#set($l = [1..100000])#end`,
	"members":                `#set($m = {})#foreach($i in [1..1000])#foreach($j in [1..1000])#set($m["$i.$j"] = $m)#end#end`,
	"put":                    `#set($m = {})#foreach($i in [1..1000])#foreach($j in [1..1000])$m.put("$i/$j", $j)#end#end`,
	"maps thrown away":       `#foreach($i in [1..1000])#foreach($j in [1..1000])#set($m = {"a": 1, "b": 2, "c": {}, "d": []})#end#end`,
	"keys":                   `#set($m = {})#foreach($i in [1..1000])$m.put("$i", 1)#end#foreach($i in [1..1000])#set($k = $m.entrySet())#end`,
	"a list in itself":       `#set($l = [])#foreach($i in [1..30])$l.add($l)#end$l`,
	"big integers":           `#set($n = 99999999999999999999)#foreach($i in [1..1000])#foreach($j in [1..1000])#set($n = $n * $n)#set($k = $n % 12345678901234567)#end#end$n`,
	"printed integers":       `#set($n = 99999999999999999999)#foreach($i in [1..10])#set($n = $n * $n)#end#foreach($i in [1..1000])#foreach($j in [1..1000])#set($s = "$n")#end#end`,
	"definitions":            `#define($d)$d$d$d$d$d$d#end#define($e)$d$d$d$d$d$d$d#end#foreach($i in [1..1000])$e$e$e$e$e$e#end`,
	"replace":                `#set($s = "xxxxxxxx")#foreach($i in [1..1000])#set($s = $s.replace("x", "xxxxxxxx"))#end`,
	"replaceAll":             `#set($s = "xxxxxxxx")#foreach($i in [1..1000])#set($s = $s.replaceAll("[x]", "xxxxxxxx"))#end`,
	"split":                  `#set($s = "` + strings.Repeat("x,", 100_000) + `")#foreach($i in [1..1000])#set($l = $s.split("[,]"))#end`,
	"split into characters":  `#set($s = "` + strings.Repeat("x", 200_000) + `")#foreach($i in [1..1000])#set($l = $s.split(""))#end`,
	"catastrophic matches":   `#set($s = "` + strings.Repeat("a", 5000) + `!")#foreach($i in [1..1000])#if($s.matches("(a+)+b"))#end#end`,
	"catastrophic replace":   `#set($s = "` + strings.Repeat("a", 5000) + `!")$s.replaceAll("(.*)*(.*)*b", "x")`,
	"catastrophic split":     `#set($s = "` + strings.Repeat("a", 5000) + `!")$s.split("(a|aa)+$")`,
	"slow, not catastrophic": `#set($s = "` + strings.Repeat("a", 3000) + `")#foreach($i in [1..1000])#if($s.matches(".*.*b"))#end#end`,
	"a stack of a pattern":   `#set($s = "` + strings.Repeat("ab", 140_000) + `")#foreach($i in [1..10])#if($s.matches("(?:(a)|(b))*c"))#end#end`,
	"patterns of a loop":     `#set($s = "a")#foreach($i in [1..1000])#foreach($j in [1..1000])#if($s.matches("(a|b$i|c$j)*[x]{1,1000}"))#end#end#end`,
	"a long pattern":         `#set($p = "(a|b)*")#foreach($i in [1..1000])#set($p = $p + $p)#set($x = $p.matches($p))#end`,
	"escapes":                `#set($s = "` + strings.Repeat("\x01", 100_000) + `")#foreach($i in [1..1000])#set($t = $util.escapeJavaScript($s))#end`,
	"escapes of escapes":     `#set($s = "////////")#foreach($i in [1..1000])#set($s = $util.escapeJavaScript($s))#end`,
	"base64":                 `#set($s = "xxxxxxxx")#foreach($i in [1..1000])#set($s = $util.base64Encode($s))#end`,
	"urlEncode":              `#set($s = "////////")#foreach($i in [1..1000])#set($s = $util.urlEncode($s))#end`,
	"parseJson":              `#set($s = "[` + strings.Repeat("1,", 100_000) + `1]")#foreach($i in [1..1000])#set($x = $util.parseJson($s))#end`,
	"parseJson of objects":   `#set($s = "[` + strings.Repeat("{},", 60_000) + `1]")#foreach($i in [1..1000])#set($x = $util.parseJson($s))#end`,
	"format":                 `#set($f = "")#foreach($i in [1..1000])#foreach($j in [1..1000])#set($s = $f.format("%9999d%9999d%9999d", 1, 2, 3))#end#end`,
	"join":                   `#set($s = "xxxxxxxx")#foreach($i in [1..1000])#set($s = $s.join($s, [$s, $s, $s]))#end`,
	"surrogates":             `#set($s = "` + strings.Repeat("\U0001F600", 50_000) + `")#foreach($i in [1..1000])#set($x = $s.substring(1, 99999))#end`,
	"compareTo":              `#set($s = "` + strings.Repeat("\u00e9", 100_000) + `")#foreach($i in [1..1000])#set($x = $s.compareTo($s))#end`,
	"contains":               `#set($s = "` + strings.Repeat("ab", 100_000) + `")#foreach($i in [1..1000])#foreach($j in [1..1000])#set($x = $s.indexOf("abc"))#end#end`,
	"equality":               `#set($l = [1..1000])#set($m = [1..1000])#foreach($i in [1..1000])#foreach($j in [1..1000])#set($x = $l == $m)#end#end`,
	"case":                   `#set($s = "` + strings.Repeat("\u0130", 100_000) + `")#foreach($i in [1..1000])#set($x = $s.toLowerCase())#end`,
}

// TestHostile: each of them ends within 100 ms of processor time and 64 MB.
func TestHostile(t *testing.T) {
	for name, source := range hostile {
		t.Run(name, func(t *testing.T) {
			tmpl, err := Compile(source)
			if err != nil {
				t.Fatal(err)
			}
			took, memory := measure(t, tmpl)
			t.Logf("%v, %d KB", took.Round(time.Millisecond), memory>>10)
			if took > raceFactor*100*time.Millisecond {
				t.Errorf("took %v", took)
			}
			if memory > 64<<20 {
				t.Errorf("took %d MB", memory>>20)
			}
		})
	}
}

// measure renders over a document of 2 KB. The memory is all that was
// allocated, also what was free again at the end.
func measure(t *testing.T, tmpl *Template) (time.Duration, uint64) {
	t.Helper()
	vars := testVars(`{"items": [` + strings.Repeat(`{"name": "value", "n": 12},`, 75) + `{}]}`)
	vars.Clock = machine{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var err error
	took := cpuTime(func() { _, err = tmpl.Render(nil, vars) })
	runtime.ReadMemStats(&after)
	var typed *Error
	if err != nil && (!errors.As(err, &typed) || typed.Line < 1) {
		t.Errorf("error without a place: %v", err)
	}
	return took, after.TotalAlloc - before.TotalAlloc
}

// stepping is a clock on which each look takes a millisecond.
type stepping struct {
	now   time.Time
	looks int
}

func (c *stepping) Now() time.Time {
	c.looks++
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

// TestClock: a template ends when its time is over, and one that is short does
// not look at the clock.
func TestClock(t *testing.T) {
	vars := func(c Clock) Vars {
		return Vars{Input: value.OfHost(input("{}")), Clock: c}
	}
	for source, want := range map[string]string{
		`#foreach($i in [1..1000])#foreach($j in [1..100])x#end#end`:                 "line 1, column 1: the template takes too long",
		`#foreach($i in [1..1000])$input.path("$")#end`:                              "line 1, column 26: the template takes too long",
		`#set($s = "a")#foreach($i in [1..1000])$s.matches("b+")$s.split("[x]")#end`: "line 1, column 40: the template takes too long",
	} {
		tmpl, err := Compile(source)
		if err != nil {
			t.Fatal(err)
		}
		c := &stepping{}
		_, err = tmpl.Render(nil, vars(c))
		if err == nil || err.Error() != want || c.looks > 80 {
			t.Errorf("%s: %v after %d looks, want %q", source, err, c.looks, want)
		}
	}
	short := &stepping{}
	tmpl, err := Compile(`#foreach($i in [1..100])$i#end`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tmpl.Render(nil, vars(short)); err != nil || short.looks != 0 {
		t.Errorf("a short template: %v, %d looks", err, short.looks)
	}
}
