package live

import (
	"strings"
	"testing"
	"time"
)

func TestParseTargets(t *testing.T) {
	for setting, want := range map[string]string{
		"arn:a=host:1,[::1]:2": "host:1 [::1]:2",
		"arn:a=host":           "",
		"arn:a=":               "",
		"arn:a":                "",
		"a=host:1":             "",
		"arn:a=:1":             "",
		"arn:a=host:x":         "",
		"arn:a=host:":          "",
		"arn:a=ho st:1":        "",
		"arn:a=host:1,":        "",
	} {
		var l Links
		err := l.ParseTargets([]string{setting})
		if (err == nil) != (want != "") {
			t.Errorf("%s: error %v, want one: %t", setting, err, want == "")
		}
		if err != nil {
			continue
		}
		got, err := l.Dial(Scope{}, "", "arn:a", time.Time{})
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %v, %v; want %s", setting, got, err, want)
		}
	}
}
