package steps

import (
	"io"
	"sync"
	"time"

	"github.com/postern-gateway/postern/clock"
)

// The bounds of streams (guide). The timeout of the integration, up to 15
// minutes, bounds a stream as a whole.
const (
	streamIdle     = 5 * time.Minute
	streamIdleEdge = 30 * time.Second // behind an edge-optimized endpoint
	streamFree     = 10 << 20         // bytes that are sent as fast as they come
	streamRate     = 2 << 20          // bytes a second of what is beyond
	streamPiece    = 64 << 10         // bytes of one piece of that
)

// idleTime returns how long a backend may be silent in a stream.
func idleTime(endpointType string) time.Duration {
	if endpointType == "EDGE" {
		return streamIdleEdge
	}
	return streamIdle
}

// paced slows a stream down once the free part of it is through.
type paced struct {
	io.ReadCloser
	clock clock.Clock
	sent  int64
	began time.Time // when the free part was through
	close sync.Once
	done  chan struct{} // closed with the stream
}

func newPaced(stream io.ReadCloser, now clock.Clock) *paced {
	return &paced{ReadCloser: stream, clock: now, done: make(chan struct{})}
}

// Read implements io.Reader.
func (p *paced) Read(b []byte) (int, error) {
	if beyond := p.sent - streamFree; beyond >= 0 {
		b = b[:min(len(b), streamPiece)]
		if p.began.IsZero() {
			p.began = p.clock.Now()
		}
		due := p.began.Add(time.Duration(float64(beyond) / streamRate * float64(time.Second)))
		if !p.wait(due.Sub(p.clock.Now())) {
			return 0, io.ErrClosedPipe
		}
	}
	n, err := p.ReadCloser.Read(b)
	p.sent += int64(n)
	return n, err
}

// wait lets a time pass; false: the stream was closed meanwhile.
func (p *paced) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	due := make(chan struct{})
	stop := p.clock.AfterFunc(d, func() { close(due) })
	select {
	case <-due:
		return true
	case <-p.done:
		stop()
		return false
	}
}

// Close implements io.Closer. It may be called while a Read waits.
func (p *paced) Close() error {
	p.close.Do(func() { close(p.done) })
	return p.ReadCloser.Close()
}
