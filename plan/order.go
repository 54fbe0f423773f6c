package plan

import (
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/plan/spec"
)

// order is the order of the steps of a method. The numbers are those of the
// pipeline table of the specification (stage runtime, 1.6). Its rows 1 to 7,
// up to the route, come before there is a method: fronts and gateway do them.
// A builder that returns nil leaves its row out.
var order = []struct {
	row   int
	build steps.Builder
}{
	{8, steps.ResourcePolicy}, // the guide: before authorizers
	{9, steps.Authorization},
	{10, steps.APIKey},    // seen in logs: after the authorizer
	{11, steps.Validator}, // recorded: parameters before body
	{13, steps.MapRequest},
	{14, steps.Call},
	{15, steps.MapResponse},
}

// compile makes the steps of a method. A step that ends every request is the last.
func compile(m *spec.Method, report steps.Report) []steps.Step {
	var out []steps.Step
	for _, row := range order {
		step := row.build(m, report)
		if step == nil {
			continue
		}
		out = append(out, step)
		if _, end := step.(steps.Broken); end {
			break
		}
	}
	return out
}
