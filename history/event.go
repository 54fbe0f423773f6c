package history

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/domain"
)

// Event is one mutating call that succeeded.
type Event struct {
	Version   int       `json:"v"`
	At        time.Time `json:"at"`
	Account   string    `json:"account"`
	Region    string    `json:"region"`
	AccessKey string    `json:"accessKey"`
	Identity  string    `json:"identity,omitempty"`
	UserAgent string    `json:"userAgent"`
	Remote    string    `json:"remote"`
	RequestID string    `json:"requestId"`
	Operation string    `json:"operation"`
	Changes   []Change  `json:"changes"`
	// Cut says that changes were left out because the event grew too long.
	Cut bool `json:"cut,omitempty"`
}

// Change is the change of one key. Before is absent for a new key, After for
// a deleted one; both are the stored records. A key that ends in a slash stands
// for all keys below it, deleted without their content.
type Change struct {
	Key    string          `json:"key"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// MaxSize bounds the content of an event in bytes.
const MaxSize = 256 << 10

// New returns the event of a call. Changes beyond MaxSize are left out.
func New(c caller.Caller, at time.Time, changes []Change) *Event {
	e := &Event{
		Version: domain.Version, At: at.UTC(), Account: c.Account, Region: c.Region, AccessKey: c.AccessKey,
		Identity: c.Identity, UserAgent: c.UserAgent, Remote: c.Remote, RequestID: c.RequestID, Operation: c.Operation,
	}
	size := 0
	for _, change := range changes {
		size += len(change.Key) + len(change.Before) + len(change.After)
		if size > MaxSize {
			e.Cut = true
			break
		}
		e.Changes = append(e.Changes, change)
	}
	return e
}

// Key is where the event is kept: events of a scope sort by time.
func (e *Event) Key() string {
	return fmt.Sprintf("%s%s/%s/%020d-%s", domain.History, e.Account, e.Region, e.At.UnixNano(), e.RequestID)
}

// packFrom is the size in bytes from which an event is compressed. The large
// ones are imports, whose records resemble each other: they shrink to a tenth,
// and without it the events of imports would be half of the store.
const packFrom = 8 << 10

// Encode returns the bytes that the store keeps: JSON, compressed if it is long.
func (e *Event) Encode() []byte {
	data, err := json.Marshal(e)
	if err != nil {
		panic(fmt.Sprintf("event cannot be encoded: %v", err)) // only raw JSON that we encoded ourselves can fail
	}
	if len(data) < packFrom {
		return data
	}
	var packed bytes.Buffer
	w := packers.Get().(*gzip.Writer)
	defer packers.Put(w)
	w.Reset(&packed)
	_, _ = w.Write(data) // a bytes.Buffer takes everything
	_ = w.Close()
	return packed.Bytes()
}

// packers are kept because each is large, about a megabyte.
var packers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one of those that there are
	return w
}}

// Decode reads what Encode made.
func Decode(data []byte) (*Event, error) {
	if len(data) > 0 && data[0] != '{' {
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("event is damaged: %w", err)
		}
		// A damaged length must not ask for memory without end.
		if data, err = io.ReadAll(io.LimitReader(r, maxEncoded)); err != nil {
			return nil, fmt.Errorf("event is damaged: %w", err)
		}
	}
	e := &Event{}
	if err := json.Unmarshal(data, e); err != nil {
		return nil, fmt.Errorf("event is damaged: %w", err)
	}
	return e, nil
}

// maxEncoded is above the JSON of any event: its content is bounded by MaxSize,
// and escapes make that six times as long at most.
const maxEncoded = 8 * MaxSize
