package etcd

import (
	"encoding/binary"
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
// etcd itself meets damage with a panic in a goroutine that nobody can recover,
// and takes a log that breaks off in the middle for one that was being written
// when the machine went down: it would cut off what was acknowledged.
func checkDir(dir string) error {
	database, log := filepath.Join(dir, "member", "snap", "db"), filepath.Join(dir, "member", "wal")
	applied, err := checkDatabase(database)
	if err != nil {
		return err
	}
	last, err := checkLog(log)
	if err != nil {
		return err
	}
	if last < applied {
		return fmt.Errorf("%s is damaged: it ends at entry %d, the database has %d", log, last, applied)
	}
	return nil
}

// checkDatabase reads every page that is in use, and returns the last entry of
// the log that the database has; 0 if there is no database.
func checkDatabase(path string) (applied uint64, err error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return 0, nil
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
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	defer db.Close()
	err = db.View(func(tx *bolt.Tx) error {
		err := tx.ForEach(readBucket)
		if meta := tx.Bucket([]byte("meta")); meta != nil && err == nil {
			if index := meta.Get([]byte("consistent_index")); len(index) == 8 {
				applied = binary.BigEndian.Uint64(index)
			}
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return applied, nil
}

// readBucket touches every byte of a bucket.
func readBucket(name []byte, bucket *bolt.Bucket) error {
	var sum byte
	err := bucket.ForEach(func(key, value []byte) error {
		for _, part := range [][]byte{key, value} {
			for _, b := range part {
				sum ^= b
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("bucket %s (checksum %02x): %w", name, sum, err)
	}
	return nil
}

// checkLog verifies the checksums of the write-ahead log from its last snapshot
// on, and returns its last entry. A torn record at the end is not damage: it was
// never acknowledged.
func checkLog(dir string) (last uint64, err error) {
	if !wal.Exist(dir) {
		return 0, nil
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s is damaged: %v", dir, r)
		}
	}()
	snapshots, err := wal.ValidSnapshotEntries(zap.NewNop(), dir)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", dir, err)
	}
	if len(snapshots) == 0 {
		return 0, fmt.Errorf("%s is damaged: it has no beginning", dir)
	}
	snapshot := snapshots[len(snapshots)-1]
	log, err := wal.OpenForRead(zap.NewNop(), dir, snapshot)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", dir, err)
	}
	_, _, entries, err := log.ReadAll() // closes what OpenForRead opened; Close is for writers
	if err != nil {
		return 0, fmt.Errorf("%s: %w", dir, err)
	}
	if len(entries) == 0 {
		return snapshot.GetIndex(), nil
	}
	return entries[len(entries)-1].GetIndex(), nil
}
