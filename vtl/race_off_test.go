//go:build !race

package vtl

const raceFactor = 1
