// Package otel sends spans and metrics to a collector of OpenTelemetry, by
// OTLP over HTTP with protobuf.
//
// An [Exporter] never makes a request wait: spans go into a bounded queue, and
// what it cannot hold, or what the collector does not take, is dropped and
// counted. The messages are those of the protocol's own module; its SDK is not
// needed for two kinds of spans and three metrics.
package otel
