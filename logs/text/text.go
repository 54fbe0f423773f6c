package text

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/postern-gateway/postern/logs"
)

// Sink writes each event as a line: its time, the name of the group or delivery
// stream, that of the log stream if there is one, the message.
type Sink struct {
	out    io.Writer
	buffer bytes.Buffer
}

// New returns a sink that writes to out, and does not close it.
func New(out io.Writer) *Sink { return &Sink{out: out} }

// timeForm is RFC 3339 with milliseconds.
const timeForm = "2006-01-02T15:04:05.000Z"

// oneLine keeps a message on its line.
var oneLine = strings.NewReplacer("\n", `\n`, "\r", `\r`)

// Write implements logs.Sink. Lines of a batch are written together.
func (s *Sink) Write(_ context.Context, batch []logs.Record) (lost int, err error) {
	s.buffer.Reset()
	for i := range batch {
		s.buffer.WriteString(batch[i].Time.UTC().Format(timeForm))
		s.buffer.WriteByte(' ')
		for _, name := range []string{batch[i].Name(), batch[i].Stream} {
			if name != "" {
				s.buffer.WriteString(name)
				s.buffer.WriteByte(' ')
			}
		}
		_, _ = oneLine.WriteString(&s.buffer, batch[i].Message) // a buffer takes everything
		s.buffer.WriteByte('\n')
	}
	if _, err := s.out.Write(s.buffer.Bytes()); err != nil {
		return len(batch), err
	}
	return 0, nil
}

// Close implements logs.Sink.
func (s *Sink) Close(context.Context) error { return nil }
