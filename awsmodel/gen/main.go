// Command gen writes the generated files of package apigw from a service model.
//
//	go run ./awsmodel/gen -model PATH [-out apigw] [-check]
//
// With -check nothing is written: a difference from the committed files is an
// error. Where the model is absent, the check says that it was skipped.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/postern-gateway/postern/awsmodel"
)

func main() {
	model := flag.String("model", "", "path of the API Gateway service model (botocore JSON)")
	out := flag.String("out", "apigw", "folder of the generated files")
	check := flag.Bool("check", false, "compare with the committed files instead of writing them")
	flag.Parse()
	if err := run(*model, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(path, out string, check bool) error {
	model, err := awsmodel.Load(path)
	if check && errors.Is(err, fs.ErrNotExist) {
		fmt.Printf("gen: regeneration check SKIPPED: no service model at %q\n", path)
		return nil
	}
	if err != nil {
		return err
	}
	files, err := awsmodel.Emit(model)
	if err != nil {
		return err
	}
	for name, source := range files {
		target := filepath.Join(out, name)
		if !check {
			if err := os.WriteFile(target, source, 0o644); err != nil {
				return err
			}
			continue
		}
		have, err := os.ReadFile(target)
		if err != nil {
			return err
		}
		if !bytes.Equal(have, source) {
			return fmt.Errorf("%s differs from what the model gives: run make generate", target)
		}
	}
	return nil
}
