// Package httpx calls backends over HTTP/1.1.
//
// [Client] implements integration.Invoker with connections of its own: one
// goroutine that writes and then reads, names and order of fields exactly as
// given, and the strict syntax of package http1 for the answer. It follows no
// redirect, uses no proxy, decodes no content coding and adds no field but
// Host and Content-Length. What may be sent to a backend is decided before.
//
// # Reuse and retry
//
// A connection goes back to the pool when its answer was read to the end,
// allows reuse, and nothing came after it. Before it is used again it is looked
// at without reading: if the backend has closed it, or has sent something
// unasked, another is taken. What the look cannot see is a backend that closes
// while the request is on its way. Then, and only if the connection had been
// used before and not one byte of an answer came, the call is made once more
// on a new connection, provided that
//
//   - the method is idempotent (RFC 9110, 9.2.2), or
//   - not one byte of the request was taken by the kernel.
//
// A POST that was sent is never sent again: the backend may have done it. A
// timeout or the end of the caller's context is never retried, and the second
// try has what is left of the same timeout.
package httpx
