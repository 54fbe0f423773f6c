// Package cli calls a running postern from scripts, as people do: with the AWS
// command line, with curl-like requests and with boto3. Each script in testdata
// is about one family of operations; testdata/boto3 has one for the life of an
// API, one for every paginator that botocore has, and one for the exceptions.
package cli
