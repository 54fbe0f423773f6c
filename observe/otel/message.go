package otel

import (
	"encoding/hex"
	"strings"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/observe/trace"
)

// TracesData and MetricsData have the members of the requests of the protocol.
// The requests themselves would bring its gRPC services along.

func scope() *common.InstrumentationScope { return &common.InstrumentationScope{Name: "postern"} }

func (c *Config) resource() *resource.Resource {
	return &resource.Resource{Attributes: []*common.KeyValue{text("service.name", "postern"), text("service.instance.id", c.Instance)}}
}

func text(name, value string) *common.KeyValue {
	return &common.KeyValue{Key: name, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: valid(value)}}}
}

// valid makes UTF-8 of what a client sent, since a message with a text that is
// none cannot be encoded at all.
func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

func number(name string, value int64) *common.KeyValue {
	return &common.KeyValue{Key: name, Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: value}}}
}

func spansMessage(c *Config, batch []*trace.Span) *tracepb.TracesData {
	spans := make([]*tracepb.Span, 0, len(batch))
	for _, s := range batch {
		spans = append(spans, spanMessage(s))
	}
	return &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource:   c.resource(),
		ScopeSpans: []*tracepb.ScopeSpans{{Scope: scope(), Spans: spans}},
	}}}
}

func spanMessage(s *trace.Span) *tracepb.Span {
	out := &tracepb.Span{
		TraceId: digits(s.Trace), SpanId: digits(s.ID), ParentSpanId: digits(s.Parent),
		Name: valid(s.Name), Kind: tracepb.Span_SPAN_KIND_SERVER,
		StartTimeUnixNano: nano(s.Begin), EndTimeUnixNano: nano(s.End),
	}
	if s.Client {
		out.Kind = tracepb.Span_SPAN_KIND_CLIENT
	}
	if s.Failed {
		out.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR}
	}
	for _, a := range s.Attributes {
		switch {
		case a.Text != "":
			out.Attributes = append(out.Attributes, text(a.Name, a.Text))
		case a.Number != 0: // what is neither is not known
			out.Attributes = append(out.Attributes, number(a.Name, a.Number))
		}
	}
	return out
}

// digits are the bytes of an id; none if it is empty.
func digits(id string) []byte {
	out, _ := hex.DecodeString(id) // package trace checks them
	return out
}

func nano(t time.Time) uint64 { return uint64(max(t.UnixNano(), 0)) }

// metricsMessage tells the totals as the two histograms of the semantic
// conventions; the counts of requests are theirs.
func metricsMessage(c *Config, totals []metrics.Totals, began, now time.Time) *metricspb.MetricsData {
	var server, client []*metricspb.HistogramDataPoint
	point := func(d *metrics.Durations, attributes []*common.KeyValue) *metricspb.HistogramDataPoint {
		sum := d.Sum.Seconds()
		return &metricspb.HistogramDataPoint{
			Attributes: attributes, StartTimeUnixNano: nano(began), TimeUnixNano: nano(now),
			Count: d.Count(), Sum: &sum, BucketCounts: d.Counts, ExplicitBounds: seconds(metrics.Bounds),
		}
	}
	for i := range totals {
		t := &totals[i]
		attributes := seriesAttributes(t)
		server = append(server, point(&t.Latency, attributes))
		for kind := range t.Backends {
			if d := &t.Backends[kind]; d.Counts != nil {
				own := append(attributes[:len(attributes):len(attributes)],
					text("aws.api_gateway.integration_type", metrics.Backend(kind).String()))
				client = append(client, point(d, own))
			}
		}
	}
	list := []*metricspb.Metric{histogram("http.server.request.duration", server)}
	if len(client) > 0 {
		list = append(list, histogram("http.client.request.duration", client))
	}
	list = append(list, requestCounts(totals, began, now))
	return &metricspb.MetricsData{ResourceMetrics: []*metricspb.ResourceMetrics{{
		Resource:     c.resource(),
		ScopeMetrics: []*metricspb.ScopeMetrics{{Scope: scope(), Metrics: list}},
	}}}
}

func seconds(list []time.Duration) []float64 {
	out := make([]float64, len(list))
	for i, d := range list {
		out[i] = d.Seconds()
	}
	return out
}

func seriesAttributes(t *metrics.Totals) []*common.KeyValue {
	release := "production"
	if t.Canary {
		release = "canary"
	}
	out := []*common.KeyValue{
		text("aws.api_gateway.rest_api_id", t.API), text("aws.api_gateway.stage", t.Stage),
		text("aws.api_gateway.release", release), text("cloud.account.id", t.Account), text("cloud.region", t.Region),
	}
	if t.Method != "" {
		out = append(out, text("http.request.method", t.Method), text("http.route", t.Resource))
	}
	return out
}

func histogram(name string, points []*metricspb.HistogramDataPoint) *metricspb.Metric {
	return &metricspb.Metric{Name: name, Unit: "s", Data: &metricspb.Metric_Histogram{Histogram: &metricspb.Histogram{
		AggregationTemporality: metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE, DataPoints: points,
	}}}
}

// requestCounts are the requests by status, which the histograms do not tell
// apart.
func requestCounts(totals []metrics.Totals, began, now time.Time) *metricspb.Metric {
	var points []*metricspb.NumberDataPoint
	for i := range totals {
		attributes := seriesAttributes(&totals[i])
		for status, n := range totals[i].Codes {
			points = append(points, &metricspb.NumberDataPoint{
				Attributes:        append(attributes[:len(attributes):len(attributes)], number("http.response.status_code", int64(status))),
				StartTimeUnixNano: nano(began), TimeUnixNano: nano(now),
				Value: &metricspb.NumberDataPoint_AsInt{AsInt: int64(n)},
			})
		}
	}
	return &metricspb.Metric{Name: "postern.requests", Unit: "{request}", Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{
		AggregationTemporality: metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE, IsMonotonic: true, DataPoints: points,
	}}}
}
