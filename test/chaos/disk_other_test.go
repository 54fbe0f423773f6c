//go:build !linux

package chaos

import "testing"

// smallDisk skips the test: only on Linux we know how to make a small disk.
func smallDisk(t *testing.T, _ int) string {
	t.Helper()
	t.Skip("a small disk needs Linux")
	return ""
}
