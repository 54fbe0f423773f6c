package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/mirror"
)

// layout is the version of the key layout (domain/key.go) that this binary
// writes. It reads all versions up to this one.
const layout = 1

// checkFormat refuses a store that a newer binary wrote, and marks a new one.
func checkFormat(ctx context.Context, s store.Store) error {
	entries, _, err := s.List(ctx, domain.FormatKey)
	if err != nil {
		return fmt.Errorf("read the store: %w", err)
	}
	if len(entries) == 0 {
		mark := domain.New(layout, domain.None{})
		_, err := s.Commit(ctx, store.Tx{
			Conds:  []store.Cond{{Key: domain.FormatKey}},
			Writes: []store.Write{{Key: domain.FormatKey, Value: mark.Encode()}},
		})
		if err != nil && !errors.Is(err, store.ErrConflict) { // another node was first
			return fmt.Errorf("mark the store: %w", err)
		}
		return nil
	}
	mark, err := domain.Decode[int, domain.None](domain.FormatKey, entries[0].Value)
	if err != nil {
		return err
	}
	if mark.Shape > layout {
		return fmt.Errorf("the store has layout %d, and this postern reads layouts up to %d: start a newer postern on this data", mark.Shape, layout)
	}
	return nil
}

// checkRecords refuses a store that holds a record of a newer version.
func checkRecords(view mirror.View) error {
	for entry := range view.Scan(domain.World) {
		err := domain.CheckVersion(entry.Key, entry.Value)
		if err == nil {
			continue
		}
		if key, ok := domain.ParseKey(entry.Key); !ok || key.Kind != "snapshot" {
			return err
		}
		// A snapshot is compressed, and checked when it is read.
	}
	return nil
}
