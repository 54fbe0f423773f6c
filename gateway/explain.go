package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/observe"
)

// explanations keeps why requests were answered as they were: of those that
// somebody asked for beforehand, and of the last ones if the node is told to.
type explanations struct {
	last int // how many to keep without being asked

	// asked is how many requests are waited for. It is all that a request looks
	// at when nobody wants explanations.
	asked atomic.Int64

	mu     sync.Mutex
	wanted []string // ids of requests to come, the oldest announcement first
	byID   map[string]*observe.Explanation
	order  []string // of byID, the oldest first
}

const (
	// keptWhenAsked is how many explanations are kept that were asked for.
	keptWhenAsked = 100
	// mostWanted bounds the requests that are waited for.
	mostWanted = 100
)

// want says that a request with this id will come and is to be explained. Of
// too many that did not come the one that was announced first is forgotten.
func (e *explanations) want(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if slices.Contains(e.wanted, id) {
		return
	}
	e.wanted = append(e.wanted, id)
	if len(e.wanted) > mostWanted {
		e.wanted = slices.Delete(e.wanted, 0, 1)
	}
	e.asked.Store(int64(len(e.wanted)))
}

// take reports whether a request was announced, which then is no longer.
func (e *explanations) take(id string) bool {
	if e.asked.Load() == 0 {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.Index(e.wanted, id)
	if i < 0 {
		return false
	}
	e.wanted = slices.Delete(e.wanted, i, i+1)
	e.asked.Store(int64(len(e.wanted)))
	return true
}

// begin returns the explanation to write for a request; nil: none.
func (e *explanations) begin(r *inflight) *observe.Explanation {
	id := r.Context.RequestID
	if !e.take(id) && e.last == 0 {
		return nil
	}
	q := &r.X.Request
	return &observe.Explanation{RequestID: id, Received: r.Context.Received, Method: q.Method, Path: strings.Clone(q.Path)}
}

// keep takes an explanation that is complete.
func (e *explanations) keep(x *observe.Explanation) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.byID == nil {
		e.byID = map[string]*observe.Explanation{}
	}
	if e.byID[x.RequestID] == nil {
		e.order = append(e.order, x.RequestID)
	}
	e.byID[x.RequestID] = x
	for len(e.order) > max(e.last, keptWhenAsked) {
		delete(e.byID, e.order[0])
		e.order = e.order[1:]
	}
}

// WantExplanation announces a request by its id, a UUID that the client will
// send as x-amzn-RequestId. Only the last announcements are remembered.
func (g *Gateway) WantExplanation(id string) { g.explanations.want(id) }

// Explanation returns why a request was answered as it was; nil if nobody
// asked for it in time.
func (g *Gateway) Explanation(id string) *observe.Explanation {
	g.explanations.mu.Lock()
	defer g.explanations.mu.Unlock()
	return g.explanations.byID[id]
}

// explainRoute notes what was decided before the steps.
func (g *Gateway) explainRoute(r *inflight) {
	e, now, c := r.Explain, g.clock.Now(), &r.Context
	if !e.Wanted() {
		return
	}
	if r.stage == nil {
		e.Add(now, "stage", "no stage has this address")
		return
	}
	release := "production, deployment " + c.DeploymentID
	if c.Canary {
		release = "canary, deployment " + c.DeploymentID
	}
	if r.stage.Canary != nil {
		release += fmt.Sprintf("; drew %.2f, the canary gets what is below %g", r.drawn, r.stage.Percent)
	}
	e.Add(now, "stage", "API "+c.APIID+", stage "+c.Stage)
	e.Add(now, "release", release)
	switch {
	case r.bound == nil && r.Failure.Response != nil && c.ResourceID == "":
		e.Add(now, "route", "no method of the deployment is "+c.HTTPMethod+" "+c.Rest)
	case r.bound != nil:
		m := &r.bound.Method.Spec
		e.Add(now, "route", m.Verb+" "+m.ResourcePath+", resource "+m.Resource)
		if from := r.bound.Settings.From; from != "" {
			e.Add(now, "settings", "methodSettings "+from)
		}
	}
}

// explainedSteps runs the steps and notes what each came to.
func (g *Gateway) explainedSteps(ctx context.Context, r *inflight) steps.Outcome {
	g.explainRoute(r)
	for _, step := range r.bound.Steps {
		outcome := step.Run(ctx, &r.Request)
		text := ""
		switch outcome {
		case steps.Answer:
			text = "answers"
		case steps.Fail:
			text = "ends the request"
		}
		if text != "" {
			r.Explain.Add(g.clock.Now(), step.Name(), text)
		}
		if outcome != steps.Next {
			return outcome
		}
	}
	return g.over(r)
}

// endExplanation notes how the request ended.
func (g *Gateway) endExplanation(r *inflight, outcome steps.Outcome, length int64) {
	e, now := r.Explain, g.clock.Now()
	if r.bound == nil {
		g.explainRoute(r)
	}
	if outcome == steps.Fail {
		f := &r.Failure
		kind := f.Response.Type
		if kind == "" {
			kind = "not customisable"
		}
		text := "gateway response " + kind + ": " + r.Context.Failure.Message
		for _, more := range []string{f.Log, f.Cause, r.Context.Outcome.BackendError} {
			if more != "" && !strings.Contains(text, more) {
				text += "; " + more
			}
		}
		e.Add(now, "failure", text)
	}
	e.Status, e.Account = r.X.Response.Status, r.Context.AccountID
	e.Add(now, "answer", fmt.Sprintf("status %d, %d bytes", e.Status, length))
	g.explanations.keep(e)
}
