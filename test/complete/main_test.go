package complete

import (
	"testing"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

// TestComplete is one walk over one server, since each part needs what the ones
// before it made: everything is made, read, patched and deleted.
func TestComplete(t *testing.T) {
	w := newWalk(t)
	w.make()
	w.read()
	w.patch()
	w.tag()
	w.delete()
	w.checkOperations()
	for _, fault := range CheckMembers(w.recorder.seen) {
		t.Error(fault)
	}
}
