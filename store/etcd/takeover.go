package etcd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A member whose database could not be written has lost a goroutine that held
// the database's lock. It cannot close its files, so they stay locked for as
// long as the process lives. They cannot change any more either, for the same
// reason. So a new member takes over copies, put in their places file by file:
// the old member keeps the nameless originals.

// databaseFrozen is etcd's message when it ends in that way.
const databaseFrozen = "failed to commit tx"

// frozen reports that the failure was of that kind.
func (m *member) frozen() bool { return strings.HasPrefix(m.failure.Error(), databaseFrozen) }

// takeOver replaces each file below dir/member by a copy. It may be interrupted
// and repeated at any point.
func takeOver(dir string, free int64) error {
	size, err := diskUsage(dir)
	if err != nil {
		return err
	}
	if err := checkSpace(dir, size+free); err != nil {
		return fmt.Errorf("take over %s: %w", dir, err)
	}
	err = filepath.WalkDir(filepath.Join(dir, "member"), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return nil
		case filepath.Ext(path) == ".tmp", filepath.Ext(path) == copySuffix:
			return os.Remove(path) // prepared for later, or left by an attempt
		}
		return renew(path)
	})
	if err != nil {
		return fmt.Errorf("take over %s: %w", dir, err)
	}
	return nil
}

const copySuffix = ".copy"

// renew puts a copy of the file in its place.
func renew(path string) (err error) {
	old, err := os.Open(path)
	if err != nil {
		return err
	}
	defer old.Close()
	fresh, err := os.OpenFile(path+copySuffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(fresh, old)
	err = errors.Join(err, fresh.Sync(), fresh.Close())
	if err != nil {
		return errors.Join(err, os.Remove(path+copySuffix))
	}
	return os.Rename(path+copySuffix, path)
}
