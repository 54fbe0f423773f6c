package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd/etcdtest"
)

func TestMain(m *testing.M) { etcdtest.Main(m) }

var epoch = time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)

func TestEvent(t *testing.T) {
	c := caller.Caller{Account: "1", Region: "r", AccessKey: "k", UserAgent: "u", Remote: "a", RequestID: "id", Operation: "Op"}
	changes := []Change{{Key: "new", After: []byte(`{"v":1}`)}, {Key: "old", Before: []byte(`{"v":1}`)}, {Key: "below/"}}
	e := New(c, epoch.In(time.FixedZone("", 3600)), changes)
	want := `{"v":1,"at":"2024-05-01T10:00:00Z","account":"1","region":"r","accessKey":"k","userAgent":"u","remote":"a","requestId":"id","operation":"Op",` +
		`"changes":[{"key":"new","after":{"v":1}},{"key":"old","before":{"v":1}},{"key":"below/"}]}`
	if got := string(e.Encode()); got != want {
		t.Errorf("event:\ngot  %s\nwant %s", got, want)
	}
	if got, want := e.Key(), "h/1/r/01714557600000000000-id"; got != want {
		t.Errorf("key: got %s, want %s", got, want)
	}
	later := New(c, epoch.Add(1), nil)
	if e.Key() >= later.Key() {
		t.Errorf("key %s does not sort before the later %s", e.Key(), later.Key())
	}
}

// TestEventIsCut: an event has room for some changes and says if it left out others.
func TestEventIsCut(t *testing.T) {
	big := json.RawMessage(`"` + strings.Repeat("x", MaxSize/2) + `"`)
	e := New(caller.Caller{}, epoch, []Change{{Key: "a", After: big}, {Key: "b", After: big}, {Key: "c"}})
	if !e.Cut || len(e.Changes) != 1 || e.Changes[0].Key != "a" {
		t.Errorf("event: got %d changes, cut %t; want the first one only", len(e.Changes), e.Cut)
	}
	if e := New(caller.Caller{}, epoch, []Change{{Key: "a", After: big}}); e.Cut {
		t.Error("an event that fits was cut")
	}
}

// TestEncode: short events are plain, long ones are small, and both come back.
func TestEncode(t *testing.T) {
	for name, count := range map[string]int{"short": 1, "long": 500} {
		var changes []Change
		for i := range count {
			changes = append(changes, Change{Key: fmt.Sprintf("key-%d", i), After: json.RawMessage(fmt.Sprintf(`{"v":1,"shape":{"pathPart":"part-%d"}}`, i))})
		}
		e := New(caller.Caller{Operation: "Op"}, epoch, changes)
		data := e.Encode()
		if plain := data[0] == '{'; plain != (count == 1) || len(data) > 8000 {
			t.Errorf("%s event: %d bytes, plain %t", name, len(data), plain)
		}
		got, err := Decode(data)
		if err != nil || !reflect.DeepEqual(got, e) {
			t.Errorf("%s event: got %+v, %v; want %+v", name, got, err, e)
		}
	}
}

// FuzzDecode: what is not an event is an error, not a panic.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"v":1}`))
	f.Add(New(caller.Caller{}, epoch, []Change{{Key: strings.Repeat("k", packFrom)}}).Encode())
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, err := Decode(data); (e == nil) == (err == nil) {
			t.Errorf("Decode(%q) = %v, %v", data, e, err)
		}
	})
}

// writeEvents puts n events of a scope into the store, a second apart.
func writeEvents(t *testing.T, s store.Store, account string, from, n int) {
	t.Helper()
	var tx store.Tx
	for i := from; i < from+n; i++ {
		e := New(caller.Caller{Account: account, Region: "r", RequestID: fmt.Sprint(i)}, epoch.Add(time.Duration(i)*time.Second), nil)
		tx.Writes = append(tx.Writes, store.Write{Key: e.Key(), Value: e.Encode()})
	}
	if _, err := s.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
}

// kept returns the request ids of the events of a scope, the oldest first.
func kept(t *testing.T, s store.Store, account string) []string {
	t.Helper()
	entries, _, err := s.List(t.Context(), domain.History+account+"/")
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, entry := range entries {
		_, id, _ := strings.Cut(entry.Key, "-")
		ids = append(ids, id)
	}
	return ids
}

func TestPrune(t *testing.T) {
	for _, row := range []struct {
		events, limit int
		first         int // id of the oldest event that stays
	}{{0, 3, 0}, {2, 3, 0}, {3, 3, 0}, {4, 3, 1}, {10, 3, 7}, {3, 0, 3}} {
		t.Run(fmt.Sprintf("%d of %d", row.limit, row.events), func(t *testing.T) {
			s := etcdtest.New(t)
			writeEvents(t, s, "1", 0, row.events)
			writeEvents(t, s, "2", 0, 1) // each scope has a history of its own
			if err := prune(t.Context(), s, row.limit); err != nil {
				t.Fatal(err)
			}
			want := []string{}
			for i := row.first; i < row.events; i++ {
				want = append(want, fmt.Sprint(i))
			}
			if got := kept(t, s, "1"); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if got := kept(t, s, "2"); len(got) != min(1, row.limit) {
				t.Errorf("other scope: got %v", got)
			}
		})
	}
}

// TestPruneInBatches: more events than one transaction takes.
func TestPruneInBatches(t *testing.T) {
	s := etcdtest.New(t)
	const n = 2*pruneBatch + 10
	for from := 0; from < n; from += 101 {
		writeEvents(t, s, "1", from, min(101, n-from))
	}
	counted := &countingStore{Store: s}
	if err := prune(t.Context(), counted, 5); err != nil {
		t.Fatal(err)
	}
	if got := kept(t, s, "1"); len(got) != 5 || got[4] != fmt.Sprint(n-1) {
		t.Errorf("got %v, want the newest five", got)
	}
	if slices.Max(counted.writes) > pruneBatch || len(counted.writes) != 3 {
		t.Errorf("transactions of %v writes, want three of at most %d", counted.writes, pruneBatch)
	}
}

type countingStore struct {
	store.Store
	writes []int
	fail   error
}

func (s *countingStore) Commit(ctx context.Context, tx store.Tx) (store.Revision, error) {
	s.writes = append(s.writes, len(tx.Writes))
	if s.fail != nil {
		return 0, s.fail
	}
	return s.Store.Commit(ctx, tx)
}

// waitingClock tells when somebody begins to wait for it.
type waitingClock struct {
	*clock.Manual
	waiting chan time.Duration
}

func (c waitingClock) AfterFunc(d time.Duration, f func()) func() bool {
	stop := c.Manual.AfterFunc(d, f)
	c.waiting <- d
	return stop
}

// TestKeep: at once and every hour, also after a failure, until the context ends.
func TestKeep(t *testing.T) {
	s := &countingStore{Store: etcdtest.New(t)}
	c := waitingClock{clock.NewManual(epoch), make(chan time.Duration)}
	var log bytes.Buffer
	writeEvents(t, s.Store, "1", 0, 5)

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		Keep(ctx, s, c, slog.New(slog.NewTextHandler(&log, nil)), 3)
		close(ended)
	}()
	want := func(when string, ids ...string) {
		t.Helper()
		if d := <-c.waiting; d != time.Hour {
			t.Errorf("%s: waits for %v, want an hour", when, d)
		}
		if got := kept(t, s.Store, "1"); !slices.Equal(got, ids) {
			t.Errorf("%s: got %v, want %v", when, got, ids)
		}
	}
	want("at once", "2", "3", "4")
	writeEvents(t, s.Store, "1", 5, 2)
	c.Advance(time.Hour - 1)
	if got := kept(t, s.Store, "1"); len(got) != 5 {
		t.Errorf("before the hour has passed: got %v, want five", got)
	}
	s.fail = errors.New("disk full")
	c.Advance(1)
	want("after a failure", "2", "3", "4", "5", "6")
	s.fail = nil
	c.Advance(time.Hour)
	want("an hour later", "4", "5", "6")
	cancel()
	<-ended
	if !strings.Contains(log.String(), "disk full") || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("log: got %q, want one line about the failure", log.String())
	}
}
