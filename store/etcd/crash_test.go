package etcd_test

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/postern-gateway/postern/store/etcd"
	"github.com/postern-gateway/postern/store/storetest"
)

var kills = flag.Int("kills", 5, "how often TestKill kills the store")

// TestKill kills a process that writes, again and again on the same directory.
// What it said it has written must be there afterwards.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	acknowledged := -1
	for round := range *kills {
		acknowledged = killAfter(t, dir, acknowledged, 20+round*7%50)
		s, err := etcd.Embedded(etcd.EmbeddedConfig{Dir: dir})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		entries, _, err := s.List(t.Context(), "n/")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for i := range acknowledged + 1 {
			if i >= len(entries) || entries[i].Key != fmt.Sprintf("n/%08d", i) {
				t.Fatalf("round %d: number %d of %d acknowledged is lost", round, i, acknowledged)
			}
		}
		// The last one may have happened without an answer.
		acknowledged = len(entries) - 1
	}
}

// killAfter starts the writer and kills it when it has acknowledged count more
// numbers. It returns the last one.
func killAfter(t *testing.T, dir string, acknowledged, count int) int {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run", "^TestChildWriter$")
	child.Env = append(os.Environ(), "POSTERN_TEST_CHILD=1",
		"POSTERN_TEST_DIR="+dir, "POSTERN_TEST_FROM="+strconv.Itoa(acknowledged+1))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range count {
		if !lines.Scan() {
			break
		}
		if acknowledged, err = strconv.Atoi(lines.Text()); err != nil {
			t.Errorf("the writer says %q", lines.Text())
			break
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it said before it died counts as well
		if n, err := strconv.Atoi(lines.Text()); err == nil {
			acknowledged = n
		}
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the writer ended by itself")
	}
	return acknowledged
}

func TestChildWriter(t *testing.T) {
	dir := os.Getenv("POSTERN_TEST_DIR")
	if dir == "" {
		return // it is for a process of its own, started by TestKill
	}
	from, err := strconv.Atoi(os.Getenv("POSTERN_TEST_FROM"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := etcd.Embedded(etcd.EmbeddedConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for i := from; ; i++ {
		storetest.MustCommit(t, s, storetest.Put(fmt.Sprintf("n/%08d", i), "x"))
		if _, err := fmt.Println(i); err != nil {
			return // nobody listens any more
		}
	}
}
