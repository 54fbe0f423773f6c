// Package recorded replays calls whose answers were recorded from the real
// service, and compares the answers.
//
// A [Case] is a file: calls in order, with what the service answered. [Replay]
// makes them against a running server, over plain HTTP, and returns the
// differences. The cases themselves are not part of this repository; the format
// is described in the README that comes with them.
//
// The list of cases that match, matching.txt, is kept by TestRecorded: a case
// that falls off it fails, a case that has come to match wants to be added.
package recorded
