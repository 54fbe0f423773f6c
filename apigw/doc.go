// Package apigw is the generated form of the API Gateway 2015-07-09 service
// model: shapes, enum values, operation table and constraint table.
//
// The files *_gen.go come from awsmodel/gen; this file and types.go are by
// hand. Scalars and structures are pointers, and maps and lists may be nil, so
// that a member that is absent differs from one that is empty: what is absent
// is not sent. Read [Operations] and [Schema] first.
package apigw
