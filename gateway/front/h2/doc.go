// Package h2 is the HTTP/2 engine of the front: net/http for HTTP/2 only, with
// its requests turned into exchanges.
//
// It never speaks HTTP/1.1: that is package h1's alone, since two parsers side
// by side would differ. Connections come from package front, after the
// handshake or with the preface of a client that knows that we speak HTTP/2.
//
// net/http keeps neither the order nor the spelling of header fields; an
// exchange of HTTP/2 has its names in lower case and sorted. The Host field
// comes first, made from :authority, so that handlers find it as with
// HTTP/1.1.
package h2
