package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/store"
)

// patience bounds each test. Nothing waits this long unless it fails.
const patience = 30 * time.Second

// Run tests the stores that open returns. Each must be empty; open closes it
// when the test ends.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, context.Context, store.Store)
	}{
		{"EmptyStore", testEmpty},
		{"PutListDelete", testPutListDelete},
		{"ListPages", testListPages},
		{"PrefixIsText", testPrefixIsText},
		{"Conditions", testConditions},
		{"ConditionsOnly", testConditionsOnly},
		{"Refusals", testRefusals},
		{"RevisionSeesCommits", testRevision},
		{"WatchWholeRevisions", testWatchWholeRevisions},
		{"WatchFromThePast", testWatchFromThePast},
		{"WatchOtherPrefix", testWatchOtherPrefix},
		{"WatchEndsWithItsFunction", testWatchFunctionFails},
		{"OneWinnerPerRevision", testOneWinner},
		{"SizeIsPositive", testSize},
		{"Cancelled", testCancelled},
		{"Close", testClose},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			test.run(t, ctx, open(t))
		})
	}
}

// Put returns a write of a value.
func Put(key, value string) store.Write { return store.Write{Key: key, Value: []byte(value)} }

// Delete returns a deletion.
func Delete(key string) store.Write { return store.Write{Key: key, Delete: true} }

// MustCommit commits writes without conditions.
func MustCommit(t testing.TB, s store.Store, writes ...store.Write) store.Revision {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	revision, err := s.Commit(ctx, store.Tx{Writes: writes})
	if err != nil {
		t.Fatalf("commit of %d writes: %v", len(writes), err)
	}
	return revision
}

// text shows entries as "key=value@revision" with revisions counted from base.
func text(entries []store.Entry, base store.Revision) string {
	var out []string
	for _, e := range entries {
		out = append(out, fmt.Sprintf("%s=%s@%d", e.Key, e.Value, e.Modified-base))
	}
	return strings.Join(out, " ")
}

func wantList(t *testing.T, ctx context.Context, s store.Store, prefix string, base store.Revision, want string) {
	t.Helper()
	entries, revision, err := s.List(ctx, prefix)
	if err != nil {
		t.Fatalf("List(%q): %v", prefix, err)
	}
	if got := text(entries, base); got != want {
		t.Errorf("List(%q) at %d:\n got %s\nwant %s", prefix, revision-base, got, want)
	}
	for _, e := range entries {
		if e.Modified > revision {
			t.Errorf("List(%q) at %d has %s of %d", prefix, revision, e.Key, e.Modified)
		}
	}
}

func testEmpty(t *testing.T, ctx context.Context, s store.Store) {
	wantList(t, ctx, s, "", 0, "")
	if revision, err := s.Revision(ctx); revision != 0 || err != nil {
		t.Errorf("Revision = %d, %v; want 0", revision, err)
	}
}

func testPutListDelete(t *testing.T, ctx context.Context, s store.Store) {
	r1 := MustCommit(t, s, Put("a/2", "two"), Put("a/1", "one"), Put("b", ""))
	r2 := MustCommit(t, s, Put("a/1", "uno"), Put("a/3/x", "three"))
	if r2 <= r1 {
		t.Errorf("revisions %d, then %d", r1, r2)
	}
	second := r2 - r1
	wantList(t, ctx, s, "", r1, fmt.Sprintf("a/1=uno@%d a/2=two@0 a/3/x=three@%d b=@0", second, second))
	MustCommit(t, s, Delete("a/2"), Delete("never/there"))
	wantList(t, ctx, s, "a/", r2, "a/1=uno@0 a/3/x=three@0")
	MustCommit(t, s, store.Write{Key: "a/", Delete: true, Prefix: true}, Put("c", "3"))
	wantList(t, ctx, s, "a/", 0, "")
	MustCommit(t, s, store.Write{Delete: true, Prefix: true})
	wantList(t, ctx, s, "", 0, "")
}

// testListPages lists more than an implementation will want to ask for at once.
func testListPages(t *testing.T, ctx context.Context, s store.Store) {
	const n = 1201
	var want []string
	var writes []store.Write
	for i := range n {
		key := fmt.Sprintf("k/%05d", i)
		want = append(want, key)
		if writes = append(writes, Put(key, "v")); len(writes) == 100 {
			MustCommit(t, s, writes...)
			writes = nil
		}
	}
	MustCommit(t, s, writes...)
	entries, _, err := s.List(ctx, "k/")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
}

func testPrefixIsText(t *testing.T, ctx context.Context, s store.Store) {
	r := MustCommit(t, s, Put("a", "1"), Put("ab", "2"), Put("a/b", "3"), Put("b\xff", "4"), Put("b\xff\xff", "5"), Put("c", "6"))
	for _, row := range []struct{ prefix, want string }{
		{"a", "a=1@0 a/b=3@0 ab=2@0"},
		{"a/", "a/b=3@0"},
		{"b\xff", "b\xff=4@0 b\xff\xff=5@0"},
		{"d", ""},
	} {
		wantList(t, ctx, s, row.prefix, r, row.want)
	}
}

func testConditions(t *testing.T, ctx context.Context, s store.Store) {
	r1 := MustCommit(t, s, Put("p/1", "x"))
	r2 := MustCommit(t, s, Put("p/2", "x"), Put("q", "x"))
	rows := []struct {
		name  string
		conds []store.Cond
		want  error
	}{
		{"none", nil, nil},
		{"as it was", []store.Cond{{Key: "p/1", Modified: r1}, {Key: "p/2", Modified: r2}}, nil},
		{"older", []store.Cond{{Key: "p/2", Modified: r1}}, store.ErrConflict},
		{"newer", []store.Cond{{Key: "p/1", Modified: r2}}, store.ErrConflict},
		{"absent", []store.Cond{{Key: "p/3"}}, nil},
		{"must be absent", []store.Cond{{Key: "p/1"}}, store.ErrConflict},
		{"must exist", []store.Cond{{Key: "p/3", Modified: r1}}, store.ErrConflict},
		{"one of two", []store.Cond{{Key: "p/1", Modified: r1}, {Key: "p/2", Modified: r1}}, store.ErrConflict},
		{"prefix", []store.Cond{{Key: "p/", Modified: r2, Prefix: true}}, nil},
		{"prefix changed", []store.Cond{{Key: "p/", Modified: r1, Prefix: true}}, store.ErrConflict},
		{"prefix must be empty", []store.Cond{{Key: "p/", Prefix: true}}, store.ErrConflict},
		{"prefix is empty", []store.Cond{{Key: "z/", Prefix: true}}, nil},
		{"prefix is not the key", []store.Cond{{Key: "q/", Prefix: true}}, nil},
	}
	for _, row := range rows {
		key := "out/" + row.name
		_, err := s.Commit(ctx, store.Tx{Conds: row.conds, Writes: []store.Write{Put(key, "1")}})
		if !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
		entries, _, err := s.List(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		if written := len(entries) == 1; written != (row.want == nil) {
			t.Errorf("%s: written = %t", row.name, written)
		}
	}
}

func testConditionsOnly(t *testing.T, ctx context.Context, s store.Store) {
	r := MustCommit(t, s, Put("a", "1"))
	if _, err := s.Commit(ctx, store.Tx{Conds: []store.Cond{{Key: "a", Modified: r}}}); err != nil {
		t.Errorf("a condition that holds: %v", err)
	}
	if _, err := s.Commit(ctx, store.Tx{Conds: []store.Cond{{Key: "a"}}}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a condition that does not hold: %v", err)
	}
}

// testRefusals commits what no store takes, whole or in part.
func testRefusals(t *testing.T, ctx context.Context, s store.Store) {
	many := make([]store.Write, 10_000)
	for i := range many {
		many[i] = Put(fmt.Sprintf("many/%d", i), "")
	}
	for _, row := range []struct {
		name   string
		writes []store.Write
		want   error
	}{
		{"too many writes", many, store.ErrTooLarge},
		{"too many bytes", []store.Write{Put("big", strings.Repeat("x", 64<<20))}, store.ErrTooLarge},
		{"the same key twice", []store.Write{Put("k", "1"), Put("k", "2")}, nil},
		{"put below a deleted prefix", []store.Write{{Key: "k", Delete: true, Prefix: true}, Put("k/1", "2")}, nil},
	} {
		_, err := s.Commit(ctx, store.Tx{Writes: row.writes})
		if err == nil || row.want != nil && !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
	wantList(t, ctx, s, "", 0, "")
}

func testRevision(t *testing.T, ctx context.Context, s store.Store) {
	for i := range 5 {
		committed := MustCommit(t, s, Put(fmt.Sprint(i), "x"))
		if got, err := s.Revision(ctx); got != committed || err != nil {
			t.Errorf("Revision = %d, %v after commit %d", got, err, committed)
		}
	}
}

// testOneWinner lets writers race for one key: each value must be built on the
// one before.
func testOneWinner(t *testing.T, ctx context.Context, s store.Store) {
	const writers, wins = 8, 10
	var wait sync.WaitGroup
	for range writers {
		wait.Go(func() {
			for won := 0; won < wins; {
				entries, _, err := s.List(ctx, "counter")
				if err != nil {
					t.Error(err)
					return
				}
				var count int
				var modified store.Revision
				if len(entries) > 0 {
					modified = entries[0].Modified
					if _, err := fmt.Sscan(string(entries[0].Value), &count); err != nil {
						t.Error(err)
						return
					}
				}
				_, err = s.Commit(ctx, store.Tx{
					Conds:  []store.Cond{{Key: "counter", Modified: modified}},
					Writes: []store.Write{Put("counter", fmt.Sprint(count+1))},
				})
				switch {
				case err == nil:
					won++
				case !errors.Is(err, store.ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	entries, _, err := s.List(ctx, "counter")
	if err != nil || len(entries) != 1 || string(entries[0].Value) != fmt.Sprint(writers*wins) {
		t.Errorf("counter is %s (%v), want %d", text(entries, 0), err, writers*wins)
	}
}

func testSize(t *testing.T, ctx context.Context, s store.Store) {
	MustCommit(t, s, Put("a", "1"))
	if size, err := s.Size(ctx); size <= 0 || err != nil {
		t.Errorf("Size = %d, %v", size, err)
	}
}

func testCancelled(t *testing.T, ctx context.Context, s store.Store) {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Commit(ctx, store.Tx{Writes: []store.Write{Put("a", "1")}}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Commit: %v", err)
	}
	if _, _, err := s.List(ctx, ""); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("List: %v", err)
	}
	if err := s.Watch(ctx, "", 0, func(store.Batch) error { return nil }); err != nil {
		t.Errorf("Watch: %v", err)
	}
	// The cancelled commit must not have harmed those that follow.
	MustCommit(t, s, Put("b", "1"))
}

func testClose(t *testing.T, ctx context.Context, s store.Store) {
	watching := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		var once sync.Once
		ended <- s.Watch(ctx, "", 0, func(store.Batch) error {
			once.Do(func() { close(watching) })
			return nil
		})
	}()
	MustCommit(t, s, Put("a", "1"))
	select {
	case <-watching:
	case err := <-ended:
		t.Fatalf("Watch ended with %v before the store was closed", err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	if err := <-ended; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Watch ended with %v", err)
	}
	if _, err := s.Commit(ctx, store.Tx{}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Commit: %v", err)
	}
	if _, err := s.Revision(ctx); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Revision: %v", err)
	}
}
