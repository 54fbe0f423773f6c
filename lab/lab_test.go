package lab

import "testing"

// TestTraceIsBounded: a loop has more steps than are kept; they are counted.
func TestTraceIsBounded(t *testing.T) {
	tmpl, err := Parse("#foreach($i in [1..1000])#foreach($j in [1..20])x#end#end")
	if err != nil {
		t.Fatal(err)
	}
	result, err := tmpl.Run(&Event{})
	if err != nil || result.Error != nil {
		t.Fatal(err, result.Error)
	}
	// The outer branch, its rounds, and in each the inner branch and its rounds.
	if got, want := len(result.Trace)+result.Left, 1+1000*(1+1+20); len(result.Trace) != maxTrace || got != want {
		t.Errorf("%d steps, %d kept; want %d, %d", got, len(result.Trace), want, maxTrace)
	}
}

// FuzzEvent: no event breaks the lab.
func FuzzEvent(f *testing.F) {
	f.Add(`{"side": "response", "body": {"a": 1}, "headers": {"A": ["b"]}, "path": {"p": "%2"}, "querystring": {"q": ""}, "context": {"identity": 1}, "stageVariables": {"v": ""}}`)
	f.Add(`{"body": "\ud800", "context": {"requestOverride": {"header": {"a": {}}}}}`)
	tmpl, err := Parse(`$input.body$input.params()$context$context.requestOverride.header.a$stageVariables.v$input.json('$')`)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		event, err := ParseEvent([]byte(text))
		if err != nil {
			return
		}
		if _, err := tmpl.Run(event); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	})
}
