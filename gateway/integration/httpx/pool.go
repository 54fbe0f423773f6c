package httpx

import (
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/clock"
)

// pool keeps the connections that are not in use. The one used last is taken
// first, so that the others grow old and go.
type pool struct {
	clock   clock.Clock
	max     int // for one key
	timeout time.Duration

	mu    sync.Mutex
	idle  map[key][]*conn // the oldest first
	epoch int             // grows with close: connections of before are not kept
	sweep func() bool     // stops the next sweep; nil if none is due
}

// take returns a connection, or nil.
func (p *pool) take(k key) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	stack := p.idle[k]
	if len(stack) == 0 {
		return nil
	}
	last := len(stack) - 1
	c := stack[last]
	stack[last] = nil
	p.idle[k] = stack[:last]
	return c
}

// put keeps a connection or closes it.
func (p *pool) put(k key, c *conn) {
	c.reused = true
	c.idleSince = p.clock.Now()
	if !p.keep(k, c) {
		c.Close()
	}
}

func (p *pool) keep(k key, c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	stack, known := p.idle[k]
	if len(stack) >= p.max || c.epoch != p.epoch {
		return false
	}
	if !known {
		k.authority = strings.Clone(k.authority) // not the URL of the request
		if p.idle == nil {
			p.idle = map[key][]*conn{}
		}
	}
	p.idle[k] = append(stack, c)
	if p.sweep == nil {
		p.sweep = p.clock.AfterFunc(p.timeout, p.dropOld)
	}
	return true
}

// present is the epoch of connections that are made now.
func (p *pool) present() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.epoch
}

// dropOld closes what was not used for the timeout, and comes again as long as
// there is something to watch. A connection may so be kept for two timeouts.
func (p *pool) dropOld() {
	p.mu.Lock()
	defer p.mu.Unlock()
	oldest := p.clock.Now().Add(-p.timeout)
	for k, stack := range p.idle {
		old := 0
		for old < len(stack) && !stack[old].idleSince.After(oldest) {
			stack[old].Close()
			old++
		}
		if old == len(stack) {
			delete(p.idle, k)
		} else if old > 0 {
			p.idle[k] = append([]*conn(nil), stack[old:]...)
		}
	}
	p.sweep = nil
	if len(p.idle) > 0 {
		p.sweep = p.clock.AfterFunc(p.timeout, p.dropOld)
	}
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoch++
	for _, stack := range p.idle {
		for _, c := range stack {
			c.Close()
		}
	}
	p.idle = nil
	if p.sweep != nil {
		p.sweep()
		p.sweep = nil
	}
}
