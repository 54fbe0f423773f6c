package metrics

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	testTime = time.Unix(1_700_000_000, 0).UTC().Truncate(time.Hour)
	testKey  = Key{Account: "1", Region: "r", API: "id", Name: "shop", Stage: "dev"}
)

func observe(s *Series, at time.Time, status int) {
	s.Observe(&Sample{At: at, Status: status, Latency: 10 * time.Millisecond})
}

// sum asks for the sum of a metric of the test's stage over all time, hour by
// hour.
func sum(r *Registry, metric string, set ...Dimension) float64 {
	total := 0.0
	for _, d := range r.Data(Query{
		Account: "1", Region: "r", Metric: metric, Dimensions: set,
		Start: testTime.AddDate(0, -1, 0), End: testTime.AddDate(0, 1, 0), Period: time.Hour,
	}) {
		total += d.Sum
	}
	return total
}

var (
	ofAPI   = Dimension{"ApiName", "shop"}
	ofStage = Dimension{"Stage", "dev"}
)

// TestObserveTogether: nothing is lost when many tell at once, over the turn of
// one minute (not of two: see Series.closing), while others read.
func TestObserveTogether(t *testing.T) {
	r := &Registry{}
	const writers, each = 16, 2000
	var work, reading sync.WaitGroup
	done := make(chan struct{})
	reading.Go(func() {
		for last := uint64(0); ; {
			select {
			case <-done:
				return
			default:
			}
			for _, total := range r.Totals() {
				if n := total.Latency.Count(); n < last {
					t.Errorf("the count went from %d to %d", last, n)
				} else {
					last = n
				}
			}
		}
	})
	for w := range writers {
		s := r.Series(testKey) // several are made; one counts
		work.Go(func() {
			for i := range each {
				s.Observe(&Sample{
					At: testTime.Add(time.Duration(i) * 50 * time.Millisecond), Status: 200 + 100*(i%4), Shard: uint32(w),
					Latency: time.Duration(i) * time.Microsecond, Backend: HTTP, BackendLatency: time.Millisecond,
					Cache: Cache(i % 4), Throttled: Layer(i % 5),
				})
			}
		})
	}
	work.Wait()
	close(done)
	reading.Wait()
	const part = writers * each / 4
	got := r.Totals()
	if len(got) != 1 {
		t.Fatalf("%d series, want one", len(got))
	}
	total := got[0]
	want := map[int]uint64{200: part, 300: part, 400: part, 500: part}
	if diff := cmp.Diff(want, total.Codes); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if got, want := total.Cache, ([caches]uint64{Hit: part, Miss: part, Bypass: part}); got != want {
		t.Errorf("cache %v, want %v", got, want)
	}
	if got := total.Throttled[QuotaLimit]; got != writers*each/5 {
		t.Errorf("throttled by quota %d, want %d", got, writers*each/5)
	}
	if got := total.Backends[HTTP].Sum; got != writers*each*time.Millisecond {
		t.Errorf("time of backends %v, want %v", got, writers*each*time.Millisecond)
	}
	for _, metric := range []struct {
		name string
		want float64
	}{{Count, 4 * part}, {Errors4XX, part}, {Errors5XX, part}, {CacheHitCount, part}, {CacheMissCount, part}, {IntegrationLatency, 4 * part}} {
		if got := sum(r, metric.name, ofAPI, ofStage); got != metric.want {
			t.Errorf("%s = %v, want %v", metric.name, got, metric.want)
		}
	}
}

// TestData shows what the data points of each metric say.
func TestData(t *testing.T) {
	r := &Registry{}
	s := r.Series(testKey)
	for i, o := range []Sample{
		{Status: 200, Latency: 10 * time.Millisecond, Backend: AWS, BackendLatency: 4 * time.Millisecond, Cache: Miss},
		{Status: 404, Latency: 20 * time.Millisecond, Cache: Hit},
		{Status: 500, Latency: 30 * time.Millisecond, Cache: Hit},
		{Status: 200, Latency: 40 * time.Millisecond, Backend: HTTP, BackendLatency: 8 * time.Millisecond},
	} {
		o.At = testTime.Add(time.Duration(i) * 50 * time.Second) // minutes 0, 0, 1 and 2
		s.Observe(&o)
	}
	for _, c := range []struct {
		metric string
		period time.Duration
		want   []Datapoint
	}{
		{Count, time.Minute, []Datapoint{{testTime, 2, 2, 1, 1, nil}, {testTime.Add(time.Minute), 1, 1, 1, 1, nil}, {testTime.Add(2 * time.Minute), 1, 1, 1, 1, nil}}},
		{Count, 2 * time.Minute, []Datapoint{{testTime, 3, 3, 1, 1, nil}, {testTime.Add(2 * time.Minute), 1, 1, 1, 1, nil}}},
		{Errors4XX, time.Hour, []Datapoint{{testTime, 4, 1, 0, 1, nil}}},
		{Errors5XX, time.Hour, []Datapoint{{testTime, 4, 1, 0, 1, nil}}},
		{CacheHitCount, time.Hour, []Datapoint{{testTime, 4, 2, 0, 1, nil}}},
		{CacheMissCount, time.Hour, []Datapoint{{testTime, 4, 1, 0, 1, nil}}},
		{CacheMissCount, 2 * time.Minute, []Datapoint{{testTime, 3, 1, 0, 1, nil}}},
		{Latency, time.Hour, []Datapoint{{testTime, 4, 100, 10, 40, nil}}},
		{IntegrationLatency, time.Hour, []Datapoint{{testTime, 2, 12, 4, 8, nil}}},
		{IntegrationLatency, time.Minute, []Datapoint{{testTime, 1, 4, 4, 4, nil}, {testTime.Add(2 * time.Minute), 1, 8, 8, 8, nil}}},
		{"Other", time.Hour, nil},
	} {
		got := r.Data(Query{Account: "1", Region: "r", Metric: c.metric, Dimensions: []Dimension{ofAPI}, Start: testTime.Add(30 * time.Second), End: testTime.Add(time.Hour), Period: c.period})
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreUnexported(Datapoint{})); diff != "" {
			t.Errorf("%s by %v (-want +got):\n%s", c.metric, c.period, diff)
		}
	}
	if got := r.Data(Query{Account: "1", Region: "r", Metric: Count, Dimensions: []Dimension{ofAPI}, Start: testTime.Add(time.Minute), End: testTime.Add(2 * time.Minute), Period: time.Minute}); len(got) != 1 {
		t.Errorf("data of one minute: %v", got)
	}
	for _, other := range []Query{{Account: "2", Region: "r"}, {Account: "1", Region: "q"}} {
		other.Metric, other.Dimensions, other.Start, other.End, other.Period = Count, []Dimension{ofAPI}, testTime, testTime.Add(time.Hour), time.Minute
		if got := r.Data(other); got != nil {
			t.Errorf("data of another scope: %v", got)
		}
	}
}

// TestSets: each request counts for the sets of dimensions that the guide
// names, once.
func TestSets(t *testing.T) {
	r := &Registry{}
	tell := func(n int, change func(*Key)) {
		k := testKey
		change(&k)
		for range n {
			observe(r.Series(k), testTime, 200)
		}
	}
	tell(1, func(*Key) {})
	tell(2, func(k *Key) { k.Method, k.Resource = "GET", "/pets" })
	tell(4, func(k *Key) { k.Canary = true })
	tell(8, func(k *Key) { k.Canary, k.Method, k.Resource = true, "GET", "/pets" })
	tell(16, func(k *Key) { k.Stage = "prod" })
	tell(32, func(k *Key) { k.API = "other API of the name" })
	method, resource := Dimension{"Method", "GET"}, Dimension{"Resource", "/pets"}
	canary := Dimension{"Stage", "dev/Canary"}
	for _, c := range []struct {
		set  []Dimension
		want float64
	}{
		{[]Dimension{ofAPI}, 63},
		{[]Dimension{ofAPI, ofStage}, 47},
		{[]Dimension{ofAPI, canary}, 12},
		{[]Dimension{ofAPI, method, resource, ofStage}, 10},
		{[]Dimension{ofAPI, method, resource, canary}, 8},
		{[]Dimension{ofAPI, {"Stage", "prod"}}, 16},
		{[]Dimension{ofAPI, method}, 0},
		{[]Dimension{ofStage}, 0},
		{nil, 0},
	} {
		if got := sum(r, Count, c.set...); got != c.want {
			t.Errorf("Count of %v = %v, want %v", c.set, got, c.want)
		}
	}
	sets := map[string]bool{}
	for _, m := range r.List("1", "r") {
		if m.Name == Count {
			sets[fmt.Sprint(m.Dimensions)] = true
		}
	}
	if len(sets) != 6 {
		t.Errorf("%d sets of dimensions, want 6: %v", len(sets), sets)
	}
	if list := r.List("2", "r"); len(list) != 0 {
		t.Errorf("metrics of another account: %v", list)
	}
}

// TestRetention: minutes become hours after three hours and go after 15 days.
func TestRetention(t *testing.T) {
	r := &Registry{}
	s := r.Series(testKey)
	by := func(period time.Duration) (n float64) {
		for _, d := range r.Data(Query{
			Account: "1", Region: "r", Metric: Count, Dimensions: []Dimension{ofAPI},
			Start: testTime, End: testTime.AddDate(0, 2, 0), Period: period,
		}) {
			n += d.Sum
		}
		return n
	}
	for minute := range 60 {
		observe(s, testTime.Add(time.Duration(minute)*time.Minute), 200)
	}
	if got := by(time.Minute); got != 60 {
		t.Errorf("minutes hold %v, want 60", got)
	}
	tick := func(after time.Duration) { // two, because the last two windows stay open
		observe(s, testTime.Add(after), 200)
		observe(s, testTime.Add(after+time.Minute), 200)
	}
	tick(3*time.Hour + 30*time.Minute)
	observe(s, testTime.Add(3*time.Hour+32*time.Minute), 200)
	if got := by(time.Minute); got != 60-32+3 {
		t.Errorf("minutes hold %v after three and a half hours, want %v", got, 60-32+3)
	}
	if got := by(time.Hour); got != 63 {
		t.Errorf("hours hold %v, want 63", got)
	}
	tick(15*24*time.Hour + 2*time.Hour)
	tick(15*24*time.Hour + 150*time.Minute)
	if got := by(time.Hour); got != 3+4 {
		t.Errorf("hours hold %v after 15 days, want 7", got)
	}
	if total := r.Totals()[0]; total.Codes[200] != 67 {
		t.Errorf("total %v, want 67: it forgets nothing", total.Codes)
	}
}

// TestLimits: memory is bounded, and what was measured last stays.
func TestLimits(t *testing.T) {
	r := &Registry{MaxBytes: 2000, MaxSeries: 10}
	s := r.Series(testKey)
	for minute := range 500 {
		observe(s, testTime.Add(time.Duration(minute)*time.Minute), 200)
		if size := r.size.Load(); size > 2000+500 {
			t.Fatalf("%d bytes after %d minutes, want about 2000", size, minute)
		}
	}
	if len(s.minutes) == 0 || s.minutes[len(s.minutes)-1].start != testTime.Unix()/60+497 {
		t.Errorf("the newest point is not there: %d points", len(s.minutes))
	}
	for i := range 20 {
		k := testKey
		k.Stage = fmt.Sprint("stage", i)
		observe(r.Series(k), testTime.Add(time.Duration(500+i)*time.Minute), 200)
	}
	if n := len(r.series); n > 10 {
		t.Errorf("%d series, want at most 10", n)
	}
	if got := sum(r, Count, ofAPI, Dimension{"Stage", "stage19"}); got != 1 {
		t.Errorf("the newest series has %v requests, want 1", got)
	}
	if got := sum(r, Count, ofAPI, ofStage); got != 0 {
		t.Errorf("the series that was quiet longest is still there with %v", got)
	}
	observe(s, testTime.Add(600*time.Minute), 200) // a plan still holds it
	if got := sum(r, Count, ofAPI, ofStage); got == 0 {
		t.Error("a series that was forgotten does not come back")
	}
}

// TestUnused: what never counted is not there; nil counts nothing.
func TestUnused(t *testing.T) {
	r := &Registry{}
	r.Series(testKey)
	if got := r.Totals(); got != nil {
		t.Errorf("totals of nothing: %v", got)
	}
	observe((*Registry)(nil).Series(testKey), testTime, 200)
}

func TestDimensionName(t *testing.T) {
	long := string(make([]byte, 300))
	for _, c := range [][2]string{{"shop", "shop"}, {"Läden", "Lden"}, {"日本", "id"}, {"", "id"}, {" é ", "id"}, {long, long[:255]}} {
		if got := DimensionName(c[0], "id"); got != c[1] {
			t.Errorf("DimensionName(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}

func TestNames(t *testing.T) {
	var got []string
	for i := range backends {
		got = append(got, i.String())
	}
	for i := range caches {
		got = append(got, i.String())
	}
	for i := range layers {
		got = append(got, i.String())
	}
	want := []string{"", "HTTP", "HTTP_PROXY", "AWS", "AWS_PROXY", "", "hit", "miss", "bypass", "", "account", "stage", "plan", "quota"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if BackendOf("HTTP_PROXY") != HTTPProxy || BackendOf("MOCK") != NoBackend || BackendOf("") != NoBackend {
		t.Error("BackendOf does not find the kinds")
	}
}

// TestAllocations: telling allocates nothing once the minute has begun.
func TestAllocations(t *testing.T) {
	s := (&Registry{}).Series(testKey)
	o := Sample{At: testTime, Status: 200, Latency: time.Millisecond, Backend: HTTP, BackendLatency: time.Millisecond}
	s.Observe(&o)
	if n := testing.AllocsPerRun(100, func() { s.Observe(&o) }); n != 0 {
		t.Errorf("%v allocations for a request, want none", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	s := (&Registry{}).Series(testKey)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		o := Sample{At: testTime, Status: 200, Latency: time.Millisecond, Backend: HTTP, BackendLatency: time.Millisecond}
		for pb.Next() {
			s.Observe(&o)
		}
	})
}
