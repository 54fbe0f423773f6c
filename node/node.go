package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/awsapi/cloudwatch"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/control"
	"github.com/postern-gateway/postern/credentials"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gaps"
	"github.com/postern-gateway/postern/gateway"
	"github.com/postern-gateway/postern/gateway/front"
	"github.com/postern-gateway/postern/gateway/integration/aws"
	"github.com/postern-gateway/postern/gateway/integration/httpx"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/history"
	"github.com/postern-gateway/postern/lambda"
	"github.com/postern-gateway/postern/observe/otel"
	"github.com/postern-gateway/postern/plan/spec"
	"github.com/postern-gateway/postern/rollout"
	"github.com/postern-gateway/postern/secret"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd"
	"github.com/postern-gateway/postern/store/mirror"
	"github.com/postern-gateway/postern/wire"
)

// Node is a running postern. Make one with Start and end it with Close.
type Node struct {
	cfg       Config
	listeners []listener
	ready     atomic.Bool

	store       store.Store
	mirror      *mirror.Mirror
	table       *gateway.Table
	live        *live.State
	rollout     *rollout.Rollout
	gateway     *gateway.Gateway
	backend     *httpx.Client
	functions   *lambda.Runtime
	aws         *aws.Client
	service     *control.Service
	control     *wire.Server // the AWS API, ready when the node is
	metrics     http.Handler
	credentials *credentials.File // nil: any signature is taken
	telemetry   *otel.Exporter    // nil: there is no collector
	logs        logging
	monitoring  *cloudwatch.Server

	box  *secret.Box // opens private keys; nil on a node without a key file
	time clock.Clock // of limits, expiry, dates and logs
	test *clock.Test // the same, if users may move it; else nil

	running   sync.WaitGroup
	stop      context.CancelFunc // of what runs in the background
	directory string             // to be removed at the end
}

// listener is one address with the server behind it.
type listener struct {
	net.Listener
	server *front.Server
}

// Start makes a node and returns when it is ready. An error names its remedy.
func Start(ctx context.Context, cfg Config) (*Node, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	n := &Node{cfg: cfg, table: &gateway.Table{}, time: cfg.Clock}
	if cfg.TestClock {
		n.test = clock.NewTest(cfg.Clock)
		n.time = n.test
	}
	n.live = live.New(n.time)
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	n.stop = stop
	if err := n.start(ctx, background); err != nil {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		return nil, errors.Join(err, n.Close(closing))
	}
	n.ready.Store(true)
	n.cfg.Log.Info("ready", n.addresses()...)
	n.running.Go(func() { n.giveBack(background) })
	return n, nil
}

// giveBack returns to the system what reading the store has left behind: as
// much garbage as there is data, which the runtime would keep until traffic
// fills it, maybe never. It does so a few times, since pools of the store's
// client let go of their memory only when they were not used between.
func (n *Node) giveBack(background context.Context) {
	const times, pause = 4, time.Second
	for range times {
		debug.FreeOSMemory()
		waited := make(chan struct{})
		stop := n.cfg.Clock.AfterFunc(pause, func() { close(waited) })
		select {
		case <-waited:
		case <-background.Done():
			stop()
			return
		}
	}
}

// closeTimeout bounds the end of a node that did not start.
const closeTimeout = 5 * time.Second

func (n *Node) start(ctx, background context.Context) error {
	if err := n.openBackends(); err != nil {
		return err
	}
	if err := n.openCredentials(background); err != nil {
		return err
	}
	n.gateway = gateway.New(gateway.Config{
		Signatures: n.stageSignatures(), Trace: n.openTelemetry(),
		Table: n.table, Live: n.live, HTTP: n.backend, AWS: n.aws, Clock: n.time, Pauses: n.cfg.Clock, IDs: n.cfg.IDs, Log: n.cfg.Log, ExplainLast: n.cfg.ExplainLast,
		Logs:    &n.logs.Router, // has its routes before the node is ready
		Domains: append(gateway.DefaultDomains(), n.cfg.PublicDomains...),
	})
	if err := n.listen(); err != nil {
		return err
	}
	if err := n.openStore(ctx); err != nil {
		return err
	}
	if err := checkFormat(ctx, n.store); err != nil {
		return err
	}
	if err := n.openLogs(background); err != nil {
		return err
	}
	n.mirror = mirror.New(mirror.Config{Store: n.store, Prefix: domain.World, Clock: n.cfg.Clock, Log: n.cfg.Log})
	secrets, err := n.secrets()
	if err != nil {
		return err
	}
	n.box = secrets
	n.rollout = rollout.New(rollout.Config{
		Mirror: n.mirror, Table: n.table, Live: n.live, Account: n.throttle(),
		Secrets: secrets, Identities: n.identities(), Edit: n.cfg.EditStage, Log: n.cfg.Log,
	})
	n.running.Go(func() { n.mirror.Run(background) })
	view, err := n.mirror.Wait(ctx, 1)
	if err != nil {
		return fmt.Errorf("read the store: %w", err)
	}
	if err := checkRecords(view); err != nil {
		return err
	}
	if err := n.rollout.Wait(ctx, view.Revision()); err != nil {
		return fmt.Errorf("compile the stages: %w", err)
	}
	n.running.Go(func() { history.Keep(background, n.store, n.cfg.Clock, n.cfg.Log, n.cfg.HistoryLimit) })
	n.metrics = n.newMetrics()
	n.monitoring = &cloudwatch.Server{
		Metrics: &n.live.Metrics, Authenticator: n.authenticator(cloudwatch.Service),
		IDs: n.cfg.IDs, Clock: n.time, Log: n.cfg.Log,
	}
	n.service = n.newService()
	n.control = wire.NewServer(wire.Server{
		Handlers:      n.service.Handlers(),
		Authenticator: n.authenticator(""),
		IDs:           n.cfg.IDs,
		Log:           n.cfg.Log,
		Explain:       gaps.Explain,
		Edit:          n.cfg.EditAnswer,
	})
	return nil
}

// throttle is the limit of an account as plans know it.
func (n *Node) throttle() spec.Throttle {
	rate, burst := n.cfg.AccountThrottle.Limits()
	return spec.Throttle{Limited: !n.cfg.AccountThrottle.Unlimited, Rate: rate, Burst: int(burst)}
}

// secrets opens the key file. A cluster has one only if it is named: each node
// would make its own.
func (n *Node) secrets() (*secret.Box, error) {
	switch {
	case n.cfg.KeyFile != "":
		return secret.File(n.cfg.KeyFile, len(n.cfg.Etcd) == 0)
	case n.cfg.Ephemeral:
		return secret.Temporary(), nil
	case n.cfg.Data != "":
		return secret.File(filepath.Join(n.cfg.Data, keyFile), true)
	}
	return nil, nil
}

// keyFile is the name of the key file in a data directory.
const keyFile = "secret.key"

func (n *Node) newService() *control.Service {
	public := ""
	if len(n.cfg.PublicDomains) > 0 {
		public = n.cfg.PublicDomains[0]
	}
	return &control.Service{
		Secrets:      n.box,
		PublicDomain: public,
		Store:        n.store, Mirror: n.mirror, Clock: n.time, IDs: n.cfg.IDs, Log: n.cfg.Log,
		Served:             n.rollout.Wait,
		Invoke:             n.testInvoke,
		InvokeAuthorizer:   n.testAuthorizer,
		Quotas:             n.cfg.Quotas,
		CacheDelay:         n.cfg.CacheDelay,
		IntegrationTimeout: n.cfg.IntegrationTimeout,
		AccountThrottle:    n.cfg.AccountThrottle,
		RequireLogRole:     n.cfg.RequireLogRole,
		ReplaceCanary:      n.cfg.ReplaceCanary,
		TargetSuffix:       n.cfg.TargetSuffix,
		LoneRootMapping:    n.cfg.LoneRootMapping,
	}
}

func (n *Node) openStore(ctx context.Context) error {
	options := etcd.Options{Clock: n.cfg.Clock, Log: n.cfg.Log, IDs: n.cfg.IDs}
	if len(n.cfg.Etcd) > 0 {
		s, err := etcd.Dial(etcd.DialConfig{Options: options, Endpoints: n.cfg.Etcd})
		if err != nil {
			return err
		}
		n.store = s
		return nil
	}
	directory := n.cfg.Data
	if n.cfg.Ephemeral {
		var err error
		if directory, err = os.MkdirTemp("", "postern-"); err != nil {
			return fmt.Errorf("make a directory for the ephemeral store: %w", err)
		}
		n.directory = directory
	}
	s, err := etcd.Embedded(etcd.EmbeddedConfig{Options: options, Dir: directory, Ephemeral: n.cfg.Ephemeral})
	if err != nil {
		return err
	}
	n.store = s
	return nil
}

// listen opens the addresses. Until the node is ready they answer 503.
func (n *Node) listen() error {
	admin := front.Adapt(n.admin())
	both := exchange.HandlerFunc(func(ctx context.Context, x *exchange.Exchange) {
		if n.gateway.Claims(x.Request.Host, x.Request.Path) {
			n.serveTraffic(ctx, x)
			return
		}
		admin.Serve(ctx, x)
	})
	for _, plane := range []struct {
		address string
		handler exchange.Handler
		tls     *tls.Config
	}{
		{n.cfg.Listen, both, n.gatewayTLS()},
		{n.cfg.GatewayListen, exchange.HandlerFunc(n.serveTraffic), n.gatewayTLS()},
		{n.cfg.ControlListen, admin, n.cfg.TLS},
		{n.cfg.MetricsListen, front.Adapt(n.observation()), n.cfg.TLS},
	} {
		if plane.address == "" {
			n.listeners = append(n.listeners, listener{})
			continue
		}
		l, err := net.Listen("tcp", plane.address)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", plane.address, err)
		}
		server := front.New(front.Config{Handler: plane.handler, TLS: plane.tls, Clock: n.cfg.Clock, Log: n.cfg.Log})
		n.listeners = append(n.listeners, listener{l, server})
		n.running.Go(func() {
			if err := server.Serve(l); err != nil {
				n.cfg.Log.Error("a listener ended", "address", l.Addr().String(), "error", err)
			}
		})
	}
	return nil
}

func (n *Node) serveTraffic(ctx context.Context, x *exchange.Exchange) {
	if n.ready.Load() {
		if n.test != nil {
			x.Request.Received = n.test.Now() // the front's is the machine's
		}
		n.gateway.Serve(ctx, x)
		return
	}
	x.Response.Status = http.StatusServiceUnavailable
	x.Response.Header.Add("Content-Type", "application/json")
	x.Response.Body = []byte(`{"message":"Service Unavailable"}`)
}

// The places of the addresses in Node.listeners.
const (
	forBoth = iota
	forGateway
	forControl
	forMetrics
)

// GatewayURL returns the address of the data plane, or "".
func (n *Node) GatewayURL() string { return n.url(forBoth, forGateway) }

// ControlURL returns the address of the AWS API, or "".
func (n *Node) ControlURL() string { return n.url(forBoth, forControl) }

func (n *Node) url(places ...int) string {
	for _, i := range places {
		if n.listeners[i].Listener != nil {
			return "http://" + n.listeners[i].Addr().String()
		}
	}
	return ""
}

// addresses are the log attributes that tell where the node listens.
func (n *Node) addresses() []any {
	var attributes []any
	for i, name := range []string{forBoth: "listen", forGateway: "gatewayListen", forControl: "controlListen", forMetrics: "metricsListen"} {
		if n.listeners[i].Listener != nil {
			attributes = append(attributes, name, n.listeners[i].Addr().String())
		}
	}
	return append(attributes, "signatures", n.signatures(), "revision", int64(n.rollout.Revision()))
}

// Close ends the node: no new requests, those in flight finish until ctx ends,
// then everything that the node started has ended.
func (n *Node) Close(ctx context.Context) error {
	n.ready.Store(false)
	if n.gateway != nil {
		n.gateway.EndTails()
	}
	var failures []error
	var draining sync.WaitGroup
	errs := make([]error, len(n.listeners))
	for i, l := range n.listeners {
		if l.server != nil {
			draining.Go(func() { errs[i] = l.server.Shutdown(ctx) })
		}
	}
	draining.Wait()
	failures = append(failures, errs...)
	n.stop()
	if n.store != nil {
		failures = append(failures, n.store.Close())
	}
	n.running.Wait()
	n.functions.Close()
	if n.backend != nil {
		n.backend.Close()
	}
	n.closeTelemetry(ctx)
	failures = append(failures, n.closeLogs(ctx))
	if n.directory != "" {
		failures = append(failures, os.RemoveAll(n.directory))
	}
	return errors.Join(failures...)
}
