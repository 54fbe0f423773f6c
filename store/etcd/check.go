package etcd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.uber.org/zap"
)

// checkDir looks for damage in the files of a member before etcd opens them.
// etcd itself meets damage with a panic in a goroutine that nobody can recover.
func checkDir(dir string) error {
	if err := checkDatabase(filepath.Join(dir, "member", "snap", "db")); err != nil {
		return err
	}
	return checkLog(filepath.Join(dir, "member", "wal"))
}

// checkDatabase reads every page that is in use.
func checkDatabase(path string) (err error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	// A truncated file is a fault of the memory mapping, damaged pages are
	// panics of the library: both end here.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s is damaged: %v", path, r)
		}
	}()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer db.Close()
	return db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
			var read int
			err := bucket.ForEach(func(key, value []byte) error {
				for _, b := range value {
					read += int(b) // touches the page
				}
				read += len(key)
				return nil
			})
			if err != nil {
				return fmt.Errorf("%s, bucket %s: %w", path, name, err)
			}
			return nil
		})
	})
}

// checkLog verifies the checksums of the write-ahead log from its last snapshot
// on. A torn record at the end is not damage: it was never acknowledged.
func checkLog(dir string) (err error) {
	if !wal.Exist(dir) {
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s is damaged: %v", dir, r)
		}
	}()
	snapshots, err := wal.ValidSnapshotEntries(zap.NewNop(), dir)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if len(snapshots) == 0 {
		return fmt.Errorf("%s has no beginning", dir)
	}
	if _, err := wal.Verify(zap.NewNop(), dir, snapshots[len(snapshots)-1]); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return nil
}
