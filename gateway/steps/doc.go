// Package steps is what happens to a request once its method is known: one
// small type per stage of the pipeline.
//
// A step is built once from the settings of a method (package plan/spec), has
// no state of its own and is run by many goroutines at once. Everything about
// one request is in [Request]. Which steps a method has, and in which order,
// is decided in package plan. Read [Step] and [Request].
package steps
