// Package logs says where log lines go: records, queues and the sinks behind
// them.
//
// A Record is one line with the log group or delivery stream that it is for.
// Whoever serves a request puts it into a Router, which hands it to the Queue
// of each sink. A queue takes a record or drops and counts it, at once: a sink
// that is slow or dead costs no request. Behind the queue one goroutine writes
// batches to the Sink.
//
// The sinks are logs/store (files, the default, readable through the API of
// CloudWatch Logs), logs/text (standard output), logs/otlp (a collector) and
// logs/aws (the protocols of CloudWatch Logs and Firehose, towards any
// endpoint). What is in a line is the business of those who make it.
package logs
