package etcd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/store"
)

// Options are common to both forms of the store. The zero value works.
type Options struct {
	// Namespace is put before every key; "/postern/" by default.
	Namespace string
	// Timeout bounds each call but Watch, in addition to the caller's context;
	// 5 s by default.
	Timeout time.Duration
	// Keep is the number of revisions that a watch can go back. Older ones are
	// compacted away, for the whole etcd and not only for the namespace.
	// Embedded keeps 1,000 by default; Dial leaves compaction to the operator of
	// the cluster unless Keep is set.
	Keep int64
	// Maintain is the time between two looks at compaction and fragmentation;
	// 30 s by default.
	Maintain time.Duration
	Clock    clock.Clock  // clock.System by default
	Log      *slog.Logger // discards by default
	IDs      *ids.Source  // ids.New by default
}

func (o *Options) setDefaults() {
	if o.Namespace == "" {
		o.Namespace = "/postern/"
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Maintain == 0 {
		o.Maintain = 30 * time.Second
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.IDs == nil {
		o.IDs = ids.New()
	}
}

// Store implements store.Store. Make one with Embedded or Dial.
type Store struct {
	opt  Options
	data string // prefix of entries
	slot string // prefix of request slots

	slots *slots
	kick  chan struct{} // asks for maintenance now

	mu      sync.Mutex
	session *session      // nil while a member restarts and after Close
	changed chan struct{} // closed and renewed when session changes
	cause   error         // why session is nil

	closing   context.Context // ends with Close
	close     context.CancelFunc
	closeOnce sync.Once
	running   sync.WaitGroup
	release   func() // frees what Embedded or Dial took, after everything stopped
}

var _ store.Store = (*Store)(nil)

// session is a connection: to a cluster, or to one run of the embedded member.
type session struct {
	client *clientv3.Client
	member *member         // nil if dialled
	ctx    context.Context // ends when the member fails or the store closes
	end    context.CancelCauseFunc
}

var errClosed = errors.New("the store is closed")

// DialConfig tells how to reach a cluster.
type DialConfig struct {
	Options
	Endpoints []string // URLs
	TLS       *tls.Config
	User      string
	Password  string
}

// Dial returns a store on a cluster. It does not wait for the cluster: calls
// return store.ErrUnavailable until it answers.
func Dial(cfg DialConfig) (*Store, error) {
	s := newStore(cfg.Options)
	client, err := clientv3.New(clientv3.Config{
		Endpoints:            cfg.Endpoints,
		TLS:                  cfg.TLS,
		Username:             cfg.User,
		Password:             cfg.Password,
		DialTimeout:          2 * time.Second,
		DialKeepAliveTime:    5 * time.Second,
		DialKeepAliveTimeout: 3 * time.Second,
		Logger:               newZap(s.opt.Log, nil),
	})
	if err != nil {
		return nil, fmt.Errorf("etcd %v: %w", cfg.Endpoints, err)
	}
	sess := &session{client: client}
	sess.ctx, sess.end = context.WithCancelCause(context.Background())
	s.publish(sess, nil)
	s.release = func() { _ = client.Close() }
	if s.opt.Keep > 0 {
		s.running.Go(s.maintain)
	}
	return s, nil
}

func newStore(opt Options) *Store {
	opt.setDefaults()
	s := &Store{
		opt:     opt,
		data:    opt.Namespace + "d/",
		slot:    opt.Namespace + "t/",
		slots:   newSlots(opt.Namespace+"t/", opt.IDs),
		kick:    make(chan struct{}, 1),
		changed: make(chan struct{}),
	}
	s.closing, s.close = context.WithCancel(context.Background())
	return s
}

// Within returns a store on the same etcd with a namespace of its own. Closing
// it leaves s open; it must be closed first.
func (s *Store) Within(namespace string) *Store {
	opt := s.opt
	opt.Namespace = namespace
	sub := newStore(opt)
	sub.kick = s.kick
	sub.release = func() {}
	parent, changed, err := s.current()
	sub.publish(parent.derive(), err)
	sub.running.Go(func() {
		for {
			select {
			case <-changed:
			case <-sub.closing.Done():
				return
			}
			parent, changed, err = s.current()
			sub.publish(parent.derive(), err)
		}
	})
	return sub
}

// derive returns a session on the same member that can end on its own.
func (sess *session) derive() *session {
	if sess == nil {
		return nil
	}
	sub := &session{client: sess.client, member: sess.member}
	sub.ctx, sub.end = context.WithCancelCause(sess.ctx)
	return sub
}

// publish makes sess the current session; nil with the reason if there is none.
func (s *Store) publish(sess *session, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Err() != nil {
		sess, cause = nil, errClosed
	}
	s.session, s.cause = sess, cause
	close(s.changed)
	s.changed = make(chan struct{})
}

// current returns the session, or why there is none. The channel is closed when
// the answer changes.
func (s *Store) current() (*session, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Err() != nil {
		return nil, s.changed, errClosed
	}
	return s.session, s.changed, s.cause
}

// call runs f with the current session and a context that ends with the
// session. Errors of f become store.ErrUnavailable.
func (s *Store) call(ctx context.Context, what string, f func(context.Context, *session) error) error {
	sess, _, err := s.current()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return unavailable(what, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.opt.Timeout)
	defer cancel()
	stop := context.AfterFunc(sess.ctx, cancel)
	defer stop()
	if err := f(ctx, sess); err != nil {
		if cause := context.Cause(sess.ctx); cause != nil {
			err = cause
		}
		return unavailable(what, err)
	}
	return nil
}

// unavailable wraps err, unless it is one of the store's own answers.
func unavailable(what string, err error) error {
	for _, own := range []error{store.ErrConflict, store.ErrTooLarge, store.ErrUnavailable, store.ErrCompacted} {
		if errors.Is(err, own) {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return fmt.Errorf("%s: %w: %w", what, store.ErrUnavailable, err)
}

// The number of keys per request of List. etcd looks at every key up to the end
// of the range for each page, so a long list wants few pages; the largest page
// stays below the largest message (2 GiB) even if all values are chunks of
// snapshots.
const (
	firstPage   = 500
	largestPage = 4000
)

// List implements store.Store.
func (s *Store) List(ctx context.Context, prefix string) ([]store.Entry, store.Revision, error) {
	var entries []store.Entry
	var revision store.Revision
	err := s.call(ctx, "list "+prefix, func(ctx context.Context, sess *session) error {
		from := s.data + prefix
		end := clientv3.GetPrefixRangeEnd(from)
		opts := []clientv3.OpOption{clientv3.WithRange(end)}
		for page := int64(firstPage); ; page = min(2*page, largestPage) {
			resp, err := sess.client.Get(ctx, from, append(opts, clientv3.WithLimit(page))...)
			if err != nil {
				return err
			}
			if revision == 0 {
				revision = store.Revision(resp.Header.Revision)
				opts = append(opts, clientv3.WithRev(resp.Header.Revision))
				entries = make([]store.Entry, 0, resp.Count)
			}
			for _, kv := range resp.Kvs {
				entries = append(entries, store.Entry{
					Key:      string(kv.Key[len(s.data):]),
					Value:    kv.Value,
					Modified: store.Revision(kv.ModRevision),
				})
			}
			if !resp.More {
				return nil
			}
			from = string(resp.Kvs[len(resp.Kvs)-1].Key) + "\x00"
		}
	})
	if err != nil {
		return nil, 0, err
	}
	return entries, revision, nil
}

// Revision implements store.Store: the youngest of the request slots, since
// every commit writes one.
func (s *Store) Revision(ctx context.Context) (store.Revision, error) {
	var revision store.Revision
	err := s.call(ctx, "revision", func(ctx context.Context, sess *session) error {
		resp, err := sess.client.Get(ctx, s.slot, clientv3.WithPrefix(), clientv3.WithKeysOnly())
		if err != nil {
			return err
		}
		for _, kv := range resp.Kvs {
			revision = max(revision, store.Revision(kv.ModRevision))
		}
		return nil
	})
	return revision, err
}

// Size implements store.Store. Of a cluster it is the size of the database of
// one member.
func (s *Store) Size(ctx context.Context) (int64, error) {
	var size int64
	err := s.call(ctx, "size", func(ctx context.Context, sess *session) error {
		if sess.member != nil {
			var err error
			size, err = diskUsage(sess.member.cfg.Dir)
			return err
		}
		var last error
		for _, endpoint := range sess.client.Endpoints() {
			status, err := sess.client.Status(ctx, endpoint)
			if err == nil {
				size = status.DbSize
				return nil
			}
			last = err
		}
		return last
	})
	return size, err
}

// Close implements store.Store. It returns when everything that the store
// started has ended.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		s.mu.Lock()
		sess := s.session
		s.close()
		s.mu.Unlock()
		s.publish(nil, errClosed)
		if sess != nil {
			sess.end(errClosed)
		}
		s.running.Wait()
		s.release()
	})
	return nil
}

// after waits for d on the store's clock, or until ctx ends.
func (s *Store) after(ctx context.Context, d time.Duration) error {
	passed := make(chan struct{})
	stop := s.opt.Clock.AfterFunc(d, func() { close(passed) })
	defer stop()
	select {
	case <-passed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
