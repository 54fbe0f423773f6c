// Package front turns connections into exchanges and writes the answers.
//
// One [Server] listens for everything that clients may speak on a port: it
// looks at the first bytes of a connection, takes off TLS, and hands it to
// package h1 or h2. Which plane answers is not its business: it has one
// [exchange.Handler]. The control plane, an ordinary http.Handler, stands
// behind [Adapt].
//
// The limits here protect the process. The limits of the API (413, 414, 431
// in its own words) are lower and are the handler's; the front never bounds a
// body.
//
// Read [Config], then [Server].
package front
