package httpx

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/gateway/integration"
)

// Config is how a client calls. A zero means the default that is given with
// the field.
type Config struct {
	Clock clock.Clock // clock.System; deadlines of sockets, idle times, validity of certificates
	// Roots are issuers that are trusted besides those of the system.
	Roots []*x509.Certificate
	// MaxBody bounds the body of an answer, in bytes. 10 485 760, the limit of
	// the API.
	MaxBody int
	// MaxHead bounds the status line with the header section, in bytes. 256 KiB.
	MaxHead int
	// Timeout is for requests that have none. 29 s, the default of the API.
	Timeout time.Duration
	// MaxIdle is how many unused connections are kept for one target. 256.
	MaxIdle int
	// IdleTimeout is how long an unused connection is kept. 30 s.
	IdleTimeout time.Duration
	// Dial opens a connection; its context ends with the call. A net.Dialer's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.MaxBody <= 0 {
		c.MaxBody = 10 << 20
	}
	if c.MaxHead <= 0 {
		c.MaxHead = 256 << 10
	}
	if c.Timeout <= 0 {
		c.Timeout = 29 * time.Second
	}
	if c.MaxIdle <= 0 {
		c.MaxIdle = 256
	}
	if c.IdleTimeout <= 0 {
		c.IdleTimeout = 30 * time.Second
	}
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
	return c
}

// Client calls backends. It may be used by many goroutines at once.
type Client struct {
	config Config
	pool   pool
	roots  func() (*x509.CertPool, error)
	// Sessions of the two ways to verify are kept apart: a session that was
	// begun with any issuer must not be resumed as a trusted one.
	trusted, anyIssuer tls.ClientSessionCache
}

// New returns a client without connections.
func New(config Config) *Client {
	config = config.withDefaults()
	return &Client{
		config: config,
		pool:   pool{clock: config.Clock, max: config.MaxIdle, timeout: config.IdleTimeout},
		roots: sync.OnceValues(func() (*x509.CertPool, error) {
			roots, err := x509.SystemCertPool()
			if err != nil {
				return nil, fmt.Errorf("read the trusted issuers of the system: %w", err)
			}
			for _, root := range config.Roots {
				roots.AddCert(root)
			}
			return roots, nil
		}),
		trusted:   tls.NewLRUClientSessionCache(0),
		anyIssuer: tls.NewLRUClientSessionCache(0),
	}
}

// Close closes the connections that are not in use; those in use are closed as
// they become free. Calls are still served, on new connections.
func (c *Client) Close() { c.pool.close() }

// Invoke implements integration.Invoker. The error is always an
// *integration.Error. A field that HTTP cannot carry is an Address error: like
// a bad URL it is a fault of the configuration, found before anything is sent.
// So is a host that has no address. (Assumed: AWS says "Invalid endpoint
// address" for hosts that it cannot use, integrations.md, 9.)
func (c *Client) Invoke(ctx context.Context, req *integration.Request) (*integration.Response, error) {
	to, err := parseURL(req.URL)
	if err == nil {
		err = checkRequest(req)
	}
	if err != nil {
		return nil, &integration.Error{Kind: integration.Address, Cause: err}
	}
	to.anyIssuer = req.AnyIssuer && to.secure
	if req.Identity != nil && to.secure {
		to.identity, to.certificate = req.Identity.ID, &req.Identity.Certificate
	}
	timeout := req.Timeout
	if timeout <= 0 {
		timeout = c.config.Timeout
	}
	deadline := c.config.Clock.Now().Add(timeout)
	resp, err := c.invokeAny(ctx, to, req, deadline)
	if err != nil {
		return nil, classify(ctx, err)
	}
	return resp, nil
}

// invokeAny goes through the addresses that may be dialled until one can be
// reached. Each gets its share of the time that is left for dialling.
func (c *Client) invokeAny(ctx context.Context, to target, req *integration.Request, deadline time.Time) (*integration.Response, error) {
	if len(req.Dial) == 0 {
		return c.invoke(ctx, to, req, deadline, deadline)
	}
	var failures []error
	for i, address := range req.Dial {
		to.dial = address
		now := c.config.Clock.Now()
		resp, err := c.invoke(ctx, to, req, now.Add(deadline.Sub(now)/time.Duration(len(req.Dial)-i)), deadline)
		unreached, ok := errors.AsType[*dialError](err)
		if !ok {
			return resp, err
		}
		failures = append(failures, unreached)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(failures...)
}

// dialError is the failure to open a connection: nothing was sent.
type dialError struct{ error }

// Unwrap returns the cause.
func (e *dialError) Unwrap() error { return e.error }

// invoke makes one or two tries.
func (c *Client) invoke(ctx context.Context, to target, req *integration.Request, dialUntil, deadline time.Time) (*integration.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for {
		used := c.pool.take(to.key)
		if used == nil {
			break
		}
		// The deadline of the last call would end the look as well.
		if used.net.SetDeadline(deadline) != nil || !used.usable() {
			used.Close()
			continue
		}
		resp, err := c.call(ctx, used, to, req, deadline)
		if err == nil || !used.mayRetry(req.Method, err) || ctx.Err() != nil {
			return resp, err
		}
		break
	}
	fresh, err := c.dial(ctx, to, dialUntil)
	if err != nil {
		return nil, &dialError{err}
	}
	if err := fresh.net.SetDeadline(deadline); err != nil {
		fresh.Close()
		return nil, err
	}
	return c.call(ctx, fresh, to, req, deadline)
}

// call makes one try on a connection that has its deadline, and gives the
// connection back or closes it.
func (c *Client) call(ctx context.Context, conn *conn, to target, req *integration.Request, deadline time.Time) (*integration.Response, error) {
	if req.Stream {
		return c.callStream(ctx, conn, to, req, deadline)
	}
	cancelled := func() bool { return true }
	if ctx.Done() != nil {
		// A deadline in the past wakes up the reads and writes that go on.
		cancelled = context.AfterFunc(ctx, func() { _ = conn.net.SetDeadline(time.Unix(1, 0)) })
	}
	resp, reuse, err := conn.roundTrip(to, req, c.config.MaxHead, c.config.MaxBody)
	// Once the function runs, it may run on: the connection cannot be shared.
	if !cancelled() || err != nil || !reuse {
		conn.Close()
	} else {
		c.pool.put(to.key, conn)
	}
	return resp, err
}

// classify gives an error its kind.
func classify(ctx context.Context, err error) *integration.Error {
	var known *integration.Error
	if errors.As(err, &known) {
		return known
	}
	kind := integration.Network
	var noAddress *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		kind = integration.Canceled
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		kind = integration.Timeout
	case errors.As(err, &noAddress) && noAddress.IsNotFound:
		kind = integration.Address
	}
	return &integration.Error{Kind: kind, Cause: err}
}
