package store

import (
	"context"
	"errors"
)

// Revision numbers the states of the store; it grows with every commit. Zero is
// the state before the first one.
type Revision int64

// Entry is one key with its value. The bytes are shared: do not change them.
type Entry struct {
	Key      string
	Value    []byte
	Modified Revision // the commit that last wrote it
}

// Cond is something that must still be true when a transaction commits.
type Cond struct {
	Key string
	// Modified is the revision at which the key was last written, or 0 if it
	// must not exist. With Prefix, no key below Key may have been written after
	// Modified (keys deleted since are not noticed).
	Modified Revision
	Prefix   bool
}

// Write puts a value, or deletes a key or all keys below a prefix.
type Write struct {
	Key    string
	Value  []byte
	Delete bool
	Prefix bool // with Delete: all keys that begin with Key
}

// Tx is a list of writes that happen together if all conditions hold. No key
// may be written twice; a key put must not lie below a prefix deleted in the
// same transaction.
//
// A Tx without writes commits nothing but checks its conditions.
type Tx struct {
	Conds  []Cond
	Writes []Write
}

// Batch is what one commit changed below the watched prefix. It may be empty:
// then it only tells that the store has reached Revision.
type Batch struct {
	Revision Revision
	Entries  []Entry  // new values, sorted by key
	Deleted  []string // keys, sorted
}

// Errors of a Store. They are wrapped; use errors.Is.
var (
	// ErrConflict: a condition did not hold; nothing was written.
	ErrConflict = errors.New("a condition of the transaction does not hold")
	// ErrUnavailable: the store does not answer or cannot take writes now (no
	// leader, no space, shutting down). Nothing was acknowledged; the write may
	// still appear.
	ErrUnavailable = errors.New("the store is not available")
	// ErrCompacted: a watch began too far in the past, or fell behind: list again.
	ErrCompacted = errors.New("the revision is no longer kept")
	// ErrTooLarge: the transaction has more writes or bytes than one commit may
	// have; trying again is of no use.
	ErrTooLarge = errors.New("the transaction is too large for one commit")
)

// Store keeps entries. All methods may be called by many goroutines at once.
type Store interface {
	// List returns all entries below prefix, sorted by key, as of one revision.
	// The empty prefix lists everything.
	List(ctx context.Context, prefix string) ([]Entry, Revision, error)
	// Revision returns the revision of the newest commit (linearizable: a commit
	// that returned before the call is counted).
	Revision(ctx context.Context) (Revision, error)
	// Commit applies tx and returns its revision.
	Commit(ctx context.Context, tx Tx) (Revision, error)
	// Watch calls f with every batch that is newer than from, in order, each
	// revision once and whole, until ctx ends (nil), f fails (its error), the
	// past is gone (ErrCompacted) or the store is closed (ErrUnavailable). Commits
	// that change nothing below prefix give an empty batch, so that a reader who
	// waits for a revision always reaches it. A store that is away for a while
	// does not end the watch.
	Watch(ctx context.Context, prefix string, from Revision, f func(Batch) error) error
	// Size returns the bytes that the store takes on disk.
	Size(ctx context.Context) (int64, error)
	// Close ends the store; calls in flight return ErrUnavailable.
	Close() error
}
