package store

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math"
	"os"
	"slices"
	"strings"
)

// Position is a place in the order of events: by time, then by stream and by
// offset.
type Position struct {
	Time   int64
	Stream string
	Offset int64
}

// Compare orders positions.
func (p Position) Compare(other Position) int {
	return cmp.Or(cmp.Compare(p.Time, other.Time), strings.Compare(p.Stream, other.Stream), cmp.Compare(p.Offset, other.Offset))
}

// Position returns where an event is that was read.
func (e Event) Position() Position { return Position{e.Time, e.Stream, e.Offset} }

// Query says which events to read.
type Query struct {
	Scope   Scope
	Group   string
	Streams []string // names; nil: all that begin with Prefix
	Prefix  string
	// Start and End bound the times of events: Start <= time < End. An End of
	// zero is no bound.
	Start, End int64
	// After is where reading begins: with the next event, or the one before if
	// Reverse is set. Nil: with the first, or the last.
	After   *Position
	Reverse bool
}

// Read returns the events of a query in their order, the latest first if
// Reverse is set. It reads as it goes; what is added or removed meanwhile may
// be among the events or not. A segment that cannot be read ends it with an
// error.
func (s *Store) Read(q Query) (iter.Seq2[Event, error], error) {
	if q.End == 0 {
		q.End = math.MaxInt64
	}
	sources, err := s.sources(&q)
	if err != nil {
		return nil, err
	}
	return func(yield func(Event, error) bool) {
		open := &cursors{reverse: q.Reverse}
		for {
			// A segment is read when its events may be the next ones.
			for len(sources) > 0 && (len(open.list) == 0 || !q.before(open.list[0].position().Time, sources[0].begin(q.Reverse))) {
				c, err := newCursor(&q, sources[0])
				if err != nil {
					yield(Event{}, err)
					return
				}
				sources = sources[1:]
				if len(c.index) > 0 {
					heap.Push(open, c)
				}
			}
			if len(open.list) == 0 {
				return
			}
			next := open.list[0]
			event, err := next.event(q.Reverse)
			removed := errors.Is(err, fs.ErrNotExist)
			if !removed && (!yield(event, err) || err != nil) {
				return
			}
			if removed || len(next.index) == 1 {
				heap.Pop(open)
				continue
			}
			next.index = next.index[1:]
			heap.Fix(open, 0)
		}
	}, nil
}

// before says whether time a comes before time b in the direction of a query.
func (q *Query) before(a, b int64) bool {
	if q.Reverse {
		return a > b
	}
	return a < b
}

// wants says whether an event at a position is asked for.
func (q *Query) wants(p Position) bool {
	if p.Time < q.Start || p.Time >= q.End {
		return false
	}
	if q.After == nil {
		return true
	}
	order := p.Compare(*q.After)
	return order > 0 && !q.Reverse || order < 0 && q.Reverse
}

// source is a segment as it was when a query began.
type source struct {
	segment
	stream string
	path   string
}

// begin is the time at which a source begins in the direction of a query.
func (c source) begin(reverse bool) int64 {
	if reverse {
		return c.Last
	}
	return c.First
}

// sources lists the segments that may have events of a query, in the order in
// which they begin. It raises the start of the query to what has not expired.
func (s *Store) sources(q *Query) ([]source, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.scopes[q.Scope][q.Group]
	if g == nil {
		return nil, ErrNoGroup
	}
	q.Start = max(q.Start, s.expired(g))
	var streams []*stream
	if q.Streams == nil {
		for _, st := range g.streams {
			if strings.HasPrefix(st.name, q.Prefix) {
				streams = append(streams, st)
			}
		}
	}
	for _, name := range q.Streams {
		st := g.streams[name]
		if st == nil {
			return nil, ErrNoStream
		}
		streams = append(streams, st)
	}
	var sources []source
	for _, st := range streams {
		for _, seg := range st.segments {
			if seg.Bytes == 0 || seg.Last < q.Start || seg.First >= q.End ||
				q.After != nil && (!q.Reverse && seg.Last < q.After.Time || q.Reverse && seg.First > q.After.Time) {
				continue
			}
			sources = append(sources, source{*seg, st.name, st.path(seg.Number)})
		}
	}
	slices.SortFunc(sources, func(a, b source) int {
		order := cmp.Compare(a.begin(q.Reverse), b.begin(q.Reverse))
		if q.Reverse {
			return -order
		}
		return order
	})
	return sources, nil
}

// entry is where an event is in its segment.
type entry struct {
	time   int64
	offset int64
	length int
}

// cursor is a segment that is being read: the events that are still to come, in
// their order, and a part of the file.
type cursor struct {
	source
	index  []entry
	window []byte
	start  int64 // of the window in the file
}

// offsetBits are enough for the size of a segment, so that segment number and
// place in the file are one offset in the stream.
const offsetBits = 32

func (c *cursor) position() Position {
	return Position{c.index[0].time, c.stream, int64(c.Number)<<offsetBits | c.index[0].offset}
}

// newCursor reads a segment once for the places of its events. A segment that
// was removed since has none.
func newCursor(q *Query, from source) (*cursor, error) {
	c := &cursor{source: from}
	data, err := readAt(from.path, 0, from.Bytes)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	offset := int64(0)
	for l := range lines(data) {
		if t, ok := l.times(); ok && q.wants(Position{t.event, from.stream, int64(from.Number)<<offsetBits | offset}) {
			c.index = append(c.index, entry{t.event, offset, len(l)})
		}
		offset += int64(len(l))
	}
	slices.SortStableFunc(c.index, func(a, b entry) int { return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.offset, b.offset)) })
	if q.Reverse {
		slices.Reverse(c.index)
	}
	return c, nil
}

// windowBytes is how much of a segment a cursor holds.
const windowBytes = 64 << 10

// event reads the event that is next.
func (c *cursor) event(reverse bool) (Event, error) {
	next := c.index[0]
	end := next.offset + int64(next.length)
	if next.offset < c.start || end > c.start+int64(len(c.window)) {
		from, to := next.offset, min(c.Bytes, max(end, next.offset+windowBytes))
		if reverse {
			from, to = max(0, min(next.offset, end-windowBytes)), end
		}
		window, err := readAt(c.path, from, to-from)
		if err != nil {
			return Event{}, err
		}
		c.start, c.window = from, window
	}
	event, ok := line(c.window[next.offset-c.start : end-c.start]).decode()
	if !ok {
		return Event{}, fmt.Errorf("log segment %s has no event at %d", c.path, next.offset)
	}
	p := c.position()
	event.Stream, event.Offset = p.Stream, p.Offset
	return event, nil
}

func readAt(path string, offset, length int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data := make([]byte, length)
	if _, err := file.ReadAt(data, offset); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return data, nil
}

// cursors is a heap: the first one has the next event.
type cursors struct {
	list    []*cursor
	reverse bool
}

func (c *cursors) Len() int { return len(c.list) }
func (c *cursors) Less(i, j int) bool {
	order := c.list[i].position().Compare(c.list[j].position())
	if c.reverse {
		return order > 0
	}
	return order < 0
}
func (c *cursors) Swap(i, j int) { c.list[i], c.list[j] = c.list[j], c.list[i] }
func (c *cursors) Push(x any)    { c.list = append(c.list, x.(*cursor)) }
func (c *cursors) Pop() any {
	last := c.list[len(c.list)-1]
	c.list = c.list[:len(c.list)-1]
	return last
}
