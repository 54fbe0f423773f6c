package countertest

import (
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/counter"
	"github.com/postern-gateway/postern/ids"
)

// Run runs the contract on a form of limiters. make returns a new, full one.
func Run(t *testing.T, make func(l counter.Limit, now time.Time) counter.Limiter) {
	t.Run("burst and refill", func(t *testing.T) { testTable(t, make) })
	t.Run("retune", func(t *testing.T) { testRetune(t, make) })
	t.Run("any window", func(t *testing.T) { testWindows(t, make) })
	t.Run("at once", func(t *testing.T) { testAtOnce(t, make) })
	t.Run("retune at once", func(t *testing.T) { testRetuneAtOnce(t, make) })
}

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// drain takes tokens until there is none, and returns how many there were.
func drain(t *testing.T, l counter.Limiter, now time.Time) int {
	t.Helper()
	for n := 0; ; n++ {
		ok, err := l.Take(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return n
		}
		if n > 100_000 {
			t.Fatal("the bucket has no end")
		}
	}
}

func tokens(t *testing.T, l counter.Limiter, now time.Time) float64 {
	t.Helper()
	n, err := l.Tokens(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func testTable(t *testing.T, make func(counter.Limit, time.Time) counter.Limiter) {
	for _, test := range []struct {
		limit       counter.Limit
		first       int // at once
		after       time.Duration
		then, later int // after that time, and after a year more
	}{
		{counter.Limit{Rate: 1, Burst: 5}, 5, time.Second, 1, 5},
		{counter.Limit{Rate: 1, Burst: 5}, 5, 999 * time.Millisecond, 0, 5},
		{counter.Limit{Rate: 0.5, Burst: 1}, 1, 2 * time.Second, 1, 1},
		{counter.Limit{Rate: 10, Burst: 5}, 5, 300 * time.Millisecond, 3, 5},
		{counter.Limit{Rate: 10000, Burst: 5000}, 5000, 10 * time.Millisecond, 100, 5000},
		{counter.Limit{Rate: 0, Burst: 3}, 3, time.Hour, 0, 0},
		{counter.Limit{Rate: 0, Burst: 0}, 0, time.Hour, 0, 0},
		{counter.Limit{Rate: 100, Burst: 0}, 0, time.Hour, 0, 0},
		{counter.Limit{Rate: -1, Burst: -1}, 0, time.Hour, 0, 0},
		{counter.Limit{Rate: math.NaN(), Burst: 1}, 1, time.Hour, 0, 0},
	} {
		l := make(test.limit, start)
		if got := tokens(t, l, start); got != float64(test.first) {
			t.Errorf("%+v: %v tokens at first, want %d", test.limit, got, test.first)
		}
		now := start
		for i, step := range []struct {
			wait time.Duration
			want int
		}{{0, test.first}, {test.after, test.then}, {365 * 24 * time.Hour, test.later}} {
			now = now.Add(step.wait)
			if got := drain(t, l, now); got != step.want {
				t.Errorf("%+v: step %d admits %d, want %d", test.limit, i, got, step.want)
			}
		}
		// Time that goes back admits nothing and spoils nothing.
		if got := drain(t, l, start); got != 0 {
			t.Errorf("%+v: %d admitted in the past", test.limit, got)
		}
	}
}

func testRetune(t *testing.T, make func(counter.Limit, time.Time) counter.Limiter) {
	for _, test := range []struct {
		name     string
		from, to counter.Limit
		taken    int
		want     int
	}{
		{"a larger burst is not filled", counter.Limit{Rate: 1, Burst: 5}, counter.Limit{Rate: 1, Burst: 50}, 3, 2},
		{"an empty bucket stays empty", counter.Limit{Rate: 1, Burst: 5}, counter.Limit{Rate: 1000, Burst: 50}, 5, 0},
		{"a smaller burst clips", counter.Limit{Rate: 1, Burst: 50}, counter.Limit{Rate: 1, Burst: 5}, 10, 5},
		{"another rate keeps the level", counter.Limit{Rate: 1, Burst: 50}, counter.Limit{Rate: 8, Burst: 50}, 10, 40},
		{"nothing passes", counter.Limit{Rate: 1, Burst: 5}, counter.Limit{}, 0, 0},
		{"something passes again", counter.Limit{}, counter.Limit{Rate: 1, Burst: 5}, 0, 0},
		{"no rate", counter.Limit{Rate: 10, Burst: 5}, counter.Limit{Burst: 5}, 2, 3},
	} {
		l := make(test.from, start)
		for range test.taken {
			if ok, err := l.Take(t.Context(), start); !ok || err != nil {
				t.Fatalf("%s: %v, %v", test.name, ok, err)
			}
		}
		l.Retune(test.to, start)
		if l.Limit() != test.to {
			t.Errorf("%s: the limit is %+v", test.name, l.Limit())
		}
		if got := drain(t, l, start); got != test.want {
			t.Errorf("%s: %d tokens, want %d", test.name, got, test.want)
		}
		after := start.Add(time.Second)
		if want := int(min(test.to.Rate, float64(test.to.Burst))); test.to.Rate > 0 && drain(t, l, after) != want {
			t.Errorf("%s: not %d tokens a second later", test.name, want)
		}
	}
}

// testWindows: at random times, no window admits more than it may, and a
// bucket that is asked all the time admits nearly as many.
func testWindows(t *testing.T, make func(counter.Limit, time.Time) counter.Limiter) {
	chance := ids.Seeded(1)
	for round := range 30 {
		random := func() float64 { return chance.Percent() / 100 }
		limit := counter.Limit{Rate: math.Exp(random()*10 - 2), Burst: 1 + int(random()*100)}
		l := make(limit, start)
		var admitted []time.Time
		now := start
		pause := float64(time.Second) / limit.Rate * 2 * random()
		for range 2000 {
			now = now.Add(time.Duration(random() * pause))
			ok, err := l.Take(t.Context(), now)
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				admitted = append(admitted, now)
			}
		}
		// The n-th to the m-th are m-n+1 in the time between them; the worst n
		// is the one with the most time left over before it.
		worst := math.Inf(1)
		for i, at := range admitted {
			spare := float64(i) - limit.Rate*at.Sub(start).Seconds()
			worst = min(worst, spare)
			if most := float64(limit.Burst) + 1; spare-worst+1 > most+1e-6 {
				t.Fatalf("round %d, %+v: a window that ends with the %dth admits %v more than its rate, want at most %v", round, limit, i, spare-worst+1, most)
			}
		}
	}
	limit := counter.Limit{Rate: 333, Burst: 10}
	l, n, now := make(limit, start), 0, start
	for ; now.Before(start.Add(10 * time.Second)); now = now.Add(100 * time.Microsecond) {
		if ok, _ := l.Take(t.Context(), now); ok {
			n++
		}
	}
	if least := 0.99 * (10 + 333*10.0); float64(n) < least {
		t.Errorf("%d admitted under saturation, want at least %v", n, least)
	}
}

// testAtOnce: many goroutines get no more than one would.
func testAtOnce(t *testing.T, make func(counter.Limit, time.Time) counter.Limiter) {
	l := make(counter.Limit{Rate: 1, Burst: 1000}, start)
	var admitted atomic.Int64
	var asking sync.WaitGroup
	for range 8 {
		asking.Go(func() {
			for range 500 {
				if ok, err := l.Take(t.Context(), start); ok && err == nil {
					admitted.Add(1)
				}
			}
		})
	}
	asking.Wait()
	if admitted.Load() != 1000 {
		t.Errorf("%d admitted, want 1000", admitted.Load())
	}
}

// testRetuneAtOnce: changes of the limit while requests take tokens make none.
// The limits differ only in rate, and no time passes: there is the burst, and
// nothing comes to it.
func testRetuneAtOnce(t *testing.T, make func(counter.Limit, time.Time) counter.Limiter) {
	const burst = 20_000
	l := make(counter.Limit{Rate: 1, Burst: burst}, start)
	var admitted atomic.Int64
	var asking, tuning sync.WaitGroup
	var over atomic.Bool
	tuning.Go(func() {
		for rate := 1; !over.Load(); rate ^= 1000 {
			l.Retune(counter.Limit{Rate: float64(rate), Burst: burst}, start)
		}
	})
	for range 4 {
		asking.Go(func() {
			for range burst / 2 {
				if ok, err := l.Take(t.Context(), start); ok && err == nil {
					admitted.Add(1)
				}
			}
		})
	}
	asking.Wait()
	over.Store(true)
	tuning.Wait()
	if got := admitted.Load(); got > burst {
		t.Errorf("%d admitted, want at most %d", got, burst)
	}
}
