package metrics

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Key tells series apart.
type Key struct {
	Account, Region string
	API             string // id
	Name            string // of the API, as DimensionName makes it
	Stage           string
	Canary          bool // the requests that the stage's canary got
	// Method and Resource are the verb and the path of a method that has
	// metrics of its own; empty: all other methods of the stage.
	Method, Resource string
}

// Series counts the requests of one key. Make one with Registry.Series; nil
// counts nothing.
type Series struct {
	key      Key
	registry *Registry
	window   atomic.Pointer[window] // nil: nothing was counted yet

	mu sync.Mutex
	// closing is the window before the present one. It is added up only when
	// there is a third, a minute later: what a request still adds to it then, after
	// it stood still for that minute, is lost.
	closing *window
	total   total
	minutes []*point // ascending, not of closing and window
	hours   []*point // ascending, before minutes
	size    int64    // of all points
}

// Observe tells the series of one request.
func (s *Series) Observe(o *Sample) {
	if s == nil {
		return
	}
	minute := o.At.Unix() / 60
	w := s.window.Load()
	if w == nil || w.minute < minute {
		w = s.registry.admit(s, minute).turn(minute)
	}
	w.cell(o.Shard).add(o)
}

// turn returns the window of a minute. Once there is one of a later minute,
// what comes late counts for that.
func (s *Series) turn(minute int64) *window {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.window.Load()
	if w != nil && w.minute >= minute {
		return w
	}
	if s.closing != nil {
		s.keep(s.closing)
	}
	s.expire(minute)
	s.closing = w
	w = &window{minute: minute}
	s.window.Store(w)
	return w
}

// keep makes a window a point.
func (s *Series) keep(w *window) {
	t := w.tally()
	s.total.add(t)
	p := newPoint(w.minute, t)
	s.minutes = append(s.minutes, p)
	s.grow(p.size())
}

func (s *Series) grow(by int64) {
	s.size += by
	s.registry.size.Add(by)
}

// How long points are kept, in minutes: those of minutes, and those of hours
// that they become.
const (
	keepMinutes = 3 * 60
	keepHours   = 15 * 24 * 60
)

// expire makes old minutes hours, and drops old hours, as well as the oldest
// that the registry has no room for.
func (s *Series) expire(now int64) {
	for len(s.minutes) > 0 && s.minutes[0].start < now-keepMinutes {
		p := s.minutes[0]
		s.minutes = slices.Delete(s.minutes, 0, 1)
		s.grow(-p.size())
		start := p.start - p.start%60
		if last := len(s.hours) - 1; last >= 0 && s.hours[last].start == start {
			// Readers hold points without the lock, so they are not changed.
			merged := *s.hours[last]
			s.grow(-merged.size())
			merged.merge(p)
			p = &merged
			s.hours[last] = p
		} else {
			hour := *p
			hour.start = start
			p = &hour
			s.hours = append(s.hours, p)
		}
		s.grow(p.size())
	}
	for len(s.hours) > 0 && (s.hours[0].start < now-keepHours || s.registry.full()) {
		s.grow(-s.hours[0].size())
		s.hours = slices.Delete(s.hours, 0, 1)
	}
	for len(s.minutes) > 0 && s.registry.full() {
		s.grow(-s.minutes[0].size())
		s.minutes = slices.Delete(s.minutes, 0, 1)
	}
}

// points returns the points of minutes, with the present one, and of hours.
func (s *Series) points() (minutes, hours []*point) {
	s.mu.Lock()
	defer s.mu.Unlock()
	minutes = slices.Clone(s.minutes)
	for _, w := range []*window{s.closing, s.window.Load()} {
		if w != nil {
			minutes = append(minutes, newPoint(w.minute, w.tally()))
		}
	}
	return minutes, slices.Clone(s.hours)
}

// totals returns what was counted since the series was made.
func (s *Series) totals() Totals {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.total.clone()
	for _, w := range []*window{s.closing, s.window.Load()} {
		if w != nil {
			sum.add(w.tally())
		}
	}
	return Totals{Key: s.key, total: sum}
}
