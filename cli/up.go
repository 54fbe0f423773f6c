package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/node"
	"github.com/postern-gateway/postern/openapi"
)

// upRegion is where up creates its API; callers of another region do not see it.
const upRegion = "us-east-1"

func newUp(env Environment) *cobra.Command {
	s := &settings{}
	stage := "dev"
	cmd := &cobra.Command{
		Use:   "up FILE",
		Short: "Serve the API that an OpenAPI file describes",
		Long: "Serve the API that an OpenAPI file describes: start a node, create the API,\n" +
			"deploy it and print how to call it. Without --data nothing is kept.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.complete(cmd, env.Lookup); err != nil {
				return err
			}
			if s.data == "" && len(s.etcd) == 0 {
				s.ephemeral = true
			}
			if !cmd.Flags().Changed("log-level") {
				s.logLevel = "warn" // what up prints is for people
			}
			u := &up{env: env, file: args[0], stage: stage}
			return s.run(cmd.Context(), env, u.begin)
		},
	}
	s.flags(cmd.Flags())
	cmd.Flags().StringVar(&stage, "stage", stage, "name of the stage to deploy to")
	return cmd
}

// up brings one file to a running node.
type up struct {
	env         Environment
	file, stage string
	client      *client
	gateway     string // URL of the data plane
}

func (u *up) begin(ctx context.Context, n *node.Node) error {
	u.client = &client{
		endpoint: n.ControlURL(), region: upRegion, clock: clock.System{},
		keys: keysOf(u.env),
	}
	u.gateway = n.GatewayURL()
	data, err := os.ReadFile(u.file)
	if err != nil {
		return err
	}
	definition, problems := openapi.Read(data, openapi.Options{Account: n.Account(u.client.keys.AccessKey), Region: upRegion})
	for _, p := range problems {
		fmt.Fprintf(u.env.Stderr, "%s:%s\n", u.file, p)
	}
	if openapi.Failed(problems) {
		return fmt.Errorf("%s cannot be used", u.file)
	}
	api := &apigw.RestApi{}
	if err := u.client.call(ctx, "ImportRestApi", &apigw.ImportRestApiRequest{Body: data}, api); err != nil {
		return fmt.Errorf("%s: %w", u.file, err)
	}
	err = u.client.call(ctx, "CreateDeployment", &apigw.CreateDeploymentRequest{RestApiId: *api.Id, StageName: &u.stage}, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", u.file, err)
	}
	u.print(api, definition)
	return nil
}

// print tells how to call the API. The curl line has the path form of the URL:
// it works on machines that do not know names below localhost.
func (u *up) print(api *apigw.RestApi, d *openapi.Definition) {
	_, address, _ := strings.Cut(u.gateway, "://")
	_, port, _ := strings.Cut(address[strings.LastIndexByte(address, ']')+1:], ":")
	fmt.Fprintf(u.env.Stdout, "%s is up:\n\n  http://%s.execute-api.localhost:%s/%s\n\n", *api.Name, *api.Id, port, u.stage)
	fmt.Fprintf(u.env.Stdout, "Call it, and look at it:\n\n  curl %s/restapis/%s/%s/_user_request_%s\n", u.gateway, *api.Id, u.stage, firstPath(d))
	keys := ""
	if u.client.keys == defaultKeys { // others are in the environment, and no secret is printed
		keys = "AWS_ACCESS_KEY_ID=" + defaultKeys.AccessKey + " AWS_SECRET_ACCESS_KEY=" + defaultKeys.Secret + " "
	}
	fmt.Fprintf(u.env.Stdout, "  %saws --region %s --endpoint-url %s apigateway get-stages --rest-api-id %s\n\n",
		keys, upRegion, u.client.endpoint, *api.Id)
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
