package gateway

import (
	"testing"

	"github.com/dlclark/regexp2"
	"go.uber.org/goleak"
)

// suite ends the clock of pattern time-outs, which would otherwise stop by
// itself a moment after the last match.
type suite struct{ *testing.M }

func (s suite) Run() int {
	defer regexp2.StopTimeoutClock()
	return s.M.Run()
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite{m}) }
