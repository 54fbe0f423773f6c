//go:build record

package members

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Two variables say where to record. Folder is for tests: each package has one
// file there, which its first answer, or the first process that it starts,
// empties. So the files are those of the last run of each package, also when a
// result comes from the cache of go test. file is for the processes that tests
// start: they add to the file of their test.
const (
	Folder = "RECORD_MEMBERS"
	file   = "RECORD_MEMBERS_FILE"
)

// start is where the process began: of a test, the folder of its package.
var start, _ = os.Getwd()

// File returns the name of the file of this process, "" if nothing is to be
// recorded. Processes that are started later inherit it.
var File = sync.OnceValue(func() string {
	if !testing.Testing() {
		return os.Getenv(file)
	}
	dir := os.Getenv(Folder)
	if dir == "" {
		return ""
	}
	name := filepath.Join(dir, strings.Trim(strings.ReplaceAll(filepath.ToSlash(start), "/", "-"), "-")+suffix)
	if err := os.WriteFile(name, nil, 0o644); err != nil {
		panic(err)
	}
	if err := os.Setenv(file, name); err != nil {
		panic(err)
	}
	return name
})

var recorded struct {
	sync.Mutex
	set *Set
}

// Record notes an answer. What is new is in the file when it returns: the
// process may be killed at any time.
func Record(output string, header http.Header, body []byte) {
	name := File()
	if name == "" {
		return
	}
	answer := NewSet()
	answer.Add(output, header, body)
	recorded.Lock()
	defer recorded.Unlock()
	if recorded.set == nil {
		recorded.set = NewSet()
	}
	var lines strings.Builder
	note := func(kind string, from, to map[string]bool) {
		for path := range from {
			if !to[path] {
				to[path] = true
				lines.WriteString(kind + path + "\n")
			}
		}
	}
	note(carried, answer.Carried, recorded.set.Carried)
	note(unknown, answer.Unknown, recorded.set.Unknown)
	if lines.Len() == 0 {
		return
	}
	out, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0) // one write a call: processes share the file
	if err == nil {
		_, err = out.WriteString(lines.String())
		err = errors.Join(err, out.Close())
	}
	if err != nil {
		panic(err)
	}
}
