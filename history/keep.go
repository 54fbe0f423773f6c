package history

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/store"
)

// keepEvery is the time between two looks at the length of the history.
const keepEvery = time.Hour

// Keep bounds the history to the newest limit events of each account and
// region, now and every hour, until ctx ends.
func Keep(ctx context.Context, s store.Store, c clock.Clock, log *slog.Logger, limit int) {
	for ctx.Err() == nil {
		if err := prune(ctx, s, limit); err != nil && ctx.Err() == nil {
			log.Warn("the history could not be shortened", "error", err)
		}
		due := make(chan struct{})
		stop := c.AfterFunc(keepEvery, func() { close(due) })
		select {
		case <-due:
		case <-ctx.Done():
			stop()
		}
	}
}

// pruneBatch is the number of events that one transaction removes.
const pruneBatch = 500

// prune removes all but the newest limit events of each scope.
func prune(ctx context.Context, s store.Store, limit int) error {
	entries, _, err := s.List(ctx, domain.History)
	if err != nil {
		return err
	}
	byScope := map[string][]string{} // keys, the oldest first
	for _, entry := range entries {
		scope := entry.Key[:strings.LastIndexByte(entry.Key, '/')+1]
		byScope[scope] = append(byScope[scope], entry.Key)
	}
	var tx store.Tx
	for _, keys := range byScope {
		for _, key := range keys[:max(0, len(keys)-limit)] {
			tx.Writes = append(tx.Writes, store.Write{Key: key, Delete: true})
			if len(tx.Writes) == pruneBatch {
				if _, err := s.Commit(ctx, tx); err != nil {
					return err
				}
				tx.Writes = nil
			}
		}
	}
	if len(tx.Writes) == 0 {
		return nil
	}
	_, err = s.Commit(ctx, tx)
	return err
}
