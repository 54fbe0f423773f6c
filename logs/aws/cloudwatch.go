package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/postern-gateway/postern/logs"
)

// Limits of PutLogEvents. Guide: PutLogEvents.
const (
	maxEvents     = 10_000
	maxEventBytes = 1 << 20 // with what each event counts besides its message
	eventOverhead = 26
	maxSpan       = 24 * time.Hour
)

// CloudWatch is a sink for log groups. Make one with NewCloudWatch.
type CloudWatch struct{ caller }

// NewCloudWatch returns a sink for log groups. Groups and streams are made as
// they are needed.
func NewCloudWatch(cfg Config) *CloudWatch {
	return &CloudWatch{newCaller(cfg, "logs", "Logs_20140328.")}
}

// Close implements logs.Sink.
func (s *CloudWatch) Close(context.Context) error {
	s.client.Close()
	return nil
}

var errNoGroup = errors.New("records for delivery streams do not go to log groups")

// Write implements logs.Sink. Records for delivery streams are lost here.
func (s *CloudWatch) Write(ctx context.Context, batch []logs.Record) (lost int, err error) {
	return byDestination(batch, func(d logs.Destination, events []logs.Event) (int, error) {
		if d.Group == "" {
			return len(events), errNoGroup
		}
		return s.write(ctx, d, events)
	})
}

// byDestination hands the events of each destination on, in their order.
func byDestination(batch []logs.Record, write func(logs.Destination, []logs.Event) (int, error)) (lost int, err error) {
	var order []logs.Destination
	parts := map[logs.Destination][]logs.Event{}
	for i := range batch {
		d := batch[i].Destination
		if parts[d] == nil {
			order = append(order, d)
		}
		parts[d] = append(parts[d], batch[i].Event)
	}
	var errs []error
	for _, d := range order {
		n, err := write(d, parts[d])
		lost += n
		errs = append(errs, err)
	}
	return lost, errors.Join(errs...)
}

// write writes events of one stream, the oldest first, as the service wants it.
func (s *CloudWatch) write(ctx context.Context, d logs.Destination, events []logs.Event) (lost int, err error) {
	slices.SortStableFunc(events, func(a, b logs.Event) int { return a.Time.Compare(b.Time) })
	var errs []error
	for len(events) > 0 {
		n := batchSize(events)
		if n == 0 { // the first one is refused by itself, with all that come with it
			lost++
			errs = append(errs, fmt.Errorf("an event of %d bytes", len(events[0].Message)))
			n = 1
		} else {
			refused, err := s.put(ctx, d, events[:n])
			lost += refused
			errs = append(errs, err)
		}
		events = events[n:]
	}
	return lost, errors.Join(errs...)
}

// batchSize is how many events fit into one request; 0 if the first one fits
// into none.
func batchSize(events []logs.Event) int {
	size := 0
	for n, e := range events {
		size += len(e.Message) + eventOverhead
		if n == maxEvents || size > maxEventBytes || e.Message == "" || e.Time.Sub(events[0].Time) >= maxSpan {
			return n
		}
	}
	return len(events)
}

type putLogEvents struct {
	LogGroupName  string     `json:"logGroupName"`
	LogStreamName string     `json:"logStreamName"`
	LogEvents     []logEvent `json:"logEvents,omitempty"` // none to make the stream
}

type logEvent struct {
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

// put sends one request, and returns how many of its events were not taken. The
// stream is made if there is none.
func (s *CloudWatch) put(ctx context.Context, d logs.Destination, events []logs.Event) (int, error) {
	in := putLogEvents{LogGroupName: d.Group, LogStreamName: d.Stream}
	for _, e := range events {
		in.LogEvents = append(in.LogEvents, logEvent{e.Time.UnixMilli(), e.Message})
	}
	var out struct {
		Rejected struct {
			TooNew  *int `json:"tooNewLogEventStartIndex"`
			TooOld  int  `json:"tooOldLogEventEndIndex"`
			Expired int  `json:"expiredLogEventEndIndex"`
		} `json:"rejectedLogEventsInfo"`
	}
	err := s.call(ctx, d.Region, "PutLogEvents", in, &out)
	if isCode(err, "ResourceNotFoundException") {
		if err = s.makeStream(ctx, d); err == nil {
			err = s.call(ctx, d.Region, "PutLogEvents", in, &out)
		}
	}
	if err != nil {
		return len(events), err
	}
	refused := max(out.Rejected.TooOld, out.Rejected.Expired)
	if out.Rejected.TooNew != nil {
		refused += len(events) - *out.Rejected.TooNew
	}
	if refused = min(max(refused, 0), len(events)); refused > 0 {
		return refused, fmt.Errorf("PutLogEvents: %d events of log group %s are too old or too new", refused, d.Group)
	}
	return 0, nil
}

// makeStream makes a stream and, if need be, its group. Another may do the same.
func (s *CloudWatch) makeStream(ctx context.Context, d logs.Destination) error {
	in := putLogEvents{LogGroupName: d.Group, LogStreamName: d.Stream}
	err := s.call(ctx, d.Region, "CreateLogStream", in, nil)
	if isCode(err, "ResourceNotFoundException") {
		group := struct {
			LogGroupName string `json:"logGroupName"`
		}{d.Group}
		if err = s.call(ctx, d.Region, "CreateLogGroup", group, nil); err == nil || isCode(err, "ResourceAlreadyExistsException") {
			err = s.call(ctx, d.Region, "CreateLogStream", in, nil)
		}
	}
	if isCode(err, "ResourceAlreadyExistsException") {
		return nil
	}
	return err
}

func isCode(err error, code string) bool {
	var r *refusal
	return errors.As(err, &r) && r.code() == code
}
