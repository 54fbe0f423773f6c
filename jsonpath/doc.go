// Package jsonpath reads values out of documents by JSONPath in the dialect
// of the library that the service uses (Jayway's).
//
// A path of children and single indexes is definite: it gives one value or
// none. Every other path gives a list, which may be empty.
package jsonpath
