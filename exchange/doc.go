// Package exchange is one request and its answer, independent of any server.
//
// A front (HTTP/1.1, HTTP/2, a test invocation) fills the request, the gateway
// fills the response, the front writes it. An Exchange owns its bytes: nothing
// in it points into a buffer that a front reuses while the exchange lives.
// Read [Exchange], then [Header].
package exchange
