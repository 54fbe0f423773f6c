package httpx_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/httpx"
)

// dialer refuses some addresses, sends the others to a backend, and keeps what
// was asked.
type dialer struct {
	to     string
	refuse []string
	hang   []string

	mu    sync.Mutex
	asked []string
}

var errRefused = errors.New("refused")

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	d.asked = append(d.asked, address)
	d.mu.Unlock()
	switch {
	case slices.Contains(d.hang, address):
		<-ctx.Done()
		return nil, ctx.Err()
	case slices.Contains(d.refuse, address):
		return nil, errRefused
	}
	return new(net.Dialer).DialContext(ctx, network, d.to)
}

// TestDial: other addresses are dialled than the URL's; each is tried only if
// those before it cannot be reached, and keeps its connections.
func TestDial(t *testing.T) {
	b := serve(t, func(s *session) {
		for {
			head, _ := s.request()
			if head == "" {
				return
			}
			if !strings.Contains(head, "Host: pets.example.com\r\n") {
				s.say("HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n")
				continue
			}
			s.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}
	})
	d := &dialer{to: b.address, refuse: []string{"down:1"}, hang: []string{"lost:1"}}
	client := newClient(t, httpx.Config{Dial: d.dial})
	call := func(dial ...string) error {
		res, err := client.Invoke(t.Context(), &integration.Request{
			Method: "POST", URL: "http://pets.example.com/x", Dial: dial, Timeout: 400 * time.Millisecond,
		})
		if err == nil && res.Status != 200 {
			t.Errorf("%v: status %d", dial, res.Status)
		}
		return err
	}
	for i, test := range []struct {
		dial  []string
		asked []string
		kind  integration.ErrorKind // if nothing can be reached
		fails bool
	}{
		{dial: []string{"down:1", "up:1"}, asked: []string{"down:1", "up:1"}},
		{dial: []string{"up:1", "down:1"}, asked: nil}, // a connection is open
		{dial: []string{"other:1"}, asked: []string{"other:1"}},
		{dial: []string{"lost:1", "up:2"}, asked: []string{"lost:1", "up:2"}},
		{dial: []string{"down:1", "down:1"}, asked: []string{"down:1", "down:1"}, fails: true, kind: integration.Network},
		{dial: []string{"lost:1"}, asked: []string{"lost:1"}, fails: true, kind: integration.Timeout},
	} {
		d.asked = nil
		err := call(test.dial...)
		var typed *integration.Error
		if test.fails != (err != nil) || test.fails && (!errors.As(err, &typed) || typed.Kind != test.kind) {
			t.Errorf("%d: %v: error %v, want one: %t, of kind %v", i, test.dial, err, test.fails, test.kind)
		}
		if !slices.Equal(d.asked, test.asked) {
			t.Errorf("%d: %v: dialled %v, want %v", i, test.dial, d.asked, test.asked)
		}
	}
}
