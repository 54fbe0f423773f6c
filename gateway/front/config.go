package front

import (
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
)

// Config is how a server serves. Only Handler must be set; a zero means the
// default that is given with the field.
type Config struct {
	// Handler answers every request. A panic in it becomes an answer of 500, and
	// so does an answer that cannot be written.
	Handler exchange.Handler
	// TLS, with a certificate, lets clients speak TLS; the server sets its
	// NextProtos. Clients that begin without TLS are served all the same.
	TLS   *tls.Config
	Clock clock.Clock  // clock.System
	Log   *slog.Logger // slog.Default()

	// MaxConnections is how many connections are open at once; further clients
	// wait in the queue of the listener. 16384.
	MaxConnections int
	// HeadBytes bounds a request line with its header section; more is a plain
	// 431. 64 KiB.
	HeadBytes int
	// HeadTimeout bounds the wait for the first request of a connection, for the
	// TLS handshake, and the time from the first byte of a head to its last. 10 s.
	HeadTimeout time.Duration
	// IdleTimeout is how long a connection may wait for another request. 60 s.
	IdleTimeout time.Duration
	// BodyTimeout is the longest pause within a request body. A body may take
	// longer in all, but not at less than 1 KiB a second. 30 s.
	BodyTimeout time.Duration
	// WriteTimeout is how long a client may take nothing of an answer. 30 s.
	WriteTimeout time.Duration
}

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.MaxConnections <= 0 {
		c.MaxConnections = 16384
	}
	if c.HeadBytes <= 0 {
		c.HeadBytes = 64 << 10
	}
	orDefault(&c.HeadTimeout, 10*time.Second)
	orDefault(&c.IdleTimeout, time.Minute)
	orDefault(&c.BodyTimeout, 30*time.Second)
	orDefault(&c.WriteTimeout, 30*time.Second)
	if c.TLS != nil {
		c.TLS = c.TLS.Clone()
		c.TLS.NextProtos = []string{"h2", "http/1.1"}
	}
	return c
}

func orDefault(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}
