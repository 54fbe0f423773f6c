package plan

import (
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/plan/spec"
)

// CompileTest makes what a test invocation runs: the one method of a snapshot
// without the checks of who may call, with everything logged.
func CompileTest(s *domain.Snapshot) (*API, *Bound) {
	a, _ := CompileAPI(s)
	return a, a.methods[0].bind(spec.Settings{API: a.ID, Log: spec.LogInfo, DataTrace: true, Test: true}, nil)
}
