package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// event is a line of "go test -json"; see "go doc test2json".
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// testID is a test, or with an empty name a package.
type testID struct{ pkg, name string }

// reporter prints the output of what failed and keeps the reasons of what was
// skipped.
type reporter struct {
	out     io.Writer
	outputs map[testID][]string // of tests that have not ended
	skipped map[skip][]string   // to names of tests
}

type skip struct{ pkg, reason string }

// report reads events to their end. Lines that are no events are printed.
func report(out io.Writer, events io.Reader) error {
	r := &reporter{out: out, outputs: map[testID][]string{}, skipped: map[skip][]string{}}
	decoder := json.NewDecoder(events)
	for {
		var e event
		err := decoder.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			_, copied := io.Copy(out, io.MultiReader(decoder.Buffered(), events))
			return errors.Join(fmt.Errorf("the output of go test: %w", err), copied)
		}
		r.add(e)
	}
	r.summary()
	return nil
}

func (r *reporter) add(e event) {
	id := testID{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "output":
		if e.Test == "" && e.Output != "PASS\n" {
			fmt.Fprint(r.out, e.Output)
		} else if e.Test != "" {
			r.outputs[id] = append(r.outputs[id], e.Output)
		}
	case "skip":
		if e.Test != "" { // a package without tests is "skipped" too
			key := skip{e.Package, reason(r.outputs[id])}
			r.skipped[key] = append(r.skipped[key], e.Test)
		}
		delete(r.outputs, id)
	case "pass":
		delete(r.outputs, id)
	case "fail":
		if e.Test == "" { // what did not end: a panic or the time limit
			r.print(func(other testID) bool { return other.pkg == e.Package })
		} else {
			r.print(func(other testID) bool { return other == id })
		}
	}
}

// print prints and forgets the output of some tests.
func (r *reporter) print(which func(testID) bool) {
	var ids []testID
	for id := range r.outputs {
		if which(id) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b testID) int { return cmp.Or(cmp.Compare(a.pkg, b.pkg), cmp.Compare(a.name, b.name)) })
	for _, id := range ids {
		for _, line := range r.outputs[id] {
			fmt.Fprint(r.out, line)
		}
		delete(r.outputs, id)
	}
}

var (
	// place is what t.Skip puts before its words.
	place = regexp.MustCompile(`^\s*[\w.-]+\.go:\d+: `)
	// frame is what the testing package says around a test.
	frame = regexp.MustCompile(`^(=== |\s*--- )`)
)

// reason is what a skipped test has said first: the testscript package adds its
// log of a script after the reason.
func reason(output []string) string {
	var words []string
	for line := range strings.Lines(strings.Join(output, "")) {
		switch {
		case frame.MatchString(line):
			continue
		case place.MatchString(line) && len(words) > 0:
			return strings.Join(words, " ")
		}
		if line = strings.TrimSpace(place.ReplaceAllString(line, "")); line != "" {
			words = append(words, line)
		}
	}
	if len(words) == 0 {
		return "no reason given"
	}
	return strings.Join(words, " ")
}

// summary prints a line for each reason.
func (r *reporter) summary() {
	var lines []string
	for key, names := range r.skipped {
		slices.Sort(names)
		others := ""
		if len(names) > 1 {
			others = fmt.Sprintf(" and %d more", len(names)-1)
		}
		lines = append(lines, fmt.Sprintf("not run: %s %s%s: %s\n", key.pkg, names[0], others, key.reason))
	}
	slices.Sort(lines)
	fmt.Fprint(r.out, strings.Join(lines, ""))
}
