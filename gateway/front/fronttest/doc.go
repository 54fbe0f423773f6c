// Package fronttest is what every front must do, as tests.
//
// A front is tested from outside, by clients over real sockets; [Run] takes
// what a client sees of it. The tests of the parser's strictness are not here:
// they are of HTTP/1.1 alone.
package fronttest
