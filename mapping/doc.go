// Package mapping reads values of a request or of a backend's answer: the
// expressions of parameter mappings ("method.request.header.X"), the variables
// of $context, and mapping templates with the objects that they find.
//
// An expression is parsed once, when a plan is made ([ParseRequest],
// [ParseResponse]), and evaluated against a [Source] on every request.
package mapping
