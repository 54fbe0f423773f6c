package metrics

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Registry holds series. Its zero value is empty and ready; of a nil one all
// series are nil.
type Registry struct {
	// MaxSeries bounds the series with data; zero means 20,000. When there are
	// more, those that had no request for longest go with their data.
	MaxSeries int
	// MaxBytes bounds the memory of points; zero means 256 MiB. When it is used
	// up, each series drops its oldest points before it keeps a new one.
	MaxBytes int64

	size atomic.Int64 // of all points

	mu     sync.Mutex
	series map[Key]*admitted
}

// admitted is a series that has data.
type admitted struct {
	*Series
	last int64 // minute of its last request
}

const (
	defaultMaxSeries = 20_000
	defaultMaxBytes  = 256 << 20
)

func (r *Registry) full() bool { return r.size.Load() > cmp.Or(r.MaxBytes, defaultMaxBytes) }

// Series returns the series of a key. One without data is not held: a key that
// never gets a request costs nothing once its plan has gone.
func (r *Registry) Series(k Key) *Series {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if held := r.series[k]; held != nil {
		return held.Series
	}
	return &Series{key: k, registry: r}
}

// admit notes that a series has data, and returns the one that counts for its
// key: two plans that were compiled before the first request have one each.
// It is called once a minute.
func (r *Registry) admit(s *Series, minute int64) *Series {
	r.mu.Lock()
	defer r.mu.Unlock()
	if held := r.series[s.key]; held != nil {
		held.last = max(held.last, minute)
		return held.Series
	}
	if r.series == nil {
		r.series = map[Key]*admitted{}
	}
	r.series[s.key] = &admitted{Series: s, last: minute}
	r.sweep(minute)
	return s
}

// sweep makes room when there are too many series: it forgets the tenth that was
// quiet for longest, and those whose data is too old. A plan may still hold one;
// its next request admits it again.
func (r *Registry) sweep(minute int64) {
	limit := cmp.Or(r.MaxSeries, defaultMaxSeries)
	if len(r.series) <= limit {
		return
	}
	quiet := slices.SortedFunc(maps.Values(r.series), func(a, b *admitted) int { return cmp.Compare(a.last, b.last) })
	excess := len(quiet) - limit + limit/10
	for i, held := range quiet {
		if i < excess || held.last < minute-keepHours {
			r.forget(held)
		}
	}
}

func (r *Registry) forget(held *admitted) {
	delete(r.series, held.key)
	held.mu.Lock()
	defer held.mu.Unlock()
	held.grow(-held.size)
	held.minutes, held.hours = nil, nil
}

// all returns the series of a scope with data, in the order of their keys. An
// empty account is all scopes.
func (r *Registry) all(account, region string) []*Series {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []*Series
	for k, held := range r.series {
		if account == "" || k.Account == account && k.Region == region {
			list = append(list, held.Series)
		}
	}
	slices.SortFunc(list, func(a, b *Series) int { return compareKeys(&a.key, &b.key) })
	return list
}

func compareKeys(a, b *Key) int {
	canary := 0
	if a.Canary != b.Canary {
		canary = 1
		if b.Canary {
			canary = -1
		}
	}
	return cmp.Or(
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.API, b.API), cmp.Compare(a.Stage, b.Stage), canary,
		cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Method, b.Method),
		cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region),
	)
}

// Totals returns the counts of all series with data, in the order of their keys.
func (r *Registry) Totals() []Totals {
	var list []Totals
	for _, s := range r.all("", "") {
		list = append(list, s.totals())
	}
	return list
}

// maxDimension is the most characters of a dimension's value. Guide.
const maxDimension = 255

// DimensionName is the value of the dimension ApiName for an API: its name
// without what is not ASCII, or its id if nothing is left. Guide.
func DimensionName(name, id string) string {
	ascii := strings.Map(func(c rune) rune {
		if c > 127 {
			return -1
		}
		return c
	}, name)
	ascii = strings.TrimSpace(ascii)
	return cmp.Or(ascii[:min(len(ascii), maxDimension)], id)
}
