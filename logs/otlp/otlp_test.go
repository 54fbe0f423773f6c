package otlp

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/logs/sinktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// impatient is a clock that stands still and on which no pause takes time.
type impatient struct{ clock.Clock }

func (impatient) AfterFunc(_ time.Duration, f func()) func() bool {
	f()
	return func() bool { return false }
}

// collector keeps what it is sent.
type collector struct {
	url *url.URL

	mu       sync.Mutex
	requests []export
	answers  []string // status, blank, body; then all is well
}

func newCollector(t *testing.T, answers ...string) *collector {
	t.Helper()
	c := &collector{answers: answers}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		body, err := io.ReadAll(r.Body)
		var in export
		if err != nil || r.URL.Path != "/v1/logs" || r.Header.Get("Content-Type") != "application/json" || json.Unmarshal(body, &in) != nil {
			t.Errorf("%s %v: %s, %v", r.URL, r.Header, body, err)
		}
		if len(c.answers) > 0 {
			status, answer, _ := strings.Cut(c.answers[0], " ")
			c.answers = c.answers[1:]
			if status != "200" {
				w.WriteHeader(map[string]int{"400": 400, "503": 503, "429": 429}[status])
				_, _ = io.WriteString(w, answer)
				return
			}
			_, _ = io.WriteString(w, answer)
		}
		c.requests = append(c.requests, in)
	}))
	t.Cleanup(server.Close)
	var err error
	if c.url, err = url.Parse(server.URL); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *collector) sink() *Sink {
	return New(*c.url, impatient{clock.NewManual(sinktest.Base)})
}

// received finds a destination by its attributes.
func (c *collector) received(d logs.Destination) []string {
	var messages []string
	for _, request := range c.requests {
		for _, part := range request.ResourceLogs {
			if cmp.Equal(part.Resource.Attributes, attributes(d)) {
				for _, r := range part.ScopeLogs[0].LogRecords {
					messages = append(messages, *r.Body.StringValue)
				}
			}
		}
	}
	return messages
}

func TestContract(t *testing.T) {
	sinktest.Run(t, nil, func(t *testing.T) sinktest.Subject {
		c := newCollector(t)
		return sinktest.Subject{Sink: c.sink(), Received: c.received}
	})
}

// TestEncode compares with the JSON form of the protocol.
func TestEncode(t *testing.T) {
	record := func(d logs.Destination, message string) logs.Record {
		return logs.Record{Destination: d, Event: logs.Event{Time: sinktest.Base, Message: message}}
	}
	group, delivery := sinktest.Destinations[0], sinktest.Destinations[3]
	got, err := json.Marshal(encode([]logs.Record{record(group, "a"), record(delivery, "b"), record(group, "c\xff")}, 5))
	if err != nil {
		t.Fatal(err)
	}
	line := func(message string) string {
		return `{"timeUnixNano":"1772600767000000000","observedTimeUnixNano":"5","body":{"stringValue":"` + message + `"}}`
	}
	common := `{"key":"service.name","value":{"stringValue":"postern"}},{"key":"cloud.account.id","value":{"stringValue":"123456789012"}},{"key":"cloud.region","value":{"stringValue":"us-east-1"}},`
	stream := `{"key":"aws.log.stream.names","value":{"arrayValue":{"values":[{"stringValue":"node-1/2026-03-04"}]}}}`
	want := `{"resourceLogs":[` +
		`{"resource":{"attributes":[` + common + `{"key":"aws.log.group.names","value":{"arrayValue":{"values":[{"stringValue":"API-Gateway-Execution-Logs_a1b2c3/dev"}]}}},` + stream + `]},` +
		`"scopeLogs":[{"scope":{"name":"postern"},"logRecords":[` + line("a") + `,` + line("c\ufffd") + `]}]},` +
		`{"resource":{"attributes":[` + common + `{"key":"postern.delivery_stream","value":{"stringValue":"amazon-apigateway-access"}}]},` +
		`"scopeLogs":[{"scope":{"name":"postern"},"logRecords":[` + line("b") + `]}]}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAnswers(t *testing.T) {
	for _, row := range []struct {
		name    string
		answers []string
		lost    int
		text    string
	}{
		{"well", []string{"200 {}"}, 0, ""},
		{"well, in no JSON", []string{"200 ok"}, 0, ""},
		{"busy", []string{"503 ", "429 ", "503 "}, 0, ""},
		{"busy for good", []string{"503 ", "503 ", "503 ", "503 later"}, 3, "answers 503: later"},
		{"refused", []string{"400 no"}, 3, "answers 400: no"},
		{"rejected in part", []string{`200 {"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"too old"}}`}, 2, "rejects 2 records: too old"},
		{"a warning", []string{`200 {"partialSuccess":{"errorMessage":"slow"}}`}, 0, ""},
		{"rejected in part, by number", []string{`200 {"partialSuccess":{"rejectedLogRecords":9}}`}, 3, "rejects 9 records"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := newCollector(t, row.answers...)
			sink := c.sink()
			record := logs.Record{Destination: sinktest.Destinations[0], Event: logs.Event{Time: sinktest.Base, Message: "m"}}
			lost, err := sink.Write(t.Context(), []logs.Record{record, record, record})
			if lost != row.lost || (err != nil) != (row.lost > 0) || err != nil && !strings.Contains(err.Error(), row.text) {
				t.Errorf("%d lost, %v; want %d, %s", lost, err, row.lost, row.text)
			}
			if err := sink.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLargeBatch: a request holds some megabytes at most.
func TestLargeBatch(t *testing.T) {
	c := newCollector(t)
	sink := c.sink()
	var batch []logs.Record
	for range 5 {
		batch = append(batch, logs.Record{Destination: sinktest.Destinations[0], Event: logs.Event{Time: sinktest.Base, Message: strings.Repeat("m", 1<<20)}})
	}
	if lost, err := sink.Write(t.Context(), batch); lost != 0 || err != nil || len(c.requests) != 3 {
		t.Errorf("%d lost, %v, %d requests; want 3", lost, err, len(c.requests))
	}
	if err := sink.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
