// Package http1 reads the syntax of HTTP/1.1 messages, strictly.
//
// The front (package h1) and the upstream client (package httpx) share it, so
// that both sides of the gateway mean the same thing by a message. It knows
// bytes and framing only: connections, deadlines and answers belong to its two
// users.
//
// Strict means that a message which two programs might read differently is an
// [Error], never a guess: no folded lines, no bare LF, no blank before a colon,
// no second Content-Length, no Content-Length beside Transfer-Encoding, no
// transfer coding but chunked. Names and values are kept exactly as they came.
//
// Read [Reader], then [Request] and [Response].
package http1
