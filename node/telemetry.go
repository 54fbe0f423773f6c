package node

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/postern-gateway/postern/observe/otel"
	"github.com/postern-gateway/postern/observe/trace"
)

// openTelemetry starts sending to a collector, if one is configured, and
// returns what takes spans; nil without a collector.
func (n *Node) openTelemetry() func(*trace.Span) {
	if n.cfg.OTLP == "" {
		return nil
	}
	n.telemetry = otel.New(otel.Config{
		URL: n.cfg.OTLP, Metrics: &n.live.Metrics, Instance: n.cfg.IDs.UUID(), Clock: n.cfg.Clock, Log: n.cfg.Log,
	})
	return n.telemetry.Span
}

// registerTelemetry shows what was lost, in the metric of all sinks.
func (n *Node) registerTelemetry(registry *prometheus.Registry) {
	if n.telemetry == nil {
		return
	}
	registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "postern_log_dropped_total", Help: "Log records that a sink did not take or lost.",
		ConstLabels: prometheus.Labels{"sink": "traces"},
	}, func() float64 { return float64(n.telemetry.Dropped()) }))
}

// telemetryTimeout bounds how long the end of a node waits for a collector.
const telemetryTimeout = 5 * time.Second

// closeTelemetry sends what is left.
func (n *Node) closeTelemetry(ctx context.Context) {
	if n.telemetry == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, telemetryTimeout)
	defer cancel()
	n.telemetry.Close(ctx)
}
