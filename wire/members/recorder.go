//go:build record

package members

import (
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Folder is the environment variable that names the folder of the records.
const Folder = "RECORD_MEMBERS"

var recorded = struct {
	sync.Mutex
	set *Set
}{set: NewSet()}

// Record notes an answer in the file of this process. What is new is there when
// Record returns: the process may be killed at any time.
func Record(output string, header http.Header, body []byte) {
	dir := os.Getenv(Folder)
	if dir == "" {
		return
	}
	answer := NewSet()
	answer.Add(output, header, body)
	recorded.Lock()
	defer recorded.Unlock()
	lines := news(carried, answer.Carried, recorded.set.Carried) + news(unknown, answer.Unknown, recorded.set.Unknown)
	if lines == "" {
		return
	}
	name := filepath.Join(dir, strconv.Itoa(os.Getpid())+suffix)
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = file.WriteString(lines)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		panic(err) // the run of the tests must not go on without its record
	}
}

// news adds paths to a set and returns the lines of those that it had not.
func news(kind string, from, to map[string]bool) string {
	var lines strings.Builder
	for _, path := range slices.Sorted(maps.Keys(from)) {
		if !to[path] {
			to[path] = true
			lines.WriteString(kind + path + "\n")
		}
	}
	return lines.String()
}
