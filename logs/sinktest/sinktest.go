package sinktest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/postern-gateway/postern/logs"
)

// Base is the time about which the events of the contract are; the clock of a
// sink under test should stand there.
var Base = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// Subject is a sink and what has arrived behind it.
type Subject struct {
	Sink logs.Sink
	// Received returns the messages that a destination has got, in their order.
	Received func(logs.Destination) []string
}

// Destinations are those of the contract: two streams of a group, a group of
// another region, and a delivery stream.
var Destinations = []logs.Destination{
	{Account: "123456789012", Region: "us-east-1", Group: "API-Gateway-Execution-Logs_a1b2c3/dev", Stream: "node-1/2026-03-04"},
	{Account: "123456789012", Region: "us-east-1", Group: "API-Gateway-Execution-Logs_a1b2c3/dev", Stream: "node-2/2026-03-04"},
	{Account: "123456789012", Region: "eu-west-1", Group: "access", Stream: "node-1/2026-03-04"},
	{Account: "123456789012", Region: "us-east-1", Delivery: "amazon-apigateway-access"},
}

// Run checks a sink. wants says which destinations it takes; nil: all. It must
// write the records of those, and report the others as lost.
func Run(t *testing.T, wants func(logs.Destination) bool, make func(t *testing.T) Subject) {
	if wants == nil {
		wants = func(logs.Destination) bool { return true }
	}
	t.Run("Order", func(t *testing.T) { order(t, wants, make(t)) })
	t.Run("Batch", func(t *testing.T) { batch(t, wants, make(t)) })
	t.Run("Nothing", func(t *testing.T) {
		s := make(t)
		write(t, s, nil, 0)
		finish(t, s)
	})
}

// order writes records of all destinations among each other.
func order(t *testing.T, wants func(logs.Destination) bool, s Subject) {
	want := map[logs.Destination][]string{}
	for round := range 3 {
		var records []logs.Record
		lost := 0
		for i := range 40 {
			d := Destinations[i%len(Destinations)]
			message := fmt.Sprintf("%d-%d \"quoted\" \\ <a&b> \t é 世界", round, i)
			at := Base.Add(time.Duration(round*40+i) * time.Millisecond)
			records = append(records, logs.Record{Destination: d, Event: logs.Event{Time: at, Message: message}})
			if wants(d) {
				want[d] = append(want[d], message)
			} else {
				lost++
			}
		}
		write(t, s, records, lost)
	}
	finish(t, s)
	for _, d := range Destinations {
		if got := s.Received(d); !slices.Equal(got, want[d]) {
			t.Errorf("%+v has got %d records\n%q\nwant %d\n%q", d, len(got), got, len(want[d]), want[d])
		}
	}
}

// batch changes a batch once it is written.
func batch(t *testing.T, wants func(logs.Destination) bool, s Subject) {
	d := Destinations[slices.IndexFunc(Destinations, wants)]
	records := []logs.Record{{Destination: d, Event: logs.Event{Time: Base, Message: "first"}}}
	write(t, s, records, 0)
	records[0].Message = "changed"
	finish(t, s)
	if got := s.Received(d); !slices.Equal(got, []string{"first"}) {
		t.Errorf("%+v has got %q, want first", d, got)
	}
}

func write(t *testing.T, s Subject, records []logs.Record, lost int) {
	t.Helper()
	got, err := s.Sink.Write(t.Context(), records)
	if got != lost || (err != nil) != (lost > 0) {
		t.Fatalf("a batch of %d: %d are lost, %v; want %d", len(records), got, err, lost)
	}
}

func finish(t *testing.T, s Subject) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Sink.Close(ctx); err != nil {
		t.Fatal(err)
	}
}
