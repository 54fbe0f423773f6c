package etcd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// maintainTime bounds one round of maintenance.
const maintainTime = time.Minute

// maintain looks after the session at intervals, and when a write was refused
// for lack of room.
func (s *Store) maintain() {
	for s.closing.Err() == nil {
		tick, cancel := context.WithCancel(s.closing)
		stop := s.opt.Clock.AfterFunc(s.opt.Maintain, cancel)
		select {
		case <-tick.Done():
		case <-s.kick:
		}
		stop()
		cancel()
		sess, _, err := s.current()
		if err != nil {
			continue
		}
		if err := s.maintainOnce(sess); err != nil && sess.ctx.Err() == nil {
			s.opt.Log.Warn("store maintenance", "error", err)
		}
	}
}

// wantMaintenance asks for a round now, unless one is asked for already.
func (s *Store) wantMaintenance() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

func (s *Store) maintainOnce(sess *session) error {
	ctx, cancel := context.WithTimeout(sess.ctx, maintainTime)
	defer cancel()
	if m := sess.member; m != nil {
		m.maintaining.Lock()
		defer m.maintaining.Unlock()
		if sess.ctx.Err() != nil {
			return sess.ctx.Err() // stopped while we waited
		}
	}
	keep := s.opt.Keep
	if sess.member != nil && sess.member.overQuota() {
		// What was just deleted must not stay for another thousand commits that
		// nobody can make. A watch that is behind lists again.
		keep = 0
	}
	if err := compact(ctx, sess.client, s.slot, keep); err != nil {
		return err
	}
	if sess.member == nil {
		return nil
	}
	sess.member.ballast.keep(sess.member.server.Backend().Size())
	if err := sess.member.defragment(); err != nil {
		return err
	}
	return sess.member.disarm(ctx)
}

// compact drops the revisions beyond the last keep. Any key serves to learn the
// present one.
func compact(ctx context.Context, client *clientv3.Client, key string, keep int64) error {
	resp, err := client.Get(ctx, key, clientv3.WithCountOnly())
	if err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	target := resp.Header.Revision - keep
	if target <= 1 {
		return nil
	}
	// Physical: the pages are free when the call returns, for defragment to see.
	_, err = client.Compact(ctx, target, clientv3.WithCompactPhysical())
	if err != nil && !errors.Is(err, rpctypes.ErrCompacted) {
		return fmt.Errorf("compact: %w", err)
	}
	return nil
}

// overQuota reports that the database may not grow. The margin is a
// transaction: the quota is first seen by one that would have passed it.
func (m *member) overQuota() bool {
	return m.server.Backend().Size()+maxRequestBytes > m.cfg.Quota
}

// defragMinBytes is the size below which a database is left as it is.
const defragMinBytes = 32 << 20

// defragment rewrites the database if more than half of it is free. Writes wait
// meanwhile, some 10 ms per MB in use.
func (m *member) defragment() error {
	be := m.server.Backend()
	size, used := be.Size(), be.SizeInUse()
	if used > size/2 || (size < defragMinBytes && !m.overQuota()) {
		return nil
	}
	if err := checkSpace(m.cfg.Dir, m.cfg.keepFree+used); err != nil {
		return fmt.Errorf("defragment: %w", err)
	}
	if err := m.server.Defragment(); err != nil {
		return fmt.Errorf("defragment: %w", err)
	}
	m.ballast.keep(be.Size())
	return nil
}

// disarm takes back etcd's own alarm of a full database once it is no longer
// true. Our quota is below etcd's, so the alarm is not expected.
func (m *member) disarm(ctx context.Context) error {
	if len(m.server.Alarms()) == 0 || m.overQuota() {
		return nil
	}
	if _, err := m.client.AlarmDisarm(ctx, &clientv3.AlarmMember{}); err != nil {
		return fmt.Errorf("disarm: %w", err)
	}
	return nil
}
