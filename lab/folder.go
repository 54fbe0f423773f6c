package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/postern-gateway/postern/vtl"
)

// Case is one event of a tested template.
type Case struct {
	Name   string `json:"name"` // of the event's file, without .json
	Passed bool   `json:"passed"`
	// Problem says why the case could not be run or compared; empty: Got and
	// Want tell.
	Problem string `json:"problem,omitempty"`
	Got     string `json:"got"`
	Want    string `json:"want"`
}

// Report is the test of one template.
type Report struct {
	Template string   `json:"template"` // path in the folder
	Cases    []Case   `json:"cases"`
	Branches int      `json:"branches"` // of the template
	Taken    int      `json:"taken"`    // by at least one case
	Percent  float64  `json:"percent"`  // of the branches; 100 without any
	Missed   []Branch `json:"missed,omitempty"`
}

// Branch is a place that no case came to.
type Branch struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Kind   string `json:"kind"`
}

// Test tests all templates below a folder: each NAME.vtl with its events
// NAME.json and NAME.*.json, whose outcomes stand in the .golden beside them.
// With update the .golden files are written instead of compared.
func Test(folder string, update bool) ([]Report, error) {
	var out []Report
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".vtl" {
			return err
		}
		report, err := testTemplate(path, update)
		if err != nil {
			return err
		}
		if report.Template, err = filepath.Rel(folder, path); err != nil {
			return err
		}
		report.Template = filepath.ToSlash(report.Template)
		out = append(out, *report)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: no templates (*.vtl)", folder)
	}
	return out, err
}

func testTemplate(path string, update bool) (*Report, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	events, err := eventsOf(path)
	if err != nil {
		return nil, err
	}
	report := &Report{}
	if len(events) == 0 {
		report.Cases = []Case{{Name: strings.TrimSuffix(filepath.Base(path), ".vtl"), Problem: "no events (.json)"}}
	}
	tmpl, parseErr := Parse(string(text))
	taken := map[int]bool{}
	for _, event := range events {
		c, err := testCase(tmpl, parseErr, event, update, taken)
		if err != nil {
			return nil, err
		}
		report.Cases = append(report.Cases, c)
	}
	if tmpl != nil {
		report.cover(tmpl.code.Branches(), taken)
	}
	return report, nil
}

// eventsOf returns the files of events of a template, in order.
func eventsOf(path string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	prefix := strings.TrimSuffix(filepath.Base(path), "vtl")
	var out []string
	for _, entry := range entries {
		if name := entry.Name(); strings.HasPrefix(name, prefix) && strings.HasSuffix(name, ".json") {
			out = append(out, filepath.Join(filepath.Dir(path), name))
		}
	}
	return out, nil
}

// testCase runs one event. Errors are those of writing.
func testCase(tmpl *Template, parseErr error, path string, update bool, taken map[int]bool) (Case, error) {
	stem := strings.TrimSuffix(path, ".json")
	c := Case{Name: filepath.Base(stem)}
	got, problem := outcome(tmpl, parseErr, path, taken)
	if problem != nil {
		c.Problem = problem.Error()
		return c, nil
	}
	c.Got = got
	golden := stem + ".golden"
	if update {
		c.Want, c.Passed = got, true
		return c, os.WriteFile(golden, []byte(got), 0o644)
	}
	want, err := os.ReadFile(golden)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.Problem = "no " + filepath.Base(golden) + " (--update writes it)"
	case err != nil:
		c.Problem = err.Error()
	default:
		c.Want, c.Passed = string(want), string(want) == got
	}
	return c, nil
}

// outcome returns what a golden file holds: the output, or the error.
func outcome(tmpl *Template, parseErr error, path string, taken map[int]bool) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	event, err := ParseEvent(data)
	if err != nil {
		return "", err
	}
	if parseErr != nil {
		return "error: " + parseErr.Error() + "\n", nil
	}
	result, err := tmpl.Run(event)
	if err != nil {
		return "", err
	}
	for number := range result.taken {
		taken[number] = true
	}
	if result.Error != nil {
		return "error: " + result.Error.Error() + "\n", nil
	}
	return result.Output, nil
}

// cover counts the branches that were taken.
func (r *Report) cover(branches []vtl.Branch, taken map[int]bool) {
	r.Branches, r.Percent = len(branches), 100
	for number, b := range branches {
		if taken[number] {
			r.Taken++
			continue
		}
		r.Missed = append(r.Missed, Branch{b.Line, b.Column, string(b.Kind)})
	}
	if r.Branches > 0 {
		r.Percent = float64(r.Taken) * 100 / float64(r.Branches)
	}
}
