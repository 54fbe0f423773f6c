// Package logs serves the part of the API of CloudWatch Logs that people and
// their tools use around API Gateway: groups, streams, events, retention, tags.
//
// A Server answers the JSON protocol: POST / with the operation in
// X-Amz-Target. The operations are a table in operations.go; an operation that
// is not there answers UnknownOperationException. What they act on is a store of
// package logs/store.
//
// Texts of refusals are those of the service as far as they are reported by its
// users; the others follow their style. Where behaviour is assumed the code says
// so, and docs/divergences.md lists it.
package logs
