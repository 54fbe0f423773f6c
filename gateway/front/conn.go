package front

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// state of a connection of ours; those of package h2 are its own to drain.
type state int

const (
	fresh  state = iota // no request yet: a sniff, a handshake, a silent client
	active              // a request is read or answered
	idle                // between two requests
	handed              // serves HTTP/2
	closed
)

// freshGrace is how long a client that has just come may still ask when the
// server begins to drain: it cannot know, and not every client would ask again.
const freshGrace = 500 * time.Millisecond

// conn is one accepted connection. It implements h1.Gate. The mutex orders the
// engine's change of state with the server's wish to end the connection.
type conn struct {
	server *Server
	net    net.Conn

	mu    sync.Mutex
	state state
}

// await gives a fresh client its time to ask. If the server drains already, it
// has no more than those that were there before: its own deadline must not
// come after the one that drain has set.
func (c *conn) await(now time.Time, timeout time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Draining() {
		timeout = min(timeout, freshGrace)
	}
	return c.net.SetReadDeadline(now.Add(timeout))
}

// Begin implements h1.Gate.
func (c *conn) Begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == closed {
		return false
	}
	c.state = active
	return true
}

// Draining implements h1.Gate.
func (c *conn) Draining() bool { return c.server.draining.Load() }

// End implements h1.Gate.
func (c *conn) End() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = idle
	// The server sets draining before it looks at the states, so either it sees
	// that this connection is idle or this sees that the server drains.
	return !c.Draining()
}

// drain ends the connection if nothing is asked on it.
func (c *conn) drain(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.state {
	case fresh:
		// Under the mutex: after Begin the deadline would hit a request.
		_ = c.net.SetReadDeadline(now.Add(freshGrace))
	case idle:
		c.state = closed
		_ = c.net.Close()
	}
}

// hand gives the connection to package h2, without the deadlines of ours.
func (c *conn) hand() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = handed
	_ = c.net.SetDeadline(time.Time{})
}

func addrPort(addr net.Addr) netip.AddrPort {
	switch addr := addr.(type) {
	case *net.TCPAddr:
		port := addr.AddrPort()
		return netip.AddrPortFrom(port.Addr().Unmap(), port.Port())
	case nil:
		return netip.AddrPort{}
	}
	port, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return netip.AddrPort{} // a socket that has no address, such as a pipe
	}
	return port
}

// sniffed is a connection whose first bytes were read already. Its Close tells
// the server, because package h2 closes it when it likes.
type sniffed struct {
	net.Conn
	prefix []byte
	closed func()
	once   sync.Once
}

// Read implements net.Conn.
func (s *sniffed) Read(p []byte) (int, error) {
	if len(s.prefix) == 0 {
		return s.Conn.Read(p)
	}
	n := copy(p, s.prefix)
	s.prefix = s.prefix[n:]
	return n, nil
}

// CloseWrite ends our side, where the connection can do so.
func (s *sniffed) CloseWrite() error {
	if half, ok := s.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return s.Conn.Close()
}

// Close implements net.Conn.
func (s *sniffed) Close() error {
	err := s.Conn.Close()
	s.once.Do(s.closed)
	return err
}
