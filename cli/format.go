package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// format is what --output says.
type format string

const (
	forPeople  format = "text"
	forScripts format = "json"
)

// addTo adds the flag to a command.
func (f *format) addTo(cmd *cobra.Command) {
	*f = forPeople
	cmd.Flags().Var(f, "output", "text for people, or json for scripts")
	complete(cmd, "output", string(forPeople), string(forScripts))
}

// String implements pflag.Value.
func (f *format) String() string { return string(*f) }

// Type implements pflag.Value.
func (f *format) Type() string { return "text|json" }

// Set implements pflag.Value.
func (f *format) Set(value string) error {
	if value != string(forPeople) && value != string(forScripts) {
		return fmt.Errorf("want %s or %s", forPeople, forScripts)
	}
	*f = format(value)
	return nil
}

// complete lists the values of a flag for the completion of shells.
func complete(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is not defined
	}
}

// documents completes the names of documents.
func documents(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt
}

// writeJSON writes a value as one line.
func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
