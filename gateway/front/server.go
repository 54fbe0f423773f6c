package front

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/gateway/front/h1"
	"github.com/postern-gateway/postern/gateway/front/h2"
)

// Server serves HTTP/1.1 and HTTP/2, in cleartext and over TLS, on any number
// of listeners.
type Server struct {
	config Config
	guard  *guard
	h1     *h1.Engine
	h2     *h2.Engine

	base     context.Context // of all handlers; ends when the server gives up
	giveUp   context.CancelFunc
	draining atomic.Bool
	stop     chan struct{} // closed when draining begins
	slots    chan struct{} // one for each open connection

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	gone      chan struct{} // closed when the server drains and conns is empty
}

// New returns a server that does not serve yet.
func New(config Config) *Server {
	config = config.withDefaults()
	s := &Server{
		config:    config,
		guard:     &guard{handler: config.Handler, log: config.Log},
		stop:      make(chan struct{}),
		slots:     make(chan struct{}, config.MaxConnections),
		listeners: map[net.Listener]struct{}{},
		conns:     map[*conn]struct{}{},
		gone:      make(chan struct{}),
	}
	s.base, s.giveUp = context.WithCancel(context.Background())
	s.h1 = h1.New(h1.Config{
		Handler: s.guard, Clock: config.Clock,
		HeadBytes: config.HeadBytes, HeadTimeout: config.HeadTimeout, IdleTimeout: config.IdleTimeout,
		BodyTimeout: config.BodyTimeout, WriteTimeout: config.WriteTimeout,
	})
	s.h2 = h2.New(h2.Config{
		Handler: s.guard, Clock: config.Clock, Log: config.Log, Base: s.base,
		HeadBytes: config.HeadBytes, HeadTimeout: config.HeadTimeout, IdleTimeout: config.IdleTimeout,
		BodyTimeout: config.BodyTimeout, WriteTimeout: config.WriteTimeout,
	})
	return s
}

// Stats counts what happened since New.
type Stats struct {
	Connections int   // open now
	Panics      int64 // of handlers and their streams
	Unwritable  int64 // answers that were replaced by a 500
	Malformed   int64 // requests of HTTP/1.1 that were refused for their syntax
}

// Stats returns the counters. They are not of one instant.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	open := len(s.conns)
	s.mu.Unlock()
	return Stats{
		Connections: open,
		Panics:      s.guard.panics.Load(),
		Unwritable:  s.guard.invalid.Load(),
		Malformed:   s.h1.Malformed.Load(),
	}
}

// Serve accepts connections until Shutdown, then it returns nil at once; wait
// for Shutdown to know that requests are finished. Another error of the
// listener is returned. Serve closes l.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	if !s.addListener(l) {
		return nil
	}
	defer s.removeListener(l)
	pause := time.Duration(0)
	for {
		select {
		case s.slots <- struct{}{}:
		case <-s.stop:
			return nil
		}
		accepted, err := l.Accept()
		if err != nil {
			<-s.slots
			if s.draining.Load() {
				return nil
			}
			if errors.Is(err, net.ErrClosed) {
				return err
			}
			// Out of descriptors, mostly: connections that end will free some.
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.config.Log.Error("cannot accept a connection", "error", err, "again in", pause)
			s.rest(pause)
			continue
		}
		pause = 0
		c := &conn{server: s, net: accepted}
		if !s.add(c) {
			_ = accepted.Close()
			<-s.slots
			return nil
		}
		go s.serveConn(c)
	}
}

// rest waits for d or for the end of the server.
func (s *Server) rest(d time.Duration) {
	over := make(chan struct{})
	cancel := s.config.Clock.AfterFunc(d, func() { close(over) })
	defer cancel()
	select {
	case <-over:
	case <-s.stop:
	}
}

func (s *Server) addListener(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining.Load() {
		return false
	}
	s.listeners[l] = struct{}{}
	return true
}

func (s *Server) removeListener(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

func (s *Server) add(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining.Load() {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

// remove forgets a connection that is closed.
func (s *Server) remove(c *conn) {
	<-s.slots
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if s.draining.Load() && len(s.conns) == 0 {
		close(s.gone)
	}
}

func (s *Server) beginDraining() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining.Swap(true) {
		return
	}
	close(s.stop)
	for l := range s.listeners {
		_ = l.Close()
	}
	if len(s.conns) == 0 {
		close(s.gone)
	}
	now := s.config.Clock.Now()
	for c := range s.conns {
		c.drain(now)
	}
}

// Shutdown stops accepting, closes connections that wait, lets requests in
// flight finish (their answers say "Connection: close", HTTP/2 says GOAWAY),
// and returns nil when all connections are closed. If ctx ends before, it ends
// the context of the handlers, closes every connection and returns the error
// of ctx; handlers that do not heed their context may run on. A second call,
// with a context that has ended, is how to lose patience.
func (s *Server) Shutdown(ctx context.Context) error {
	s.beginDraining()
	err := s.h2.Shutdown(ctx)
	select {
	case <-s.gone:
		s.giveUp()
		return err
	case <-ctx.Done():
	}
	s.giveUp()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.net.Close()
	}
	return ctx.Err()
}
