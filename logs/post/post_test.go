package post

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/postern-gateway/postern/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// paused is a clock on which every pause is over at once, and noted.
type paused struct {
	clock.Clock
	pauses []time.Duration
}

func (p *paused) AfterFunc(d time.Duration, f func()) func() bool {
	p.pauses = append(p.pauses, d)
	f()
	return func() bool { return false }
}

func TestSend(t *testing.T) {
	for _, row := range []struct {
		name     string
		statuses []int // of the answers; 0: the connection is cut
		want     int   // status of the last answer; 0: an error
		sent     int
	}{
		{"at once", []int{200}, 200, 1},
		{"a refusal", []int{400}, 400, 1},
		{"the second time", []int{503, 200}, 200, 2},
		{"after a connection was cut", []int{0, 200}, 200, 2},
		{"never", []int{503, 503, 503, 503, 200}, 503, 4},
		{"no answer", []int{0, 0, 0, 0, 200}, 0, 4},
	} {
		t.Run(row.name, func(t *testing.T) {
			var sent atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				n := sent.Add(1)
				if row.statuses[n-1] == 0 {
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(row.statuses[n-1])
			}))
			defer server.Close()
			p := &paused{}
			c := New(p)
			defer c.Close()
			answer, err := c.Send(t.Context(), func() (*http.Request, error) { return http.NewRequest(http.MethodPut, server.URL, http.NoBody) },
				func(a Answer) bool { return a.Status == 503 })
			if answer.Status != row.want || (err != nil) != (row.want == 0) || int(sent.Load()) != row.sent {
				t.Errorf("status %d, %v after %d; want %d after %d", answer.Status, err, sent.Load(), row.want, row.sent)
			}
			for i, d := range p.pauses {
				if want := firstPause << i; d != want {
					t.Errorf("pause %d is %v, want %v", i, d, want)
				}
			}
			if len(p.pauses) != row.sent-1 {
				t.Errorf("pauses %v, want %d", p.pauses, row.sent-1)
			}
		})
	}
}

// TestCancel: the end of the context ends a pause and an answer that is slow.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	}))
	defer server.Close()
	c := New(clock.NewManual(time.Unix(0, 0)))
	defer c.Close()
	go func() { <-begun; cancel() }()
	if _, err := c.Send(ctx, func() (*http.Request, error) { return http.NewRequest(http.MethodGet, server.URL, http.NoBody) }, func(Answer) bool { return true }); !errors.Is(err, context.Canceled) {
		t.Errorf("a slow answer: %v", err)
	}
	if err := Pause(ctx, c.clock, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a pause: %v", err)
	}
}
