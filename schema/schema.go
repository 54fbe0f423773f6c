package schema

import (
	"fmt"
	"strings"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/postern-gateway/postern/regex"
)

// Check reports whether a text is a schema: JSON that the meta schema of draft
// 4 accepts. References to other models are taken without looking at them.
func Check(text string) error {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	if _, ok := document.(map[string]any); !ok {
		return fmt.Errorf("a schema must be an object")
	}
	compiler := newCompiler(anything{})
	const name = "model:///schema"
	if err := compiler.AddResource(name, document); err != nil {
		return err
	}
	_, err = compiler.Compile(name)
	return err
}

func newCompiler(loader jsonschema.URLLoader) *jsonschema.Compiler {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft4)
	compiler.UseLoader(loader)
	compiler.UseRegexpEngine(compilePattern)
	return compiler
}

// anything is a loader that knows every model and fetches none.
type anything struct{}

// Load implements jsonschema.URLLoader.
func (anything) Load(url string) (any, error) {
	if strings.HasPrefix(url, "https://apigateway.amazonaws.com/restapis/") {
		return map[string]any{}, nil
	}
	return nil, fmt.Errorf("%s is not a model", url)
}

// pattern is a regular expression of a schema, in the dialect that authors of
// schemas write: more than Go's own.
type pattern struct{ *regexp2.Regexp }

func compilePattern(text string) (jsonschema.Regexp, error) {
	re, err := regex.Compile(text, regexp2.ECMAScript)
	if err != nil {
		return nil, err
	}
	return pattern{re}, nil
}

// MatchString implements jsonschema.Regexp. A pattern that goes wild does not match.
func (p pattern) MatchString(s string) bool {
	ok, err := p.Regexp.MatchString(s)
	return ok && err == nil
}
