// Package h1 is the HTTP/1.1 engine of the front: strict, a goroutine per
// connection, nearly no allocation per request.
//
// It turns what a connection sends into exchanges, one after the other, and
// writes their answers. It accepts nothing and closes nothing by itself:
// package front owns listeners, TLS and the life of connections, and tells the
// engine about it through [Gate]. The syntax is package http1's.
//
// A request that might be read in two ways gets an answer of 400 and the end
// of its connection. The engine does not notice that a client has gone while a
// handler works: the context of a handler ends only with the server, and the
// answer is then written to nobody.
//
// Read [Engine], then serve in conn.go.
package h1
