package cli

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/changes"
	"github.com/postern-gateway/postern/lint"
	"github.com/postern-gateway/postern/openapi"
)

func newDiff(env Environment) *cobra.Command {
	d := &diff{env: env}
	var endpoint string
	cmd := &cobra.Command{
		Use:   "diff [FILE] API/STAGE",
		Short: "Show what a redeployment would change, per method",
		Long: "Show what a deployment would change against the one that a stage serves, per\n" +
			"method. API is the id of an API. Without FILE it is the present definition of\n" +
			"the API that would be deployed: what was edited and not deployed yet. With FILE\n" +
			"it is the definition after an import of FILE into the API. Nothing is changed.\n\n" +
			"A canary of the stage is not looked at.",
		Args: cobra.RangeArgs(1, 2),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return documents(cmd, args, prefix)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var ok bool
			if d.api, d.stage, ok = strings.Cut(args[len(args)-1], "/"); !ok || d.api == "" || d.stage == "" {
				return fmt.Errorf("%q: want API/STAGE", args[len(args)-1])
			}
			if len(args) == 2 {
				d.file = args[0]
			}
			d.client = newClient(env, endpoint)
			return d.run(cmd.Context())
		},
	}
	d.output.addTo(cmd)
	cmd.Flags().StringVar(&endpoint, "endpoint", "http://"+defaultListen, "address of the AWS API")
	cmd.Flags().StringVar(&d.mode, "mode", "overwrite", "how FILE would be imported: overwrite or merge")
	cmd.Flags().BoolVar(&d.exitCode, "exit-code", false, "fail if there are differences")
	complete(cmd, "mode", "overwrite", "merge")
	return cmd
}

// diff is one run of the command.
type diff struct {
	env              Environment
	file, api, stage string
	mode             string
	client           *client
	output           format
	exitCode         bool
}

// diffResult is what diff writes for scripts.
type diffResult struct {
	API      string            `json:"api"`
	Stage    string            `json:"stage"`
	Changes  []changes.Change  `json:"changes"`
	Problems []openapi.Problem `json:"problems,omitempty"`
}

func (d *diff) run(ctx context.Context) error {
	if !slices.Contains([]string{"overwrite", "merge"}, d.mode) {
		return fmt.Errorf("mode %q: want overwrite or merge", d.mode)
	}
	deployed, err := d.client.definition(ctx, d.api, d.stage)
	if err != nil {
		return err
	}
	next, err := d.next(ctx)
	if err != nil {
		return err
	}
	if next.Snapshot == nil { // only a file can be that wrong
		if d.output == forScripts {
			if err := writeJSON(d.env.Stdout, diffResult{d.api, d.stage, []changes.Change{}, next.Problems}); err != nil {
				return err
			}
		} else {
			d.printProblems(next.Problems)
		}
		return fmt.Errorf("%s cannot be imported", d.file)
	}
	result := diffResult{d.api, d.stage, changes.Compare(deployed.Snapshot, next.Snapshot), next.Problems}
	if d.output == forScripts {
		if result.Changes == nil {
			result.Changes = []changes.Change{}
		}
		err = writeJSON(d.env.Stdout, result)
	} else {
		d.printProblems(next.Problems)
		d.print(result.Changes)
	}
	if err == nil && d.exitCode && len(result.Changes) > 0 {
		err = fmt.Errorf("%s/%s: %s", d.api, d.stage, summary(result.Changes))
	}
	return err
}

// next returns the definition that would be deployed.
func (d *diff) next(ctx context.Context) (*preview, error) {
	if d.file == "" {
		return d.client.definition(ctx, d.api, "")
	}
	data, err := os.ReadFile(d.file)
	if err != nil {
		return nil, err
	}
	return d.client.ask(ctx, http.MethodPost, definitionPath(d.api, "")+"?mode="+d.mode, data)
}

func (d *diff) printProblems(problems []openapi.Problem) {
	name := d.file
	if name == "" {
		name = d.api
	}
	var findings []lint.Finding
	for _, p := range problems {
		findings = append(findings, lint.Of(p))
	}
	printFindings(newScreen(d.env.Stderr, d.env.Lookup), name, findings)
}

func (d *diff) print(list []changes.Change) {
	s := newScreen(d.env.Stdout, d.env.Lookup)
	what := "The definition of the API"
	if d.file != "" {
		what = d.file
	}
	if len(list) == 0 {
		s.print(0, text{plain, fmt.Sprintf("%s is what %s/%s serves: a deployment would change nothing.", what, d.api, d.stage)})
		return
	}
	s.print(0, text{plain, fmt.Sprintf("%s is not what %s/%s serves. A deployment would change:", what, d.api, d.stage)})
	printChanges(s, list)
}
