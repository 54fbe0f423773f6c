package chaos

import (
	"os"
	"testing"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

// size chooses how much of something a test does.
func size(short, usual, full int) int {
	switch {
	case os.Getenv("POSTERN_FULL") != "":
		return full
	case testing.Short():
		return short
	}
	return usual
}
