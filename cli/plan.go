package cli

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

func newPlan(env Environment) *cobra.Command {
	var endpoint string
	cmd := &cobra.Command{
		Use:   "plan API/STAGE",
		Short: "Print what a node runs for a stage: routes, steps and settings",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, stage, ok := strings.Cut(args[0], "/")
			if !ok {
				return fmt.Errorf("%q: want API/STAGE", args[0])
			}
			response, body, err := newClient(env, endpoint).send(cmd.Context(), http.MethodGet, "/_postern/plan/"+api+"/"+stage, nil)
			if err != nil {
				return err
			}
			if response.StatusCode != http.StatusOK {
				return fmt.Errorf("%s: %s: %s", args[0], response.Status, refusal(response, body))
			}
			_, err = env.Stdout.Write(body)
			return err
		},
	}
	cmd.Flags().StringVar(&endpoint, "endpoint", "http://"+defaultListen, "address of the AWS API")
	return cmd
}
