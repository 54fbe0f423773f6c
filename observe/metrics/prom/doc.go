// Package prom shows the counters of package metrics to Prometheus.
package prom
