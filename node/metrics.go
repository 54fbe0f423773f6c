package node

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/postern-gateway/postern/observe/metrics/prom"
)

// newMetrics exposes the node's own state. The values are read when they are
// asked for; nothing is counted twice.
func (n *Node) newMetrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	stats := n.rollout.Stats()
	gauges := []struct {
		name, help string
		value      func() float64
	}{
		{"postern_rollout_revision", "Revision of the store that the data plane serves.", func() float64 { return float64(n.rollout.Revision()) }},
		{"postern_rollout_lag_revisions", "Revisions that the mirror has and the data plane does not serve yet.", func() float64 {
			return float64(n.mirror.View().Revision() - n.rollout.Revision())
		}},
		{"postern_store_size_bytes", "Bytes that the store takes on disk; -1 while it does not answer.", n.storeSize},
		{"postern_plan_apis", "APIs with at least one stage.", func() float64 { return float64(stats.APIs.Load()) }},
		{"postern_plan_stages", "Stages with a plan.", func() float64 { return float64(stats.Stages.Load()) }},
		{"postern_plan_unhealthy_stages", "Stages whose newest state could not be compiled.", func() float64 { return float64(stats.Unhealthy.Load()) }},
		{"postern_connections", "Open connections.", func() float64 {
			return n.sum(func(l listener) float64 { return float64(l.server.Stats().Connections) })
		}},
	}
	for _, g := range gauges {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help}, g.value))
	}
	counters := []struct {
		name, help string
		value      func() float64
	}{
		{"postern_plan_compiled_total", "Plans of deployments compiled.", func() float64 { return float64(stats.Compiled.Load()) }},
		{"postern_plan_compile_failures_total", "Compilations that failed.", func() float64 { return float64(stats.Failures.Load()) }},
		{"postern_mirror_differences_total", "Entries that an audit found different from the store.", func() float64 { return float64(n.mirror.Differences()) }},
		{"postern_panics_total", "Requests that ended in a panic.", func() float64 {
			return float64(n.gateway.Panics()) + n.sum(func(l listener) float64 { return float64(l.server.Stats().Panics) })
		}},
		{"postern_malformed_requests_total", "Requests refused for their syntax.", func() float64 {
			return n.sum(func(l listener) float64 { return float64(l.server.Stats().Malformed) })
		}},
	}
	for _, c := range counters {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: c.name, Help: c.help}, c.value))
	}
	for _, route := range n.logs.Routes {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "postern_log_dropped_total", Help: "Log records that a sink did not take or lost.",
			ConstLabels: prometheus.Labels{"sink": route.Queue.Name()},
		}, func() float64 { return float64(route.Queue.Dropped()) }))
	}
	registry.MustRegister(&prom.Collector{
		Registry: &n.live.Metrics,
		Served:   func(api, stage string) bool { return n.table.Stage(api, stage) != nil },
	})
	n.registerTelemetry(registry)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

func (n *Node) sum(value func(listener) float64) float64 {
	var total float64
	for _, l := range n.listeners {
		if l.server != nil {
			total += value(l)
		}
	}
	return total
}

func (n *Node) storeSize() float64 {
	size, err := n.store.Size(context.Background()) // bounded by the store itself
	if err != nil {
		return -1
	}
	return float64(size)
}
