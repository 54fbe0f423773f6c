// Package value is the data that mapping templates and JSON paths work on:
// values of JSON documents, and the values that a template makes itself, with
// the types and the printed forms of the service's own engine.
//
// Objects keep the order of their members and numbers of a document their
// spelling. A value belongs to one goroutine: lists and maps are shared by
// reference, as a template expects, and are not locked.
package value
