package logs

import (
	"time"

	"github.com/postern-gateway/postern/logs/store"
)

// Limits of PutLogEvents. Guide: PutLogEvents.
const (
	maxBatchEvents = 10_000
	maxBatchBytes  = 1 << 20
	eventOverhead  = 26 // bytes that an event counts besides its message
	maxBatchSpan   = int64(24 * time.Hour / time.Millisecond)
	maxEventAge    = int64(14 * 24 * time.Hour / time.Millisecond)
	maxEventLead   = int64(2 * time.Hour / time.Millisecond)
)

type putLogEvents struct {
	streamName
	LogEvents []struct {
		Timestamp *int64  `json:"timestamp"`
		Message   *string `json:"message"`
	} `json:"logEvents"`
}

func (in *putLogEvents) check(c *call) error {
	if err := first(in.streamName.check(c), checkPresent("logEvents", in.LogEvents != nil)); err != nil {
		return err
	}
	if n := len(in.LogEvents); n < 1 || n > maxBatchEvents {
		return asError([]string{"Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and 10000"})
	}
	size, before := 0, int64(0)
	for i, e := range in.LogEvents {
		switch {
		case e.Timestamp == nil || e.Message == nil:
			return asError([]string{"Value null at 'logEvents' failed to satisfy constraint: Member must not be null"})
		case *e.Timestamp < 0:
			return asError([]string{"Value at 'logEvents.timestamp' failed to satisfy constraint: Member must have value greater than or equal to 0"})
		case *e.Message == "":
			return invalid("Log event message is empty")
		case i > 0 && *e.Timestamp < before:
			return invalid("Log events in a single PutLogEvents request must be in chronological order.")
		}
		before = *e.Timestamp
		size += len(*e.Message) + eventOverhead
	}
	if size > maxBatchBytes {
		return invalid("Upload too large: %d bytes exceeds limit of %d", size, maxBatchBytes)
	}
	if before-*in.LogEvents[0].Timestamp > maxBatchSpan {
		return invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	return nil
}

// rejected says which events of a batch were not taken: those before two
// indexes, and those from one on.
type rejected struct {
	TooNew  *int `json:"tooNewLogEventStartIndex,omitempty"`
	TooOld  *int `json:"tooOldLogEventEndIndex,omitempty"`
	Expired *int `json:"expiredLogEventEndIndex,omitempty"`
}

func (in *putLogEvents) run(c *call) (any, error) {
	g, err := c.group(in.name())
	if err != nil {
		return nil, err
	}
	kept := c.now - maxEventAge
	if g.Retention > 0 {
		kept = c.now - int64(g.Retention)*maxBatchSpan
	}
	var events []store.Event
	var not rejected
	for i, e := range in.LogEvents {
		switch at := *e.Timestamp; {
		case at > c.now+maxEventLead:
			if not.TooNew == nil {
				not.TooNew = &i
			}
		case at < c.now-maxEventAge:
			not.TooOld = new(i + 1)
		case at < kept:
			not.Expired = new(i + 1)
		default:
			events = append(events, store.Event{Time: at, Message: *e.Message})
		}
	}
	if err := c.Store.PutEvents(c.scope, in.name(), *in.LogStreamName, events); err != nil {
		return nil, err
	}
	out := struct {
		NextSequenceToken string    `json:"nextSequenceToken"`
		Rejected          *rejected `json:"rejectedLogEventsInfo,omitempty"`
	}{NextSequenceToken: sequenceToken}
	if not != (rejected{}) {
		out.Rejected = &not
	}
	return out, nil
}
