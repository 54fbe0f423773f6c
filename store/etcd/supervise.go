package etcd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/fileutil"
)

// startTime bounds the start of a member.
const startTime = 30 * time.Second

// Embedded starts a member in this process and returns when it serves. An error
// names the directory and what can be done about it.
func Embedded(cfg EmbeddedConfig) (*Store, error) {
	if cfg.Keep == 0 {
		cfg.Keep = 1000
	}
	if cfg.Quota == 0 {
		cfg.Quota = 2 << 30
	}
	if cfg.keepFree == 0 {
		cfg.keepFree = reserveBytes
	}
	s := newStore(cfg.Options)
	cfg.Options = s.opt
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	sess, err := openMember(cfg)
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	s.release = func() { _ = lock.Close() }
	s.publish(sess, nil)
	s.running.Go(func() { s.supervise(cfg, sess) })
	s.running.Go(s.maintain)
	return s, nil
}

// lockDir makes the directory and locks it against other processes, for as long
// as the file is open. etcd locks its files too, but waits when it cannot.
func lockDir(dir string) (*fileutil.LockedFile, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	lock, err := fileutil.TryLockFile(filepath.Join(dir, "lock"), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory %s is in use by another process, or not writable: stop that process, or choose another directory: %w", dir, err)
	}
	return lock, nil
}

// openMember checks the directory and starts a member on it.
func openMember(cfg EmbeddedConfig) (*session, error) {
	if err := checkSpace(cfg.Dir, cfg.keepFree); err != nil {
		return nil, fmt.Errorf("data directory %s: %w: make room first", cfg.Dir, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	err := checkDir(cfg.Dir)
	var m *member
	if err == nil {
		m, err = startMember(ctx, cfg)
	}
	if err != nil {
		return nil, fmt.Errorf("data directory %s cannot be opened: restore it from a backup, or move it away to begin with an empty store: %w", cfg.Dir, err)
	}
	sess := &session{client: m.client, member: m}
	sess.ctx, sess.end = context.WithCancelCause(context.Background())
	return sess, nil
}

// Pauses between attempts to start a failed member again.
const (
	restartPause    = 100 * time.Millisecond
	restartPauseMax = 5 * time.Second
)

// supervise stops the member when the store closes, and replaces it when it fails.
func (s *Store) supervise(cfg EmbeddedConfig, sess *session) {
	for {
		select {
		case <-s.closing.Done():
			sess.end(errClosed)
			_ = sess.member.stop() // an etcd that failed in this very moment; nothing is left to do
			return
		case <-sess.member.failed:
		}
		failure := sess.member.failure
		s.opt.Log.Error("the embedded etcd failed; it will be started again", "dir", cfg.Dir, "error", failure)
		s.publish(nil, failure)
		sess.end(failure)
		stuck := sess.member.stop() != nil
		if stuck && !sess.member.frozen() {
			s.opt.Log.Error("the embedded etcd cannot be started again; restart the process", "dir", cfg.Dir, "error", errStuck)
			s.publish(nil, errStuck)
			<-s.closing.Done()
			return
		}
		if sess = s.reopen(cfg, stuck); sess == nil {
			return
		}
		s.publish(sess, nil)
		s.opt.Log.Info("the embedded etcd serves again", "dir", cfg.Dir)
	}
}

// reopen starts a member, trying until it succeeds or the store closes (nil).
// If the old member is stuck, its files are taken over first.
func (s *Store) reopen(cfg EmbeddedConfig, stuck bool) *session {
	for pause := restartPause; s.after(s.closing, pause) == nil; pause = min(2*pause, restartPauseMax) {
		var err error
		if stuck {
			err = takeOver(cfg.Dir, cfg.keepFree)
			stuck = err != nil
		}
		if err == nil {
			var sess *session
			if sess, err = openMember(cfg); err == nil {
				return sess
			}
		}
		s.opt.Log.Warn("the embedded etcd cannot be started yet", "error", err)
		s.publish(nil, err)
	}
	return nil
}
