// Package otlp is the sink that sends records to a collector by OTLP over HTTP,
// in the JSON encoding of the protocol.
package otlp
