package regex

import (
	"strings"
	"testing"
	"time"

	"github.com/dlclark/regexp2"
)

func TestWhole(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"4\\d\\d", "404", true}, {"4", "404", false}, {"4|404", "404", true}, {"(?!404)4..", "404", false}, {"a.*", "a\nb", false}, {"a(.|\\n)*", "a\nb", true},
	} {
		re, err := Whole(test.pattern, regexp2.None)
		if err != nil {
			t.Errorf("%q: %v", test.pattern, err)
			continue
		}
		if got, err := re.MatchString(test.text); got != test.want || err != nil {
			t.Errorf("%q on %q: got %t %v, want %t", test.pattern, test.text, got, err, test.want)
		}
	}
	for _, pattern := range []string{"a)|(b", "(", strings.Repeat("a", MaxPattern+1)} {
		if _, err := Whole(pattern, regexp2.None); err == nil {
			t.Errorf("%.20q is taken", pattern)
		}
	}
}

// TestWild: a match that would take years ends, and soon. The bound of the
// test is a multiple of the real one: a machine may be busy.
func TestWild(t *testing.T) {
	text := strings.Repeat("a", 10_000) + "!"
	for _, pattern := range []string{"(a+)+b", "(.*)*(.*)*b", "(a|aa)+$", "([a-z]+)*\\d"} {
		re, err := Whole(pattern, regexp2.None)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		ok, err := re.MatchString(text)
		if took := time.Since(began); ok || err == nil || took > 100*time.Millisecond {
			t.Errorf("%q: %t, %v after %v, want an error within 100 ms", pattern, ok, err, took)
		}
	}
}
