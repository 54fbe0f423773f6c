//go:build !linux

package etcd

import "errors"

// freeBytes is known on Linux only; elsewhere a full disk is met by the
// supervisor.
func freeBytes(string) (int64, error) { return 0, errors.ErrUnsupported }

func allocate(string, int64) error { return errors.ErrUnsupported }
