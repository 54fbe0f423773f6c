package metrics

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The metrics.
const (
	Count              = "Count"
	Errors4XX          = "4XXError"
	Errors5XX          = "5XXError"
	CacheHitCount      = "CacheHitCount"
	CacheMissCount     = "CacheMissCount"
	Latency            = "Latency"
	IntegrationLatency = "IntegrationLatency"
)

// Dimension is one of the dimensions of a metric.
type Dimension struct{ Name, Value string }

// Metric is a metric of a set of dimensions, which are in the order of names.
type Metric struct {
	Name       string
	Dimensions []Dimension
	Last       time.Time // minute of the last data
}

// canarySuffix is what the dimension Stage of a canary's requests ends in. Guide.
const canarySuffix = "/Canary"

// sets returns the sets of dimensions that the requests of a key count for.
func (k *Key) sets() [][]Dimension {
	api := Dimension{"ApiName", k.Name}
	stages := []Dimension{{"Stage", k.Stage}}
	if k.Canary {
		stages = append(stages, Dimension{"Stage", k.Stage + canarySuffix})
	}
	list := [][]Dimension{{api}}
	for _, stage := range stages {
		list = append(list, []Dimension{api, stage})
		if k.Method != "" {
			list = append(list, []Dimension{api, {"Method", k.Method}, {"Resource", cutText(k.Resource)}, stage})
		}
	}
	return list
}

func cutText(s string) string { return s[:min(len(s), maxDimension)] }

// matches reports whether the requests of a key count for a set.
func (k *Key) matches(set []Dimension) bool {
	return slices.ContainsFunc(k.sets(), func(own []Dimension) bool { return slices.Equal(own, set) })
}

// List returns the metrics of a scope that have data, in the order of their
// names and dimensions.
func (r *Registry) List(account, region string) []Metric {
	found := map[string]Metric{}
	for _, s := range r.all(account, region) {
		minutes, hours := s.points()
		for _, p := range slices.Concat(hours, minutes) {
			last := time.Unix(p.start*60, 0)
			for _, name := range p.metrics() {
				for _, set := range s.key.sets() {
					key := id(name, set)
					if old, ok := found[key]; !ok || old.Last.Before(last) {
						found[key] = Metric{Name: name, Dimensions: set, Last: last}
					}
				}
			}
		}
	}
	list := make([]Metric, 0, len(found))
	for _, m := range found {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Metric) int {
		return cmp.Compare(a.ID(), b.ID())
	})
	return list
}

// ID tells metrics apart; metrics are listed in its order.
func (m *Metric) ID() string { return id(m.Name, m.Dimensions) }

func id(name string, set []Dimension) string {
	parts := []string{name}
	for _, d := range set {
		parts = append(parts, d.Name, d.Value)
	}
	return strings.Join(parts, "\x00")
}

// metrics returns the metrics that a point has data of.
func (p *point) metrics() []string {
	list := []string{Count, Errors4XX, Errors5XX, Latency}
	if p.hits+p.misses > 0 {
		list = append(list, CacheHitCount, CacheMissCount)
	}
	if len(p.backend.counts) > 0 {
		list = append(list, IntegrationLatency)
	}
	return list
}

// Query asks for the data of a metric.
type Query struct {
	Account, Region string
	Metric          string
	Dimensions      []Dimension // in the order of names
	// Start and End bound the time, End excluded; Start is cut to the minute.
	Start, End time.Time
	// Period is how much one data point covers, in whole minutes. The first
	// begins at Start.
	Period time.Duration
}

// Data returns the data points of a metric, ascending; there is none for a
// period without requests. Minutes are kept for three hours. What is older is
// there by the hour, for 15 days, and only for periods of whole hours.
func (r *Registry) Data(q Query) []Datapoint {
	start, period := q.Start.Unix()/60, int64(q.Period/time.Minute)
	merged := map[int64]*point{}
	add := func(p *point) {
		if p.start < start || !time.Unix(p.start*60, 0).Before(q.End) {
			return
		}
		at := start + (p.start-start)/period*period
		if merged[at] == nil {
			merged[at] = &point{start: at}
		}
		merged[at].merge(p)
	}
	for _, s := range r.all(q.Account, q.Region) {
		if !s.key.matches(q.Dimensions) {
			continue
		}
		minutes, hours := s.points()
		if period%60 == 0 {
			for _, p := range hours {
				add(p)
			}
		}
		for _, p := range minutes {
			add(p)
		}
	}
	var list []Datapoint
	for _, p := range merged {
		if d, ok := p.data(q.Metric); ok {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b Datapoint) int { return a.Time.Compare(b.Time) })
	return list
}

// Unit is the unit of a metric, as CloudWatch names it.
func Unit(metric string) string {
	if metric == Latency || metric == IntegrationLatency {
		return "Milliseconds"
	}
	return "Count"
}

// Datapoint is the data of a metric in one period.
type Datapoint struct {
	Time        time.Time
	SampleCount float64
	Sum         float64
	Minimum     float64
	Maximum     float64

	times *distribution // nil: the samples are 0 and 1
}

func (p *point) data(metric string) (Datapoint, bool) {
	var d Datapoint
	switch metric {
	case Count:
		d = binary(p.requests, p.requests)
	case Errors4XX:
		d = binary(p.errors4, p.requests)
	case Errors5XX:
		d = binary(p.errors5, p.requests)
	case CacheHitCount, CacheMissCount:
		if p.hits+p.misses == 0 {
			return d, false
		}
		if d = binary(p.hits, p.requests); metric == CacheMissCount {
			d = binary(p.misses, p.requests)
		}
	case Latency:
		d = timed(&p.latency)
	case IntegrationLatency:
		d = timed(&p.backend)
	}
	d.Time = time.Unix(p.start*60, 0).UTC()
	return d, d.SampleCount > 0
}

// binary is the data of samples that are one for some of all requests.
func binary(ones, all uint64) Datapoint {
	d := Datapoint{SampleCount: float64(all), Sum: float64(ones)}
	if ones > 0 {
		d.Maximum = 1
	}
	if ones == all {
		d.Minimum = 1
	}
	return d
}

func timed(from *distribution) Datapoint {
	return Datapoint{
		SampleCount: float64(from.n()), Sum: milliseconds(from.sum),
		Minimum: milliseconds(from.min), Maximum: milliseconds(from.max), times: from,
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Average is the mean of the samples.
func (d *Datapoint) Average() float64 { return d.Sum / d.SampleCount }

// Percentile is the sample that p percent of all do not exceed, 0 to 100; of
// times it is within a tenth of the true one.
func (d *Datapoint) Percentile(p float64) float64 {
	if d.times != nil {
		return milliseconds(d.times.percentile(p))
	}
	if zeros := d.SampleCount - d.Sum; p/100*d.SampleCount <= zeros && zeros > 0 {
		return 0
	}
	return 1
}
