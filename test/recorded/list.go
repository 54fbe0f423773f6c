package recorded

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// A list file names the cases that match, one per line and sorted; lines that
// begin with # are comments.

// ReadList returns the names in a list file.
func ReadList(path string) (map[string]bool, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			names[line] = true
		}
	}
	return names, nil
}

// AddToList adds names to a list file. It takes none away: that a case no longer
// matches is to be looked at, not to be written down.
func AddToList(path string, add []string) error {
	names, err := ReadList(path)
	if err != nil {
		return err
	}
	for _, name := range add {
		names[name] = true
	}
	var comments, lines []string
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(line, "#") {
			comments = append(comments, line)
		}
	}
	for name := range names {
		lines = append(lines, name+"\n")
	}
	slices.Sort(lines)
	return os.WriteFile(path, []byte(strings.Join(comments, "")+strings.Join(lines, "")), 0o644)
}

// Verdict says what a replay means for the list: an error to report, nil if all
// is as listed, and whether the case is to be added.
func Verdict(c Case, listed bool, differences []Difference) (add bool, err error) {
	matches := len(differences) == 0
	switch {
	case c.CannotMatch != "":
		return false, nil
	case matches && !listed:
		return true, fmt.Errorf("%s has come to match: run the test with -update to list it", c.Name)
	case !matches && listed:
		var lines []string
		for _, d := range differences {
			lines = append(lines, "\n\t"+d.String())
		}
		return false, fmt.Errorf("%s no longer matches:%s", c.Name, strings.Join(lines, ""))
	}
	return false, nil
}
