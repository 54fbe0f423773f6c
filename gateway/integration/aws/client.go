package aws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/lambda"
	"github.com/postern-gateway/postern/sigv4"
)

// Signing names of services that are treated in a way of their own.
const (
	lambdaService = "lambda"
	s3Service     = "s3"
	ssmService    = "ssm"
)

// Config is what a Client needs.
type Config struct {
	HTTP      integration.Invoker // sends requests
	Functions *lambda.Runtime     // of this machine; nil: none
	Endpoints Endpoints
	// Keys sign requests. Without any, AWS itself is not called, and endpoints
	// get signatures by keys of no value.
	Keys  sigv4.Keys
	Clock clock.Clock // nil: clock.System
	IDs   *ids.Source // nil: the system's randomness
}

// Client calls services of AWS. It may be used by many goroutines at once.
type Client struct{ config Config }

// New returns a client.
func New(config Config) *Client {
	if config.Clock == nil {
		config.Clock = clock.System{}
	}
	if config.IDs == nil {
		config.IDs = ids.New()
	}
	return &Client{config}
}

// noKeys sign for endpoints that look at who signs, and at the service that
// signatures name, but verify nothing.
var noKeys = sigv4.Keys{AccessKey: "test", Secret: "test"}

// The fields that a signature consists of. A request may hold them without
// values, where they are to stand; else they are added.
const (
	authorizationField = "Authorization"
	dateField          = "X-Amz-Date"
	tokenField         = "X-Amz-Security-Token"
	hashField          = "X-Amz-Content-Sha256"
)

// Prepare makes a request ready for Invoke. The error is an *integration.Error.
func (c *Client) Prepare(req *integration.Request) error {
	call := &req.AWS
	if call.Action != "" {
		frame(req)
	}
	u, ok := splitURL(req.URL)
	if !ok {
		return configuration("Invalid endpoint address")
	}
	endpoint := ""
	if ref, ok := functionOf(req); ok {
		if c.config.Functions.Has(ref.Name) {
			call.Function = ref.Name
		} else {
			endpoint = c.config.Endpoints.function(ref, call.Region, call.Account)
		}
	} else {
		endpoint = c.config.Endpoints.service(call.Service)
	}
	keys := c.config.Keys
	host := u.host
	switch {
	case endpoint != "":
		call.URL = req.URL
		if req.URL = endpoint + u.path; u.query != "" {
			req.URL += "?" + u.query
		}
		to, _ := splitURL(req.URL) // it was checked when it was read
		u.path, host = to.path, to.host
		if prefix, _, _ := strings.Cut(u.host, "."); prefix != call.Service {
			// "bucket.s3.region...": the part before the service is in no path.
			host = u.host
			req.Header.Set("Host", host)
		}
		if keys.AccessKey == "" {
			keys = noKeys
		}
	case keys.AccessKey == "" && call.Function == "":
		return configuration(fmt.Sprintf("%s is not called: there are no AWS credentials, and no --aws-endpoint is set for %s", u.host, call.Service))
	}
	if keys.AccessKey != "" {
		c.sign(req, &sigv4.Request{Method: req.Method, Path: u.path, RawQuery: u.query, Host: host, PathOnce: call.Service == s3Service}, keys)
	} else {
		dropEmpty(&req.Header)
	}
	return nil
}

func configuration(text string) error {
	return &integration.Error{Kind: integration.Configuration, Cause: errors.New(text)}
}

// sign puts the signature into a request. It covers the host, the type of the
// body and all headers of AWS.
func (c *Client) sign(req *integration.Request, r *sigv4.Request, keys sigv4.Keys) {
	now := c.config.Clock.Now()
	put(&req.Header, dateField, sigv4.Stamp(now))
	if keys.SessionToken != "" {
		put(&req.Header, tokenField, keys.SessionToken)
	}
	payload := sigv4.Hash(req.Body)
	if req.AWS.Service == s3Service {
		put(&req.Header, hashField, payload)
	}
	r.Header = http.Header{}
	names := []string{"host"}
	for _, field := range req.Header {
		name := strings.ToLower(field.Name)
		if field.Value == "" || name != "content-type" && !strings.HasPrefix(name, "x-amz-") {
			continue
		}
		key := http.CanonicalHeaderKey(name)
		if r.Header[key] == nil {
			names = append(names, name)
		}
		r.Header[key] = append(r.Header[key], field.Value)
	}
	slices.Sort(names)
	put(&req.Header, authorizationField, r.Authorize(names, payload, keys, req.AWS.Service, req.AWS.Region, now))
	dropEmpty(&req.Header)
}

// put sets a field where it stands, or adds it.
func put(h *exchange.Header, name, value string) {
	for i := range *h {
		if strings.EqualFold((*h)[i].Name, name) {
			(*h)[i].Value = value
			return
		}
	}
	h.Add(name, value)
}

// dropEmpty takes out the places of a signature that have not been filled.
func dropEmpty(h *exchange.Header) {
	*h = slices.DeleteFunc(*h, func(f exchange.Field) bool {
		return f.Value == "" && (f.Name == authorizationField || f.Name == dateField || f.Name == tokenField)
	})
}

// Invoke implements integration.Invoker for prepared requests.
func (c *Client) Invoke(ctx context.Context, req *integration.Request) (*integration.Response, error) {
	if req.AWS.Function != "" {
		return c.call(ctx, req)
	}
	res, err := c.config.HTTP.Invoke(ctx, req)
	if err != nil {
		return nil, err
	}
	translate(req, res)
	return res, nil
}

// RequestID returns the id that a service gave a request; empty if it gave none.
func RequestID(h exchange.Header) string {
	for _, name := range []string{"x-amzn-RequestId", "x-amz-request-id"} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// address is a URL taken apart.
type address struct{ host, path, query string }

// splitURL takes a URL apart without changing a byte of it.
func splitURL(url string) (address, bool) {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return address{}, false
	}
	var a address
	rest, a.query, _ = strings.Cut(rest, "?")
	a.host, a.path = rest, "/"
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		a.host, a.path = rest[:i], rest[i:]
	}
	return a, a.host != ""
}
