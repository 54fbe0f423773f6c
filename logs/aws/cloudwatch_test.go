package aws_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	api "github.com/postern-gateway/postern/awsapi/logs"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/credentials"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/logs/aws"
	"github.com/postern-gateway/postern/logs/sinktest"
	"github.com/postern-gateway/postern/logs/store"
	"github.com/postern-gateway/postern/sigv4"
	"github.com/postern-gateway/postern/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var keys = sigv4.Keys{AccessKey: "AKIDLOGS", Secret: "logs-secret", SessionToken: "a+token="}

// knownKeys knows the key above.
type knownKeys struct{}

func (knownKeys) Key(id string) *credentials.Key {
	if id != keys.AccessKey {
		return nil
	}
	return &credentials.Key{ID: id, Secret: keys.Secret, SessionToken: keys.SessionToken, Identity: &credentials.Identity{Account: "123456789012", Name: "logs"}}
}

// impatient is a clock that stands still and on which no pause takes time.
type impatient struct{ clock.Clock }

func (impatient) AfterFunc(_ time.Duration, f func()) func() bool {
	f()
	return func() bool { return false }
}

func standing() clock.Clock { return impatient{clock.NewManual(sinktest.Base)} }

// cloudWatch is the service: our own, with signatures verified. What a request
// is answered instead may be said for each operation.
type cloudWatch struct {
	*store.Store
	url string

	mu      sync.Mutex
	calls   []string
	instead map[string][]string // operation -> answers, in order; "" is none
}

// open allows everything to those whose signature is right.
type open struct{ wire.Verified }

func (o open) Authenticate(r *http.Request, body func() ([]byte, error)) (wire.Principal, error) {
	p, err := o.Verified.Authenticate(r, body)
	p.Identity = nil
	return p, err
}

func newCloudWatch(t *testing.T) *cloudWatch {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), Clock: clock.NewManual(sinktest.Base)})
	if err != nil {
		t.Fatal(err)
	}
	c := &cloudWatch{Store: s, instead: map[string][]string{}}
	handler := &api.Server{
		Store:         s,
		Authenticator: open{wire.Verified{Keys: knownKeys{}, Clock: clock.NewManual(sinktest.Base), Service: api.Service}},
		Flush:         func(context.Context) error { return nil },
		IDs:           ids.Seeded(1), Clock: clock.NewManual(sinktest.Base), Log: slog.New(slog.DiscardHandler),
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		c.mu.Lock()
		c.calls = append(c.calls, operation)
		answer := ""
		if answers := c.instead[operation]; len(answers) > 0 {
			answer, c.instead[operation] = answers[0], answers[1:]
		}
		c.mu.Unlock()
		if answer != "" {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, answer)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *cloudWatch) sink() *aws.CloudWatch {
	return aws.NewCloudWatch(aws.Config{Endpoint: c.url + "/{region}", Keys: keys, Clock: standing()})
}

// received are the messages of a stream.
func (c *cloudWatch) received(d logs.Destination) []string {
	events, err := c.Read(store.Query{Scope: store.Scope{Account: "123456789012", Region: d.Region}, Group: d.Group, Streams: []string{d.Stream}})
	if err != nil {
		return nil
	}
	var messages []string
	for event := range events {
		messages = append(messages, event.Message)
	}
	return messages
}

func TestCloudWatchContract(t *testing.T) {
	sinktest.Run(t, func(d logs.Destination) bool { return d.Group != "" }, func(t *testing.T) sinktest.Subject {
		c := newCloudWatch(t)
		return sinktest.Subject{Sink: c.sink(), Received: c.received}
	})
}

// records are events for one stream with the given messages, all at one time.
func records(messages ...string) []logs.Record {
	var out []logs.Record
	for _, m := range messages {
		out = append(out, logs.Record{Destination: sinktest.Destinations[0], Event: logs.Event{Time: sinktest.Base, Message: m}})
	}
	return out
}

// TestCloudWatchBatches: no request is larger than the service takes, and what
// fits into none is lost alone.
func TestCloudWatchBatches(t *testing.T) {
	old := func(r []logs.Record, ages ...time.Duration) []logs.Record {
		for i, age := range ages {
			r[i].Time = sinktest.Base.Add(-age)
		}
		return r
	}
	const day = 24 * time.Hour
	half := strings.Repeat("h", 1<<19-26)
	for _, row := range []struct {
		name    string
		records []logs.Record
		puts    int // requests besides the one that finds out that there is no stream
		lost    int
		first   string // beginning of the first message that arrives
	}{
		{"two halves", records(half, half), 1, 0, "h"},
		{"more than two halves", records("a", half, half), 2, 0, "a"},
		{"too many", records(slices.Repeat([]string{"m"}, 10_001)...), 2, 0, "m"},
		{"too long", records("a", strings.Repeat("x", 1<<20-25), "b"), 2, 1, "a"},
		{"empty", records("", "a"), 1, 1, "a"},
		{"out of order", old(records("new", "old"), 0, time.Hour), 1, 0, "old"},
		{"over a day", old(records("new", "old"), 0, day), 2, 0, "old"},
		{"too old", old(records("old", "new"), 20*day, 0), 2, 1, "new"},
		{"in the future", old(records("now", "later"), 0, -3*time.Hour), 1, 1, "now"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := newCloudWatch(t)
			sink := c.sink()
			lost, err := sink.Write(t.Context(), row.records)
			if lost != row.lost || (err != nil) != (row.lost > 0) {
				t.Errorf("%d lost, %v; want %d", lost, err, row.lost)
			}
			c.mu.Lock()
			puts := slices.DeleteFunc(slices.Clone(c.calls), func(call string) bool { return call != "PutLogEvents" })
			c.mu.Unlock()
			if len(puts) != row.puts+1 {
				t.Errorf("%d requests, want %d", len(puts), row.puts+1)
			}
			got := c.received(sinktest.Destinations[0])
			if len(got) != len(row.records)-row.lost || !strings.HasPrefix(got[0], row.first) {
				t.Errorf("%d events arrived, want %d that begin with %s", len(got), len(row.records)-row.lost, row.first)
			}
			if err := sink.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCloudWatchRefusals: what may be better later is tried again, what another
// has made is taken, and all else is lost.
func TestCloudWatchRefusals(t *testing.T) {
	throttled := `{"__type":"com.amazonaws#ThrottlingException","message":"Rate exceeded"}`
	exists := `{"__type":"ResourceAlreadyExistsException"}`
	denied := `{"__type":"AccessDeniedException","message":"no"}`
	for _, row := range []struct {
		name    string
		instead map[string][]string
		lost    int
		text    string // part of the error
	}{
		{"throttled", map[string][]string{"PutLogEvents": {throttled, throttled, throttled}}, 0, ""},
		{"throttled for good", map[string][]string{"PutLogEvents": {throttled, throttled, throttled, throttled}}, 2, "ThrottlingException: Rate exceeded"},
		{"denied", map[string][]string{"PutLogEvents": {denied}}, 2, "AccessDeniedException: no"},
		{"no stream can be made", map[string][]string{"CreateLogStream": {denied}}, 2, "CreateLogStream"},
		{"no group can be made", map[string][]string{"CreateLogGroup": {denied}}, 2, "CreateLogGroup"},
		{"the stream goes again", map[string][]string{"PutLogEvents": {"", `{"__type":"ResourceNotFoundException"}`}}, 2, "ResourceNotFoundException"},
		{"no JSON", map[string][]string{"PutLogEvents": {"<html>"}}, 2, "unknown: <html>"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := newCloudWatch(t)
			c.instead = row.instead
			sink := c.sink()
			lost, err := sink.Write(t.Context(), records("a", "b"))
			if lost != row.lost || (err != nil) != (row.lost > 0) || err != nil && !strings.Contains(err.Error(), row.text) {
				t.Errorf("%d lost, %v; want %d, %s", lost, err, row.lost, row.text)
			}
			if err := sink.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("another makes the group", func(t *testing.T) {
		c := newCloudWatch(t)
		d := sinktest.Destinations[0]
		if err := c.CreateGroup(store.Scope{Account: d.Account, Region: d.Region}, d.Group, nil); err != nil {
			t.Fatal(err)
		}
		c.instead["CreateLogStream"] = []string{`{"__type":"ResourceNotFoundException"}`}
		c.instead["CreateLogGroup"] = []string{exists}
		sink := c.sink()
		if lost, err := sink.Write(t.Context(), records("a")); lost != 0 || err != nil {
			t.Errorf("%d lost, %v", lost, err)
		}
		if err := sink.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestWrongKeys: the sink's signature is verified, so that the tests above show
// that it is right.
func TestWrongKeys(t *testing.T) {
	c := newCloudWatch(t)
	wrong := keys
	wrong.Secret = "wrong"
	sink := aws.NewCloudWatch(aws.Config{Endpoint: c.url, Keys: wrong, Clock: standing()})
	lost, err := sink.Write(t.Context(), records("a"))
	if lost != 1 || err == nil || !strings.Contains(err.Error(), "InvalidSignatureException") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("%d lost, %v", lost, err)
	}
	if err := sink.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }
