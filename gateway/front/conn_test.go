package front

import (
	"net"
	"testing"
	"time"
)

// fakeConn records what is done to it.
type fakeConn struct {
	net.Conn
	closed   bool
	deadline time.Time
}

func (f *fakeConn) Close() error                      { f.closed = true; return nil }
func (f *fakeConn) SetReadDeadline(t time.Time) error { f.deadline = t; return nil }
func (f *fakeConn) SetDeadline(t time.Time) error     { f.deadline = t; return nil }

// The order of an engine's steps and of the server's wish to drain is what
// decides; over sockets it cannot be chosen.
func TestConnDrains(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, test := range []struct {
		name          string
		before        func(*conn)
		closed        bool
		deadline      time.Time
		begins, stays bool // the next Begin and, if it may, End
	}{
		{"fresh", func(*conn) {}, false, now.Add(freshGrace), true, false},
		{"active", func(c *conn) { c.Begin() }, false, time.Time{}, true, false},
		{"idle", func(c *conn) { c.Begin(); c.End() }, true, time.Time{}, false, false},
		{"handed over", func(c *conn) { c.hand() }, false, time.Time{}, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			socket := &fakeConn{}
			c := &conn{server: New(Config{}), net: socket}
			test.before(c)
			c.server.draining.Store(true)
			c.drain(now)
			if socket.closed != test.closed || !socket.deadline.Equal(test.deadline) {
				t.Errorf("got closed %v, deadline %v, want %v, %v", socket.closed, socket.deadline, test.closed, test.deadline)
			}
			begins := c.Begin()
			if begins != test.begins {
				t.Errorf("got Begin %v, want %v", begins, test.begins)
			}
			if begins && c.End() != test.stays {
				t.Errorf("got End %v, want %v", !test.stays, test.stays)
			}
		})
	}
}
