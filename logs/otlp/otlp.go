package otlp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/logs/post"
)

// Sink sends records to a collector. Make one with New.
type Sink struct {
	url    string
	clock  clock.Clock
	client *post.Client
}

// path is where collectors take logs.
const path = "/v1/logs"

// New returns a sink for a collector. An endpoint without a path is that of the
// collector, and the path is that of the protocol.
func New(endpoint url.URL, c clock.Clock) *Sink {
	if endpoint.Path == "" || endpoint.Path == "/" {
		endpoint.Path = path
	}
	return &Sink{url: endpoint.String(), clock: c, client: post.New(c)}
}

// Close implements logs.Sink.
func (s *Sink) Close(context.Context) error {
	s.client.Close()
	return nil
}

// maxRequest is the size at which a request is sent, in bytes of messages.
// Collectors take 4 MiB or more.
const maxRequest = 2 << 20

// Write implements logs.Sink.
func (s *Sink) Write(ctx context.Context, batch []logs.Record) (lost int, err error) {
	for len(batch) > 0 {
		n, size := 0, 0
		for n < len(batch) && (n == 0 || size+len(batch[n].Message) <= maxRequest) {
			size += len(batch[n].Message)
			n++
		}
		rejected, sendErr := s.send(ctx, batch[:n])
		if sendErr != nil {
			lost, err = lost+rejected, sendErr
		}
		batch = batch[n:]
	}
	return lost, err
}

// send sends one request, and returns how many of its records were not taken.
func (s *Sink) send(ctx context.Context, records []logs.Record) (int, error) {
	body, err := json.Marshal(encode(records, s.clock.Now().UnixNano()))
	if err != nil {
		return len(records), err
	}
	answer, err := s.client.Send(ctx, func() (*http.Request, error) {
		request, err := http.NewRequest(http.MethodPost, s.url, bytes.NewReader(body))
		if err == nil {
			request.Header.Set("Content-Type", "application/json")
		}
		return request, err
	}, worthAgain)
	if err != nil {
		return len(records), err
	}
	if answer.Status < 200 || answer.Status > 299 {
		return len(records), fmt.Errorf("the collector answers %d: %.200s", answer.Status, answer.Body)
	}
	return partial(answer.Body, len(records))
}

// worthAgain are the statuses that the protocol lets clients retry.
func worthAgain(a post.Answer) bool {
	switch a.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// partial reads how many of the records a collector that has answered well did
// not take all the same.
func partial(body []byte, sent int) (int, error) {
	var answer struct {
		PartialSuccess struct {
			Rejected     json.Number `json:"rejectedLogRecords"`
			ErrorMessage string      `json:"errorMessage"`
		} `json:"partialSuccess"`
	}
	// A collector may answer with nothing, or with what is no JSON.
	if json.Unmarshal(body, &answer) != nil {
		return 0, nil
	}
	rejected, err := strconv.Atoi(answer.PartialSuccess.Rejected.String())
	if err != nil || rejected <= 0 {
		return 0, nil
	}
	return min(rejected, sent), fmt.Errorf("the collector rejects %d records: %.200s", rejected, answer.PartialSuccess.ErrorMessage)
}
