package etcd_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd"
	"github.com/postern-gateway/postern/store/storetest"
)

// embedded starts a member of the test's own.
func embedded(t testing.TB, cfg etcd.EmbeddedConfig) *etcd.Store {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	s, err := etcd.Embedded(cfg)
	if err != nil {
		t.Fatalf("Embedded: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// get returns the value of a key, "" if it does not exist.
func get(t testing.TB, s store.Store, key string) string {
	t.Helper()
	entries, _, err := s.List(context.Background(), key)
	if err != nil {
		t.Fatalf("List(%q): %v", key, err)
	}
	for _, e := range entries {
		if e.Key == key {
			return string(e.Value)
		}
	}
	return ""
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	s := embedded(t, etcd.EmbeddedConfig{Dir: dir})
	r1 := storetest.MustCommit(t, s, storetest.Put("a", "1"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = embedded(t, etcd.EmbeddedConfig{Dir: dir})
	if got := get(t, s, "a"); got != "1" {
		t.Errorf("a is %q after a restart", got)
	}
	if got, err := s.Revision(t.Context()); got != r1 || err != nil {
		t.Errorf("Revision = %d, %v after a restart, want %d", got, err, r1)
	}
	if r2 := storetest.MustCommit(t, s, storetest.Put("a", "2")); r2 <= r1 {
		t.Errorf("revision %d after %d", r2, r1)
	}
}

// TestNoListener: the only way in is through the process.
func TestNoListener(t *testing.T) {
	before := listening(t)
	embedded(t, etcd.EmbeddedConfig{Ephemeral: true})
	if after := listening(t); after != before {
		t.Errorf("%d listening sockets, %d before the member started", after, before)
	}
}

// listening counts this process's sockets in the state LISTEN.
func listening(t *testing.T) int {
	t.Helper()
	inodes := map[string]bool{}
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("needs /proc: %v", err)
	}
	for _, d := range descriptors {
		target, _ := os.Readlink("/proc/self/fd/" + d.Name())
		if inode, ok := strings.CutPrefix(target, "socket:["); ok {
			inodes[strings.TrimSuffix(inode, "]")] = true
		}
	}
	count := 0
	for _, table := range []string{"tcp", "tcp6"} {
		content, err := os.ReadFile("/proc/self/net/" + table)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(content)) {
			if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" && inodes[f[9]] {
				count++
			}
		}
	}
	return count
}

func TestDirectoryInUse(t *testing.T) {
	dir := t.TempDir()
	embedded(t, etcd.EmbeddedConfig{Dir: dir, Ephemeral: true})
	_, err := etcd.Embedded(etcd.EmbeddedConfig{Dir: dir, Ephemeral: true})
	wantError(t, err, dir, "in use by another process")
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func TestDirectoryCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := etcd.Embedded(etcd.EmbeddedConfig{Dir: filepath.Join(file, "data")})
	wantError(t, err, file)
}

// TestDamage damages a directory in several ways; each must give an error that
// names the directory and the remedy, and never a panic.
func TestDamage(t *testing.T) {
	template := t.TempDir()
	s := embedded(t, etcd.EmbeddedConfig{Dir: template, Ephemeral: true})
	for i := range 1200 { // so many that etcd has made a snapshot
		storetest.MustCommit(t, s, storetest.Put(fmt.Sprintf("k/%d", i), strings.Repeat("v", 200)))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		says   string // part of the error: found before etcd opened the files
		damage func(t *testing.T, db string, segments []string)
	}{
		{"database truncated", "db is damaged", func(t *testing.T, db string, _ []string) { truncate(t, db, 20_000) }},
		{"database empty pages", "db is damaged", func(t *testing.T, db string, _ []string) { overwrite(t, db, 4096*4, make([]byte, 4096*40)) }},
		{"database headers", "invalid database", func(t *testing.T, db string, _ []string) { overwrite(t, db, 0, make([]byte, 8192)) }},
		{"database rubbish", "db is damaged", func(t *testing.T, db string, _ []string) {
			overwrite(t, db, 4096*3, []byte(strings.Repeat("rubbish ", 20_000)))
		}},
		{"database gone", "snapshot", func(t *testing.T, db string, _ []string) { remove(t, db) }},
		{"log rubbish", "", func(t *testing.T, _ string, segments []string) {
			overwrite(t, segments[len(segments)-1], 60_000, []byte(strings.Repeat("rubbish ", 100)))
		}},
		{"log bit", "crc mismatch", func(t *testing.T, _ string, segments []string) { overwrite(t, segments[0], 50_000, []byte("?")) }},
		{"log record longer than its file", "it ends at entry", func(t *testing.T, _ string, segments []string) {
			overwrite(t, segments[0], record(t, segments[0], 1000), binary.LittleEndian.AppendUint64(nil, 1<<40))
		}},
		{"log ends early", "it ends at entry", func(t *testing.T, _ string, segments []string) {
			overwrite(t, segments[0], record(t, segments[0], 1000), make([]byte, 8))
		}},
		{"log empty", "it has no beginning", func(t *testing.T, _ string, segments []string) { truncate(t, segments[0], 0) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(dir, os.DirFS(template)); err != nil {
				t.Fatal(err)
			}
			segments, err := filepath.Glob(filepath.Join(dir, "member", "wal", "*.wal"))
			if err != nil || len(segments) == 0 {
				t.Fatalf("no log: %v", err)
			}
			row.damage(t, filepath.Join(dir, "member", "snap", "db"), segments)
			s, err := etcd.Embedded(etcd.EmbeddedConfig{Dir: dir, Ephemeral: true})
			if err == nil {
				s.Close()
			}
			wantError(t, err, dir, "restore it from a backup, or move it away", row.says)
			t.Logf("%v", err)
		})
	}
}

// record returns where the nth record of a segment begins. A record is its length
// in the lower 56 bits of 8 bytes, padding to a multiple of 8, and the content.
func record(t *testing.T, path string, n int) int64 {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := int64(0)
	for range n {
		length := int64(binary.LittleEndian.Uint64(content[at:]) & (1<<56 - 1))
		if length == 0 {
			t.Fatalf("%s has fewer than %d records", path, n)
		}
		at += 8 + (length+7)/8*8
	}
	return at
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func overwrite(t *testing.T, path string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(with, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestCompaction: old revisions go, and a watch that asks for them is told.
func TestCompaction(t *testing.T) {
	const keep = 20
	s := embedded(t, etcd.EmbeddedConfig{Ephemeral: true, Options: etcd.Options{Keep: keep, Maintain: time.Millisecond}})
	first := storetest.MustCommit(t, s, storetest.Put("a", "0"))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for i := 0; ; i++ {
		last := storetest.MustCommit(t, s, storetest.Put("a", fmt.Sprint(i)))
		seen := errors.New("seen")
		err := s.Watch(ctx, "", first-1, func(store.Batch) error { return seen })
		if errors.Is(err, store.ErrCompacted) {
			break
		}
		if !errors.Is(err, seen) {
			t.Fatalf("watch of %d at %d: %v", first, last, err)
		}
	}
	// The last revisions are kept.
	last := storetest.MustCommit(t, s, storetest.Put("a", "last"))
	count := 0
	err := s.Watch(ctx, "", last-keep/2, func(b store.Batch) error {
		if count++; b.Revision == last {
			return errors.ErrUnsupported
		}
		return nil
	})
	if !errors.Is(err, errors.ErrUnsupported) || count != keep/2 {
		t.Errorf("%d of the last %d revisions: %v", count, keep/2, err)
	}
}

// TestQuota: above the quota only deletions are taken; they make room.
func TestQuota(t *testing.T) {
	s := embedded(t, etcd.EmbeddedConfig{
		Ephemeral: true, Quota: 12 << 20,
		Options: etcd.Options{Keep: 1, Maintain: time.Hour},
	})
	value := strings.Repeat("x", 100_000)
	var n int
	for {
		_, err := s.Commit(t.Context(), store.Tx{Writes: []store.Write{storetest.Put(fmt.Sprintf("k/%03d", n), value)}})
		if errors.Is(err, store.ErrUnavailable) {
			wantError(t, err, "quota")
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		// The size is that of the last write to the disk, 0.1 s ago at most.
		if n++; n > 5000 {
			t.Fatal("the quota has no effect")
		}
	}
	storetest.MustCommit(t, s, store.Write{Key: "k/", Delete: true, Prefix: true})
	untilTaken(t, s, storetest.Put("again", "1"))
}

// untilTaken commits until the store takes it. Each refusal is allowed to be
// ErrUnavailable only.
func untilTaken(t *testing.T, s store.Store, write store.Write) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for {
		_, err := s.Commit(ctx, store.Tx{Writes: []store.Write{write}})
		if err == nil {
			return
		}
		if !errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
			t.Fatalf("commit: %v", err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		embedded(b, etcd.EmbeddedConfig{}).Close()
	}
}

func BenchmarkCommit(b *testing.B) {
	s := embedded(b, etcd.EmbeddedConfig{})
	for b.Loop() {
		storetest.MustCommit(b, s, storetest.Put("a", "1"))
	}
}
