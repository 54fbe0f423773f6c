// Command gen writes the table of what does not work into a document, between
// its two markers.
//
//	go run ./gaps/gen README.md
package main

import (
	"fmt"
	"os"

	"github.com/postern-gateway/postern/gaps"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gaps/gen:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want the name of one document, got %q", args)
	}
	old, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	text, err := gaps.Insert(string(old))
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return os.WriteFile(args[0], []byte(text), 0o644)
}
