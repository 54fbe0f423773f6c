package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/store"
)

// batchText shows a batch as "+key=value -key".
func batchText(b store.Batch) string {
	var out []string
	for _, e := range b.Entries {
		out = append(out, fmt.Sprintf("+%s=%s", e.Key, e.Value))
	}
	for _, key := range b.Deleted {
		out = append(out, "-"+key)
	}
	return strings.Join(out, " ")
}

var errEnough = errors.New("enough")

// watchUntil collects batches up to the revision last.
func watchUntil(t *testing.T, ctx context.Context, s store.Store, prefix string, from, last store.Revision) []string {
	t.Helper()
	var got []string
	previous := from
	err := s.Watch(ctx, prefix, from, func(b store.Batch) error {
		if b.Revision <= previous {
			t.Errorf("batch %d after %d", b.Revision, previous)
		}
		previous = b.Revision
		for _, e := range b.Entries {
			if e.Modified != b.Revision {
				t.Errorf("batch %d has %s of %d", b.Revision, e.Key, e.Modified)
			}
		}
		got = append(got, batchText(b))
		if b.Revision >= last {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("Watch(%q, %d): %v", prefix, from, err)
	}
	return got
}

func testWatchWholeRevisions(t *testing.T, ctx context.Context, s store.Store) {
	var want []string
	var last store.Revision
	for i := range 30 {
		// Large values, so that revisions meet the limits of a message.
		var writes []store.Write
		var lines []string
		for j := range 20 {
			key := fmt.Sprintf("k/%02d", j)
			value := fmt.Sprintf("%d%s", i, strings.Repeat("x", 8000))
			writes = append(writes, Put(key, value))
			lines = append(lines, fmt.Sprintf("+%s=%s", key, value))
		}
		last = MustCommit(t, s, writes...)
		want = append(want, strings.Join(lines, " "))
	}
	got := watchUntil(t, ctx, s, "k/", 0, last)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
}

func testWatchFromThePast(t *testing.T, ctx context.Context, s store.Store) {
	r1 := MustCommit(t, s, Put("a", "1"), Put("b", "1"))
	r2 := MustCommit(t, s, Put("a", "2"), Delete("b"))
	committed := make(chan store.Revision, 1)
	go func() { committed <- MustCommit(t, s, Put("c", "3")) }()
	r3 := <-committed
	for _, row := range []struct {
		from store.Revision
		want []string
	}{
		{0, []string{"+a=1 +b=1", "+a=2 -b", "+c=3"}},
		{r1, []string{"+a=2 -b", "+c=3"}},
		{r2, []string{"+c=3"}},
	} {
		if diff := cmp.Diff(row.want, watchUntil(t, ctx, s, "", row.from, r3)); diff != "" {
			t.Errorf("from %d (-want +got):\n%s", row.from, diff)
		}
	}
}

// testWatchOtherPrefix: a commit elsewhere is an empty batch.
func testWatchOtherPrefix(t *testing.T, ctx context.Context, s store.Store) {
	MustCommit(t, s, Put("a/1", "1"), Put("b/1", "1"))
	MustCommit(t, s, Put("b/2", "2"))
	last := MustCommit(t, s, store.Write{Key: "b/", Delete: true, Prefix: true})
	want := []string{"+a/1=1", "", ""}
	if diff := cmp.Diff(want, watchUntil(t, ctx, s, "a/", 0, last)); diff != "" {
		t.Errorf("below a/ (-want +got):\n%s", diff)
	}
	want = []string{"+b/1=1", "+b/2=2", "-b/1 -b/2"}
	if diff := cmp.Diff(want, watchUntil(t, ctx, s, "b/", 0, last)); diff != "" {
		t.Errorf("below b/ (-want +got):\n%s", diff)
	}
}

func testWatchFunctionFails(t *testing.T, ctx context.Context, s store.Store) {
	MustCommit(t, s, Put("a", "1"))
	MustCommit(t, s, Put("a", "2"))
	calls := 0
	err := s.Watch(ctx, "", 0, func(store.Batch) error {
		calls++
		return errEnough
	})
	if !errors.Is(err, errEnough) || calls != 1 {
		t.Errorf("Watch = %v after %d calls", err, calls)
	}
}
