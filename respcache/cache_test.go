package respcache_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/respcache"
	"github.com/postern-gateway/postern/respcache/cachetest"
)

var epoch = time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)

// dataKey returns a data key that differs from those of other numbers.
func dataKey(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

func newCache(t testing.TB, size int64) *respcache.Cache {
	t.Helper()
	c, err := respcache.New(size, dataKey(1))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContract(t *testing.T) {
	cachetest.Run(t, func(t *testing.T, _ *clock.Manual) respcache.Store { return newCache(t, 512<<20) })
}

func keyOf(n int) respcache.Key {
	return (&respcache.Parts{API: "api", Parameters: [][]string{{fmt.Sprint(n)}}}).Key()
}

func put(t testing.TB, c *respcache.Cache, n, size int, path string) {
	t.Helper()
	entry := respcache.Entry{
		Response: &respcache.Response{Status: 200, Body: bytes.Repeat([]byte("x"), size)}, Method: "GET", Path: path, For: time.Hour,
	}
	if err := c.Put(t.Context(), keyOf(n), entry, epoch); err != nil {
		t.Fatal(err)
	}
}

func has(t testing.TB, c *respcache.Cache, n int, now time.Time) bool {
	t.Helper()
	got, err := c.Get(t.Context(), keyOf(n), false, now)
	if err != nil {
		t.Fatal(err)
	}
	return got != nil
}

// TestBudget: the least recently used entries go, and the bytes are never more
// than the budget.
func TestBudget(t *testing.T) {
	const size = 100_000
	c := newCache(t, 5*(size+1000)) // one shard: the order is exact
	for n := range 5 {
		put(t, c, n, size, "/")
	}
	if !has(t, c, 0, epoch) { // used: no longer the oldest
		t.Error("entry 0 is gone, and there was room")
	}
	put(t, c, 5, size, "/")
	put(t, c, 6, 10, "/") // there is room for it
	for n, want := range []bool{true, false, true, true, true, true, true} {
		if got := has(t, c, n, epoch); got != want {
			t.Errorf("entry %d: %t, want %t", n, got, want)
		}
	}
	if got := c.Stats(); got.Entries != 6 || got.Evictions != 1 || got.Bytes < 5*size || got.Bytes > 5*(size+1000) {
		t.Errorf("%+v", got)
	}
	c = newCache(t, 600<<20)
	body := make([]byte, 100_000)
	for n := range 20_000 {
		entry := respcache.Entry{Response: &respcache.Response{Body: body[:50_000+n]}, For: time.Hour}
		if err := c.Put(t.Context(), keyOf(n), entry, epoch); err != nil {
			t.Fatal(err)
		}
		if got := c.Stats().Bytes; n%1000 == 0 && got > 600<<20 {
			t.Fatalf("%d bytes after %d entries", got, n)
		}
	}
	// Shards fill up at their own pace, and most of the budget is used.
	if got := c.Stats(); got.Bytes < 550<<20 || got.Bytes > 600<<20 {
		t.Errorf("%+v at the end", got)
	}
}

// TestRoom: an entry that is larger than all the room is refused, and empties
// nothing.
func TestRoom(t *testing.T) {
	c := newCache(t, 10_000)
	put(t, c, 1, 5000, "/")
	large := respcache.Entry{Response: &respcache.Response{Body: make([]byte, 10_000)}, For: time.Hour}
	if err := c.Put(t.Context(), keyOf(2), large, epoch); err != respcache.ErrTooLarge {
		t.Errorf("too large for the cache: %v", err)
	}
	if !has(t, c, 1, epoch) {
		t.Error("the other entry is gone")
	}
}

// TestGone: deletions.
func TestGone(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(*respcache.Cache)
		left []int // of 1 /pets, 2 /pets/1, 3 /petstore, 4 /
	}{
		"nothing":              {func(*respcache.Cache) {}, []int{1, 2, 3, 4}},
		"delete one":           {func(c *respcache.Cache) { c.Delete(keyOf(2)) }, []int{1, 3, 4}},
		"delete a path":        {func(c *respcache.Cache) { c.DeletePath("/pets/") }, []int{1, 3, 4}},
		"delete several paths": {func(c *respcache.Cache) { c.DeletePath("/pets") }, []int{4}},
		"delete all":           {func(c *respcache.Cache) { c.DeletePath("") }, nil},
		"delete what is not there": {func(c *respcache.Cache) {
			if c.Delete(keyOf(9)) || c.DeletePath("/x") != 0 {
				t.Error("something was deleted that is not there")
			}
		}, []int{1, 2, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCache(t, 512<<20)
			for n, path := range []string{"/pets", "/pets/1", "/petstore", "/"} {
				put(t, c, n+1, 10, path)
			}
			test.do(c)
			if listed := len(c.List(epoch)); listed != len(test.left) {
				t.Errorf("%d entries are listed, want %d", listed, len(test.left))
			}
			for n := 1; n <= 4; n++ {
				if got, want := has(t, c, n, epoch), slices.Contains(test.left, n); got != want {
					t.Errorf("entry %d: %t, want %t", n, got, want)
				}
			}
			put(t, c, 7, 10, "/") // it works on
			if !has(t, c, 7, epoch) {
				t.Error("a new entry is not there")
			}
		})
	}
}

// TestList: what is listed, and how often it was hit.
func TestList(t *testing.T) {
	c := newCache(t, 1<<20)
	put(t, c, 1, 1000, "/pets")
	put(t, c, 2, 10, "/")
	has(t, c, 1, epoch)
	has(t, c, 1, epoch)
	has(t, c, 3, epoch)
	later := epoch.Add(time.Minute)
	list := c.List(later)
	i := slices.IndexFunc(list, func(e respcache.Info) bool { return e.Key == keyOf(1) })
	if len(list) != 2 || i < 0 {
		t.Fatalf("%+v", list)
	}
	got := list[i]
	if got.Size < 1000 || got.Size > 2000 {
		t.Errorf("size %d", got.Size)
	}
	got.Size = 0
	want := respcache.Info{Key: keyOf(1), Method: "GET", Path: "/pets", Status: 200, Age: time.Minute, Left: 59 * time.Minute, Hits: 2}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if s := c.Stats(); s.Hits != 2 || s.Misses != 1 || s.Entries != 2 {
		t.Errorf("%+v", s)
	}
	if list := c.List(epoch.Add(time.Hour)); len(list) != 0 {
		t.Errorf("%+v is no longer good", list)
	}
}

// TestDataKeyLength: only keys of AES-256.
func TestDataKeyLength(t *testing.T) {
	for _, size := range []int{0, 16, 31, 33} {
		if _, err := respcache.New(1, make([]byte, size)); err == nil {
			t.Errorf("a key of %d bytes was taken", size)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	for _, kind := range []struct {
		name    string
		encrypt bool
		keys    int
	}{{"plain", false, 10_000}, {"one key", false, 1}, {"encrypted", true, 10_000}} {
		b.Run(kind.name, func(b *testing.B) {
			c := newCache(b, 512<<20)
			keys := make([]respcache.Key, kind.keys)
			for n := range keys {
				keys[n] = keyOf(n)
				entry := respcache.Entry{Response: &respcache.Response{Status: 200, Body: make([]byte, 2000)}, For: time.Hour, Encrypt: kind.encrypt}
				if err := c.Put(b.Context(), keys[n], entry, epoch); err != nil {
					b.Fatal(err)
				}
			}
			var next atomic.Int64
			b.ReportAllocs()
			b.RunParallel(func(p *testing.PB) {
				for n := int(next.Add(7919)); p.Next(); n++ {
					if got, _ := c.Get(b.Context(), keys[n%len(keys)], kind.encrypt, epoch); got == nil {
						b.Error("a miss")
						return
					}
				}
			})
		})
	}
	b.Run("key", func(b *testing.B) {
		parts := respcache.Parts{
			Account: "123456789012", API: "abcdefghij", Stage: "prod", Generation: 3, Release: "abc123", Namespace: "xyz987", Verb: "GET",
			Parameters: [][]string{{"1234"}, nil, {strings.Repeat("v", 20)}},
		}
		b.ReportAllocs()
		for b.Loop() {
			_ = parts.Key()
		}
	})
}
