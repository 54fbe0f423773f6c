package store

import (
	"context"
	"errors"
)

// Revision numbers the states of the store; it grows with every commit.
type Revision int64

// Entry is one key with its value.
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

// Tx is a list of writes that happen together if all conditions hold.
// No key may be written twice.
type Tx struct {
	Conds  []Cond
	Writes []Write
}

// Batch is what one commit changed.
type Batch struct {
	Revision Revision
	Entries  []Entry  // new values
	Deleted  []string // keys
}

// Errors of a Store. They are wrapped; use errors.Is.
var (
	// ErrConflict: a condition did not hold; nothing was written.
	ErrConflict = errors.New("a condition of the transaction does not hold")
	// ErrUnavailable: the store cannot take writes now (no leader, no space,
	// shutting down). Nothing was acknowledged; the write may still appear.
	ErrUnavailable = errors.New("the store cannot take writes")
	// ErrCompacted: a watch began too far in the past, or fell behind: list again.
	ErrCompacted = errors.New("the revision is no longer kept")
)

// Store keeps entries. All methods may be called by many goroutines at once.
type Store interface {
	// List returns all entries below prefix, sorted by key, as of one revision.
	List(ctx context.Context, prefix string) ([]Entry, Revision, error)
	// Revision returns the newest committed revision (linearizable).
	Revision(ctx context.Context) (Revision, error)
	// Commit applies tx and returns its revision.
	Commit(ctx context.Context, tx Tx) (Revision, error)
	// Watch calls f with every batch below prefix that is newer than from, in
	// order, each revision once and whole, until ctx ends (nil), f fails (its
	// error) or the past is gone (ErrCompacted).
	Watch(ctx context.Context, prefix string, from Revision, f func(Batch) error) error
	// Size returns the bytes that the store takes on disk.
	Size(ctx context.Context) (int64, error)
	// Close ends the store; commits in flight return ErrUnavailable.
	Close() error
}
