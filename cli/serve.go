package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/node"
)

func newServe(env Environment) *cobra.Command {
	s := &settings{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the AWS API and the deployed stages",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.complete(cmd, env.Lookup); err != nil {
				return err
			}
			if s.data == "" && !s.ephemeral && len(s.etcd) == 0 {
				s.data = defaultData
			}
			return s.run(cmd.Context(), env, func(context.Context, *node.Node) error { return nil })
		},
	}
	s.flags(cmd.Flags())
	return cmd
}

// run starts a node, calls begin when it is ready, and runs until ctx ends;
// then requests in flight may finish.
func (s *settings) run(ctx context.Context, env Environment, begin func(context.Context, *node.Node) error) error {
	cfg, err := s.node(env)
	if err != nil {
		return err
	}
	n, err := node.Start(ctx, cfg)
	if err != nil {
		return err
	}
	err = begin(ctx, n)
	if err == nil {
		<-ctx.Done()
		cfg.Log.Info("draining", "for", s.drain.String())
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.drain)
	defer cancel()
	if closeErr := n.Close(closing); err == nil {
		err = closeErr
	}
	return err
}
