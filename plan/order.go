package plan

import (
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/plan/spec"
)

// stageBuilder makes a step that depends on the settings of a stage, or nil if
// they do not ask for it.
type stageBuilder func(m *spec.Method, s *spec.Settings, state *live.State) steps.Step

// order is the order of the steps of a method. The numbers are those of the
// pipeline table of the specification (stage runtime, 1.6). Its rows 1 to 7,
// up to the route, come before there is a method: fronts and gateway do them.
// A builder that returns nil leaves its row out.
//
// What a deployment freezes is built once for all its stages; what a stage
// says of a method is built for the stage and put between.
var order = []struct {
	row   int
	build steps.Builder // of the deployment
	stage stageBuilder  // or of the stage
}{
	{7, nil, steps.Trace},
	{8, steps.ResourcePolicy, nil}, // the guide: before authorizers
	{9, steps.Authorization, nil},
	{10, nil, steps.LogKeyCheck}, // seen in logs: after the authorizer
	{10, steps.APIKey, nil},
	{10, nil, steps.Throttle},
	{10, steps.AccountThrottle, nil}, // the guide: after the method's
	{10, nil, steps.LogKeyPassed},
	{11, nil, steps.LogRequest}, // seen in logs: refused callers do not start an execution
	{11, steps.DecodeRequest, nil},
	{11, steps.Validator, nil}, // recorded: parameters before body
	{12, nil, steps.CacheLookup},
	{13, steps.MapRequest, nil},
	{14, nil, steps.LogEndpointRequest},
	{14, steps.Call, nil},
	{14, nil, steps.LogEndpointResponse},
	{15, steps.MapResponse, nil},
	{15, nil, steps.CacheStore},
}

// checks is the number of rows that a test invocation skips: it is not traced,
// and nobody asks who calls.
const checks = 8

// compile makes the steps of a method that its deployment decides. A step that
// ends every request is the last.
func compile(m *Method, report steps.Report) {
	for i, row := range order {
		if row.build == nil {
			continue
		}
		step := row.build(&m.Spec, report)
		if step == nil {
			continue
		}
		m.Steps, m.rows = append(m.Steps, step), append(m.rows, uint8(i))
		if _, end := step.(steps.Broken); end {
			break
		}
	}
}

// bind puts the steps that a stage asks for between those of the deployment.
func (m *Method) bind(s spec.Settings, state *live.State) *Bound {
	b := &Bound{Method: m, Settings: s, Backend: m.plain.Backend}
	next, extra := 0, false
	for i, row := range order {
		if next < len(m.rows) && m.rows[next] == uint8(i) {
			if !s.Test || i >= checks {
				b.Steps = append(b.Steps, m.Steps[next])
			}
			if next++; next == len(m.rows) && m.broken() {
				break
			}
			continue
		}
		if row.stage == nil {
			continue
		}
		if step := row.stage(&m.Spec, &b.Settings, state); step != nil {
			b.Steps, extra = append(b.Steps, step), true
		}
	}
	if !extra && !s.Test {
		b.Steps = m.Steps
	}
	return b
}

// broken reports whether no request gets beyond the last step.
func (m *Method) broken() bool {
	_, broken := m.Steps[len(m.Steps)-1].(steps.Broken)
	return broken
}
