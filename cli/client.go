package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/sigv4"
)

// client calls operations of a node's AWS API, as any other client does. It
// needs nothing but the generated tables.
type client struct {
	endpoint string // "http://127.0.0.1:4566"
	region   string
	keys     sigv4.Keys
	clock    clock.Clock
}

// defaultKeys are those of callers who have none; a node without a credentials
// file takes any.
var defaultKeys = sigv4.Keys{AccessKey: "test", Secret: "test"}

// newClient returns a client for commands that ask a node that runs elsewhere.
func newClient(env Environment, endpoint string) *client {
	return &client{endpoint: endpoint, region: upRegion, keys: keysOf(env), clock: clock.System{}}
}

// keysOf returns the keys of the environment, else those that a postern without
// a credentials file takes.
func keysOf(env Environment) sigv4.Keys {
	if keys := environmentKeys(env); keys.AccessKey != "" {
		return keys
	}
	return defaultKeys
}

// environmentKeys returns the keys of the environment, as the AWS command line
// finds them there; zero if there are none.
func environmentKeys(env Environment) sigv4.Keys {
	id, _ := env.Lookup("AWS_ACCESS_KEY_ID")
	secret, _ := env.Lookup("AWS_SECRET_ACCESS_KEY")
	token, _ := env.Lookup("AWS_SESSION_TOKEN")
	if id == "" || secret == "" {
		return sigv4.Keys{}
	}
	return sigv4.Keys{AccessKey: id, Secret: secret, SessionToken: token}
}

// call runs an operation. out may be nil.
func (c *client) call(ctx context.Context, operation string, in, out any) error {
	op, ok := lookup(operation)
	if !ok {
		return fmt.Errorf("there is no operation %s", operation)
	}
	body, err := payload(op, in)
	if err != nil {
		return err
	}
	response, answer, err := c.send(ctx, op.Method, target(op, in), body)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	if response.StatusCode != op.Status {
		return fmt.Errorf("%s: %s: %s", operation, response.Header.Get("x-amzn-ErrorType"), refusal(response, answer))
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// send sends a request and returns the answer, which is read whole.
func (c *client) send(ctx context.Context, method, target string, body []byte) (*http.Response, []byte, error) {
	response, err := c.open(ctx, method, target, body)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return response, answer, err
}

// open signs a request and sends it; the answer's body is to be closed.
func (c *client) open(ctx context.Context, method, target string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.endpoint+target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	sigv4.Sign(request, body, c.keys, "apigateway", c.region, c.clock.Now())
	return http.DefaultClient.Do(request)
}

// refusal is why a node does not do what it was asked for.
func refusal(response *http.Response, answer []byte) string {
	var body struct{ Message string }
	_ = json.Unmarshal(answer, &body) // an answer that is no JSON has no message
	return cmp.Or(body.Message, response.Status)
}

func lookup(name string) (apigw.Operation, bool) {
	for _, op := range apigw.Operations {
		if op.Name == name {
			return op, true
		}
	}
	return apigw.Operation{}, false
}

// payload is the body of a request: a file, or the members that have no other
// place as JSON.
func payload(op apigw.Operation, in any) ([]byte, error) {
	if field := apigw.Schema[op.Input].Payload; field != "" {
		return reflect.ValueOf(in).Elem().FieldByName(field).Bytes(), nil
	}
	return json.Marshal(in)
}

// target fills in the labels and the query of an operation's URI.
func target(op apigw.Operation, in any) string {
	uri, v := op.URI, reflect.ValueOf(in).Elem()
	query := url.Values{}
	for _, member := range apigw.Schema[op.Input].Members {
		field := v.FieldByName(member.Field)
		switch member.Location {
		case apigw.InUri:
			uri = strings.Replace(uri, "{"+member.Wire+"}", url.PathEscape(field.String()), 1)
		case apigw.InQuerystring:
			addQuery(query, member.Wire, field)
		}
	}
	if len(query) == 0 {
		return uri
	}
	separator := "?"
	if strings.Contains(uri, "?") {
		separator = "&"
	}
	return uri + separator + query.Encode()
}

// addQuery adds a member to a query; a list repeats it, and a map is spread over
// bare keys.
func addQuery(query url.Values, name string, field reflect.Value) {
	switch field.Kind() {
	case reflect.Pointer:
		if !field.IsNil() {
			query.Set(name, fmt.Sprint(field.Elem().Interface()))
		}
	case reflect.Slice:
		for i := range field.Len() {
			query.Add(name, field.Index(i).String())
		}
	case reflect.Map:
		for iter := field.MapRange(); iter.Next(); {
			query.Set(iter.Key().String(), iter.Value().String())
		}
	}
}
