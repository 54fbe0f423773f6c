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
	"github.com/postern-gateway/postern/sigv4"
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
		keys: sigv4.Keys{AccessKey: "test", Secret: "test"},
	}
	u.gateway = n.GatewayURL()
	data, err := os.ReadFile(u.file)
	if err != nil {
		return err
	}
	definition, problems := openapi.Read(data, openapi.Options{Account: n.Account(u.client.keys.AccessKey), Region: upRegion})
	if len(problems) > 0 {
		lines := make([]string, len(problems))
		for i, p := range problems {
			lines[i] = u.file + ":" + p.String()
		}
		return fmt.Errorf("%s cannot be used:\n%s", u.file, strings.Join(lines, "\n"))
	}
	api, err := u.create(ctx, definition)
	if err != nil {
		return fmt.Errorf("%s: %w", u.file, err)
	}
	u.print(api, definition)
	return nil
}

// create makes the API through the operations that any client has.
func (u *up) create(ctx context.Context, d *openapi.Definition) (*apigw.RestApi, error) {
	api := &apigw.RestApi{}
	err := u.client.call(ctx, "CreateRestApi", &apigw.CreateRestApiRequest{
		Name: d.API.Name, Description: d.API.Description, Version: d.API.Version,
		BinaryMediaTypes: d.API.BinaryMediaTypes, MinimumCompressionSize: d.API.MinimumCompressionSize,
		ApiKeySource: d.API.ApiKeySource, Policy: d.API.Policy,
	}, api)
	if err != nil {
		return nil, err
	}
	ids := map[string]string{"/": *api.RootResourceId}
	for _, resource := range d.Resources {
		id, err := u.resource(ctx, *api.Id, resource.Path, ids)
		if err != nil {
			return nil, err
		}
		for _, method := range resource.Methods {
			if err := u.method(ctx, *api.Id, id, method); err != nil {
				return nil, fmt.Errorf("%s %s: %w", *method.HttpMethod, resource.Path, err)
			}
		}
	}
	return api, u.client.call(ctx, "CreateDeployment", &apigw.CreateDeploymentRequest{RestApiId: *api.Id, StageName: &u.stage}, nil)
}

// resource makes a path with the parents that it lacks, and returns its id.
func (u *up) resource(ctx context.Context, api, path string, ids map[string]string) (string, error) {
	if id, ok := ids[path]; ok {
		return id, nil
	}
	i := strings.LastIndexByte(path, '/')
	parent, err := u.resource(ctx, api, max(path[:i], "/"), ids)
	if err != nil {
		return "", err
	}
	made := &apigw.Resource{}
	err = u.client.call(ctx, "CreateResource", &apigw.CreateResourceRequest{RestApiId: api, ParentId: parent, PathPart: new(path[i+1:])}, made)
	if err != nil {
		return "", fmt.Errorf("resource %s: %w", path, err)
	}
	ids[path] = *made.Id
	return *made.Id, nil
}

func (u *up) method(ctx context.Context, api, resource string, m apigw.Method) error {
	verb := *m.HttpMethod
	err := u.client.call(ctx, "PutMethod", &apigw.PutMethodRequest{
		RestApiId: api, ResourceId: resource, HttpMethod: verb, AuthorizationType: m.AuthorizationType,
		OperationName: m.OperationName, RequestParameters: m.RequestParameters,
	}, nil)
	if err != nil {
		return err
	}
	for status, r := range m.MethodResponses {
		err := u.client.call(ctx, "PutMethodResponse", &apigw.PutMethodResponseRequest{
			RestApiId: api, ResourceId: resource, HttpMethod: verb, StatusCode: status, ResponseParameters: r.ResponseParameters,
		}, nil)
		if err != nil {
			return err
		}
	}
	i := m.MethodIntegration
	err = u.client.call(ctx, "PutIntegration", &apigw.PutIntegrationRequest{
		RestApiId: api, ResourceId: resource, HttpMethod: verb,
		Type: i.Type, IntegrationHttpMethod: i.HttpMethod, Uri: i.Uri, ConnectionType: i.ConnectionType, ConnectionId: i.ConnectionId,
		Credentials: i.Credentials, RequestParameters: i.RequestParameters, RequestTemplates: i.RequestTemplates,
		PassthroughBehavior: i.PassthroughBehavior, CacheNamespace: i.CacheNamespace, CacheKeyParameters: i.CacheKeyParameters,
		ContentHandling: i.ContentHandling, TimeoutInMillis: i.TimeoutInMillis, TlsConfig: i.TlsConfig,
		ResponseTransferMode: i.ResponseTransferMode, IntegrationTarget: i.IntegrationTarget,
	}, nil)
	if err != nil {
		return err
	}
	for status, r := range i.IntegrationResponses {
		err := u.client.call(ctx, "PutIntegrationResponse", &apigw.PutIntegrationResponseRequest{
			RestApiId: api, ResourceId: resource, HttpMethod: verb, StatusCode: status,
			SelectionPattern: r.SelectionPattern, ResponseParameters: r.ResponseParameters,
			ResponseTemplates: r.ResponseTemplates, ContentHandling: r.ContentHandling,
		}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// print tells how to call the API. The curl line has the path form of the URL:
// it works on machines that do not know names below localhost.
func (u *up) print(api *apigw.RestApi, d *openapi.Definition) {
	_, address, _ := strings.Cut(u.gateway, "://")
	_, port, _ := strings.Cut(address[strings.LastIndexByte(address, ']')+1:], ":")
	fmt.Fprintf(u.env.Stdout, "%s is up:\n\n  http://%s.execute-api.localhost:%s/%s\n\n", *api.Name, *api.Id, port, u.stage)
	fmt.Fprintf(u.env.Stdout, "Call it, and look at it:\n\n  curl %s/restapis/%s/%s/_user_request_%s\n", u.gateway, *api.Id, u.stage, firstPath(d))
	fmt.Fprintf(u.env.Stdout, "  AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s aws --region %s --endpoint-url %s apigateway get-stages --rest-api-id %s\n\n",
		u.client.keys.AccessKey, u.client.keys.Secret, upRegion, u.client.endpoint, *api.Id)
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
