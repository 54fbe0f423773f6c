package gateway

import (
	"net/url"
	"strconv"

	"github.com/postern-gateway/postern/observe/trace"
)

// traceRequest tells the spans of a request that was sampled: one of the
// request itself and one of the call of its backend.
func (g *Gateway) traceRequest(r *inflight) {
	if g.trace == nil || !r.Tracing.Sampled {
		return
	}
	c, t := &r.Context, &r.Tracing
	api := r.release.API
	request := &trace.Span{
		Trace: t.Incoming.ID(), ID: t.Server, Parent: t.Incoming.Span(),
		Name:  c.HTTPMethod + " " + c.ResourcePath,
		Begin: c.Received, End: c.Received.Add(c.Outcome.Latency), Failed: c.Outcome.Status >= 500,
		Attributes: []trace.Attribute{
			{Name: "http.request.method", Text: c.HTTPMethod},
			{Name: "http.route", Text: c.ResourcePath},
			{Name: "http.response.status_code", Number: int64(c.Outcome.Status)},
			{Name: "http.response.body.size", Number: c.Outcome.Length},
			{Name: "url.path", Text: "/" + c.Stage + c.Rest},
			{Name: "url.scheme", Text: scheme(r)},
			{Name: "server.address", Text: c.Host},
			{Name: "client.address", Text: c.Remote.String()},
			{Name: "user_agent.original", Text: c.UserAgent},
			{Name: "aws.api_gateway.account_id", Text: c.AccountID},
			{Name: "aws.api_gateway.rest_api_id", Text: c.APIID},
			{Name: "aws.api_gateway.stage", Text: c.Stage},
			{Name: "aws.api_gateway.request_id", Text: c.RequestID},
			{Name: "aws.api_gateway.extended_request_id", Text: c.ExtendedID},
			{Name: "cloud.resource_id", Text: "arn:aws:apigateway:" + api.Region + "::/restapis/" + c.APIID + "/stages/" + c.Stage},
		},
	}
	if typ := c.Failure.ResponseType; typ != "" {
		request.Attributes = append(request.Attributes, trace.Attribute{Name: "error.type", Text: typ})
	}
	if c.Outcome.Called {
		g.trace(callSpan(r))
	}
	g.trace(request)
}

func scheme(r *inflight) string {
	if r.X.Request.TLS != nil {
		return "https"
	}
	return "http"
}

// callSpan is the span of the call of the backend. The query is not in it: it
// may hold secrets.
func callSpan(r *inflight) *trace.Span {
	o, t := &r.Context.Outcome, &r.Tracing
	span := &trace.Span{
		Trace: t.Incoming.ID(), ID: t.Client, Parent: t.Server, Client: true,
		Name:  r.Out.Method,
		Begin: o.CalledAt, End: o.CalledAt.Add(o.BackendLatency),
		Failed: o.BackendStatus == 0 || o.BackendStatus >= 500,
		Attributes: []trace.Attribute{
			{Name: "http.request.method", Text: r.Out.Method},
			{Name: "http.response.status_code", Number: int64(o.BackendStatus)},
			{Name: "aws.api_gateway.integration_type", Text: r.bound.Backend.String()},
		},
	}
	if u, err := url.Parse(r.Out.URL); err == nil {
		u.User, u.RawQuery, u.ForceQuery, u.Fragment = nil, "", false, ""
		port, _ := strconv.ParseInt(u.Port(), 10, 64)
		span.Attributes = append(span.Attributes,
			trace.Attribute{Name: "url.full", Text: u.String()},
			trace.Attribute{Name: "server.address", Text: u.Hostname()},
			trace.Attribute{Name: "server.port", Number: port})
	}
	return span
}
