package etcd

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/postern-gateway/postern/store"
)

// watchPause is the time before a broken watch is made again.
const watchPause = 50 * time.Millisecond

// errWatchBroken ends one watch of etcd; Watch makes the next.
var errWatchBroken = errors.New("watch broken")

// Watch implements store.Store. It watches the whole namespace, request slots
// included: that is what makes every commit visible.
func (s *Store) Watch(ctx context.Context, prefix string, from store.Revision, f func(store.Batch) error) error {
	for ctx.Err() == nil {
		sess, changed, err := s.current()
		switch {
		case errors.Is(err, errClosed):
			return unavailable("watch "+prefix, err)
		case err != nil:
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		from, err = s.watchSession(ctx, sess, prefix, from, f)
		if err == nil {
			break
		}
		if !errors.Is(err, errWatchBroken) {
			return err
		}
		if sess.ctx.Err() == nil {
			_ = s.after(ctx, watchPause) // the loop looks at ctx
			continue
		}
		select { // the session has ended: the next one will be announced
		case <-changed:
		case <-ctx.Done():
		}
	}
	return nil
}

// watchSession watches through one session. It returns the last revision that f
// has seen.
func (s *Store) watchSession(ctx context.Context, sess *session, prefix string, from store.Revision, f func(store.Batch) error) (store.Revision, error) {
	wctx, cancel := context.WithCancel(clientv3.WithRequireLeader(ctx))
	defer cancel()
	stop := context.AfterFunc(sess.ctx, cancel)
	defer stop()
	responses := sess.client.Watch(wctx, s.opt.Namespace, clientv3.WithPrefix(),
		clientv3.WithRev(int64(from)+1), clientv3.WithFragment(), clientv3.WithCreatedNotify())
	for resp := range responses {
		if resp.CompactRevision != 0 {
			return from, unavailable("watch "+prefix, store.ErrCompacted)
		}
		if resp.Err() != nil {
			return from, errWatchBroken
		}
		if resp.Created && resp.Header.Revision < int64(from) {
			// A store with less history than we have seen is not the store that
			// we saw: restored from a backup, or an empty one in its place.
			return from, unavailable("watch "+prefix, store.ErrCompacted)
		}
		for _, batch := range s.batches(resp.Events, prefix) {
			if batch.Revision <= from {
				continue
			}
			if err := f(batch); err != nil {
				return from, err
			}
			from = batch.Revision
		}
	}
	if ctx.Err() != nil {
		return from, nil
	}
	return from, errWatchBroken
}

// batches groups events by revision. The client joins fragments, and the server
// never divides a revision among responses.
func (s *Store) batches(events []*clientv3.Event, prefix string) []store.Batch {
	var batches []store.Batch
	for _, event := range events {
		kv := event.Kv
		if n := len(batches); n == 0 || batches[n-1].Revision != store.Revision(kv.ModRevision) {
			batches = append(batches, store.Batch{Revision: store.Revision(kv.ModRevision)})
		}
		key, isData := strings.CutPrefix(string(kv.Key), s.data)
		if !isData || !strings.HasPrefix(key, prefix) {
			continue
		}
		batch := &batches[len(batches)-1]
		if event.Type == mvccpb.DELETE {
			batch.Deleted = append(batch.Deleted, key)
			continue
		}
		batch.Entries = append(batch.Entries, store.Entry{
			Key: key, Value: kv.Value, Modified: store.Revision(kv.ModRevision),
		})
	}
	for i := range batches {
		slices.Sort(batches[i].Deleted)
		slices.SortFunc(batches[i].Entries, func(a, b store.Entry) int { return strings.Compare(a.Key, b.Key) })
	}
	return batches
}
