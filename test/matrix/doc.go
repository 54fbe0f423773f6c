// Package matrix proves that every member of a stage acts.
//
// It has one row for each member of Stage, MethodSetting, CanarySettings and
// AccessLogSettings. A row's test works through the wire, on a whole node. It
// runs twice: as the node is, and once more with the member's effect taken away
// (an edit of what is compiled, or of the answers), which it must notice. The
// rows make docs/stage-matrix.md; run the tests with -update to write it.
package matrix
