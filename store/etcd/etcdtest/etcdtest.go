package etcdtest

import (
	"fmt"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd"
)

var shared struct {
	mu     sync.Mutex
	main   bool // Main runs
	member *etcd.Store
	dir    string
	count  atomic.Int64
}

// Main runs the tests, ends the member, looks for goroutines left behind and
// exits.
func Main(m *testing.M) {
	shared.main = true
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "etcdtest:", err)
		code = 1
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, "etcdtest:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// New returns an empty store. It is closed when the test ends.
func New(t testing.TB) store.Store {
	t.Helper()
	member, err := start()
	if err != nil {
		t.Fatalf("etcdtest: %v", err)
	}
	s := member.Within(fmt.Sprintf("/test-%d/", shared.count.Add(1)))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

func start() (*etcd.Store, error) {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if !shared.main {
		return nil, fmt.Errorf("TestMain does not call etcdtest.Main")
	}
	if shared.member != nil {
		return shared.member, nil
	}
	dir, err := os.MkdirTemp("", "postern-etcdtest-")
	if err != nil {
		return nil, err
	}
	shared.dir = dir
	// All revisions are kept: the commits of one test must not compact what
	// another one watches.
	// A call may take long: no test here is about how long the store takes, and the
	// machine may be loaded.
	options := etcd.Options{Keep: math.MaxInt64, Timeout: time.Minute}
	shared.member, err = etcd.Embedded(etcd.EmbeddedConfig{Options: options, Dir: dir, Ephemeral: true})
	return shared.member, err
}

func stop() error {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.member != nil {
		if err := shared.member.Close(); err != nil {
			return err
		}
	}
	return os.RemoveAll(shared.dir)
}
