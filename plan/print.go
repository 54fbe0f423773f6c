package plan

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Print returns a stage's plan as text, always the same for the same input.
func Print(s *Stage) string {
	var b strings.Builder
	a := s.Production.API
	fmt.Fprintf(&b, "api %s stage %s account %s region %s\n", a.ID, s.Name, a.Account, a.Region)
	if a.Disabled {
		b.WriteString("default endpoint disabled\n")
	}
	if len(a.binary) > 0 {
		fmt.Fprintf(&b, "binary media types %s\n", strings.Join(a.binary, " "))
	}
	if a.Finish != nil {
		fmt.Fprintf(&b, "finish %s %s\n", a.Finish.Name(), a.Finish.String())
	}
	printRelease(&b, "production", &s.Production)
	if s.Canary != nil {
		printRelease(&b, fmt.Sprintf("canary %g%%", s.Percent), s.Canary)
	}
	if s.Identity != nil {
		fmt.Fprintf(&b, "client certificate %s\n", path.Base(s.Identity.ID))
	}
	if s.AccessLog != nil {
		fmt.Fprintf(&b, "access log to %s\n", s.AccessLog.To.Name())
	}
	printMethods(&b, &s.Production)
	if s.Canary != nil && s.Canary.API != a {
		b.WriteString("methods of the canary\n")
		printMethods(&b, s.Canary)
	}
	return b.String()
}

func printRelease(b *strings.Builder, title string, r *Release) {
	fmt.Fprintf(b, "%s deployment %s\n", title, r.DeploymentID)
	for _, name := range slices.Sorted(maps.Keys(r.Variables)) {
		fmt.Fprintf(b, "  variable %s = %q\n", name, r.Variables[name])
	}
}

func printMethods(b *strings.Builder, r *Release) {
	for _, m := range r.API.methods {
		fmt.Fprintf(b, "%s %s (%s)\n", m.Spec.Verb, m.Spec.ResourcePath, m.Spec.Resource)
		if r.bound == nil || m.Spec.Verb != "ANY" {
			printSteps(b, r.Bound(m, m.Spec.Verb))
			continue
		}
		// The verbs of a method ANY differ only if the stage names one of them.
		bound := r.bound[m.number]
		first := ""
		for number, verb := range verbNames {
			var steps strings.Builder
			printSteps(&steps, bound[number])
			switch text := steps.String(); {
			case number == 0:
				first = text
				b.WriteString(text)
			case text != first:
				fmt.Fprintf(b, "  for %s\n%s", verb, text)
			}
		}
	}
}

func printSteps(b *strings.Builder, bound *Bound) {
	if bound.Settings.Metrics {
		b.WriteString("  metrics\n")
	}
	for _, step := range bound.Steps {
		first, rest, _ := strings.Cut(step.String(), "\n")
		b.WriteString(strings.TrimRight("  "+step.Name()+" "+first, " ") + "\n")
		for line := range strings.Lines(rest) {
			b.WriteString("    " + strings.TrimSuffix(line, "\n") + "\n")
		}
	}
}
