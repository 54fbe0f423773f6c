// Package postern runs the postern binary in tests: it builds it once, starts
// it, waits until it is ready, stops or kills it, and calls it.
//
// A suite calls [Main] in its TestMain and [Start] in its tests. The binary is
// built with the race detector when the tests are, and a test fails when the
// process wrote anything to its standard error that is not a log line: a panic,
// a race, a library's own words.
package postern
