package cli

import (
	"io"

	"github.com/spf13/cobra"
)

// Environment is what a command gets from the process that runs it.
type Environment struct {
	Args           []string
	Lookup         func(name string) (value string, ok bool) // environment variables
	Environ        []string                                  // all of them ("NAME=value"), for functions
	Stdout, Stderr io.Writer
}

// Version is the version of the product.
const Version = "0.1.0"

// New returns the root command.
func New(env Environment) *cobra.Command {
	root := &cobra.Command{
		Use:           "postern",
		Short:         "Amazon API Gateway REST APIs that anyone can run",
		Version:       Version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetArgs(env.Args)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.AddCommand(newServe(env), newUp(env), newLint(env), newDiff(env), newPlan(env), newVTL(env), newExplain(env), newTail(env), newCache(env))
	return root
}
