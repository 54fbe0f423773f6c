package etcd_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/etcd/server/v3/embed"

	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd"
	"github.com/postern-gateway/postern/store/storetest"
)

// socketDir returns a directory whose name is short enough for a socket.
func socketDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pe")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func sockets(dir string) (client, peer url.URL) {
	return url.URL{Scheme: "unix", Path: filepath.Join(dir, "c")}, url.URL{Scheme: "unix", Path: filepath.Join(dir, "p")}
}

// serve runs an etcd of one member on sockets below dir and returns its end.
func serve(t *testing.T, dir string) (stop func()) {
	t.Helper()
	client, peer := sockets(dir)
	cfg := embed.NewConfig()
	cfg.Dir = filepath.Join(dir, "data")
	cfg.TickMs, cfg.ElectionMs = 10, 100
	cfg.UnsafeNoFsync = true
	cfg.LogLevel = "fatal"
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
	server, err := embed.StartEtcd(cfg)
	if err != nil {
		t.Fatalf("start etcd: %v", err)
	}
	<-server.Server.ReadyNotify()
	return server.Close
}

func dial(t *testing.T, dir, namespace string) store.Store {
	t.Helper()
	client, _ := sockets(dir)
	return dialURL(t, client.String(), namespace)
}

func dialURL(t *testing.T, endpoint, namespace string) store.Store {
	t.Helper()
	s, err := etcd.Dial(etcd.DialConfig{
		Endpoints: []string{endpoint},
		Options:   etcd.Options{Namespace: namespace},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestContractDialled(t *testing.T) {
	dir := socketDir(t)
	t.Cleanup(serve(t, dir))
	var n atomic.Int64
	storetest.Run(t, func(t *testing.T) store.Store { return dial(t, dir, fmt.Sprintf("/%d/", n.Add(1))) })
}

// TestContractBinary is the contract with an etcd that somebody else built.
func TestContractBinary(t *testing.T) {
	binary, err := exec.LookPath("etcd")
	if err != nil {
		t.Skip("no etcd on the PATH")
	}
	// Debian's etcd, of 3.4, takes no paths as URLs.
	client, peer := "http://"+freeAddress(t), "http://"+freeAddress(t)
	command := exec.Command(binary, "--data-dir", filepath.Join(t.TempDir(), "data"), "--log-level", "error",
		"--listen-client-urls", client, "--advertise-client-urls", client,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
		"--initial-cluster", "default="+peer)
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed, so it ends with an error
	})
	untilTaken(t, dialURL(t, client, "/start/"), storetest.Put("a", "1"))
	var n atomic.Int64
	storetest.Run(t, func(t *testing.T) store.Store { return dialURL(t, client, fmt.Sprintf("/%d/", n.Add(1))) })
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestDialledRestart: the etcd goes away and comes back. Calls fail meanwhile,
// a watch sees all revisions once.
func TestDialledRestart(t *testing.T) {
	dir := socketDir(t)
	stop := serve(t, dir)
	s := dial(t, dir, "/n/")
	first := storetest.MustCommit(t, s, storetest.Put("a", "1"))

	var seen []string
	watching, ended := make(chan struct{}), make(chan error, 1)
	done := errors.New("done")
	go func() {
		ended <- s.Watch(t.Context(), "", first-1, func(b store.Batch) error {
			for _, e := range b.Entries {
				seen = append(seen, e.Key+string(e.Value))
			}
			if b.Revision == first {
				close(watching)
			}
			if len(seen) > 0 && seen[len(seen)-1] == "end" {
				return done
			}
			return nil
		})
	}()
	<-watching
	stop()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	if _, err := s.Commit(ctx, store.Tx{Writes: []store.Write{storetest.Put("b", "?")}}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("commit without an etcd: %v", err)
	}
	cancel()
	t.Cleanup(serve(t, dir))
	untilTaken(t, s, storetest.Put("a", "2"))
	untilTaken(t, s, storetest.Put("end", ""))
	if err := <-ended; !errors.Is(err, done) {
		t.Fatalf("watch: %v", err)
	}
	count := map[string]int{}
	for _, s := range seen {
		count[s]++
	}
	if count["a1"] != 1 || count["a2"] != 1 || count["end"] != 1 {
		t.Errorf("the watch saw %v", seen)
	}
}
