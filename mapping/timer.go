package mapping

import (
	"time"

	"github.com/postern-gateway/postern/vtl"
)

// maxMatching bounds the time of the regular expressions in the JSON paths of
// one template, or of one expression.
const maxMatching = 50 * time.Millisecond

// matchTimer implements jsonpath.Timer. Its time begins with the first match.
type matchTimer struct {
	clock    vtl.Clock // nil: there is time
	deadline time.Time
}

// Expired implements jsonpath.Timer.
func (t *matchTimer) Expired() bool {
	if t.clock == nil {
		return false
	}
	now := t.clock.Now()
	if t.deadline.IsZero() {
		t.deadline = now.Add(maxMatching)
	}
	return now.After(t.deadline)
}
