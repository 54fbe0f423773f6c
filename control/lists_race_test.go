//go:build race

package control

// listsPerHistory is small under the race detector, which has nothing to find in
// one goroutine after the other and makes each list ten times as slow.
const listsPerHistory = 10
