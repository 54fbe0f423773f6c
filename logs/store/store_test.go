package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/logs/sinktest"
	"github.com/postern-gateway/postern/logs/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var here = store.Scope{Account: "123456789012", Region: "us-east-1"}

// fixture is a store with the clock it runs on.
type fixture struct {
	*store.Store
	clock *clock.Manual
	o     store.Options
}

func open(t *testing.T, o store.Options) *fixture {
	t.Helper()
	manual := clock.NewManual(sinktest.Base)
	o.Clock = manual
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	s, err := store.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return &fixture{s, manual, o}
}

// again opens the folder of a store that may not have been closed.
func (f *fixture) again(t *testing.T) *fixture {
	t.Helper()
	s, err := store.Open(f.o)
	if err != nil {
		t.Fatal(err)
	}
	return &fixture{s, f.clock, f.o}
}

// put writes events, as "millisecond after Base" and message.
func (f *fixture) put(t *testing.T, group, stream string, events ...string) {
	t.Helper()
	var batch []logs.Record
	for _, event := range events {
		var ms int64
		text, message, _ := strings.Cut(event, " ")
		if _, err := fmt.Sscan(text, &ms); err != nil {
			t.Fatal(err)
		}
		batch = append(batch, logs.Record{
			Destination: logs.Destination{Account: here.Account, Region: here.Region, Group: group, Stream: stream},
			Event:       logs.Event{Time: sinktest.Base.Add(time.Duration(ms) * time.Millisecond), Message: message},
		})
	}
	if lost, err := f.Write(t.Context(), batch); lost != 0 || err != nil {
		t.Fatalf("%d are lost: %v", lost, err)
	}
}

// read returns the events of a query, as put takes them.
func (f *fixture) read(t *testing.T, q store.Query) []string {
	t.Helper()
	q.Scope = here
	events, err := f.Read(q)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for event, err := range events {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%d %s", event.Time-sinktest.Base.UnixMilli(), event.Message))
	}
	return out
}

func TestContract(t *testing.T) {
	sinktest.Run(t, nil, func(t *testing.T) sinktest.Subject {
		f := open(t, store.Options{SegmentBytes: 700})
		return sinktest.Subject{Sink: f, Received: func(d logs.Destination) []string {
			name, stream := d.Group, d.Stream
			if d.Delivery != "" {
				name, stream = store.DeliveryGroup+d.Delivery, d.Delivery
			}
			events, err := f.Read(store.Query{Scope: store.Scope{Account: d.Account, Region: d.Region}, Group: name, Streams: []string{stream}})
			if err != nil {
				return nil
			}
			var messages []string
			for event, err := range events {
				if err != nil {
					t.Fatal(err)
				}
				messages = append(messages, event.Message)
			}
			return messages
		}}
	})
}

// TestOrder: events come by time whatever their order in the files, over
// segments and streams, forwards, backwards, and from any place on.
func TestOrder(t *testing.T) {
	f := open(t, store.Options{SegmentBytes: 140}) // two events
	f.put(t, "g", "a", "5 five", "1 one", "9 nine", "3 three", "3 three again", "12 twelve")
	f.put(t, "g", "b", "4 four", "3 three of b", "11 eleven", "2 two")
	f.put(t, "other", "a", "6 six")
	all := []string{"1 one", "2 two", "3 three", "3 three again", "3 three of b", "4 four", "5 five", "9 nine", "11 eleven", "12 twelve"}
	reversed := slices.Clone(all)
	slices.Reverse(reversed)
	base := sinktest.Base.UnixMilli()
	for _, row := range []struct {
		name string
		q    store.Query
		want []string
	}{
		{"all", store.Query{}, all},
		{"reverse", store.Query{Reverse: true}, reversed},
		{"bounds", store.Query{Start: base + 3, End: base + 9}, all[2:7]},
		{"bounds in reverse", store.Query{Start: base + 3, End: base + 9, Reverse: true}, reversed[3:8]},
		{"stream", store.Query{Streams: []string{"b"}}, []string{"2 two", "3 three of b", "4 four", "11 eleven"}},
		{"prefix", store.Query{Prefix: "a"}, []string{"1 one", "3 three", "3 three again", "5 five", "9 nine", "12 twelve"}},
		{"nothing", store.Query{Prefix: "c"}, nil},
	} {
		row.q.Group = "g"
		if diff := cmp.Diff(row.want, f.read(t, row.q)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
	events, err := f.Read(store.Query{Scope: here, Group: "g"})
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for event := range events {
		after := event.Position()
		forward := f.read(t, store.Query{Group: "g", After: &after})
		backward := f.read(t, store.Query{Group: "g", After: &after, Reverse: true})
		if !slices.Equal(forward, all[i+1:]) || !slices.Equal(backward, reversed[len(all)-i:]) {
			t.Errorf("from %s on: %q and back %q", all[i], forward, backward)
		}
		i++
	}
	if _, err := f.Read(store.Query{Scope: here, Group: "none"}); !errors.Is(err, store.ErrNoGroup) {
		t.Errorf("an unknown group: %v", err)
	}
	if _, err := f.Read(store.Query{Scope: here, Group: "g", Streams: []string{"none"}}); !errors.Is(err, store.ErrNoStream) {
		t.Errorf("an unknown stream: %v", err)
	}
}

// TestRestart: what was written is there when the store opens again, and a line
// that was torn by the end of the process is not.
func TestRestart(t *testing.T) {
	f := open(t, store.Options{SegmentBytes: 140})
	f.put(t, "g/1", "s", "1 one", "2 two", "3 three")
	if err := f.SetRetention(here, "g/1", 7); err != nil {
		t.Fatal(err)
	}
	if err := f.SetTags(here, "g/1", map[string]string{"a": "1", "b": "2"}, []string{"b"}); err != nil {
		t.Fatal(err)
	}
	groups := f.Groups(here)
	if err := f.CreateStream(here, "g/1", "empty"); err != nil {
		t.Fatal(err)
	}
	streams, err := f.Streams(here, "g/1")
	if err != nil {
		t.Fatal(err)
	}
	newest := segments(t, f.o.Dir)[1]
	data, err := os.ReadFile(newest)
	if err != nil {
		t.Fatal(err)
	}
	tear(t, newest, string(data), "three")
	f.o.SegmentBytes = 1000 // there would be room in the torn one

	f = f.again(t)
	if diff := cmp.Diff(groups, f.Groups(here)); diff != "" {
		t.Errorf("groups (-before +after):\n%s", diff)
	}
	after, err := f.Streams(here, "g/1")
	if diff := cmp.Diff(streams, after); diff != "" || err != nil {
		t.Errorf("streams (-before +after):\n%s%v", diff, err)
	}
	f.put(t, "g/1", "s", "4 fifth")
	for range 2 {
		if got, want := f.read(t, store.Query{Group: "g/1"}), []string{"1 one", "2 two", "3 three", "4 fifth"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		f = f.again(t)
	}
}

// tear makes a segment, whose last line is that of a message, end with what a
// write that failed may leave: the next line of five letters over its beginning
// would make a line of its end.
func tear(t *testing.T, path, segment, message string) {
	t.Helper()
	last := segment[strings.LastIndex(strings.TrimSuffix(segment, "\n"), "\n")+1:]
	end := strings.Repeat("x", len(last)) + strings.Replace(last, message, "ghost", 1) + last[:20]
	if err := os.WriteFile(path, []byte(segment+end), 0o600); err != nil {
		t.Fatal(err)
	}
}

// segments are the paths of all segments, in their order.
func segments(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*", "*", "*", "*.log"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("segments %q, %v", paths, err)
	}
	return paths
}

// TestNames: names that would lead elsewhere, or that a file system cannot tell
// apart, are kept apart below the folder of the store.
func TestNames(t *testing.T) {
	parent := t.TempDir()
	f := open(t, store.Options{Dir: filepath.Join(parent, "logs")})
	names := []string{"../../x", "/abs/olute", ".", "..", "A", "a", "a/b", "a_b", "a-b", strings.Repeat("n", 512), "é", "x\x00y", "*"}
	for i, name := range names {
		f.put(t, name, name, fmt.Sprint(i, " ", i))
	}
	entries, err := os.ReadDir(parent)
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the store: %v, %v", entries, err)
	}
	f = f.again(t)
	for i, name := range names {
		if got, want := f.read(t, store.Query{Group: name, Streams: []string{name}}), []string{fmt.Sprint(i, " ", i)}; !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	for _, scope := range []store.Scope{{Account: "../../../../x", Region: "us-east-1"}, {Account: here.Account, Region: ".."}, {}} {
		if err := f.CreateGroup(scope, "g", nil); err == nil {
			t.Errorf("%+v is taken", scope)
		}
	}
	other := store.Scope{Account: here.Account, Region: "eu-west-1"}
	if got := f.Groups(other); len(got) != 0 {
		t.Errorf("another region has %+v", got)
	}
}

// TestExpiry: events go when their time is over, by the retention of their
// group or by the limit of the store.
func TestExpiry(t *testing.T) {
	const day = 24 * time.Hour
	f := open(t, store.Options{SegmentBytes: 140, MaxAge: 3 * day})
	f.put(t, "short", "s", "0 zero")
	f.put(t, "short", "s", "1 one", "216000000 days later")
	f.put(t, "long", "s", "0 zero")
	f.put(t, "none", "s", "0 zero")
	if err := errors.Join(f.SetRetention(here, "short", 1), f.SetRetention(here, "long", 5)); err != nil {
		t.Fatal(err)
	}
	f.clock.Advance(day + time.Millisecond) // one is visible for the last time
	if got, want := f.read(t, store.Query{Group: "short"}), []string{"1 one", "216000000 days later"}; !slices.Equal(got, want) {
		t.Errorf("after a day: %q, want %q", got, want)
	}
	f.clock.Advance(2 * day)
	f.Sweep()
	for group, want := range map[string][]string{"short": {"216000000 days later"}, "long": {"0 zero"}, "none": nil} {
		if got := f.read(t, store.Query{Group: group}); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", group, got, want)
		}
	}
	if streams, err := f.Streams(here, "none"); len(streams) != 0 || err != nil {
		t.Errorf("a stream of which nothing is left: %+v, %v", streams, err)
	}
	if left := segments(t, f.o.Dir); len(left) != 2 {
		t.Errorf("files %q, want two", left)
	}
}

// TestKeep: a store that runs sweeps by itself.
func TestKeep(t *testing.T) {
	f := open(t, store.Options{MaxAge: time.Minute})
	f.put(t, "g", "s", "0 zero")
	ticks := make(chan func(), 1)
	f.o.Clock = tick{f.clock, ticks}
	f = f.again(t)
	ended := make(chan struct{})
	ctx := t.Context()
	go func() { f.Keep(ctx); close(ended) }()
	f.clock.Advance(2 * time.Hour)
	(<-ticks)()
	<-ticks // it has swept and waits again
	if paths, _ := filepath.Glob(filepath.Join(f.o.Dir, "*", "*", "*", "*")); len(paths) != 1 {
		t.Errorf("what is left of the group: %q, want its file", paths)
	}
	t.Cleanup(func() { <-ended })
}

// tick hands out the functions that should run later.
type tick struct {
	clock.Clock
	later chan func()
}

func (t tick) AfterFunc(_ time.Duration, f func()) func() bool {
	t.later <- f
	return func() bool { return true }
}

// TestLimit: the oldest segments go when the store is too large.
func TestLimit(t *testing.T) {
	f := open(t, store.Options{SegmentBytes: 200, MaxBytes: 2000})
	for i := range 100 {
		f.put(t, fmt.Sprint("g", i%2), "s", fmt.Sprint(i, " event ", i))
	}
	total := int64(0)
	for _, path := range segments(t, f.o.Dir) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total > 2000+400 {
		t.Errorf("%d bytes on disk, want at most 2000 and what has just been begun", total)
	}
	got := f.read(t, store.Query{Group: "g1"})
	if len(got) < 5 || got[len(got)-1] != "99 event 99" {
		t.Errorf("the newest events are not there: %q", got)
	}
}

// TestGroups takes groups and streams from their creation to their end.
func TestGroups(t *testing.T) {
	f := open(t, store.Options{})
	if err := f.CreateGroup(here, "g", map[string]string{"a": "1"}); err != nil {
		t.Fatal(err)
	}
	for want, err := range map[error]error{
		store.ErrGroupExists:  f.CreateGroup(here, "g", nil),
		store.ErrNoGroup:      f.CreateStream(here, "none", "s"),
		store.ErrNoStream:     f.DeleteStream(here, "g", "none"),
		store.ErrStreamExists: errors.Join(f.CreateStream(here, "g", "s"), f.CreateStream(here, "g", "s")),
	} {
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	event := store.Event{Time: sinktest.Base.UnixMilli() - 5, Message: "put"}
	if err := f.PutEvents(here, "g", "s", []store.Event{event}); err != nil {
		t.Fatal(err)
	}
	if err := f.PutEvents(here, "g", "none", []store.Event{event}); !errors.Is(err, store.ErrNoStream) {
		t.Errorf("events for an unknown stream: %v", err)
	}
	now := sinktest.Base.UnixMilli()
	streams, err := f.Streams(here, "g")
	if want := []store.Stream{{Name: "s", Created: now, First: now - 5, Last: now - 5, Ingested: now, Bytes: streams[0].Bytes}}; err != nil || streams[0].Bytes == 0 || !slices.Equal(streams, want) {
		t.Errorf("streams %+v, %v; want %+v", streams, err, want)
	}
	if err := f.DeleteStream(here, "g", "s"); err != nil {
		t.Fatal(err)
	}
	if groups := f.Groups(here); len(groups) != 1 || groups[0].Bytes != 0 || groups[0].Tags["a"] != "1" {
		t.Errorf("groups %+v", groups)
	}
	f.put(t, "g", "s", "1 again")
	if err := f.DeleteGroup(here, "g"); err != nil {
		t.Fatal(err)
	}
	if err := f.DeleteGroup(here, "g"); !errors.Is(err, store.ErrNoGroup) {
		t.Errorf("a group that is gone: %v", err)
	}
	f.put(t, "g", "s", "2 new")
	if got := f.again(t).read(t, store.Query{Group: "g"}); !slices.Equal(got, []string{"2 new"}) {
		t.Errorf("a group that was made again has %q", got)
	}
}

// TestDiskFault: what cannot be written is lost and reported, and what can be
// written later is read.
func TestDiskFault(t *testing.T) {
	f := open(t, store.Options{})
	f.put(t, "g", "s", "1 first")
	path := segments(t, f.o.Dir)[0]
	saved := path + ".saved"
	if err := errors.Join(os.Rename(path, saved), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	record := logs.Record{
		Destination: logs.Destination{Account: here.Account, Region: here.Region, Group: "g", Stream: "s"},
		Event:       logs.Event{Time: sinktest.Base, Message: "lost"},
	}
	if lost, err := f.Write(t.Context(), []logs.Record{record, record}); lost != 2 || err == nil {
		t.Errorf("%d are lost, %v; want both", lost, err)
	}
	if err := errors.Join(os.Remove(path), os.Rename(saved, path)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tear(t, path, string(data), "first")
	f.put(t, "g", "s", "2 other")
	for range 2 {
		if got, want := f.read(t, store.Query{Group: "g"}), []string{"1 first", "2 other"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		f = f.again(t)
	}
}

// BenchmarkWrite writes batches as a busy queue does; an operation is a line.
func BenchmarkWrite(b *testing.B) {
	s, err := store.Open(store.Options{Dir: b.TempDir(), MaxBytes: 64 << 20, Clock: clock.NewManual(sinktest.Base)})
	if err != nil {
		b.Fatal(err)
	}
	batch := slices.Repeat([]logs.Record{{Destination: sinktest.Destinations[0], Event: logs.Event{Time: sinktest.Base, Message: strings.Repeat("m", 200)}}}, 1000)
	b.ReportAllocs()
	for n := 0; n < b.N; n += len(batch) {
		if lost, err := s.Write(b.Context(), batch); lost != 0 || err != nil {
			b.Fatal(lost, err)
		}
	}
}
