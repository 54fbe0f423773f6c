package logs

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/awsapi/logs/pattern"
	"github.com/postern-gateway/postern/logs/store"
)

// Limits of an answer with events, and of the events that one call looks at:
// a pattern that matches nothing must not read all logs at once.
const (
	maxEvents   = 10_000
	maxBytes    = 1 << 20
	maxSearched = 100_000
	maxStreams  = 100
)

// window are the members that bound events.
type window struct {
	StartTime *int64  `json:"startTime"`
	EndTime   *int64  `json:"endTime"`
	NextToken *string `json:"nextToken"`
	Limit     *int64  `json:"limit"`
}

func (w window) check() error {
	return first(
		checkRange("startTime", w.StartTime, 0, 1<<62), checkRange("endTime", w.EndTime, 0, 1<<62),
		checkRange("limit", w.Limit, 1, maxEvents),
		checkAll(value{"nextToken", w.NextToken, tokenPattern, false}),
	)
}

func (w window) limit() int {
	if w.Limit == nil {
		return maxEvents
	}
	return int(*w.Limit)
}

func number(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// The directions of tokens for events.
const (
	forward  = "f"
	backward = "b"
)

// positionToken is the token of a place between events: the next one is after
// it, or before it.
func positionToken(direction string, p store.Position) *string {
	return new(token(fmt.Sprintf("%s/%d/%d/%s", direction, p.Time, p.Offset, p.Stream)))
}

// readPosition reads a token for events.
func readPosition(t *string) (direction string, p store.Position, err error) {
	text, err := untoken(t)
	if err != nil {
		return "", p, err
	}
	parts := strings.SplitN(text, "/", 4)
	if len(parts) != 4 || parts[0] != forward && parts[0] != backward {
		return "", p, errToken
	}
	if _, err := fmt.Sscanf(parts[1]+" "+parts[2], "%d %d", &p.Time, &p.Offset); err != nil {
		return "", p, errToken
	}
	p.Stream = parts[3]
	return parts[0], p, nil
}

type getLogEvents struct {
	groupIdentifier
	window
	LogStreamName *string `json:"logStreamName"`
	StartFromHead bool    `json:"startFromHead"`
}

func (in *getLogEvents) resource() string { return streamResource(in.name(), text(in.LogStreamName)) }

func (in *getLogEvents) check(c *call) error {
	return first(in.groupIdentifier.check(c), in.window.check(), checkAll(value{"logStreamName", in.LogStreamName, streamPattern, true}))
}

type outputLogEvent struct {
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

// run returns a page of events, the oldest first. Without a token it is the
// first page or, as the service has it, the last one. The tokens lead on in both
// directions; at the end the token for more is the one that was given.
func (in *getLogEvents) run(c *call) (any, error) {
	c.settle()
	q := store.Query{Scope: c.scope, Group: in.name(), Streams: []string{*in.LogStreamName},
		Start: number(in.StartTime), End: number(in.EndTime), Reverse: !in.StartFromHead}
	// With no event to go by, the place is where the first one would be.
	at := store.Position{Time: q.Start, Stream: *in.LogStreamName, Offset: -1}
	if in.NextToken != nil {
		direction, p, err := readPosition(in.NextToken)
		if err != nil || p.Stream != *in.LogStreamName {
			return nil, errToken
		}
		at, q.After, q.Reverse = p, &p, direction == backward
	}
	events, err := in.page(c, q)
	if err != nil {
		return nil, err
	}
	out := struct {
		Events   []outputLogEvent `json:"events"`
		Forward  *string          `json:"nextForwardToken"`
		Backward *string          `json:"nextBackwardToken"`
	}{Events: []outputLogEvent{}}
	for _, e := range events {
		out.Events = append(out.Events, outputLogEvent{e.Time, e.Message, e.Ingested})
	}
	first, last := at, at
	switch {
	case len(events) > 0:
		first, last = events[0].Position(), events[len(events)-1].Position()
	case q.After != nil && q.Reverse:
		last.Offset-- // the event before which the token is comes after the page
	case q.After != nil:
		first.Offset++ // likewise
	}
	out.Forward, out.Backward = positionToken(forward, last), positionToken(backward, first)
	return out, nil
}

// page reads the events of one answer.
func (in *getLogEvents) page(c *call, q store.Query) ([]store.Event, error) {
	found, err := c.Store.Read(q)
	if err != nil {
		return nil, err
	}
	var events []store.Event
	size := 0
	for e, err := range found {
		if err != nil {
			return nil, err
		}
		if size += len(e.Message) + eventOverhead; len(events) > 0 && size > maxBytes {
			break
		}
		if events = append(events, e); len(events) == in.limit() {
			break
		}
	}
	if q.Reverse {
		slices.Reverse(events)
	}
	return events, nil
}

type filterLogEvents struct {
	groupIdentifier
	window
	LogStreamNames []string `json:"logStreamNames"`
	Prefix         *string  `json:"logStreamNamePrefix"`
	FilterPattern  *string  `json:"filterPattern"`

	pattern *pattern.Pattern
}

func (in *filterLogEvents) check(c *call) error {
	checks := []error{in.groupIdentifier.check(c), in.window.check(), checkAll(value{"logStreamNamePrefix", in.Prefix, streamPattern, false})}
	for _, name := range in.LogStreamNames {
		checks = append(checks, checkAll(value{"logStreamNames", &name, streamPattern, true}))
	}
	if err := first(checks...); err != nil {
		return err
	}
	switch {
	case in.LogStreamNames != nil && (len(in.LogStreamNames) == 0 || len(in.LogStreamNames) > maxStreams):
		return asError([]string{"Value at 'logStreamNames' failed to satisfy constraint: Member must have length between 1 and 100"})
	case in.LogStreamNames != nil && in.Prefix != nil:
		return invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.")
	case in.EndTime != nil && number(in.StartTime) > *in.EndTime:
		return invalid("The start time must not be after the end time.")
	}
	var err error
	if in.pattern, err = pattern.Parse(text(in.FilterPattern)); err != nil {
		return invalid("Invalid filter pattern: %s", err)
	}
	return nil
}

type filteredLogEvent struct {
	LogStreamName string `json:"logStreamName"`
	outputLogEvent
	EventID string `json:"eventId"`
}

type filterOutput struct {
	Events             []filteredLogEvent `json:"events"`
	SearchedLogStreams []struct{}         `json:"searchedLogStreams"` // always empty, as with the service
	NextToken          *string            `json:"nextToken,omitempty"`
}

// run returns the events of all streams that match, by time. An answer may have
// few events or none and still a token: there is more to look at.
func (in *filterLogEvents) run(c *call) (any, error) {
	c.settle()
	slices.Sort(in.LogStreamNames)
	q := store.Query{Scope: c.scope, Group: in.name(), Streams: slices.Compact(in.LogStreamNames), Prefix: text(in.Prefix), Start: number(in.StartTime)}
	if in.EndTime != nil {
		q.End = *in.EndTime + 1 // this operation includes the end, GetLogEvents does not
	}
	if in.NextToken != nil {
		direction, p, err := readPosition(in.NextToken)
		if err != nil || direction != forward {
			return nil, errToken
		}
		q.After = &p
	}
	found, err := c.Store.Read(q)
	if err != nil {
		return nil, err
	}
	out := filterOutput{Events: []filteredLogEvent{}, SearchedLogStreams: []struct{}{}}
	size, searched := 0, 0
	var last store.Position
	for e, err := range found {
		if err != nil {
			return nil, err
		}
		if err := c.ctx.Err(); err != nil {
			return nil, errors.Join(err, errors.New("the client has gone"))
		}
		matches := in.pattern.Match(e.Message)
		if matches {
			size += len(e.Message) + eventOverhead
		}
		if len(out.Events) == in.limit() || searched == maxSearched || matches && len(out.Events) > 0 && size > maxBytes {
			out.NextToken = positionToken(forward, last)
			break
		}
		searched++
		last = e.Position()
		if matches {
			out.Events = append(out.Events, filteredLogEvent{e.Stream, outputLogEvent{e.Time, e.Message, e.Ingested}, eventID(e)})
		}
	}
	return out, nil
}

// eventID is 56 digits, as with the service, and of this event only.
func eventID(e store.Event) string {
	sum := sha256.Sum256([]byte(e.Stream))
	return fmt.Sprintf("%020d%016d%020d", e.Time, binary.BigEndian.Uint64(sum[:])%1e16, e.Offset)
}
