package complete

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/control"
	"github.com/postern-gateway/postern/control/patch"
)

// specifications are where the specification may be; it is no part of the
// repository.
var specifications = []string{os.Getenv("POSTERN_SPEC"), filepath.Join("..", "..", "..", "shared", "spec")}

// notRows says of paths of the specification why they are no rows. A key is
// the operation and the path with empty holes.
var notRows = map[string]string{
	"UpdateBasePathMapping /basepath":                 "another spelling, which the handler reads",
	"UpdateBasePathMapping /restApiId":                "another spelling, which the handler reads",
	"UpdateDomainName /endpointConfiguration/types/0": "the index is a hole of the row",
	"UpdateDomainName /truststoreVersion":             "short for a path below /mutualTlsAuthentication",
	"UpdateIntegration /type":                         "listed to say that it cannot be patched",
	"UpdateStage /{}/{}/{}":                           "a row for each setting",
	"UpdateStage /*/*/{}":                             "the key */* is one of the keys of method settings",
	"UpdateStage /*/*":                                "the key */* is one of the keys of method settings",
	"UpdateUsagePlan /apiStages/{}:{}/throttle":       "one hole takes API and stage",
	"UpdateUsagePlan /apiStages/{}:{}/throttle/{}/{}": "one hole takes resource and method",
}

// specified is a path of the specification and the operations it takes.
type specified struct {
	operation, path string
	ops             []string
}

// TestSpecification: each path of the tables of patch-operations.md is a row
// of the operation, which takes the operations that the table names.
func TestSpecification(t *testing.T) {
	var text []byte
	for _, folder := range specifications {
		if data, err := os.ReadFile(filepath.Join(folder, "patch-operations.md")); err == nil {
			text = data
		}
	}
	if text == nil {
		t.Skip("the specification is not here; POSTERN_SPEC names its folder")
	}
	paths := readSpecification(string(text))
	covered := map[string]bool{}
	for _, p := range paths {
		covered[p.operation] = true
		rows := map[string]patch.Ops{}
		for _, row := range control.Patchable()[p.operation] {
			rows[emptyHoles(row.Path)] |= row.Ops
		}
		ops, isRow := rows[p.path]
		_, excepted := notRows[p.operation+" "+p.path]
		if isRow == excepted {
			t.Errorf("%s %s: a row %t, with a reason why not %t", p.operation, p.path, isRow, excepted)
		}
		for _, op := range p.ops {
			if isRow && !strings.Contains(ops.String(), op) {
				t.Errorf("%s %s: takes %s, want %s too", p.operation, p.path, ops, op)
			}
		}
	}
	for operation := range control.Patchable() {
		if !covered[operation] {
			t.Errorf("no path of %s was read", operation)
		}
	}
}

var (
	section  = regexp.MustCompile(`^## \d+\. (Update\w+)?`)
	quoted   = regexp.MustCompile("`(/[^`]+)`")
	holeName = regexp.MustCompile(`\{[^}]*\}`)
	opWord   = regexp.MustCompile(`\b(add|replace|remove|copy)\b`)
	anyGroup = regexp.MustCompile(`\([^)]*\)`)
)

func emptyHoles(path string) string { return holeName.ReplaceAllString(path, "{}") }

// readSpecification reads the tables of paths. The first cell of a row holds
// paths, or the name of an operation, whose paths are then in the second.
func readSpecification(text string) []specified {
	var out []specified
	operation := ""
	for _, line := range strings.Split(text, "\n") {
		if m := section.FindStringSubmatch(line); m != nil {
			operation = m[1]
		} else if strings.HasPrefix(line, "### ") && !strings.Contains(line, "Paths") {
			operation = "" // texts and rules
		}
		if operation != "" && strings.HasPrefix(line, "`/") {
			line, _, _ = strings.Cut(line, " — ") // a section without a table
			line = "| " + strings.Replace(line, ":", " |", 1)
		}
		cells := strings.Split(line, " | ")
		cells[0] = strings.TrimPrefix(cells[0], "| ")
		if len(cells) < 2 {
			continue
		}
		if strings.HasPrefix(cells[0], "Update") {
			for _, part := range strings.Split(anyGroup.ReplaceAllString(cells[1], ""), ";") {
				out = append(out, readPaths(strings.TrimSpace(cells[0]), part, part)...)
			}
		} else if operation != "" && strings.Contains(cells[0], "`/") {
			ops := cells[1]
			if operation == "UpdateStage" {
				ops = cells[2] // what the service's guide marks comes before what is taken
			}
			out = append(out, readPaths(operation, cells[0], ops)...)
		}
	}
	return out
}

func readPaths(operation, paths, ops string) []specified {
	var out []specified
	for _, path := range quoted.FindAllStringSubmatch(paths, -1) {
		out = append(out, specified{operation, emptyHoles(path[1]), opWord.FindAllString(anyGroup.ReplaceAllString(ops, ""), -1)})
	}
	return out
}
