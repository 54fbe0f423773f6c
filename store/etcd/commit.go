package etcd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/store"
)

// A transaction whose answer is lost may have happened, may still happen, or
// may never happen. To find out, every commit also writes a request slot: a key
// that one commit uses at a time. It puts a token there, on the condition that
// the slot is unchanged since its last use. When the answer is lost, a second
// transaction writes a fence to the slot on the same condition. At most one of
// the two can succeed. If the fence does, the commit never will; if it does not,
// the slot tells whose token came first.
//
// The slots are a fixed set that all processes on a namespace share, so they
// never pile up. A slot that another process used since is noticed by the same
// condition and costs one more round trip.
type slot struct {
	key      string
	revision int64 // when it was last written, as far as we know
}

// slotCount is also the number of commits of one process in flight.
const slotCount = 64

// slots hands out the slots that are not in use, the last returned first: a
// process with few writers then stays on few slots and rarely meets another.
type slots struct {
	free chan struct{} // one element per slot in list
	mu   sync.Mutex
	list []*slot
}

// newSlots puts the slots in an order of this process's own.
func newSlots(prefix string, source *ids.Source) *slots {
	s := &slots{free: make(chan struct{}, slotCount)}
	first := int(source.Percent() * slotCount / 100)
	for i := range slotCount {
		s.put(&slot{key: fmt.Sprintf("%s%02d", prefix, first^i)})
	}
	return s
}

func (s *slots) put(sl *slot) {
	s.mu.Lock()
	s.list = append(s.list, sl)
	s.mu.Unlock()
	s.free <- struct{}{}
}

func (s *slots) take(ctx context.Context) (*slot, error) {
	select {
	case <-s.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.list) - 1
	sl := s.list[last]
	s.list = s.list[:last]
	return sl, nil
}

// retryPause is the time between two attempts to learn about a lost answer.
const retryPause = 10 * time.Millisecond

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, tx store.Tx) (store.Revision, error) {
	var revision store.Revision
	err := s.call(ctx, "commit", func(ctx context.Context, sess *session) error {
		if sess.member != nil {
			if err := sess.member.admit(tx); err != nil {
				s.wantMaintenance()
				return err
			}
		}
		sl, err := s.slots.take(ctx)
		if err != nil {
			return err
		}
		defer s.slots.put(sl)
		revision, err = s.commit(ctx, sess.client, sl, tx)
		return err
	})
	return revision, err
}

// commit tries until the outcome is known or ctx ends.
func (s *Store) commit(ctx context.Context, client *clientv3.Client, sl *slot, tx store.Tx) (store.Revision, error) {
	conds, writes := s.translate(tx)
	for {
		token := s.opt.IDs.UUID()
		resp, err := client.Txn(ctx).
			If(append(conds, sl.unchanged())...).
			Then(append(writes, clientv3.OpPut(sl.key, token))...).
			Else(clientv3.OpGet(sl.key)).
			Commit()
		switch {
		case err == nil && resp.Succeeded:
			sl.revision = resp.Header.Revision
			return store.Revision(resp.Header.Revision), nil
		case err == nil:
			if current, _ := slotIn(resp); current != sl.revision {
				sl.revision = current // used by another process: the conditions were not judged
				continue
			}
			return 0, store.ErrConflict
		case refused(err) != nil:
			return 0, refused(err)
		}
		revision, err := s.settle(ctx, client, sl, token, err)
		if revision != 0 || err != nil {
			return revision, err
		}
	}
}

// settle finds out what became of a commit whose answer was lost because of
// cause. It returns its revision, zero if it never happened and never will, or
// an error if that could not be learned in time.
func (s *Store) settle(ctx context.Context, client *clientv3.Client, sl *slot, token string, cause error) (store.Revision, error) {
	fence := "fence " + token
	for {
		if ctx.Err() != nil {
			return 0, cause
		}
		resp, err := client.Txn(ctx).
			If(sl.unchanged()).
			Then(clientv3.OpPut(sl.key, fence)).
			Else(clientv3.OpGet(sl.key)).
			Commit()
		if err != nil {
			if definite := refused(err); definite != nil {
				return 0, definite
			}
			if s.after(ctx, retryPause) != nil {
				return 0, cause
			}
			continue
		}
		if resp.Succeeded {
			sl.revision = resp.Header.Revision
			return 0, nil
		}
		current, value := slotIn(resp)
		sl.revision = current
		switch value {
		case token:
			return store.Revision(current), nil
		case fence:
			return 0, nil
		}
		return 0, fmt.Errorf("another process used the request slot: %w", cause)
	}
}

func (sl *slot) unchanged() clientv3.Cmp {
	return clientv3.Compare(clientv3.ModRevision(sl.key), "=", sl.revision)
}

// slotIn returns what the Else branch read: when the slot was written, and what.
func slotIn(resp *clientv3.TxnResponse) (revision int64, value string) {
	for _, kv := range resp.Responses[0].GetResponseRange().Kvs {
		return kv.ModRevision, string(kv.Value)
	}
	return 0, ""
}

func (s *Store) translate(tx store.Tx) ([]clientv3.Cmp, []clientv3.Op) {
	conds := make([]clientv3.Cmp, 0, len(tx.Conds)+1)
	for _, c := range tx.Conds {
		modified := clientv3.ModRevision(s.data + c.Key)
		if c.Prefix {
			conds = append(conds, clientv3.Compare(modified.WithPrefix(), "<", int64(c.Modified)+1))
		} else {
			conds = append(conds, clientv3.Compare(modified, "=", int64(c.Modified)))
		}
	}
	writes := make([]clientv3.Op, 0, len(tx.Writes)+1)
	for _, w := range tx.Writes {
		switch key := s.data + w.Key; {
		case w.Delete && w.Prefix:
			writes = append(writes, clientv3.OpDelete(key, clientv3.WithPrefix()))
		case w.Delete:
			writes = append(writes, clientv3.OpDelete(key))
		default:
			writes = append(writes, clientv3.OpPut(key, string(w.Value)))
		}
	}
	return conds, writes
}

// refused returns the store's error for an answer that means: not written and
// never will be. Nil for all others.
func refused(err error) error {
	switch {
	case errors.Is(err, rpctypes.ErrRequestTooLarge), errors.Is(err, rpctypes.ErrTooManyOps):
		return fmt.Errorf("%w: %w", store.ErrTooLarge, err)
	case errors.Is(err, rpctypes.ErrNoSpace), errors.Is(err, rpctypes.ErrTooManyRequests):
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	case errors.Is(err, rpctypes.ErrDuplicateKey), errors.Is(err, rpctypes.ErrEmptyKey),
		errors.Is(err, rpctypes.ErrPermissionDenied):
		return err
	case strings.Contains(err.Error(), grpcTooLarge):
		return fmt.Errorf("%w: %w", store.ErrTooLarge, err)
	}
	return nil
}

// grpcTooLarge is what the client's own limit says. Its code is that of a server
// that is out of resources, so the text must tell.
const grpcTooLarge = "trying to send message larger than max"
