package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/postern-gateway/postern/logs"
)

// Event is one line of a stream. Times are milliseconds since 1970.
type Event struct {
	Time     int64
	Ingested int64 // when the store took it
	Message  string

	// Stream and Offset say where it is; no two events of a group have both in
	// common. They are set when an event is read.
	Stream string
	Offset int64
}

// DeliveryGroup is the beginning of the groups in which records for delivery
// streams of Firehose are kept. A record without a log stream is in the one that
// has the name of the delivery stream.
const DeliveryGroup = "/aws/kinesisfirehose/"

// Write implements logs.Sink. Groups and streams are made as they are needed.
func (s *Store) Write(_ context.Context, batch []logs.Record) (lost int, err error) {
	var order []logs.Destination
	parts := map[logs.Destination][]Event{}
	for i := range batch {
		d := batch[i].Destination
		if parts[d] == nil {
			order = append(order, d)
		}
		parts[d] = append(parts[d], Event{Time: batch[i].Time.UnixMilli(), Message: batch[i].Message})
	}
	var errs []error
	for _, d := range order {
		group, stream := d.Group, d.Stream
		if d.Delivery != "" {
			group, stream = DeliveryGroup+d.Delivery, cmp.Or(d.Stream, d.Delivery)
		}
		unwritten, err := s.add(Scope{d.Account, d.Region}, group, stream, parts[d])
		if err != nil {
			lost += unwritten
			errs = append(errs, err)
		}
	}
	return lost, errors.Join(errs...)
}

// add appends events to a stream, which is made if it is missing, and returns
// how many of them are not written.
func (s *Store) add(scope Scope, groupName, streamName string, events []Event) (int, error) {
	s.write.Lock()
	defer s.write.Unlock()
	g, err := s.makeGroup(scope, groupName, nil)
	if err != nil && !errors.Is(err, ErrGroupExists) {
		return len(events), err
	}
	st, err := s.makeStream(g, streamName)
	if err != nil && !errors.Is(err, ErrStreamExists) {
		return len(events), err
	}
	return s.append(st, events)
}

// PutEvents appends events to a stream that exists. Their times are as given,
// and all of them are taken now.
func (s *Store) PutEvents(scope Scope, groupName, streamName string, events []Event) error {
	s.write.Lock()
	defer s.write.Unlock()
	st, err := s.stream(scope, groupName, streamName)
	if err != nil {
		return err
	}
	_, err = s.append(st, events)
	return err
}

// append writes events to the newest segment of a stream, and to more of them
// as they fill up. The caller holds s.write.
func (s *Store) append(st *stream, events []Event) (unwritten int, err error) {
	now := s.o.Clock.Now().UnixMilli()
	for len(events) > 0 {
		seg := s.growing(st)
		next := *seg
		data := make([]byte, 0, min(s.o.SegmentBytes, roughSize(events)))
		n := 0
		for n < len(events) && (n == 0 || next.Bytes < s.o.SegmentBytes) {
			before := len(data)
			data = appendLine(data, events[n].Time, now, events[n].Message)
			next.add(events[n].Time, now, int64(len(data)-before))
			n++
		}
		if err := writeAt(st.path(seg.Number), data, seg.Bytes); err != nil {
			// What was written of it is not counted, and nothing follows it.
			next = *seg
			next.sealed = true
			s.replace(seg, next)
			return len(events), fmt.Errorf("write to log stream %s: %w", st.name, err)
		}
		events = events[n:]
		next.sealed = next.Bytes >= s.o.SegmentBytes
		s.replace(seg, next)
		if next.sealed {
			if err := st.save(); err != nil {
				s.o.Log.Error("a log stream cannot be saved", "stream", st.name, "error", err) // it is scanned at the next start
			}
			s.sweep(st)
		}
	}
	return 0, nil
}

// roughSize is about how many bytes the lines of events take.
func roughSize(events []Event) int64 {
	size := 0
	for i := range events {
		size += len(events[i].Message) + len(events[i].Message)/8 + 80 // quotes are escaped, and there are the times
	}
	return int64(size)
}

// growing returns the segment of a stream that is appended to.
func (s *Store) growing(st *stream) *segment {
	if n := len(st.segments); n > 0 && !st.segments[n-1].sealed {
		return st.segments[n-1]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.number++
	seg := &segment{Number: st.number}
	st.segments = append(st.segments, seg)
	return seg
}

// replace makes what was appended to a segment visible to readers.
func (s *Store) replace(seg *segment, next segment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes += next.Bytes - seg.Bytes
	*seg = next
}

func writeAt(path string, data []byte, offset int64) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(data, offset)
	return errors.Join(err, file.Close())
}
