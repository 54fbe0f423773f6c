package clock

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Test is the clock of the machine, until it is frozen or moved: a running
// postern gives it to its users, so that their tests need not wait either.
// Make one with NewTest.
type Test struct {
	machine Clock

	mu     sync.Mutex
	frozen bool
	at     time.Time     // while frozen
	ahead  time.Duration // of the machine, while not
	timers map[*testTimer]struct{}
}

type testTimer struct {
	at   time.Time
	f    func()
	stop func() bool // of the machine's timer; nil while frozen
}

// NewTest returns a clock that goes like the machine's.
func NewTest(machine Clock) *Test {
	return &Test{machine: machine, timers: map[*testTimer]struct{}{}}
}

// Now implements Clock.
func (c *Test) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Test) now() time.Time {
	if c.frozen {
		return c.at
	}
	return c.machine.Now().Add(c.ahead)
}

// AfterFunc implements Clock.
func (c *Test) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &testTimer{at: c.now().Add(d), f: f}
	c.timers[t] = struct{}{}
	c.arm(t)
	return func() bool { return c.take(t) }
}

// arm lets the machine wake the timer, if time goes on.
func (c *Test) arm(t *testTimer) {
	if t.stop != nil {
		t.stop()
		t.stop = nil
	}
	if c.frozen {
		return
	}
	t.stop = c.machine.AfterFunc(t.at.Sub(c.now()), func() {
		if c.take(t) {
			t.f()
		}
	})
}

// take reports whether the timer was still to run; it is not any more.
func (c *Test) take(t *testTimer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, pending := c.timers[t]
	delete(c.timers, t)
	if pending && t.stop != nil {
		t.stop()
	}
	return pending
}

// Freeze stops time, or lets it go on from where it stands.
func (c *Test) Freeze(frozen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if frozen == c.frozen {
		return
	}
	c.at = c.now()
	if c.frozen = frozen; !frozen {
		c.ahead = c.at.Sub(c.machine.Now())
	}
	for t := range c.timers {
		c.arm(t)
	}
}

// Frozen reports whether time stands still.
func (c *Test) Frozen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.frozen
}

// Advance moves the clock forward, and runs what has become due before it
// returns, the earliest first. Unlike with Manual, all of it sees the new time.
func (c *Test) Advance(d time.Duration) {
	c.mu.Lock()
	c.at = c.at.Add(d)
	c.ahead += d
	now := c.now()
	var due []*testTimer
	for t := range c.timers {
		if !t.at.After(now) {
			due = append(due, t)
			delete(c.timers, t)
			if t.stop != nil {
				t.stop()
			}
			continue
		}
		c.arm(t)
	}
	c.mu.Unlock()
	slices.SortFunc(due, func(a, b *testTimer) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	for _, t := range due {
		t.f()
	}
}
