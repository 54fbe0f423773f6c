package gateway

import (
	"strconv"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/observe"
	"github.com/postern-gateway/postern/observe/metrics"
)

// observe tells those who watch the request's stage that it is over. The
// answer, with a body of length bytes, is complete; it is not sent unless it
// was a stream.
func (g *Gateway) observe(r *inflight, outcome steps.Outcome, length int64) {
	if r.Explain.Wanted() {
		g.endExplanation(r, outcome, length)
	}
	if r.stage == nil {
		return // the guide: nothing is logged or counted without a stage
	}
	o, res := &r.Context.Outcome, &r.X.Response
	o.Status, o.Length = res.Status, length
	o.Latency = g.clock.Now().Sub(r.Context.Received)
	if r.Journal != nil {
		g.endJournal(r, outcome)
	}
	if r.Context.Test {
		return // its journal is in its answer
	}
	g.count(r)
	g.traceRequest(r)
	if list := g.tails.list.Load(); list != nil {
		g.tell(*list, r, outcome)
	}
	if lines := r.Journal.Lines(); len(lines) > 0 {
		g.logExecution(r, lines)
	}
	if r.stage.AccessLog != nil {
		g.logAccess(r)
	}
}

// endJournal writes the lines after the last step: rows 25 to 30 of the
// specification (stage runtime, 6.3), or those of a failure.
func (g *Gateway) endJournal(r *inflight, outcome steps.Outcome) {
	j, now, res := r.Journal, g.clock.Now(), &r.X.Response
	status := strconv.Itoa(res.Status)
	if outcome == steps.Fail {
		if r.Failure.Log != "" {
			j.Error(now, r.Failure.Log)
		}
		// Seen in logs: the line of a limit is followed by the status.
		if typ := r.Failure.Response.Type; typ != "" && !r.Context.Test && r.Throttled == metrics.NotThrottled {
			j.Error(now, "Gateway response type: ", typ, " with status code: ", status)
			j.Trace(now, "Gateway response body: ", observe.Body(res.Body))
			j.Trace(now, "Gateway response headers: ", observe.Header(shown(res.Header)))
		}
	} else {
		if j.Traces() {
			j.Trace(now, "Method response body after transformations: ", observe.Body(res.Body))
			j.Trace(now, "Method response headers: ", observe.Header(shown(res.Header)))
		}
		j.Info(now, "Successfully completed execution")
	}
	j.Error(now, "Method completed with status: ", status)
	if id := r.Context.Outcome.BackendRequestID; id != "" && !r.Context.Test { // recorded: a test's log has no such line
		j.Info(now, "AWS Integration Endpoint RequestId : ", id)
	}
	if root := r.Context.TraceRoot; root != "" {
		j.Info(now, "X-ray Tracing ID : ", root)
	}
}

func shown(h exchange.Header) exchange.Header { return h[min(steps.BeginHeaders, len(h)):] }
