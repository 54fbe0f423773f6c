package complete

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/gaps"
	"github.com/postern-gateway/postern/wire/members"
)

// CheckMembers says what is wrong with what answers carried: every member of
// every output is carried by an answer or has a written reason, and never both,
// and nothing is carried that the model does not have.
func CheckMembers(seen *members.Set) []string {
	var faults []string
	failf := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for _, path := range slices.Sorted(maps.Keys(seen.Unknown)) {
		failf("answers carry %s, which the model does not have", path)
	}
	all := maps.Clone(reasons)
	maps.Copy(all, gapReasons())
	needed := map[string]bool{}
	for _, m := range members.Outputs() {
		key := reasonFor(all, m)
		switch {
		case seen.Carried[m.Path] && key != "":
			failf("an answer carries %s, and %q is a reason why none does: %s", m.Path, key, all[key])
		case !seen.Carried[m.Path] && key == "":
			failf("no answer carries %s (%s), and no reason says why", m.Path, m.Name)
		}
		needed[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if !needed[key] {
			failf("the reason for %q is for no member", key)
		}
	}
	return faults
}

// reasonFor returns the key of the reason of a member: its path, its name, or
// one of these for something that it is in.
func reasonFor(reasons map[string]string, m members.Member) string {
	if _, ok := reasons[m.Name]; ok {
		return m.Name
	}
	for path := m.Path; ; {
		if _, ok := reasons[path]; ok {
			return path
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			return ""
		}
		path = path[:i]
	}
}

func isGap(operation string) bool {
	return slices.ContainsFunc(gaps.Register, func(g gaps.Gap) bool { return slices.Contains(g.Operations, operation) })
}
