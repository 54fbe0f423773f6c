// Package sdk drives a running postern with the official AWS SDK for Go and
// with HTTP clients of all kinds: every change is followed by live traffic, and
// the very next request must obey it.
package sdk
