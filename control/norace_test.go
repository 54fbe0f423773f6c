//go:build !race

package control

const (
	raceDetector    = false
	listsPerHistory = 100
)
