// Package aws is the sinks that speak the protocols of CloudWatch Logs and
// Firehose, towards AWS or anything else that serves them.
package aws
