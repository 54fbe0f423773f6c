package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/postern-gateway/postern/clock"
)

// TestWatcher: a look after each step, 25 ms apart.
func TestWatcher(t *testing.T) {
	epoch := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "api.yaml")
	now := clock.NewManual(epoch)
	write := func(text string) func() {
		return func() {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, now.Now(), now.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	replace := func(text string, written time.Time) func() {
		return func() {
			other := path + ".new"
			if err := os.WriteFile(other, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(other, written, written); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(other, path); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	nothing := func() {}
	write("one")()
	w := newWatcher(path, now, []byte("one"))
	at := func(look int) time.Time { return epoch.Add(time.Duration(look) * pollInterval) }
	for i, step := range []struct {
		do    func()
		want  string // the content that is new; "" for none
		saved time.Time
	}{
		{nothing, "", time.Time{}},
		{nothing, "", time.Time{}}, // what was there at the beginning is not new
		{write("two"), "", time.Time{}},
		{nothing, "two", at(3)},
		{nothing, "", time.Time{}},
		{write("three"), "", time.Time{}},
		{write("three more"), "", time.Time{}}, // still being written
		{nothing, "three more", at(7)},
		{remove, "", time.Time{}},
		{nothing, "", time.Time{}},
		{write("four"), "", time.Time{}},
		{nothing, "four", at(11)},
		{replace("five", epoch.Add(-time.Hour)), "", time.Time{}}, // same size, written long ago
		{nothing, "five", at(12)},                                 // it came after the look before
		{replace("five", epoch), "", time.Time{}},
		{nothing, "", time.Time{}}, // the same content in another file
		{write(""), "", time.Time{}},
		{write("six"), "", time.Time{}}, // an editor that empties the file first
		{nothing, "six", at(18)},
	} {
		now.Advance(pollInterval)
		step.do()
		data, saved, changed := w.poll()
		if string(data) != step.want || changed != (step.want != "") || !saved.Equal(step.saved) {
			t.Fatalf("look %d: got %q, saved %v, changed %t; want %q, saved %v", i+1, data, saved, changed, step.want, step.saved)
		}
	}
}
