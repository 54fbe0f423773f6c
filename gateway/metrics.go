package gateway

import "github.com/postern-gateway/postern/observe/metrics"

// count tells a request to the series that counts it: that of its method if
// the stage gives methods metrics of their own, else that of its release.
func (g *Gateway) count(r *inflight) {
	series, o := r.release.Series, &r.Context.Outcome
	sample := metrics.Sample{
		At: r.Context.Received.Add(o.Latency), Status: o.Status, Latency: o.Latency,
		Cache: r.CacheResult(), Throttled: r.Throttled, Shard: r.shard,
	}
	if b := r.bound; b != nil {
		own := b.Series
		if r.Context.Canary {
			own = b.CanarySeries
		}
		if own != nil {
			series = own
		}
		if o.Called {
			sample.Backend, sample.BackendLatency = b.Backend, o.BackendLatency
		}
	}
	series.Observe(&sample)
}
