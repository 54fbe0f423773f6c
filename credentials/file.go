package credentials

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/clock"
)

// File is a set of credentials that follows its file.
type File struct {
	path  string
	clock clock.Clock
	log   *slog.Logger

	set  atomic.Pointer[Set]
	seen []byte // content that was read last, usable or not; of Watch
	last string // error that was logged last; of Watch
}

// Open reads a file. Nobody but its owner may be able to read it.
func Open(path string, c clock.Clock, log *slog.Logger) (*File, error) {
	f := &File{path: path, clock: c, log: log}
	data, err := f.read()
	if err != nil {
		return nil, err
	}
	set, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("credentials file %s: %w", path, err)
	}
	f.seen = data
	f.set.Store(set)
	return f, nil
}

// Key returns an access key by its id, or nil. It is safe for concurrent use.
func (f *File) Key(id string) *Key { return f.set.Load().Key(id) }

// watchEvery is the time between two looks at the file.
const watchEvery = 2 * time.Second

// Watch reads the file again when it changes, until ctx ends. It looks at the
// content: times of files are too coarse to tell two changes apart.
func (f *File) Watch(ctx context.Context) {
	for {
		due := make(chan struct{})
		stop := f.clock.AfterFunc(watchEvery, func() { close(due) })
		select {
		case <-due:
			f.refresh()
		case <-ctx.Done():
			stop()
			return
		}
	}
}

// refresh takes over a changed file, or logs once why it cannot.
func (f *File) refresh() {
	data, err := f.read()
	if err == nil && bytes.Equal(data, f.seen) {
		f.last = ""
		return
	}
	var set *Set
	if err == nil {
		f.seen = data
		if set, err = Parse(data); err != nil {
			err = fmt.Errorf("credentials file %s: %w", f.path, err)
		}
	}
	if err != nil {
		if f.last != err.Error() {
			f.last = err.Error()
			f.log.Error("the credentials before stay in force", "error", err)
		}
		return
	}
	f.last = ""
	f.set.Store(set)
	f.log.Info("credentials read again", "keys", set.Len())
}

// read returns the content. The mode is that of the file which is read, also
// if another one is put in its place.
func (f *File) read() ([]byte, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("credentials file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("credentials file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("credentials file %s can be read by others: run chmod 600 on it", f.path)
	}
	if info.Size() > maxSize || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("credentials file %s is no regular file of at most %d bytes", f.path, maxSize)
	}
	var data bytes.Buffer
	if _, err := data.ReadFrom(file); err != nil {
		return nil, fmt.Errorf("credentials file: %w", err)
	}
	return data.Bytes(), nil
}

// maxSize of the file in bytes: far above thousands of identities.
const maxSize = 16 << 20
