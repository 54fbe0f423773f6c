//go:build !race

package postern

// Race says that the tests, and so the binary, have the race detector.
const Race = false
