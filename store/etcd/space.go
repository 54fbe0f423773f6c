package etcd

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/postern-gateway/postern/store"
)

// The member must never meet a full disk: etcd ends on the first write that
// fails. So writes are refused while there is still room for those that it has
// taken, and that room is kept in two forms. The write-ahead log is allocated a
// whole segment ahead by etcd. The database is written in batches, which etcd
// bounds in time and number only: we bound them in bytes (flushBytes), and
// allocate blocks ahead of its end (ballast). The free space below which we
// refuse covers the next segment, transactions in flight and small files.
const (
	ballastBytes = 8 << 20
	flushBytes   = ballastBytes / 4
	reserveBytes = segmentBytes + 2*maxRequestBytes
)

var (
	errNoSpace = errors.New("too little space is left on the device")
	errQuota   = errors.New("the database has reached its quota; only deletions are taken")
)

// admit refuses a transaction that there is no room for.
func (m *member) admit(tx store.Tx) error {
	if err := checkSpace(m.cfg.Dir, m.cfg.keepFree); err != nil {
		return err
	}
	var puts int64
	for _, w := range tx.Writes {
		if !w.Delete {
			puts += int64(len(w.Key) + len(w.Value))
		}
	}
	if size := m.server.Backend().Size(); puts > 0 && size+puts > m.cfg.Quota {
		return fmt.Errorf("%w (%d bytes)", errQuota, m.cfg.Quota)
	}
	if m.ballast.used.Add(puts+4096) > flushBytes {
		m.flush()
	}
	return nil
}

// flush writes the database's batch to the disk and renews the ballast.
func (m *member) flush() {
	if !m.flushing.TryLock() {
		return
	}
	flushed := make(chan struct{})
	go func() { // not in the caller's goroutine: it ends if the write fails
		defer m.flushing.Unlock()
		defer close(flushed)
		m.server.Backend().ForceCommit()
		m.ballast.keep(m.server.Backend().Size())
	}()
	select {
	case <-flushed:
	case <-m.failed:
	}
}

// checkSpace reports that less than free bytes are left where dir is. Where the
// system cannot tell, it finds no fault.
func checkSpace(dir string, free int64) error {
	have, err := freeBytes(dir)
	if err != nil || have >= free {
		return nil
	}
	return fmt.Errorf("%w (%d bytes)", errNoSpace, have)
}

// ballast keeps blocks of the disk allocated behind the end of the database.
type ballast struct {
	path string
	used atomic.Int64 // bytes accepted since the last allocation
}

// keep allocates the database and ballastBytes more. It is an aid only: where
// the file system cannot do it, nothing is lost but the aid.
func (b *ballast) keep(size int64) {
	b.used.Store(0)
	_ = allocate(b.path, size+ballastBytes)
}
