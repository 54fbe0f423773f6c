package bench

import (
	"os"
	"testing"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

func wanted(t *testing.T) {
	t.Helper()
	if os.Getenv("POSTERN_BENCH") == "" {
		t.Skip("measurements need POSTERN_BENCH=1")
	}
	if postern.Race {
		t.Skip("the race detector would be measured")
	}
}
