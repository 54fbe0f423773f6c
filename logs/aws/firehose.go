package aws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/logs/post"
)

// Limits of PutRecordBatch. Guide: PutRecordBatch.
const (
	maxRecords     = 500
	maxRecordBytes = 1000 << 10
	maxBatchBytes  = 4 << 20
)

// Firehose is a sink for delivery streams. Make one with NewFirehose.
type Firehose struct{ caller }

// NewFirehose returns a sink for delivery streams, which must exist.
func NewFirehose(cfg Config) *Firehose {
	return &Firehose{newCaller(cfg, "firehose", "Firehose_20150804.")}
}

// Close implements logs.Sink.
func (s *Firehose) Close(context.Context) error {
	s.client.Close()
	return nil
}

var errNoDelivery = errors.New("records for log groups do not go to delivery streams")

// Write implements logs.Sink. Records for log groups are lost here.
func (s *Firehose) Write(ctx context.Context, batch []logs.Record) (lost int, err error) {
	return byDestination(batch, func(d logs.Destination, events []logs.Event) (int, error) {
		if d.Delivery == "" {
			return len(events), errNoDelivery
		}
		return s.write(ctx, d, events)
	})
}

// record is one line, with its end; JSON makes base64 of it.
type record struct {
	Data []byte
}

// write cuts the events of a delivery stream into requests.
func (s *Firehose) write(ctx context.Context, d logs.Destination, events []logs.Event) (lost int, err error) {
	var errs []error
	var records []record
	size := 0
	flush := func() {
		if len(records) > 0 {
			refused, err := s.put(ctx, d, records)
			lost += refused
			errs = append(errs, err)
			records, size = nil, 0
		}
	}
	for _, e := range events {
		data := append([]byte(e.Message), '\n')
		if len(data) > maxRecordBytes {
			lost++
			errs = append(errs, fmt.Errorf("an event of %d bytes", len(data)))
			continue
		}
		if len(records) == maxRecords || size+len(data) > maxBatchBytes {
			flush()
		}
		records = append(records, record{data})
		size += len(data)
	}
	flush()
	return lost, errors.Join(errs...)
}

// recordPause is the time before records that a stream had no room for are sent
// again.
const recordPause = 500 * time.Millisecond

// put sends one request, and again those of its records that were not taken. It
// returns how many are left.
func (s *Firehose) put(ctx context.Context, d logs.Destination, records []record) (int, error) {
	for attempt := 1; ; attempt++ {
		var out struct {
			FailedPutCount   int
			RequestResponses []struct{ ErrorCode, ErrorMessage string }
		}
		in := struct {
			DeliveryStreamName string
			Records            []record
		}{d.Delivery, records}
		if err := s.call(ctx, d.Region, "PutRecordBatch", in, &out); err != nil {
			return len(records), err
		}
		if out.FailedPutCount == 0 {
			return 0, nil
		}
		var failed []record
		last := &refusal{status: http.StatusOK}
		for i, r := range out.RequestResponses {
			if r.ErrorCode != "" && i < len(records) {
				failed = append(failed, records[i])
				last.Type, last.Message = r.ErrorCode, r.ErrorMessage
			}
		}
		if len(failed) == 0 {
			return 0, nil
		}
		if attempt == post.Attempts {
			return len(failed), fmt.Errorf("PutRecordBatch: %w", last)
		}
		records = failed
		if err := post.Pause(ctx, s.Clock, recordPause); err != nil {
			return len(records), err
		}
	}
}
