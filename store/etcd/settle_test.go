package etcd

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/postern-gateway/postern/store"
)

var errLost = errors.New("the answer is lost")

// lossy is a client whose transactions lose their answers, as a script says.
type lossy struct {
	clientv3.KV
	script []fate       // of the transactions to come, in order
	next   atomic.Int64 // index into script
	late   func()       // does what was held back
	before func(i int)  // called before transaction i
}

type fate int

const (
	fine     fate = iota
	lost          // it happens, the answer does not arrive
	dropped       // it never happens
	heldBack      // it happens later
)

func (l *lossy) Txn(ctx context.Context) clientv3.Txn {
	next := fine
	i := int(l.next.Add(1)) - 1
	if i < len(l.script) {
		next = l.script[i]
	}
	if l.before != nil {
		l.before(i)
	}
	return &lossyTxn{Txn: l.KV.Txn(ctx), kv: l, fate: next}
}

type lossyTxn struct {
	clientv3.Txn
	kv   *lossy
	fate fate
}

func (t *lossyTxn) If(c ...clientv3.Cmp) clientv3.Txn  { t.Txn = t.Txn.If(c...); return t }
func (t *lossyTxn) Then(o ...clientv3.Op) clientv3.Txn { t.Txn = t.Txn.Then(o...); return t }
func (t *lossyTxn) Else(o ...clientv3.Op) clientv3.Txn { t.Txn = t.Txn.Else(o...); return t }

func (t *lossyTxn) Commit() (*clientv3.TxnResponse, error) {
	switch t.fate {
	case lost:
		_, _ = t.Txn.Commit()
		return nil, errLost
	case dropped:
		return nil, errLost
	case heldBack:
		t.kv.late = func() { _, _ = t.Txn.Commit() }
		return nil, errLost
	}
	return t.Txn.Commit()
}

// lossyStore is a store on member whose transactions meet the fates of script.
func lossyStore(t *testing.T, member *Store, namespace string, script ...fate) (*Store, *lossy) {
	t.Helper()
	s := newStore(Options{Namespace: namespace})
	inner, _, err := member.current()
	if err != nil {
		t.Fatal(err)
	}
	kv := &lossy{KV: inner.client.KV, script: script}
	sess := &session{client: clientv3.NewCtxClient(context.Background()), member: inner.member}
	sess.client.KV, sess.client.Watcher = kv, inner.client.Watcher
	sess.ctx, sess.end = context.WithCancelCause(context.Background())
	s.release = func() {}
	s.publish(sess, nil)
	t.Cleanup(func() { s.Close() })
	return s, kv
}

// TestLostAnswers: whatever happens to the answers, a commit that returns
// without an error has happened exactly once, and a conflict means it has not.
func TestLostAnswers(t *testing.T) {
	member, err := Embedded(EmbeddedConfig{Dir: t.TempDir(), Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { member.Close() })
	for _, row := range []struct {
		name   string
		script []fate
	}{
		{"all is well", nil},
		{"lost", []fate{lost}},
		{"dropped", []fate{dropped}},
		{"held back", []fate{heldBack}},
		{"lost, then its fence is lost", []fate{lost, lost}},
		{"lost, then its fence is dropped", []fate{lost, dropped, dropped}},
		{"dropped, then its fence is lost", []fate{dropped, lost}},
		{"dropped, then its fence is dropped", []fate{dropped, dropped, fine, lost}},
		{"dropped, then the next is lost", []fate{dropped, fine, lost}},
		{"held back, then the next is lost", []fate{heldBack, fine, lost}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, kv := lossyStore(t, member, "/"+row.name+"/", row.script...)
			kv.late = func() {}
			revision, err := s.Commit(t.Context(), store.Tx{
				Conds:  []store.Cond{{Key: "a"}}, // must be new: a second time would be a conflict
				Writes: []store.Write{{Key: "a", Value: []byte("1")}},
			})
			if err != nil {
				t.Fatalf("commit: %v", err)
			}
			kv.late()
			var versions []store.Revision
			done := errors.New("done")
			last, err := s.Commit(t.Context(), store.Tx{Writes: []store.Write{{Key: "end"}}})
			if err != nil {
				t.Fatal(err)
			}
			err = s.Watch(t.Context(), "", 0, func(b store.Batch) error {
				for _, e := range b.Entries {
					if e.Key == "a" {
						versions = append(versions, e.Modified)
					}
				}
				if b.Revision == last {
					return done
				}
				return nil
			})
			if !errors.Is(err, done) {
				t.Fatal(err)
			}
			if len(versions) != 1 || versions[0] != revision {
				t.Errorf("written at %v, commit says %d", versions, revision)
			}
		})
	}
}

// TestLostForGood: no answer until the context ends.
func TestLostForGood(t *testing.T) {
	member, err := Embedded(EmbeddedConfig{Dir: t.TempDir(), Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { member.Close() })
	s, kv := lossyStore(t, member, "/n/", slices.Repeat([]fate{dropped}, 10)...)
	ctx, cancel := context.WithCancel(t.Context())
	kv.before = func(i int) {
		if i == 5 { // some fences have been tried
			cancel()
		}
	}
	_, err = s.Commit(ctx, store.Tx{Writes: []store.Write{{Key: "a"}}})
	if !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, errLost) {
		t.Errorf("commit: %v", err)
	}
	kv.script = nil
	if _, err := s.Commit(t.Context(), store.Tx{Writes: []store.Write{{Key: "b"}}}); err != nil {
		t.Errorf("the next commit: %v", err)
	}
}

// TestSlotsAreShared: two processes on one namespace use the same slots.
func TestSlotsAreShared(t *testing.T) {
	member, err := Embedded(EmbeddedConfig{Dir: t.TempDir(), Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { member.Close() })
	one, _ := lossyStore(t, member, "/n/")
	two, _ := lossyStore(t, member, "/n/")
	// The worst case: the same slots in the same order.
	two.slots.list = nil
	for _, sl := range one.slots.list {
		two.slots.list = append(two.slots.list, &slot{key: sl.key})
	}
	var last store.Revision
	for range 10 {
		for _, s := range []*Store{one, two} {
			revision, err := s.Commit(t.Context(), store.Tx{Writes: []store.Write{{Key: "a"}}})
			if err != nil || revision <= last {
				t.Fatalf("commit: %d after %d, %v", revision, last, err)
			}
			last = revision
		}
	}
	client, _, _ := member.current()
	resp, err := client.client.Get(t.Context(), one.slot, clientv3.WithPrefix(), clientv3.WithCountOnly())
	if err != nil || resp.Count > slotCount {
		t.Errorf("%d slots, %v", resp.Count, err)
	}
}
