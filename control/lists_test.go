//go:build !race

package control

// listsPerHistory times the hundred histories that package rapid runs is the
// number of lists of a run.
const listsPerHistory = 100
