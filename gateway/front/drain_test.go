package front_test

import (
	"context"
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/gateway/front"
)

// late is a listener whose connections say when they get their first deadline,
// and wait before it.
type late struct {
	net.Listener
	asked, leave chan struct{}
	drained      atomic.Bool // a second deadline was set
}

func (l *late) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &lateConn{Conn: conn, late: l}, err
}

type lateConn struct {
	net.Conn
	late  *late
	later atomic.Bool
}

func (c *lateConn) SetReadDeadline(t time.Time) error {
	if !c.later.Swap(true) {
		c.late.asked <- struct{}{}
		<-c.late.leave
		return c.Conn.SetReadDeadline(t)
	}
	defer c.late.drained.Store(true)
	return c.Conn.SetReadDeadline(t)
}

// TestDrainEndsClientsBetween: a client that was accepted, and has not got its
// deadline when the server begins to drain, does not get the long one after it.
func TestDrainEndsClientsBetween(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &late{Listener: inner, asked: make(chan struct{}), leave: make(chan struct{})}
	server := front.New(front.Config{Handler: ok, HeadTimeout: time.Hour})
	go func() { _ = server.Serve(l) }()
	client := dial(t, inner.Addr().String())
	<-l.asked
	ended := make(chan error, 1)
	go func() { ended <- server.Shutdown(context.Background()) }()
	for { // until it drains
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", inner.Addr().String())
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	// The deadline of the drain comes now, or waits for the other one.
	for range 100_000 {
		if l.drained.Load() {
			break
		}
		runtime.Gosched()
	}
	close(l.leave)
	if got, err := io.ReadAll(client); err != nil || len(got) != 0 {
		t.Errorf("got %q, %v, want the end of the connection", got, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}
