package etcd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/client/pkg/v3/types"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/config"
	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"
	"go.etcd.io/etcd/server/v3/features"
	"go.etcd.io/etcd/server/v3/storage/wal"
)

// Limits of the embedded member.
const (
	// segmentBytes is the size of a segment of the write-ahead log. There are
	// three at most: two kept and one prepared.
	segmentBytes = 8 << 20
	// maxTxnOps is the number of conditions and of writes of a transaction.
	maxTxnOps = 2048
	// maxRequestBytes is the size of a transaction.
	maxRequestBytes = 4 << 20
)

// EmbeddedConfig describes the member inside this process.
type EmbeddedConfig struct {
	Options
	// Dir is the data directory. It is made if it does not exist.
	Dir string
	// Ephemeral gives up safety for speed: nothing is forced to the disk, so a
	// crash of the machine (not of the process) may lose or damage the data.
	Ephemeral bool
	// Quota is the size in bytes of the database, above which only deletions are
	// taken; 2 GiB by default.
	Quota int64

	// keepFree is the free space below which writes are refused; reserveBytes by
	// default, negative for none (tests of the supervisor).
	keepFree int64
}

// member is one run of the embedded etcd.
type member struct {
	cfg    EmbeddedConfig
	server *etcdserver.EtcdServer
	client *clientv3.Client

	ready    chan struct{} // closed when server serves
	failed   chan struct{} // closed when etcd gave up
	failOnce sync.Once
	failure  error // why; set before failed is closed

	flushing sync.Mutex
	ballast  ballast

	// maintaining is held while maintenance works on the database directly: a
	// compaction that ends after the database was closed is a panic in etcd.
	maintaining sync.Mutex
}

var setSegmentSize sync.Once

// startMember starts etcd on the data directory and waits until it serves.
func startMember(ctx context.Context, cfg EmbeddedConfig) (*member, error) {
	// The size is a variable of the library. It only matters for new segments.
	setSegmentSize.Do(func() { wal.SegmentSizeBytes = segmentBytes })
	m := &member{cfg: cfg, ready: make(chan struct{}), failed: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// etcd may end this goroutine through the logger, or panic on what it
		// reads; then m.failed tells.
		defer func() {
			if r := recover(); r != nil {
				m.fail(fmt.Errorf("etcd: %v", r))
			}
		}()
		started <- m.boot()
	}()
	select {
	case err := <-started:
		if err != nil {
			return nil, err
		}
	case <-m.failed:
		return nil, m.failure
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-m.server.ReadyNotify():
	case <-m.failed:
		m.stop()
		return nil, m.failure
	case <-ctx.Done():
		m.stop()
		return nil, ctx.Err()
	}
	m.client = v3client.New(m.server)
	m.ballast.path = filepath.Join(cfg.Dir, "member", "snap", "db")
	m.ballast.keep(m.server.Backend().Size())
	return m, nil
}

func (m *member) boot() error {
	cfg, err := m.serverConfig()
	if err != nil {
		return err
	}
	server, err := etcdserver.NewServer(cfg)
	if err != nil {
		return err
	}
	m.server = server
	server.Start()
	return nil
}

// serverConfig is etcd's configuration. What is not set here is not used by a
// single member without listeners.
func (m *member) serverConfig() (config.ServerConfig, error) {
	const name = "postern"
	// Nothing listens there; a cluster of one still needs an address to be
	// described by.
	self := types.URLs{url.URL{Scheme: "http", Host: "127.0.0.1:0"}}
	log := newZap(m.cfg.Log, m.fail)
	return config.ServerConfig{
		Name:                name,
		ClientURLs:          self,
		PeerURLs:            self,
		DataDir:             m.cfg.Dir,
		InitialPeerURLsMap:  types.URLsMap{name: self},
		InitialClusterToken: "postern",
		NewCluster:          true,

		// A member alone elects itself: short ticks only make it ready sooner.
		TickMs:                     10,
		ElectionTicks:              10,
		InitialElectionTickAdvance: true,
		PreVote:                    true,

		// etcd keeps the entries since the last snapshot in memory and in the
		// log; at its defaults some 100,000 of them.
		SnapshotCount:          1000,
		SnapshotCatchUpEntries: 500,
		MaxWALFiles:            2,
		MaxSnapFiles:           2,

		BackendBatchLimit:    1000,
		BackendBatchInterval: 100 * time.Millisecond,
		BackendFreelistType:  bolt.FreelistMapType,
		// Above our own quota, which leaves deletions possible (see admit).
		QuotaBackendBytes: m.cfg.Quota + m.cfg.Quota/8 + 64<<20,
		MaxTxnOps:         maxTxnOps,
		MaxRequestBytes:   maxRequestBytes,
		UnsafeNoFsync:     m.cfg.Ephemeral,

		MaxConcurrentStreams:        math.MaxUint32,
		WarningApplyDuration:        time.Second,
		WarningUnaryRequestDuration: time.Second,
		CompactHashCheckTime:        time.Minute,
		StrictReconfigCheck:         true,
		AuthToken:                   "simple",
		BcryptCost:                  4,
		TokenTTL:                    300,
		MaxLearners:                 1,
		V2Deprecation:               config.V2DeprDefault,
		ServerFeatureGate:           features.NewDefaultServerFeatureGate(name, log),
		Metrics:                     "basic",
		Logger:                      log,
	}, nil
}

// fail is called by etcd's goroutines when they cannot go on.
func (m *member) fail(err error) {
	m.failOnce.Do(func() {
		m.failure = err
		close(m.failed)
	})
}

// stopTime bounds the end of a member that failed.
const stopTime = 5 * time.Second

// errStuck: a failed member could not be stopped and still holds its files.
var errStuck = errors.New("the failed etcd member holds its files")

// stop ends the member. A member that works ends at once. One that failed may
// have lost a goroutine on which its orderly end waits; then its files are
// closed from here, so that another member can open them.
func (m *member) stop() error {
	if m.client != nil {
		_ = m.client.Close()
	}
	select {
	case <-m.failed:
	default:
		m.maintaining.Lock()
		defer m.maintaining.Unlock()
		m.server.Stop()
		return nil
	}
	if within(stopTime/5, m.server.HardStop) {
		return nil
	}
	if !m.frozen() && within(stopTime, m.server.Cleanup) {
		return nil
	}
	return errStuck
}

// within runs f in a goroutine of its own and reports whether it returned in
// time. f is left behind if not.
func within(d time.Duration, f func()) bool {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	go func() {
		f()
		cancel()
	}()
	<-ctx.Done()
	return errors.Is(ctx.Err(), context.Canceled)
}

// diskUsage returns the bytes of all files below dir.
func diskUsage(dir string) (int64, error) {
	var total int64
	err := filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return skipMissing(err)
		}
		info, err := entry.Info()
		if err != nil {
			return skipMissing(err)
		}
		total += info.Size()
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("size of %s: %w", dir, err)
	}
	return total, nil
}

// skipMissing forgives files that etcd removed while we looked.
func skipMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
