package respcache

import (
	"context"
	"errors"
	"time"
)

// Store is a cache that may be shared by several processes.
type Store interface {
	// Get returns the response of a key, or nil; one that is encrypted or not,
	// as is asked for: an entry of the other kind counts as none. An error says why there is none
	// although there may be one: the store is away, or did not answer before ctx
	// ended. The caller goes on as if there were none.
	Get(ctx context.Context, key Key, encrypted bool, now time.Time) (*Response, error)
	// Put keeps a response for a time, in place of what the key had, which goes in
	// any case. A response that cannot be kept is an error, ErrTooLarge if it never
	// will be.
	Put(ctx context.Context, key Key, e Entry, now time.Time) error
}

// Entry is a response to be kept, with what people know it by.
type Entry struct {
	Response *Response
	// Method and Path are those of the request that made it.
	Method, Path string
	// For is how long it is good; zero and less is not at all.
	For time.Duration
	// Encrypt keeps it encrypted.
	Encrypt bool
}

// ErrTooLarge is the error for a response above MaxResponse, or larger than
// the whole cache has room for.
var ErrTooLarge = errors.New("the response is too large for the cache")

var _ Store = (*Cache)(nil)
