package terraform

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/test/postern"
)

// TestLogGroups is the life of log groups, one of which a stage writes to.
func TestLogGroups(t *testing.T) {
	server := postern.Start(t, "--ephemeral", "--account", "123456789012")
	w := newWorkspace(t, "logs/*.tf", map[string]string{"endpoint": server.BaseURL})
	w.apply()
	if got, want := w.outputs()["arn"], "arn:aws:logs:us-east-1:123456789012:log-group:/postern/access"; got != want {
		t.Errorf("ARN %q, want %q", got, want)
	}
	for _, retention := range []string{"30", "0"} {
		if planned := w.apply("retention=" + retention); !strings.Contains(planned, "1 to change, 0 to destroy") {
			t.Errorf("retention of %s days is not a change in place:\n%s", retention, planned)
		}
	}
	w.terraform(0, "destroy", "-input=false", "-auto-approve")
}
