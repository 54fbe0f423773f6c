// Package plan compiles a deployment and a stage into something that can be
// run: the route tree, and for each method the list of its steps.
//
// The compiler is pure and deterministic. It never fails: a mistake in the
// definition becomes a [Finding] and a step that answers
// API_CONFIGURATION_ERROR, and the rest of the API works. What it makes is
// never changed afterwards, so any number of requests may run it.
// Read [CompileAPI], [CompileStage] and the table in order.go.
package plan
