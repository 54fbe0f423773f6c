package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/lab"
)

func newVTL(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "vtl",
		Short: "Run and test mapping templates",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newVTLRun(env), newVTLTest(env))
	return cmd
}

func newVTLRun(env Environment) *cobra.Command {
	var output format
	var trace bool
	var eventFile string
	cmd := &cobra.Command{
		Use:   "run TEMPLATE",
		Short: "Print what a mapping template makes of an event",
		Long: "Print what a mapping template makes of an event. An event is a JSON object with\n" +
			"side (request or response), body, headers, path, querystring, context and\n" +
			"stageVariables, all of them optional. With --trace each step of the template\n" +
			"goes to the standard error output: references with their values, variables\n" +
			"that are set, branches that are taken.\n\n" +
			"The exit code is 1 if the template fails.",
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"vtl"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(_ *cobra.Command, args []string) error {
			result, err := runTemplate(args[0], eventFile)
			if err != nil {
				return err
			}
			steps := result.Trace
			if !trace {
				result.Trace, result.Left = nil, 0
			}
			if output == forScripts {
				err = writeJSON(env.Stdout, result)
			} else {
				if trace {
					printTrace(newScreen(env.Stderr, env.Lookup), args[0], steps, result.Left)
				}
				_, err = io.WriteString(env.Stdout, result.Output)
			}
			if err == nil && result.Error != nil {
				err = placed(args[0], result.Error)
			}
			return err
		},
	}
	output.addTo(cmd)
	cmd.Flags().StringVar(&eventFile, "event", "", "file of the event (default an empty request)")
	cmd.Flags().BoolVar(&trace, "trace", false, "show each step")
	return cmd
}

// runTemplate runs a file over an event. A template that does not compile is a
// result as well.
func runTemplate(file, eventFile string) (*lab.Result, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	data := []byte("{}")
	if eventFile != "" {
		if data, err = os.ReadFile(eventFile); err != nil {
			return nil, err
		}
	}
	event, err := lab.ParseEvent(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", eventFile, err)
	}
	tmpl, err := lab.Parse(string(text))
	if err != nil {
		var mistake *lab.Error
		if errors.As(err, &mistake) {
			return &lab.Result{Error: mistake}, nil
		}
		return nil, err
	}
	return tmpl.Run(event)
}

// placed is a mistake in the form that editors know.
func placed(file string, e *lab.Error) error {
	return fmt.Errorf("%s:%d:%d: %s", file, e.Line, e.Column, e.Reason)
}

func printTrace(s *screen, file string, steps []lab.Step, left int) {
	for _, step := range steps {
		place := text{bold, fmt.Sprintf("%s:%d:%d:", file, step.Line, step.Column)}
		switch step.Kind {
		case "branch":
			s.print(0, place, text{plain, " "}, text{yellow, step.Branch}, text{plain, " " + step.Text})
		case "round":
			s.print(0, place, text{plain, " round of " + step.Text + ": "}, text{green, step.Value})
		case "set":
			s.print(0, place, text{plain, " set " + step.Text + " = "}, text{green, step.Value})
		case "reference":
			s.print(0, place, text{plain, " " + step.Text + " = "}, text{green, step.Value})
		default:
			s.print(0, place, text{plain, " " + step.Text})
		}
	}
	if left > 0 {
		s.print(0, text{plain, "and " + count(left, "step") + " more"})
	}
}

func newVTLTest(env Environment) *cobra.Command {
	var output format
	var update bool
	cmd := &cobra.Command{
		Use:   "test DIR",
		Short: "Test the mapping templates of a folder and print their branch coverage",
		Long: "Test the mapping templates of a folder and those below it. NAME.vtl is run over\n" +
			"the events NAME.json and NAME.*.json, and what comes out is compared with\n" +
			"NAME.golden and NAME.*.golden: the output, or a line \"error: ...\". With\n" +
			"--update these files are written. For each template the branches are told that\n" +
			"no event took: those of #if, #elseif, #else and #foreach, and an #if without\n" +
			"#else or a #foreach of which nothing was run.\n\n" +
			"The exit code is 1 if a case fails.",
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(_ *cobra.Command, args []string) error {
			reports, err := lab.Test(args[0], update)
			if err != nil {
				return err
			}
			passed, failed := 0, 0
			for _, report := range reports {
				for _, c := range report.Cases {
					if c.Passed {
						passed++
					} else {
						failed++
					}
				}
			}
			if output == forScripts {
				err = writeJSON(env.Stdout, vtlTestResult{passed, failed, reports})
			} else {
				printTests(newScreen(env.Stdout, env.Lookup), reports)
				fmt.Fprintf(env.Stdout, "%d passed, %d failed\n", passed, failed)
			}
			if err == nil && failed > 0 {
				err = fmt.Errorf("%s: %s failed", args[0], count(failed, "case"))
			}
			return err
		},
	}
	output.addTo(cmd)
	cmd.Flags().BoolVar(&update, "update", false, "write the .golden files")
	return cmd
}

// vtlTestResult is what vtl test writes for scripts.
type vtlTestResult struct {
	Passed    int          `json:"passed"`
	Failed    int          `json:"failed"`
	Templates []lab.Report `json:"templates"`
}

func printTests(s *screen, reports []lab.Report) {
	for _, report := range reports {
		s.print(0, text{bold, report.Template}, text{plain, fmt.Sprintf(": %.1f%% of branches (%d of %d)", report.Percent, report.Taken, report.Branches)})
		for _, b := range report.Missed {
			s.print(2, text{yellow, fmt.Sprintf("not taken: %d:%d %s", b.Line, b.Column, b.Kind)})
		}
		for _, c := range report.Cases {
			printCase(s, &c)
		}
	}
}

func printCase(s *screen, c *lab.Case) {
	switch {
	case c.Passed:
		s.print(2, text{green, "pass"}, text{plain, " " + c.Name})
		return
	case c.Problem != "":
		s.print(2, text{red, "FAIL"}, text{plain, " " + c.Name + ": " + c.Problem})
		return
	}
	s.print(2, text{red, "FAIL"}, text{plain, " " + c.Name})
	removed, added := trimCommon(strings.Split(c.Want, "\n"), strings.Split(c.Got, "\n"))
	for _, line := range removed {
		s.print(4, text{red, "- "}, text{plain, line})
	}
	for _, line := range added {
		s.print(4, text{green, "+ "}, text{plain, line})
	}
}
