package observe

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/exchange"
)

// TestLevels: which lines a journal keeps.
func TestLevels(t *testing.T) {
	at := time.Unix(1700000000, 0)
	for _, test := range []struct {
		name      string
		all, data bool
		want      string
	}{
		{"ERROR", false, false, "error"},
		{"ERROR with a data trace", false, true, "error"},
		{"INFO", true, false, "info error"},
		{"INFO with a data trace", true, true, "info trace error"},
	} {
		var j Journal
		j.Reset(test.all, test.data)
		for _, journal := range []*Journal{&j, nil} { // nil takes all and keeps none
			journal.Info(at, "in", "fo")
			journal.Trace(at, "trace")
			journal.Error(at, "error")
		}
		var got []string
		for _, line := range j.Lines() {
			if got = append(got, line.Text); !line.Time.Equal(at) {
				t.Errorf("%s: line at %v, want %v", test.name, line.Time, at)
			}
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%s: %q, want %q", test.name, text, test.want)
		}
		if j.Reset(true, true); len(j.Lines()) != 0 {
			t.Errorf("%s: lines after a reset: %v", test.name, j.Lines())
		}
	}
}

// TestTruncate: the length is measured in characters, on lines of the service.
func TestTruncate(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"short", "ab", "ab"},
		{"just fits", strings.Repeat("a", 1024), strings.Repeat("a", 1024)},
		{"too long", strings.Repeat("a", 1025), strings.Repeat("a", 1024) + " [TRUNCATED]"},
		{"characters", strings.Repeat("ä", 1024), strings.Repeat("ä", 1024)},
		{"too many characters", strings.Repeat("ä", 1025), strings.Repeat("ä", 1024) + " [TRUNCATED]"},
	} {
		var j Journal
		j.Reset(true, true)
		j.Info(time.Time{}, test.text)
		if got := j.Lines()[0].Text; got != test.want {
			t.Errorf("%s: %q (%d bytes), want %q", test.name, got, len(got), test.want)
		}
	}
}

func TestMask(t *testing.T) {
	for _, test := range []struct{ value, want string }{
		{"", ""}, {"123456", "123456"}, {"1234567", "*234567"},
		{"Bearer abcdefgh", "*********cdefgh"}, {"ääääääää", "**ääääää"},
	} {
		if got := Mask(test.value); got != test.want {
			t.Errorf("Mask(%q) = %q, want %q", test.value, got, test.want)
		}
	}
}

func TestHeader(t *testing.T) {
	for _, test := range []struct {
		header exchange.Header
		want   string
	}{
		{nil, "{}"},
		{exchange.Header{{Name: "a", Value: "1"}, {Name: "b", Value: ""}, {Name: "a", Value: "2"}}, "{a=1,2, b=}"},
		{
			exchange.Header{
				{Name: "authorization", Value: "secret-token"}, {Name: "X-Api-Key", Value: "0123456789"},
				{Name: "Cookie", Value: "session=abcdef"}, {Name: "Accept", Value: "text/html"},
			},
			"{authorization=******-token, X-Api-Key=****456789, Cookie=********abcdef, Accept=text/html}",
		},
	} {
		if got := Header(test.header); got != test.want {
			t.Errorf("Header(%v) = %q, want %q", test.header, got, test.want)
		}
	}
}

func TestBody(t *testing.T) {
	long := strings.Repeat("a", 4*maxLine-1) + "ä" // the cut falls into the last character
	for _, test := range []struct{ body, want string }{
		{"", ""}, {"text", "text"}, {"\xff\xfe", "[Binary Data]"}, {long, long[:4*maxLine-1]},
	} {
		if got := Body([]byte(test.body)); got != test.want {
			t.Errorf("Body(%.20q) = %.20q (%d bytes), want %.20q", test.body, got, len(got), test.want)
		}
	}
}
