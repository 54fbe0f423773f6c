package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	for _, test := range []struct {
		name, events, want string
		failed             bool
	}{
		{name: "what passes is a line", events: `
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: said\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}`, want: "ok  \tp\t0.1s\n"},
		{name: "what was skipped comes last, by its reason", events: `
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: there is no terraform\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"--- SKIP: TestA (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestC/one","Output":"    a_test.go:1: there is no terraform\n"}
{"Action":"skip","Package":"p","Test":"TestC/one"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b-c_test.go:20: two\n        lines\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    testscript.go:609: WORK=x\n        > skip\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    --- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"skip","Package":"p","Test":"TestD"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}
{"Action":"output","Package":"q","Output":"?   \tq\t[no test files]\n"}
{"Action":"skip","Package":"q"}`, want: "ok  \tp\t0.1s\n?   \tq\t[no test files]\n" +
			"not run: p TestA and 1 more: there is no terraform\nnot run: p TestB: two lines\nnot run: p TestD: no reason given\n"},
		{name: "what fails says all", events: `
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"quiet\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: got 1, want 2\n"}
{"Action":"pass","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}`, want: "=== RUN   TestA\n    a_test.go:1: got 1, want 2\nFAIL\tp\t0.1s\n"},
		{name: "a test that never ended says all when its package fails", events: `
{"Action":"output","Package":"p","Test":"TestB","Output":"begun\n"}
{"Action":"output","Package":"q","Test":"TestB","Output":"elsewhere\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"panic: timed out\n"}
{"Action":"fail","Package":"p"}`, want: "panic: timed out\nbegun\n"},
		{name: "what does not compile is printed", events: `
{"Action":"build-output","ImportPath":"p","Output":"p/a.go:1: undefined: x\n"}
{"Action":"build-fail","ImportPath":"p"}`, want: "p/a.go:1: undefined: x\n"},
		{name: "words that are no events are not lost", events: "{\"Action\":\"start\"}\nno JSON\n", want: "no JSON\n", failed: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			err := report(&out, strings.NewReader(test.events))
			if got := strings.TrimLeft(out.String(), "\n"); got != test.want || (err != nil) != test.failed {
				t.Errorf("got %q, %v\nwant %q, failed %v\nevents %s", got, err, test.want, test.failed, test.events)
			}
		})
	}
}
