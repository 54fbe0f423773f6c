package postern

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/postern-gateway/postern/cli"
)

// binaryVariable names a binary to test instead of one built from the source,
// such as a release.
const binaryVariable = "POSTERN_TEST_BINARY"

var binary struct {
	once sync.Once
	dir  string // to be removed by Main
	path string
	err  error
}

// Main runs the tests of a package, checks that they left no goroutine behind,
// and removes what Binary built; cleanup removes what the package made. It is
// called by TestMain.
func Main(m *testing.M, cleanup ...func()) {
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if binary.dir != "" {
		os.RemoveAll(binary.dir)
	}
	for _, f := range cleanup {
		f()
	}
	os.Exit(code)
}

// Binary returns the path of the binary, which is built at the first call.
func Binary(t testing.TB) string {
	t.Helper()
	binary.once.Do(func() { binary.path, binary.err = build() })
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return binary.path
}

// program is what the binary runs. The binary is built by a process of its own,
// which the cache of test results knows nothing of: with the program linked into
// the test too, a change of any package makes results old. An import alone does
// not do, as the linker drops what nothing refers to.
var program = cli.New

func build() (string, error) {
	runtime.KeepAlive(program)
	if path := os.Getenv(binaryVariable); path != "" {
		return path, nil
	}
	var err error
	if binary.dir, err = os.MkdirTemp("", "postern-test-"); err != nil {
		return "", err
	}
	path := filepath.Join(binary.dir, "postern")
	arguments := []string{"build", "-o", path}
	if Race {
		arguments = append(arguments, "-race")
	}
	arguments = append(arguments, "github.com/postern-gateway/postern/cmd/postern")
	if output, err := exec.Command("go", arguments...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go %v: %w\n%s", arguments, err, output)
	}
	return path, nil
}
