//go:build !linux

package vtl

import "time"

// cpuTime measures how long f takes.
func cpuTime(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}
