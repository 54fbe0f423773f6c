package otel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/observe/trace"
)

// Config is what an Exporter needs. URL, Clock and Log have no defaults.
type Config struct {
	// URL is the collector's; the paths of the protocol are appended to it.
	URL      string
	Metrics  *metrics.Registry // nil: no metrics are sent
	Instance string            // tells this node apart from others of the collector
	Clock    clock.Clock
	Log      *slog.Logger

	Queue    int           // most spans that wait; zero means 4,096
	Delay    time.Duration // from a span to its sending, so that more go at once; zero means one second
	Interval time.Duration // between two sendings of metrics; zero means one minute
	Timeout  time.Duration // of one sending; zero means ten seconds
}

const (
	defaultQueue    = 4096
	defaultDelay    = time.Second
	defaultInterval = time.Minute
	defaultTimeout  = 10 * time.Second
	maxBatch        = 512 // spans in one message
)

// Check says what is wrong with the URL of a collector.
func Check(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("collector %q: want http://HOST or https://HOST", address)
	}
	return nil
}

// Exporter sends what it is given. Make one with New and end it with Close.
type Exporter struct {
	cfg     Config
	base    string
	client  *http.Client
	began   time.Time
	spans   chan *trace.Span
	closing chan struct{}
	end     sync.Once
	cancel  context.CancelFunc
	running sync.WaitGroup

	dropped atomic.Int64 // spans
	failing atomic.Bool
}

// New starts an exporter.
func New(cfg Config) *Exporter {
	if cfg.Queue == 0 {
		cfg.Queue = defaultQueue
	}
	if cfg.Delay == 0 {
		cfg.Delay = defaultDelay
	}
	if cfg.Interval == 0 {
		cfg.Interval = defaultInterval
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	e := &Exporter{
		cfg: cfg, base: strings.TrimSuffix(cfg.URL, "/"), began: cfg.Clock.Now(),
		client: &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: 2, IdleConnTimeout: 90 * time.Second},
			Timeout:   cfg.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		},
		spans: make(chan *trace.Span, cfg.Queue), closing: make(chan struct{}),
	}
	ctx, cancel := context.WithCancel(context.Background())
	e.cancel = cancel
	e.running.Go(func() { e.sendSpans(ctx) })
	if cfg.Metrics != nil {
		e.running.Go(func() { e.sendMetrics(ctx) })
	}
	return e
}

// Span takes a span to be sent, or drops it. It does not wait.
func (e *Exporter) Span(s *trace.Span) {
	select {
	case e.spans <- s:
	default:
		e.dropped.Add(1)
	}
}

// Dropped counts the spans that were not sent.
func (e *Exporter) Dropped() int64 { return e.dropped.Load() }

// Close sends what is there, with the metrics once more, until ctx ends. No
// spans may come any more.
func (e *Exporter) Close(ctx context.Context) {
	e.end.Do(func() { close(e.closing) })
	done := make(chan struct{})
	go func() {
		e.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		e.cancel()
		<-done
	}
	e.cancel()
	e.client.CloseIdleConnections()
}

// sendSpans sends until the exporter is closed, and then what is left.
func (e *Exporter) sendSpans(ctx context.Context) {
	for {
		var batch []*trace.Span
		select {
		case s := <-e.spans:
			batch = append(batch, s)
		case <-e.closing:
			if len(e.spans) == 0 {
				return
			}
		}
		e.wait(e.cfg.Delay)
		for len(batch) < maxBatch && len(e.spans) > 0 {
			batch = append(batch, <-e.spans)
		}
		if err := e.retry(ctx, "/v1/traces", spansMessage(&e.cfg, batch)); err != nil {
			e.dropped.Add(int64(len(batch)))
		}
	}
}

// sendMetrics sends at each interval, and once at the end.
func (e *Exporter) sendMetrics(ctx context.Context) {
	for open := true; open; {
		open = e.wait(e.cfg.Interval)
		if totals := e.cfg.Metrics.Totals(); len(totals) > 0 {
			// What is not taken now is in the next message: they are sums.
			_ = e.post(ctx, "/v1/metrics", metricsMessage(&e.cfg, totals, e.began, e.cfg.Clock.Now()))
		}
	}
}

// wait waits for some time; false if the exporter is closed before.
func (e *Exporter) wait(d time.Duration) bool {
	passed := make(chan struct{})
	stop := e.cfg.Clock.AfterFunc(d, func() { close(passed) })
	defer stop()
	select {
	case <-passed:
		return true
	case <-e.closing:
		return false
	}
}

// attempts is how often a message is sent to a collector that is busy or not
// there.
const attempts = 3

// retry sends a message, and once more each time the collector asks for it. A
// closed exporter does not wait between.
func (e *Exporter) retry(ctx context.Context, path string, message proto.Message) error {
	var err error
	for n := range attempts {
		if n > 0 {
			e.wait(e.cfg.Delay << n)
		}
		err = e.post(ctx, path, message)
		var refused refusal
		if err == nil || errors.As(err, &refused) && !refused.transient() || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// refusal is a status of the collector that is not success.
type refusal int

// Error implements error.
func (r refusal) Error() string { return fmt.Sprintf("the collector answers %d", int(r)) }

// transient says by the specification of the protocol whether to try again.
func (r refusal) transient() bool {
	switch int(r) {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 64 << 10

// post sends a message. It tells the log when the collector begins to fail and
// when it works again, not of each failure.
func (e *Exporter) post(ctx context.Context, path string, message proto.Message) (err error) {
	defer func() {
		if failed := err != nil; e.failing.Swap(failed) != failed {
			if failed {
				e.cfg.Log.Error("the collector takes nothing", "url", e.base+path, "error", err)
			} else {
				e.cfg.Log.Info("the collector takes data again", "dropped", e.Dropped())
			}
		}
	}()
	body, err := proto.Marshal(message)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("User-Agent", "postern")
	res, err := e.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer)) // so that the connection serves again
	if res.StatusCode/100 != 2 {
		return refusal(res.StatusCode)
	}
	return nil
}
