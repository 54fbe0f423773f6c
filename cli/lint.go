package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/lint"
)

func newLint(env Environment) *cobra.Command {
	var output format
	var strict bool
	var options lint.Options
	cmd := &cobra.Command{
		Use:   "lint FILE",
		Short: "List what AWS would refuse or drop in an OpenAPI file",
		Long: "List what AWS would refuse or drop in an OpenAPI file, with line and column:\n" +
			"errors are refused by the import or by the deployment after it; warnings are\n" +
			"dropped, or make some requests fail. Nothing is imported and no node is needed.\n\n" +
			"The exit code is 1 if there are errors, and with --strict if there are warnings.",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: documents,
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			report, err := lint.Document(data, options)
			if err != nil {
				return err
			}
			if output == forScripts {
				err = writeJSON(env.Stdout, lintResult{args[0], report.Count(lint.Error), report.Count(lint.Warning), report.Findings})
			} else {
				printFindings(newScreen(env.Stdout, env.Lookup), args[0], report.Findings)
			}
			if err != nil {
				return err
			}
			return verdict(args[0], report, strict)
		},
	}
	output.addTo(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "fail if there are warnings")
	cmd.Flags().DurationVar(&options.IntegrationTimeout, "integration-timeout", 0, "longest timeout that an integration may have (default 29s)")
	return cmd
}

// lintResult is what lint writes for scripts.
type lintResult struct {
	File     string         `json:"file"`
	Errors   int            `json:"errors"`
	Warnings int            `json:"warnings"`
	Findings []lint.Finding `json:"findings,omitempty"`
}

// verdict is the error that a report amounts to, or nil.
func verdict(file string, report *lint.Report, strict bool) error {
	failures, warnings := report.Count(lint.Error), report.Count(lint.Warning)
	if failures == 0 && (warnings == 0 || !strict) {
		return nil
	}
	return fmt.Errorf("%s: %s, %s", file, count(failures, "error"), count(warnings, "warning"))
}

// count returns "no errors", "1 error", "2 errors".
func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// printFindings writes findings in the form that editors know.
func printFindings(s *screen, file string, findings []lint.Finding) {
	for _, f := range findings {
		place := file + ":"
		if f.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d:", file, f.Line, f.Column)
		}
		how := yellow
		if f.Severity == lint.Error {
			how = red
		}
		s.print(0, text{bold, place}, text{plain, " "}, text{how, string(f.Severity) + ":"}, text{plain, " " + f.Text})
	}
}
