package history

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"go.etcd.io/etcd/server/v3/embed"

	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

// size chooses how much of something a test does.
func size(short, usual, full int) int {
	switch {
	case os.Getenv("POSTERN_FULL") != "":
		return full
	case testing.Short():
		return short
	}
	return usual
}

// start makes a history and the APIs that it is about.
func start(t *testing.T, server *postern.Server) (*history, []*api) {
	t.Helper()
	apis := make([]*api, 9)
	for i := range apis {
		apis[i] = newAPI(t, server.Client(), fmt.Sprintf("api-%d", i))
	}
	return &history{begun: time.Now()}, apis
}

// round lets all clients act, each call at any of the servers, until there are
// so many answers. With kill it then kills the only server under their hands.
func (h *history) round(t *testing.T, servers []*postern.Server, apis []*api, answers int, kill bool) {
	t.Helper()
	h.answers = 0
	enough, failures := make(chan struct{}), make(chan error, clients)
	reached := sync.OnceFunc(func() { close(enough) })
	var running sync.WaitGroup
	for number := range clients {
		u := &user{number: number, apis: apis}
		for _, server := range servers {
			u.nodes = append(u.nodes, server.Client())
		}
		running.Go(func() {
			defer reached()
			for {
				answered, err := u.act(t.Context(), h)
				switch {
				case err != nil:
					failures <- err
					return
				case !answered && !kill:
					failures <- fmt.Errorf("client %d has no answer, and nobody was killed", number)
					return
				case !answered:
					return
				}
				if h.enough(answers) {
					if reached(); !kill {
						return
					}
				}
			}
		})
	}
	<-enough
	if kill {
		// The moment within a call is chance: a kill that always came between two
		// calls would show nothing.
		<-time.After(time.Duration(rand.IntN(3000)) * time.Microsecond)
		servers[0].Kill(t)
	}
	running.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
	if t.Failed() {
		t.FailNow()
	}
}

// check looks for an order that explains the history.
func (h *history) check(t *testing.T) {
	t.Helper()
	begun := time.Now()
	const patience = 2 * time.Minute
	for _, part := range byObject(h.operations) {
		part = decide(part)
		result, info := porcupine.CheckOperationsVerbose(model, part, patience)
		if result == porcupine.Ok {
			continue
		}
		object := part[0].Input.(input).object
		t.Errorf("the history of the %s, %d calls, is %s; what follows the longest order that explains a part of it:", object, len(part), result)
		logRest(t, part, info)
	}
	t.Logf("%d calls, checked in %v", len(h.operations), time.Since(begun).Round(time.Millisecond))
}

// logRest shows where a history has no order: the end of the longest order, and
// the calls that follow.
func logRest(t *testing.T, part []porcupine.Operation, info porcupine.LinearizationInfo) {
	t.Helper()
	var longest []porcupine.Operation
	for _, order := range info.PartialLinearizationsOperations()[0] {
		if len(order) > len(longest) {
			longest = order
		}
	}
	line := func(op porcupine.Operation) string {
		return fmt.Sprintf("client %d [%d %d] %T %+v -> %+v", op.ClientId, op.Call, op.Return, op.Input.(input).ask, op.Input.(input).ask, op.Output)
	}
	explained := map[string]bool{}
	for i, op := range longest {
		explained[line(op)] = true
		if i >= len(longest)-3 {
			t.Logf("explained: %s", line(op))
		}
	}
	slices.SortFunc(part, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	rest := 20
	for _, op := range part {
		if text := line(op); !explained[text] && rest > 0 {
			rest--
			t.Logf("not: %s", text)
		}
	}
}

// TestAcrossKills: one node that is killed in the middle of writes and started
// again, more than once.
func TestAcrossKills(t *testing.T) {
	server := postern.Start(t, "--data", filepath.Join(t.TempDir(), "data"))
	h, apis := start(t, server)
	for range size(1, 3, 20) {
		h.round(t, []*postern.Server{server}, apis, size(200, 500, 3000), true)
		server = server.Restart(t)
		// The store of the node was in the process: what it did not do until it
		// was ready again it never does.
		h.settle()
	}
	h.round(t, []*postern.Server{server}, apis, size(200, 500, 3000), false)
	h.check(t)
}

// TestTwoNodes: two nodes on one etcd. The lock of an API orders the writers of
// one node only; between nodes nothing but the conditions of the commits does.
func TestTwoNodes(t *testing.T) {
	endpoint := startEtcd(t)
	servers := []*postern.Server{postern.Start(t, "--etcd", endpoint), postern.Start(t, "--etcd", endpoint)}
	h, apis := start(t, servers[0])
	h.round(t, servers, apis, size(300, 1500, 20_000), false)
	h.check(t)
}

// startEtcd runs an etcd of one member until the end of the test, and returns
// its address.
func startEtcd(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ph") // t.TempDir is too long for the name of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := func(name string) []url.URL { return []url.URL{{Scheme: "unix", Path: filepath.Join(dir, name)}} }
	cfg := embed.NewConfig()
	cfg.Dir = filepath.Join(dir, "data")
	cfg.TickMs, cfg.ElectionMs = 10, 100
	cfg.UnsafeNoFsync = true
	cfg.LogLevel = "fatal"
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = socket("c"), socket("c")
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = socket("p"), socket("p")
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
	server, err := embed.StartEtcd(cfg)
	if err != nil {
		t.Fatalf("start etcd: %v", err)
	}
	t.Cleanup(server.Close)
	<-server.Server.ReadyNotify()
	return cfg.AdvertiseClientUrls[0].String()
}
