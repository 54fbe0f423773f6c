// Package observe is what is told about a request beside its answer: the lines
// of its execution log.
//
// A [Journal] collects the lines while the request runs. For a stage they go to
// its log group, for a test invocation into the answer; both see the same
// lines, because the same steps write them. What each line says, and which
// values are masked, is the real service's; see the stage runtime specification.
package observe
