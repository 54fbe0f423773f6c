package text_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/logs/sinktest"
	"github.com/postern-gateway/postern/logs/text"
)

func TestContract(t *testing.T) {
	sinktest.Run(t, nil, func(*testing.T) sinktest.Subject {
		var out bytes.Buffer
		return sinktest.Subject{Sink: text.New(&out), Received: func(d logs.Destination) []string {
			var messages []string
			for line := range strings.Lines(out.String()) {
				_, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
				if message, ok := strings.CutPrefix(rest, strings.TrimSpace(d.Name()+" "+d.Stream)+" "); ok {
					messages = append(messages, message)
				}
			}
			return messages
		}}
	})
}

func TestLine(t *testing.T) {
	var out bytes.Buffer
	record := logs.Record{Destination: logs.Destination{Group: "g/1", Stream: "s"}, Event: logs.Event{Time: sinktest.Base, Message: "a\nb"}}
	if lost, err := text.New(&out).Write(t.Context(), []logs.Record{record}); lost != 0 || err != nil {
		t.Fatal(lost, err)
	}
	if got, want := out.String(), "2026-03-04T05:06:07.000Z g/1 s a\\nb\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	closed, err := os.CreateTemp(t.TempDir(), "")
	if err = errors.Join(err, closed.Close()); err != nil {
		t.Fatal(err)
	}
	if lost, err := text.New(closed).Write(t.Context(), []logs.Record{record, record}); lost != 2 || err == nil {
		t.Errorf("to a file that is closed: %d lost, %v; want 2", lost, err)
	}
}
