package clock

import (
	"slices"
	"testing"
	"time"
)

// TestTest: a clock on a machine whose own time is moved by hand.
func TestTest(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	machine := NewManual(start)
	c := NewTest(machine)
	expect := func(after string, want time.Duration) {
		t.Helper()
		if got := c.Now().Sub(start); got != want {
			t.Errorf("after %s: %v, want %v", after, got, want)
		}
	}
	machine.Advance(time.Second)
	expect("the machine went on", time.Second)
	c.Advance(time.Minute)
	expect("an advance", 61*time.Second)
	machine.Advance(time.Second)
	expect("the machine went on again", 62*time.Second)
	c.Freeze(true)
	c.Freeze(true)
	machine.Advance(time.Hour)
	expect("an hour frozen", 62*time.Second)
	c.Advance(time.Second)
	expect("an advance while frozen", 63*time.Second)
	c.Freeze(false)
	expect("time goes on", 63*time.Second)
	machine.Advance(time.Second)
	expect("the machine went on at last", 64*time.Second)
}

// TestTestTimers: timers run when this clock says so, once, in order, and not
// when they were stopped.
func TestTestTimers(t *testing.T) {
	machine := NewManual(time.Unix(0, 0))
	c := NewTest(machine)
	var ran []string
	add := func(name string, d time.Duration) func() bool {
		return c.AfterFunc(d, func() { ran = append(ran, name) })
	}
	expect := func(after string, want ...string) {
		t.Helper()
		if !slices.Equal(ran, want) {
			t.Errorf("after %s: %q ran, want %q", after, ran, want)
		}
		ran = nil
	}
	add("1s", time.Second)
	add("3s", 3*time.Second)
	add("2s", 2*time.Second)
	stop := add("stopped", time.Second)
	if !stop() || stop() {
		t.Error("a timer can be stopped once, and says so")
	}
	machine.Advance(time.Second)
	expect("a second of the machine", "1s")
	c.Freeze(true)
	machine.Advance(time.Hour)
	expect("an hour frozen")
	add("while frozen", 10*time.Second)
	c.Advance(2 * time.Second)
	expect("an advance", "2s", "3s")
	c.Freeze(false)
	machine.Advance(7 * time.Second)
	expect("not yet")
	machine.Advance(time.Second)
	expect("time went on", "while frozen")
	stop = add("late", time.Second)
	c.Advance(time.Hour)
	expect("an advance that runs all", "late")
	if stop() {
		t.Error("a timer that ran cannot be stopped")
	}
}
