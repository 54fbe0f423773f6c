package cli

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"time"

	"github.com/postern-gateway/postern/clock"
)

// pollInterval is how often a watched file is looked at. A save is taken up
// when two looks in a row see the same, so after at most twice this time.
const pollInterval = 25 * time.Millisecond

// follow brings each save of the file, and of the files that a template names,
// until ctx ends. Nothing that is wrong with a save ends it.
func (u *up) follow(ctx context.Context, data []byte) error {
	w := newWatcher(u.file, u.clock, data)
	others := map[string]*watcher{}
	ticks := make(chan struct{}, 1) // one timer runs at a time, so it never waits
	for {
		for path := range u.files {
			if others[path] == nil {
				content, _ := os.ReadFile(path) // none is taken as empty until there is one
				others[path] = newWatcher(path, u.clock, content)
			}
		}
		stop := u.clock.AfterFunc(pollInterval, func() { ticks <- struct{}{} })
		select {
		case <-ctx.Done():
			stop()
			return nil
		case <-ticks:
		}
		content, saved, changed := w.poll()
		if changed {
			data = content
		}
		for _, other := range others {
			if _, at, ok := other.poll(); ok {
				saved, changed = at, true
			}
		}
		if !changed {
			continue
		}
		if err := u.bring(ctx, data, saved); err != nil && ctx.Err() == nil {
			if err := u.reportError(err); err != nil {
				return err
			}
		}
	}
}

// watcher notices when a file has other content. It looks at the file by its
// name, so that it does not matter whether an editor writes into it or puts
// another file in its place.
type watcher struct {
	path    string
	read    func() ([]byte, error)
	clock   clock.Clock
	content []byte // of the last read

	looked  time.Time   // of the last look
	seen    fs.FileInfo // at the last look; nil before the first
	saved   time.Time   // when that was written
	settled bool        // seen was read
}

func newWatcher(path string, c clock.Clock, content []byte) *watcher {
	return &watcher{path: path, read: func() ([]byte, error) { return os.ReadFile(path) }, clock: c, looked: c.Now(), content: content}
}

// poll looks once. It returns the content with the time of the save, if that is
// new and the file has not changed since the look before: who is still writing
// is waited for.
func (w *watcher) poll() (data []byte, saved time.Time, changed bool) {
	before := w.looked
	w.looked = w.clock.Now()
	info, err := os.Stat(w.path)
	if err != nil { // between the removal and the rename of an editor, say
		return nil, time.Time{}, false
	}
	if w.seen == nil || !sameFile(w.seen, info) {
		// A file that was moved here has a time from before it was here.
		w.seen, w.saved, w.settled = info, info.ModTime(), false
		if w.saved.Before(before) || w.saved.After(w.looked) {
			w.saved = before
		}
		return nil, time.Time{}, false
	}
	if w.settled {
		return nil, time.Time{}, false
	}
	data, err = w.read()
	if err != nil {
		return nil, time.Time{}, false // it is tried again at the next look
	}
	w.settled = true
	if bytes.Equal(data, w.content) {
		return nil, time.Time{}, false
	}
	w.content = data
	return data, w.saved, true
}

func sameFile(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
