package steps

import (
	"errors"
	"io"
	"testing"
	"time"
)

// leaping is a clock that is at once where somebody waits for it.
type leaping struct{ now time.Time }

func (c *leaping) Now() time.Time { return c.now }

func (c *leaping) AfterFunc(d time.Duration, f func()) func() bool {
	c.now = c.now.Add(d)
	f()
	return func() bool { return false }
}

// zeros is a stream without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
func (zeros) Close() error               { return nil }

// TestPace: the first 10 MB pass at once, and 2 MB a second after them.
func TestPace(t *testing.T) {
	now := &leaping{now: time.Unix(0, 0)}
	p := newPaced(zeros{}, now)
	for _, step := range []struct {
		bytes int64
		at    time.Duration
	}{{streamFree, 0}, {streamRate, time.Second}, {3 * streamRate, 4 * time.Second}} {
		if _, err := io.CopyN(io.Discard, p, step.bytes); err != nil {
			t.Fatal(err)
		}
		// The last piece did not wait for itself.
		if got := now.now.Sub(time.Unix(0, 0)); got > step.at || got < step.at-time.Second/16 {
			t.Errorf("after %d bytes %v, want about %v", p.sent, got, step.at)
		}
	}
}

// never is a clock on which no time passes.
type never struct{}

func (never) Now() time.Time                                  { return time.Unix(0, 0) }
func (never) AfterFunc(time.Duration, func()) (s func() bool) { return func() bool { return true } }

// TestPaceEnds: a reader that waits for its pace is woken up by Close.
func TestPaceEnds(t *testing.T) {
	p := newPaced(zeros{}, never{})
	done := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, p)
		done <- err
	}()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v, want %v", err, io.ErrClosedPipe)
	}
}
