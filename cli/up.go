package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/lambda"
	"github.com/postern-gateway/postern/lint"
	"github.com/postern-gateway/postern/node"
	"github.com/postern-gateway/postern/openapi"
)

// upRegion is where up creates its API; callers of another region do not see it.
const upRegion = "us-east-1"

func newUp(env Environment) *cobra.Command {
	s := &settings{}
	u := &up{env: env, stage: "dev", clock: clock.System{}}
	cmd := &cobra.Command{
		Use:   "up FILE",
		Short: "Serve what an OpenAPI file or a SAM template describes",
		Long: "Serve the API that an OpenAPI file describes: start a node, create the API,\n" +
			"deploy it and print how to call it. Without --data nothing is kept.\n\n" +
			"FILE may be a SAM or CloudFormation template too. Then each REST API in it is\n" +
			"created and deployed to its stages, with their settings, and everything in the\n" +
			"template that has no part in that is listed.\n\n" +
			"With --watch the file is imported and deployed again whenever it is saved. A\n" +
			"file that cannot be used is reported, and what was deployed before keeps\n" +
			"serving.",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: documents,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.complete(cmd, env.Lookup); err != nil {
				return err
			}
			if s.data == "" && len(s.etcd) == 0 {
				s.ephemeral = true
			}
			if !cmd.Flags().Changed("log-level") {
				s.logLevel = "error" // up itself tells people of the rest
				if u.output != forScripts {
					s.printed = func(p lambda.Printed) { fmt.Fprintf(env.Stdout, "%s | %s\n", p.Function, printable(p.Line)) }
				}
			}
			u.file, u.options.IntegrationTimeout = args[0], s.integrationTimeout
			var err error
			if u.options.Quotas, err = parseQuotas(s.quotas); err != nil {
				return err
			}
			return s.run(cmd.Context(), env, u.begin)
		},
	}
	s.flags(cmd.Flags())
	// Who tries an API out wants to ask about requests that were made.
	s.explainLast = upExplains
	cmd.Flags().Lookup("explain-last").DefValue = strconv.Itoa(upExplains)
	u.output.addTo(cmd)
	cmd.Flags().StringVar(&u.stage, "stage", u.stage, "name of the stage to deploy to, unless a template names them")
	cmd.Flags().StringArrayVar(&u.parameters, "parameter", nil, "`NAME=VALUE` of a parameter of the template; may be repeated")
	cmd.Flags().BoolVar(&u.watch, "watch", false, "import and deploy again whenever FILE is saved")
	return cmd
}

// upExplains is how many requests "postern explain" can be asked about.
const upExplains = 1000

// up brings one file to a running node, again and again if it watches.
type up struct {
	env         Environment
	file, stage string
	parameters  []string // NAME=VALUE of a template
	watch       bool
	output      format
	clock       clock.Clock
	options     lint.Options // how the node takes documents
	client      *client
	gateway     string // URL of the data plane

	apis  []*upAPI        // of the file as it was brought last, in its order
	begun bool            // the file was brought once
	files map[string]bool // that the file names, each read at least once
}

// errUnusable is the refusal of a document whose findings were reported.
var errUnusable = errors.New("cannot be used")

func (u *up) begin(ctx context.Context, n *node.Node) error {
	u.client = &client{
		endpoint: n.ControlURL(), region: upRegion, clock: u.clock,
		keys: keysOf(u.env),
	}
	u.gateway = n.GatewayURL()
	u.options.Account, u.options.Region = n.Account(u.client.keys.AccessKey), upRegion
	data, err := os.ReadFile(u.file)
	if err != nil {
		return err
	}
	err = u.bring(ctx, data, time.Time{})
	if !u.watch {
		return err
	}
	if err != nil {
		if err := u.reportError(err); err != nil {
			return err
		}
	}
	return u.follow(ctx, data)
}

// bring imports and deploys what the file holds, which was saved at a time, and
// reports what came of it; the first save of all has no time. Nothing is changed
// if something in the file cannot be used.
func (u *up) bring(ctx context.Context, data []byte, saved time.Time) error {
	sources, findings := u.sources(data)
	for i := range sources {
		more, err := u.lint(&sources[i])
		if err != nil {
			return err
		}
		findings = append(findings, more...)
	}
	if err := u.reportFindings(findings); err != nil {
		return err
	}
	if slices.ContainsFunc(findings, func(f lint.Finding) bool { return f.Severity == lint.Error }) {
		return fmt.Errorf("%s %w", u.file, errUnusable)
	}
	for _, s := range sources {
		if err := u.bringAPI(ctx, s, saved); err != nil {
			return fmt.Errorf("%s: %w", u.file, err)
		}
	}
	if err := u.removeOthers(ctx, sources); err != nil {
		return fmt.Errorf("%s: %w", u.file, err)
	}
	if u.begun {
		return nil
	}
	u.begun = true
	u.reportWatching()
	return nil
}

// firstPath is a path that can be asked for as it is.
func firstPath(d *openapi.Definition) string {
	for _, resource := range d.Resources {
		_, get := resource.Methods["GET"]
		_, any := resource.Methods["ANY"]
		if (get || any) && !strings.Contains(resource.Path, "{") {
			return resource.Path
		}
	}
	return "/"
}
