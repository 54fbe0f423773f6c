package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/logs/post"
	"github.com/postern-gateway/postern/sigv4"
)

// Config says where a sink sends records. All fields are needed.
type Config struct {
	// Endpoint is a URL; {region} in it is the region of the records.
	Endpoint string
	Keys     sigv4.Keys
	Clock    clock.Clock
}

// caller calls operations of a service with the JSON protocol.
type caller struct {
	Config
	service string // for signatures
	target  string // before names of operations
	client  *post.Client
}

func newCaller(cfg Config, service, target string) caller {
	return caller{Config: cfg, service: service, target: target, client: post.New(cfg.Clock)}
}

// refusal is an answer that is no success.
type refusal struct {
	status  int
	Type    string `json:"__type"`
	Message string `json:"message"`
}

// Error implements error.
func (r *refusal) Error() string {
	return fmt.Sprintf("status %d, %s: %.200s", r.status, r.code(), r.Message)
}

// code is the error code, without the name space that some services put before
// it.
func (r *refusal) code() string { return r.Type[strings.LastIndexByte(r.Type, '#')+1:] }

// readRefusal reads an answer that is no success, whatever it is.
func readRefusal(a post.Answer) *refusal {
	r := &refusal{status: a.Status}
	if json.Unmarshal(a.Body, r) != nil {
		r.Type, r.Message = "unknown", string(a.Body)
	}
	return r
}

// call calls an operation and reads its output into out. It tries again what a
// service could not do just then. An error is a *refusal if there was an answer.
func (c *caller) call(ctx context.Context, region, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := c.client.Send(ctx, func() (*http.Request, error) {
		request, err := http.NewRequest(http.MethodPost, strings.ReplaceAll(c.Endpoint, "{region}", region), bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/x-amz-json-1.1")
		request.Header.Set("X-Amz-Target", c.target+operation)
		sigv4.Sign(request, body, c.Keys, c.service, region, c.Clock.Now()) // each time anew: a signature lasts minutes
		return request, nil
	}, busy)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", operation, err)
	case answer.Status != http.StatusOK:
		return fmt.Errorf("%s: %w", operation, readRefusal(answer))
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return fmt.Errorf("%s: read the answer: %w", operation, err)
	}
	return nil
}

// busy says whether an answer may be another one later.
func busy(a post.Answer) bool {
	if a.Status == http.StatusOK {
		return false
	}
	if a.Status >= 500 || a.Status == http.StatusTooManyRequests {
		return true
	}
	switch readRefusal(a).code() {
	case "ThrottlingException", "ServiceUnavailableException", "LimitExceededException", "OperationAbortedException":
		return true
	}
	return false
}
