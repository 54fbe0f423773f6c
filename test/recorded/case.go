package recorded

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The classes of cases.
const (
	ControlPlane      = "control-plane"       // no stage is called
	DataPlane         = "data-plane"          // MOCK or HTTP backends only
	NeedsOtherService = "needs-other-service" // the gateway must reach other services
)

// Case is one file.
type Case struct {
	Name        string   `json:"case"`
	Class       string   `json:"class"`
	UIDs        int      `json:"uids"`         // number of ${uid.n}
	Backends    []string `json:"backends"`     // names: backend.1 ...
	CannotMatch string   `json:"cannot_match"` // why a self-hosted gateway will not match
	// OtherServices are the signing names of services that the API of the case
	// calls, Needs what must be done there before.
	OtherServices []string `json:"other_services"`
	Needs         []Need   `json:"needs"`
	Steps         []Step   `json:"steps"`
}

// Step is one call, by wire or by http.
type Step struct {
	Number     int          `json:"step"`
	Call       Call         `json:"call"`
	Wire       *WireRequest `json:"wire"`
	HTTP       *HTTPRequest `json:"http"`
	Expect     *Expect      `json:"expect"`
	Eventually bool         `json:"eventually"`
	MayFail    bool         `json:"may_fail"`
}

// Call is the request by names of the model.
type Call struct {
	Operation string         `json:"operation"`
	Params    map[string]any `json:"params"`
	Region    string         `json:"region"`
}

// WireRequest is a request to the control plane.
type WireRequest struct {
	Method   string         `json:"method"`
	Path     string         `json:"path"` // may have a query
	Query    map[string]any `json:"query"`
	Headers  map[string]any `json:"headers"`
	Body     any            `json:"body"`
	BodyFrom string         `json:"body_from"` // member of call.params that is the raw body
}

// HTTPRequest is a call of a stage.
type HTTPRequest struct {
	Method  string         `json:"method"`
	API     string         `json:"api"`
	Stage   string         `json:"stage"`
	Path    string         `json:"path"`  // after the stage, encoded
	Query   string         `json:"query"` // raw
	Headers map[string]any `json:"headers"`
	Body    any            `json:"body"`
}

// Expect is what is compared; what is nil is not.
type Expect struct {
	Status       *int           `json:"status"`
	Error        *ExpectError   `json:"error"`
	Body         *any           `json:"body"`
	Text         *any           `json:"text"`
	Headers      map[string]any `json:"headers"`
	HeadersExact bool           `json:"headers_exact"`
	Parts        map[string]any `json:"parts"`
	Ignore       []string       `json:"ignore"`
}

// ExpectError is the error code up to a colon, and its text.
type ExpectError struct {
	Code    any `json:"code"`
	Message any `json:"message"`
}

// Load reads all cases of a folder that holds them in cases/*.json, sorted by
// name.
func Load(dir string) ([]Case, error) {
	files, err := filepath.Glob(filepath.Join(dir, "cases", "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no cases in %s", filepath.Join(dir, "cases"))
	}
	cases := make([]Case, 0, len(files))
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		c, err := Parse(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		cases = append(cases, c)
	}
	slices.SortFunc(cases, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	return cases, nil
}

// Parse reads one case.
func Parse(content []byte) (Case, error) {
	var c Case
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	if err := decoder.Decode(&c); err != nil {
		return Case{}, err
	}
	if c.Name == "" {
		return Case{}, fmt.Errorf("the case has no name")
	}
	for _, step := range c.Steps {
		if (step.Wire == nil) == (step.HTTP == nil) {
			return Case{}, fmt.Errorf("step %d must have either wire or http", step.Number)
		}
	}
	return c, nil
}

// parseJSON decodes one JSON value; numbers keep their text.
func parseJSON(content []byte) (any, bool) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil || decoder.More() {
		return nil, false
	}
	return value, true
}
