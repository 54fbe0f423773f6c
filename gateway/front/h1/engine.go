package h1

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
)

// Config is what an engine needs. All fields must be set; package front has the
// defaults.
type Config struct {
	// Handler answers. It never panics and gives an answer that can be written:
	// a status from 200 to 999, names and values without control characters.
	// Package front wraps handlers so that this holds.
	Handler exchange.Handler
	Clock   clock.Clock // for the Date field, Request.Received and deadlines

	HeadBytes    int           // longest request line and header section together
	HeadTimeout  time.Duration // from the first byte of a head to its last
	IdleTimeout  time.Duration // from an answer to the first byte of the next head
	BodyTimeout  time.Duration // longest pause within a body, see bodyDeadline
	WriteTimeout time.Duration // longest time to take a piece of an answer
}

// Gate is the life of one connection as its owner sees it.
type Gate interface {
	// Begin reports that a request is arriving; false says that the owner has
	// closed the connection meanwhile.
	Begin() bool
	// Draining says whether answers should end their connections.
	Draining() bool
	// End reports that a request is answered and the connection waits; false
	// asks to close it instead.
	End() bool
}

// Conn is a connection to serve.
type Conn struct {
	Net    net.Conn
	Prefix []byte // was read from Net before
	Remote netip.AddrPort
	TLS    *tls.ConnectionState // nil for a cleartext connection
	Gate   Gate
}

// Engine serves connections. It has no state but caches.
type Engine struct {
	config Config
	conns  sync.Pool
	date   atomic.Pointer[date]
	// Malformed counts the requests that were refused for their syntax.
	Malformed atomic.Int64
}

// New returns an engine.
func New(config Config) *Engine { return &Engine{config: config} }

// Serve answers what comes on a connection until either side ends it. It does
// not close the connection. When ctx ends, handlers should return.
func (e *Engine) Serve(ctx context.Context, served Conn) {
	c, _ := e.conns.Get().(*conn)
	if c == nil {
		c = &conn{engine: e}
	}
	c.reset(ctx, served)
	c.serve()
	c.release()
	e.conns.Put(c)
}

// date is the text of a Date field and the second it is right for.
type date struct {
	second int64
	text   string
}

// dateText returns the Date field for now. It is formatted once a second; a
// race formats it twice, which is cheaper than a lock that all requests share.
func (e *Engine) dateText(now time.Time) string {
	second := now.Unix()
	if d := e.date.Load(); d != nil && d.second == second {
		return d.text
	}
	d := &date{second, now.UTC().Format(http.TimeFormat)}
	e.date.Store(d)
	return d.text
}
