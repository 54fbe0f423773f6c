package prom

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/postern-gateway/postern/observe/metrics"
)

// Collector collects the counters of stages. Every request counts once: where a
// method has metrics of its own, the labels resource and method are set and the
// series without them has only the other requests.
type Collector struct {
	Registry *metrics.Registry
	// Served reports whether a stage is served. The counters of others are kept
	// and not shown.
	Served func(api, stage string) bool
}

// metric is one of the metrics with what its labels have beyond those of a series.
func metric(name, help string, more ...string) *prometheus.Desc {
	labels := append([]string{"api", "api_name", "stage", "release", "resource", "method"}, more...)
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	requests    = metric("postern_requests_total", "Requests of stages by the status of the answer.", "code")
	duration    = metric("postern_request_duration_seconds", "Time from the head of a request to its answer.")
	integration = metric("postern_integration_duration_seconds", "Time that calls of backends took.", "integration_type")
	cache       = metric("postern_cache_requests_total", "Requests of methods with a cache, by what it did.", "result")
	throttled   = metric("postern_throttled_total", "Requests that a limit refused.", "layer")
)

// Describe implements prometheus.Collector.
func (c *Collector) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{requests, duration, integration, cache, throttled} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	for _, t := range c.Registry.Totals() {
		if c.Served(t.API, t.Stage) {
			collect(&t, to)
		}
	}
}

func collect(t *metrics.Totals, to chan<- prometheus.Metric) {
	release := "production"
	if t.Canary {
		release = "canary"
	}
	base := []string{t.API, t.Name, t.Stage, release, t.Resource, t.Method}
	labels := func(more string) []string { return append(base[:len(base):len(base)], more) }
	count := func(desc *prometheus.Desc, n uint64, label string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), labels(label)...)
	}
	for status, n := range t.Codes {
		count(requests, n, strconv.Itoa(status))
	}
	to <- histogram(duration, &t.Latency, base)
	for kind := range t.Backends {
		if d := &t.Backends[kind]; d.Counts != nil {
			to <- histogram(integration, d, labels(metrics.Backend(kind).String()))
		}
	}
	for result, n := range t.Cache {
		if n > 0 {
			count(cache, n, metrics.Cache(result).String())
		}
	}
	for layer, n := range t.Throttled {
		if n > 0 {
			count(throttled, n, metrics.Layer(layer).String())
		}
	}
}

func histogram(desc *prometheus.Desc, d *metrics.Durations, labels []string) prometheus.Metric {
	buckets, below := map[float64]uint64{}, uint64(0)
	for i, bound := range metrics.Bounds {
		if d.Counts != nil {
			below += d.Counts[i]
		}
		buckets[bound.Seconds()] = below
	}
	return prometheus.MustNewConstHistogram(desc, d.Count(), d.Sum.Seconds(), buckets, labels...)
}
