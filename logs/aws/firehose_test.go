package aws_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/logs/aws"
	"github.com/postern-gateway/postern/logs/sinktest"
	"github.com/postern-gateway/postern/sigv4"
)

// firehose is a service that checks signatures and limits, and fails records
// whose turn it is.
type firehose struct {
	url string

	mu       sync.Mutex
	received map[string]string // delivery stream -> what it has got
	requests int
	fail     func(request, record int) bool
}

func newFirehose(t *testing.T) *firehose {
	t.Helper()
	f := &firehose{received: map[string]string{}, fail: func(int, int) bool { return false }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if problem := f.serve(w, r); problem != "" {
			w.WriteHeader(http.StatusBadRequest)
			answer(w, map[string]string{"__type": "InvalidArgumentException", "message": problem})
		}
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *firehose) serve(w http.ResponseWriter, r *http.Request) (problem string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err.Error()
	}
	request := sigv4.FromHTTP(r)
	c, err := sigv4.Read(request)
	if err != nil {
		return err.Error()
	}
	v := sigv4.Verifier{Service: "firehose"}
	if err := v.CheckScope(request, &c, sinktest.Base); err != nil {
		return err.Error()
	}
	if err := v.CheckSignature(request, &c, keys.Secret, body); err != nil {
		return err.Error()
	}
	if err := sigv4.CheckToken(&c, keys.SessionToken); err != nil {
		return err.Error()
	}
	if got := r.Header.Get("X-Amz-Target"); got != "Firehose_20150804.PutRecordBatch" {
		return got
	}
	var in struct {
		DeliveryStreamName string
		Records            []struct{ Data []byte }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return err.Error()
	}
	if len(in.Records) < 1 || len(in.Records) > 500 {
		return fmt.Sprint(len(in.Records), " records")
	}
	size, failed := 0, 0
	var responses []map[string]string
	for i, record := range in.Records {
		size += len(record.Data)
		if f.fail(f.requests, i) {
			failed++
			responses = append(responses, map[string]string{"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."})
			continue
		}
		f.received[in.DeliveryStreamName] += string(record.Data)
		responses = append(responses, map[string]string{"RecordId": fmt.Sprint(i)})
	}
	if size > 4<<20 {
		return fmt.Sprint(size, " bytes")
	}
	f.requests++
	answer(w, map[string]any{"FailedPutCount": failed, "RequestResponses": responses})
	return ""
}

// lines are what a delivery stream has got.
func (f *firehose) lines(name string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.received[name] == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(f.received[name], "\n"), "\n")
}

func (f *firehose) sink() *aws.Firehose {
	return aws.NewFirehose(aws.Config{Endpoint: f.url, Keys: keys, Clock: standing()})
}

func TestFirehoseContract(t *testing.T) {
	sinktest.Run(t, func(d logs.Destination) bool { return d.Delivery != "" }, func(t *testing.T) sinktest.Subject {
		f := newFirehose(t)
		return sinktest.Subject{Sink: f.sink(), Received: func(d logs.Destination) []string { return f.lines(d.Delivery) }}
	})
}

func TestFirehose(t *testing.T) {
	numbered := func(n int) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprint("line ", i))
		}
		return out
	}
	million := strings.Repeat("m", 1_000_000)
	for _, row := range []struct {
		name     string
		messages []string
		fail     func(request, record int) bool
		want     []string
		requests int
		lost     int
	}{
		{"too many for one request", numbered(501), nil, numbered(501), 2, 0},
		{"too much for one request", slices.Repeat([]string{million}, 5), nil, slices.Repeat([]string{million}, 5), 2, 0},
		{"too long", []string{"a", strings.Repeat("x", 1000<<10), "b"}, nil, []string{"a", "b"}, 1, 1},
		{"some the second time", numbered(4), func(request, record int) bool { return request == 0 && record%2 == 0 }, []string{"line 1", "line 3", "line 0", "line 2"}, 2, 0},
		{"one never", numbered(3), func(request, record int) bool { return record == 0 && (request > 0 || record == 0) }, []string{"line 1", "line 2"}, 4, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := newFirehose(t)
			if row.fail != nil {
				f.fail = row.fail
			}
			sink := f.sink()
			var batch []logs.Record
			for _, m := range row.messages {
				batch = append(batch, logs.Record{Destination: logs.Destination{Region: "us-east-1", Delivery: "d"}, Event: logs.Event{Time: sinktest.Base, Message: m}})
			}
			lost, err := sink.Write(t.Context(), batch)
			if lost != row.lost || (err != nil) != (row.lost > 0) {
				t.Errorf("%d lost, %v; want %d", lost, err, row.lost)
			}
			if got := f.lines("d"); !slices.Equal(got, row.want) || f.requests != row.requests {
				t.Errorf("%d lines after %d requests, want %d after %d", len(got), f.requests, len(row.want), row.requests)
			}
			if err := sink.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
