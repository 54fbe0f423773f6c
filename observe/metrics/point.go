package metrics

import "unsafe"

// point is what CloudWatch can ask of some time: a minute or an hour.
type point struct {
	start    int64 // minutes since 1970
	requests uint64
	errors4  uint64 // answers of 400 to 499
	errors5  uint64 // answers of 500 to 599
	hits     uint64
	misses   uint64
	latency  distribution
	backend  distribution
}

func newPoint(minute int64, t *tally) *point {
	p := &point{start: minute, hits: t.cache[Hit], misses: t.cache[Miss], latency: t.latency}
	for status, n := range t.codes {
		p.requests += n
		switch status / 100 {
		case 4:
			p.errors4 += n
		case 5:
			p.errors5 += n
		}
	}
	for i := range t.backends {
		p.backend.merge(&t.backends[i])
	}
	return p
}

// merge adds o to p, which keeps its time.
func (p *point) merge(o *point) {
	p.requests += o.requests
	p.errors4 += o.errors4
	p.errors5 += o.errors5
	p.hits += o.hits
	p.misses += o.misses
	p.latency.merge(&o.latency)
	p.backend.merge(&o.backend)
}

// size is the memory of a point in bytes.
func (p *point) size() int64 {
	return int64(unsafe.Sizeof(*p)) + int64(cap(p.latency.counts)+cap(p.backend.counts))*int64(unsafe.Sizeof(count{}))
}
