package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/sigv4"
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
			request, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, endpoint+"/_postern/plan/"+api+"/"+stage, nil)
			if err != nil {
				return err
			}
			sigv4.Sign(request, nil, keysOf(env), "apigateway", upRegion, clock.System{}.Now())
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return err
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				return err
			}
			if response.StatusCode != http.StatusOK {
				var refusal struct{ Message string }
				_ = json.Unmarshal(body, &refusal) // an answer that is no JSON has no message
				return fmt.Errorf("%s: %s: %s", args[0], response.Status, refusal.Message)
			}
			_, err = env.Stdout.Write(body)
			return err
		},
	}
	cmd.Flags().StringVar(&endpoint, "endpoint", "http://"+defaultListen, "address of the AWS API")
	return cmd
}
