//go:build race

package control

// raceDetector says that the tests run under the race detector, which has
// nothing to find in long runs of one goroutine.
const raceDetector = true

// listsPerHistory times the hundred histories that package rapid runs is the
// number of lists of a run.
const listsPerHistory = 10
