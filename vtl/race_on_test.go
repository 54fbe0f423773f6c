//go:build race

package vtl

// raceFactor is how much slower the race detector makes one piece of work.
const raceFactor = 4
