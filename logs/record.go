package logs

import (
	"context"
	"time"
)

// Destination is where a record goes: a stream of a log group, or a delivery
// stream.
type Destination struct {
	Account string // twelve digits
	Region  string
	Group   string // name of the log group; empty if Delivery is set
	Stream  string // name of the log stream in the group; may be empty with Delivery
	// Delivery is the name of a Firehose delivery stream.
	Delivery string
}

// Name is the name of the group or of the delivery stream.
func (d Destination) Name() string {
	if d.Delivery != "" {
		return d.Delivery
	}
	return d.Group
}

// Event is one line with its time.
type Event struct {
	Time    time.Time // of what happened; sinks keep milliseconds
	Message string    // without the line end
}

// Record is an event on its way to a destination. It owns its message.
type Record struct {
	Destination
	Event
}

// recordOverhead is what a record takes in memory besides its message.
const recordOverhead = 136

func (r *Record) size() int { return len(r.Message) + recordOverhead }

// Sink writes records somewhere.
//
// Write is called by one goroutine at a time. It keeps the order of records of
// the same destination, returns soon after ctx ends, and does not keep the
// batch. It returns how many records of the batch were not written and never
// will be; err says why, and is nil if there are none.
//
// Close is called once, after the last Write.
type Sink interface {
	Write(ctx context.Context, batch []Record) (lost int, err error)
	Close(ctx context.Context) error
}
