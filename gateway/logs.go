package gateway

import (
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/observe"
)

// canarySuffix is what the names of a stage's log groups end in for the
// requests of its canary. Guide.
const canarySuffix = "/Canary"

// logExecution puts a request's journal into the log group of its stage, and
// that of a canary's request into the canary's group as well (guide).
func (g *Gateway) logExecution(r *inflight, lines []observe.Line) {
	to := r.stage.ExecutionLog
	prefix := "(" + r.Context.RequestID + ") "
	for _, line := range lines {
		to.Stream = g.streams.at(line.Time)
		g.put(r, to, logs.Event{Time: line.Time, Message: prefix + line.Text})
	}
}

// maxAccessLine bounds a line of an access log, in bytes.
const maxAccessLine = 256 << 10

// logAccess writes the one line of a request that the stage asks for.
func (g *Gateway) logAccess(r *inflight) {
	now := g.clock.Now()
	r.line = r.stage.AccessLog.Format.Append(r.line[:0], &r.Context)
	line := r.line[:min(len(r.line), maxAccessLine)]
	to := r.stage.AccessLog.To
	if to.Group != "" {
		to.Stream = g.streams.at(now)
	}
	g.put(r, to, logs.Event{Time: now, Message: string(line)})
}

func (g *Gateway) put(r *inflight, to logs.Destination, event logs.Event) {
	g.logs.Put(logs.Record{Destination: to, Event: event})
	if r.Context.Canary && to.Group != "" {
		to.Group += canarySuffix
		g.logs.Put(logs.Record{Destination: to, Event: event})
	}
}

// streamNames names the log streams of this node: one for each day.
type streamNames struct {
	node  string
	today atomic.Pointer[dayStream]
}

type dayStream struct {
	day  int64 // since 1970
	name string
}

func (s *streamNames) at(now time.Time) string {
	const seconds = 24 * 60 * 60
	day := now.Unix() / seconds
	if today := s.today.Load(); today != nil && today.day == day {
		return today.name
	}
	today := &dayStream{day, now.UTC().Format("2006/01/02/") + s.node}
	s.today.Store(today)
	return today.name
}
