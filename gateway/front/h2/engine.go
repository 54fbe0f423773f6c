package h2

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
)

// Config is what an engine needs. All fields must be set; package front has the
// defaults and describes the limits.
type Config struct {
	// Handler answers. It never panics and gives an answer that can be written.
	Handler exchange.Handler
	Clock   clock.Clock
	Log     *slog.Logger
	Base    context.Context // what the contexts of handlers derive from

	HeadBytes    int
	HeadTimeout  time.Duration
	IdleTimeout  time.Duration
	BodyTimeout  time.Duration
	WriteTimeout time.Duration
}

// Engine serves connections that are known to speak HTTP/2.
type Engine struct {
	config Config
	server *http.Server
	queue  queue
	start  sync.Once
}

// New returns an engine. It begins to work with its first connection.
func New(config Config) *Engine {
	e := &Engine{config: config, queue: queue{conns: make(chan net.Conn), closed: make(chan struct{})}}
	var protocols http.Protocols
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	e.server = &http.Server{
		Handler:           e,
		Protocols:         &protocols,
		HTTP2:             &http.HTTP2Config{WriteByteTimeout: config.WriteTimeout},
		ReadHeaderTimeout: config.HeadTimeout,
		IdleTimeout:       config.IdleTimeout,
		MaxHeaderBytes:    config.HeadBytes,
		ErrorLog:          slog.NewLogLogger(config.Log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return config.Base },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			remote, _ := netip.ParseAddrPort(c.RemoteAddr().String())
			return context.WithValue(ctx, remoteKey{}, netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port()))
		},
	}
	return e
}

type remoteKey struct{}

// Serve takes over a connection: a *tls.Conn that agreed on "h2", or a cleartext
// connection whose first bytes are the preface. It reports false, and has not
// touched the connection, if the engine is shut down.
func (e *Engine) Serve(conn net.Conn) bool {
	e.start.Do(func() {
		// It returns when the queue is closed, which is no news.
		go func() { _ = e.server.Serve(&e.queue) }()
	})
	select {
	case e.queue.conns <- conn:
		return true
	case <-e.queue.closed:
		return false
	}
}

// Shutdown sends GOAWAY to all clients and waits for the requests in flight.
// When ctx ends it closes what is left and returns the error of ctx.
func (e *Engine) Shutdown(ctx context.Context) error {
	_ = e.queue.Close() // also where the server has never begun
	err := e.server.Shutdown(ctx)
	if err != nil {
		_ = e.server.Close()
	}
	return err
}

// queue is a listener whose connections are brought by Engine.Serve.
type queue struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// Accept implements net.Listener.
func (q *queue) Accept() (net.Conn, error) {
	select {
	case conn := <-q.conns:
		return conn, nil
	case <-q.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (q *queue) Close() error {
	q.once.Do(func() { close(q.closed) })
	return nil
}

// Addr implements net.Listener. The queue has no address of its own.
func (q *queue) Addr() net.Addr { return &net.TCPAddr{} }
