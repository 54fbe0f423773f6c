package etcd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/postern-gateway/postern/store"
)

// smallDisk mounts a file system of 60 MB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("postern-test", dir, "tmpfs", 0, "size=60m"); err != nil {
		t.Skipf("a small disk needs the right to mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

func enlarge(t *testing.T, dir string) {
	t.Helper()
	if err := syscall.Mount("postern-test", dir, "tmpfs", syscall.MS_REMOUNT, "size=300m"); err != nil {
		t.Fatalf("remount: %v", err)
	}
}

// fill writes a file until nothing more fits.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		if n, err := f.Write(block); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			block = block[:n/2]
		}
	}
}

// journal is what a store has acknowledged.
type journal struct {
	t     *testing.T
	s     *Store
	value string
	n     int
}

// commit writes the next key.
func (j *journal) commit() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err := j.s.Commit(ctx, store.Tx{Writes: []store.Write{{Key: fmt.Sprintf("k/%06d", j.n), Value: []byte(j.value)}}})
	if err == nil {
		j.n++
	} else if !errors.Is(err, store.ErrUnavailable) {
		j.t.Fatalf("commit %d: %v", j.n, err)
	}
	return err
}

// commitUntilRefused commits until the store refuses.
func (j *journal) commitUntilRefused() error {
	for j.n < 100_000 {
		if err := j.commit(); err != nil {
			return err
		}
	}
	j.t.Fatal("the store takes everything")
	return nil
}

// commitUntilTaken commits until the store takes one. It waits between two
// attempts for the store to change.
func (j *journal) commitUntilTaken() {
	j.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		_, changed, _ := j.s.current()
		err := j.commit()
		if err == nil {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			j.t.Fatalf("the store does not recover: %v", err)
		}
	}
}

// check compares the store with what was acknowledged; one more commit may
// have happened.
func (j *journal) check(s *Store) {
	j.t.Helper()
	entries, _, err := s.List(context.Background(), "k/")
	if err != nil {
		j.t.Fatal(err)
	}
	if len(entries) != j.n && len(entries) != j.n+1 {
		j.t.Errorf("%d entries, %d acknowledged", len(entries), j.n)
	}
	for i, e := range entries {
		if want := fmt.Sprintf("k/%06d", i); e.Key != want || string(e.Value) != j.value {
			j.t.Errorf("entry %d is %s with %d bytes", i, e.Key, len(e.Value))
			return
		}
	}
}

func openJournal(t *testing.T, cfg EmbeddedConfig) *journal {
	t.Helper()
	s, err := Embedded(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &journal{t: t, s: s, value: strings.Repeat("v", 50_000)}
}

// TestBatchesAreBoundedInBytes: etcd writes the database every 0.1 s; we make it
// write earlier, before a batch is larger than the room that is kept for it.
func TestBatchesAreBoundedInBytes(t *testing.T) {
	j := openJournal(t, EmbeddedConfig{Dir: t.TempDir(), Ephemeral: true})
	sess, _, err := j.s.current()
	if err != nil {
		t.Fatal(err)
	}
	written := int64(0)
	for written < 3*flushBytes {
		if err := j.commit(); err != nil {
			t.Fatal(err)
		}
		written += int64(len(j.value))
	}
	if size := sess.member.server.Backend().Size(); size < written-flushBytes-maxRequestBytes/4 {
		t.Errorf("the database has %d bytes after %d were written", size, written)
	}
}

// listener is a slog.Handler that passes messages on.
type listener struct {
	slog.Handler
	heard chan string
}

func (l *listener) Enabled(context.Context, slog.Level) bool { return true }

func (l *listener) WithAttrs([]slog.Attr) slog.Handler { return l }

func (l *listener) Handle(_ context.Context, r slog.Record) error {
	select {
	case l.heard <- r.Message:
	default:
	}
	return nil
}

func (l *listener) wait(t *testing.T, message string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		select {
		case got := <-l.heard:
			if got == message {
				return
			}
		case <-ctx.Done():
			t.Fatalf("the log never says %q", message)
		}
	}
}

// TestFullDiskIsForeseen: another program fills the disk. Writes are refused at
// once, reads and watches go on, and writes come back with the space, all on
// the same member.
func TestFullDiskIsForeseen(t *testing.T) {
	disk := smallDisk(t)
	data, filler := filepath.Join(disk, "data"), filepath.Join(disk, "filler")
	j := openJournal(t, EmbeddedConfig{Dir: data})
	for range 20 {
		if err := j.commit(); err != nil {
			t.Fatal(err)
		}
	}
	before, _, _ := j.s.current()
	fill(t, filler)
	err := j.commit()
	if !errors.Is(err, errNoSpace) {
		t.Errorf("commit on a full disk: %v", err)
	}
	j.check(j.s)
	seen := errors.New("seen")
	if err := j.s.Watch(t.Context(), "", 1, func(store.Batch) error { return seen }); !errors.Is(err, seen) {
		t.Errorf("watch on a full disk: %v", err)
	}
	if _, err := Embedded(EmbeddedConfig{Dir: filepath.Join(disk, "other")}); err == nil || !errors.Is(err, errNoSpace) {
		t.Errorf("a start on a full disk: %v", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if err := j.commit(); err != nil {
		t.Errorf("commit after the disk has space again: %v", err)
	}
	if after, _, _ := j.s.current(); after != before {
		t.Error("the member was started again")
	}
	j.check(j.s)
}

// TestStoreFillsTheDisk: the store itself is what fills the disk.
func TestStoreFillsTheDisk(t *testing.T) {
	disk := smallDisk(t)
	j := openJournal(t, EmbeddedConfig{Dir: disk})
	if err := j.commitUntilRefused(); !errors.Is(err, errNoSpace) {
		t.Errorf("refused with %v", err)
	}
	enlarge(t, disk)
	if err := j.commit(); err != nil {
		t.Errorf("commit after the disk has space again: %v", err)
	}
	j.check(j.s)
}

// TestMemberDiesOfAFullDisk takes the foresight away: etcd fails for good in the
// middle of a write, to the database or to the log. The process lives, and a new
// member takes over once there is space.
//
// A member that dies leaves goroutines behind, so each case is a process.
func TestMemberDiesOfAFullDisk(t *testing.T) {
	for _, name := range []string{"Database", "Log"} {
		t.Run(name, func(t *testing.T) {
			dir := smallDisk(t)
			child := exec.Command(os.Args[0], "-test.v", "-test.run", "^TestChildMemberDies$")
			child.Env = append(os.Environ(), "POSTERN_TEST_CHILD=1", "POSTERN_TEST_DISK="+dir, "POSTERN_TEST_DIES="+name)
			output, err := child.CombinedOutput()
			if err != nil {
				t.Errorf("%v:\n%s", err, output)
			}
			t.Logf("%s", output)
		})
	}
}

func TestChildMemberDies(t *testing.T) {
	disk := os.Getenv("POSTERN_TEST_DISK")
	if disk == "" {
		return // it is for a process of its own, started by TestMemberDiesOfAFullDisk
	}
	log := &listener{heard: make(chan string, 100)}
	j := openJournal(t, EmbeddedConfig{Dir: disk, keepFree: -1, Options: Options{Log: slog.New(log)}})
	inLog := os.Getenv("POSTERN_TEST_DIES") == "Log"
	if inLog {
		// The database has its blocks already: the log meets the end first.
		if err := allocate(filepath.Join(disk, "member", "snap", "db"), 32<<20); err != nil {
			t.Fatal(err)
		}
	}
	watched := make(chan store.Revision, 1)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		var previous store.Revision
		ended <- j.s.Watch(ctx, "", 0, func(b store.Batch) error {
			if b.Revision <= previous {
				t.Errorf("the watch saw %d after %d", b.Revision, previous)
			}
			previous = b.Revision
			for _, e := range b.Entries {
				if e.Key == "last" {
					watched <- b.Revision
				}
			}
			return nil
		})
	}()
	first, _, _ := j.s.current()
	begun := time.Now()
	err := j.commitUntilRefused()
	t.Logf("refused after %d commits, %v: %v", j.n, time.Since(begun), err)
	if !inLog {
		// There is no room for copies of the files that the dead member holds.
		log.wait(t, "the embedded etcd cannot be started yet")
	}
	enlarge(t, disk)
	j.commitUntilTaken()
	t.Logf("recovered after %v", time.Since(begun))
	if second, _, _ := j.s.current(); second == first {
		t.Error("the member did not die; the test shows nothing")
	}
	j.check(j.s)
	revision, err := j.s.Commit(ctx, store.Tx{Writes: []store.Write{{Key: "last"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := <-watched; got != revision {
		t.Errorf("the watch saw %d, want %d", got, revision)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("watch: %v", err)
	}
	if err := j.s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Embedded(EmbeddedConfig{Dir: disk})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	j.check(again)
}
