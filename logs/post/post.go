package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/postern-gateway/postern/clock"
)

// Client sends requests. Make one with New and end it with Close.
type Client struct {
	http  *http.Client
	clock clock.Clock
}

// Attempts is how often a request is sent at most, and attemptTimeout bounds
// each of them. firstPause is the time before the second one; each further pause
// is twice as long.
const (
	Attempts       = 4
	attemptTimeout = 10 * time.Second
	firstPause     = 200 * time.Millisecond
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// New returns a client that waits by a clock.
func New(c clock.Clock) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &Client{http: &http.Client{Transport: transport, Timeout: attemptTimeout}, clock: c}
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Answer is what a request got.
type Answer struct {
	Status int
	Body   []byte
}

// Send sends the requests that build makes until there is an answer for which
// again is false, and returns the last answer. With no answer at all, or when
// ctx ends, there is an error.
func (c *Client) Send(ctx context.Context, build func() (*http.Request, error), again func(Answer) bool) (Answer, error) {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		request, err := build()
		if err != nil {
			return Answer{}, err
		}
		answer, err := c.once(request.WithContext(ctx))
		if err == nil && !again(answer) || attempt == Attempts || ctx.Err() != nil {
			return answer, errors.Join(err, ctx.Err())
		}
		if err := Pause(ctx, c.clock, pause); err != nil {
			return answer, err
		}
		pause *= 2
	}
}

func (c *Client) once(request *http.Request) (Answer, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return Answer{}, fmt.Errorf("read the answer of %s: %w", request.URL.Redacted(), err)
	}
	return Answer{response.StatusCode, body}, nil
}

// Pause waits for a time on a clock, or until ctx ends.
func Pause(ctx context.Context, c clock.Clock, d time.Duration) error {
	over := make(chan struct{})
	stop := c.AfterFunc(d, func() { close(over) })
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		stop()
		return ctx.Err()
	}
}
