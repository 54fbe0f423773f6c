package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/changes"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/domain"
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
		Short: "Serve the API that an OpenAPI file describes",
		Long: "Serve the API that an OpenAPI file describes: start a node, create the API,\n" +
			"deploy it and print how to call it. Without --data nothing is kept.\n\n" +
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
	u.output.addTo(cmd)
	cmd.Flags().StringVar(&u.stage, "stage", u.stage, "name of the stage to deploy to")
	cmd.Flags().BoolVar(&u.watch, "watch", false, "import and deploy again whenever FILE is saved")
	return cmd
}

// up brings one file to a running node, again and again if it watches.
type up struct {
	env         Environment
	file, stage string
	watch       bool
	output      format
	clock       clock.Clock
	options     lint.Options // how the node takes documents
	client      *client
	gateway     string // URL of the data plane

	api         string           // id; empty before the first import
	served      *domain.Snapshot // what the stage serves; nil before the first deployment
	deployments []string         // made here and not deleted yet, the oldest first
}

// kept is how many deployments stay behind the one that is served, so that a
// stage can be set back to them.
const kept = 3

// errUnusable is the refusal of a document whose findings were reported.
var errUnusable = errors.New("cannot be used")

func (u *up) begin(ctx context.Context, n *node.Node) error {
	u.client = &client{
		endpoint: n.ControlURL(), region: upRegion, clock: u.clock,
		keys: keysOf(u.env),
	}
	u.gateway = n.GatewayURL()
	u.options.Account, u.options.Region = n.Account(u.client.keys.AccessKey), upRegion
	data, err := u.read()
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

// read returns the document that the file stands for.
func (u *up) read() ([]byte, error) { return os.ReadFile(u.file) }

// bring imports and deploys a document that was saved at a time, and reports
// what came of it; the first one of all has no time. An error leaves what is
// served as it was.
func (u *up) bring(ctx context.Context, data []byte, saved time.Time) error {
	report, err := lint.Document(data, u.options)
	if err != nil {
		return err
	}
	if err := u.reportFindings(report); err != nil {
		return err
	}
	if report.Count(lint.Error) > 0 {
		return fmt.Errorf("%s %w", u.file, errUnusable)
	}
	if err := u.load(ctx, data); err != nil {
		return fmt.Errorf("%s: %w", u.file, err)
	}
	deployment := &apigw.Deployment{}
	err = u.client.call(ctx, "CreateDeployment", &apigw.CreateDeploymentRequest{RestApiId: u.api, StageName: &u.stage}, deployment)
	if err != nil {
		return fmt.Errorf("%s: %w", u.file, err)
	}
	took := u.clock.Now().Sub(saved)
	before := u.served
	deployed, err := u.client.definition(ctx, u.api, u.stage)
	if err != nil {
		return fmt.Errorf("%s: %w", u.file, err)
	}
	u.served = deployed.Snapshot
	if before == nil {
		err = u.reportUp(report.Definition)
	} else {
		err = u.reportServed(*deployment.Id, changes.Compare(before, u.served), took)
	}
	u.prune(ctx, *deployment.Id)
	return err
}

// load imports a document, at first as a new API and then into it.
func (u *up) load(ctx context.Context, data []byte) error {
	if u.api != "" {
		mode := apigw.PutMode_overwrite
		return u.client.call(ctx, "PutRestApi", &apigw.PutRestApiRequest{RestApiId: u.api, Mode: &mode, Body: data}, nil)
	}
	api := &apigw.RestApi{}
	err := u.client.call(ctx, "ImportRestApi", &apigw.ImportRestApiRequest{Body: data}, api)
	u.api = apigw.Val(api.Id)
	return err
}

// prune deletes the oldest deployments that were made here. One that somebody
// uses meanwhile, in another stage or a canary, is refused and tried again at
// the next save.
func (u *up) prune(ctx context.Context, newest string) {
	u.deployments = append(u.deployments, newest)
	var left []string
	for i, id := range u.deployments {
		if i < len(u.deployments)-1-kept {
			in := &apigw.DeleteDeploymentRequest{RestApiId: u.api, DeploymentId: id}
			if u.client.call(ctx, "DeleteDeployment", in, nil) == nil {
				continue
			}
		}
		left = append(left, id)
	}
	u.deployments = left
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
