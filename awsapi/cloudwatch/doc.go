// Package cloudwatch serves the part of the API of CloudWatch that reads
// metrics, for the metrics of stages: GetMetricStatistics, GetMetricData without
// expressions, and ListMetrics.
//
// Clients speak three protocols with one meaning: JSON 1.0 (boto3 and version 1
// of the CLI), RPC with CBOR (the SDK for Go), and Query with XML (older clients).
// All three are served, each with its own form of errors. Data is that of package
// observe/metrics; other namespaces than AWS/ApiGateway have none.
package cloudwatch
