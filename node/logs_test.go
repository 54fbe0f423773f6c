package node

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/sigv4"
)

func TestParseLogSink(t *testing.T) {
	group := logs.Destination{Group: "API-Gateway-Execution-Logs_a/dev"}
	access := logs.Destination{Group: "access"}
	delivery := logs.Destination{Delivery: "amazon-apigateway-x"}
	for _, row := range []struct {
		setting  string
		endpoint string // as the sink calls it
		wants    []logs.Destination
	}{
		{"files", "", []logs.Destination{group, access, delivery}},
		{"stdout", "", []logs.Destination{group, access, delivery}},
		{" stdout  API-Gateway-* *-x ", "", []logs.Destination{group, delivery}},
		{"otlp=http://127.0.0.1:4318", "http://127.0.0.1:4318", []logs.Destination{group, access, delivery}},
		{"cloudwatch=https://logs.{region}.amazonaws.com/{region}", "https://logs.{region}.amazonaws.com/{region}", []logs.Destination{group, access}},
		{"cloudwatch=http://127.0.0.1:4566 a*", "http://127.0.0.1:4566", []logs.Destination{access}},
		{"firehose=http://h", "http://h", []logs.Destination{delivery}},
	} {
		s, err := ParseLogSink(row.setting)
		if err != nil {
			t.Errorf("%q: %v", row.setting, err)
			continue
		}
		if s.endpoint != nil {
			if got := s.remote(&Node{}).Endpoint; got != row.endpoint {
				t.Errorf("%q: endpoint %s, want %s", row.setting, got, row.endpoint)
			}
		}
		wants := s.wants()
		var got []logs.Destination
		for _, d := range []logs.Destination{group, access, delivery} {
			if wants == nil || wants(d) {
				got = append(got, d)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(row.wants) {
			t.Errorf("%q takes %v, want %v", row.setting, got, row.wants)
		}
	}
	for _, setting := range []string{"", " ", "syslog", "files=x", "stdout=", "otlp", "otlp=", "otlp=ftp://h", "otlp=http://", "cloudwatch=h:1", "firehose=http://user:hidden@%zz"} {
		if s, err := ParseLogSink(setting); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q is %+v, %v", setting, s, err)
		}
	}
}

func sinks(t *testing.T, settings ...string) []LogSink {
	t.Helper()
	var out []LogSink
	for _, setting := range settings {
		s, err := ParseLogSink(setting)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func TestLogSinkRefusals(t *testing.T) {
	for _, row := range []struct {
		settings []string
		want     string
	}{
		{[]string{"files", "files a*"}, "each kind at most once"},
		{[]string{"cloudwatch=http://h"}, "AWS_ACCESS_KEY_ID"},
		{[]string{"stdout"}, "no standard output"},
	} {
		cfg := Config{Ephemeral: true, Listen: "127.0.0.1:0", LogSinks: sinks(t, row.settings...)}
		if err := cfg.check(); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: %v, want %s", row.settings, err, row.want)
		}
	}
}

// TestLogging puts lines into a node and finds them behind its sinks, one of
// which does not answer.
func TestLogging(t *testing.T) {
	var stdout bytes.Buffer
	n, err := Start(t.Context(), Config{
		Listen: "127.0.0.1:0", Ephemeral: true, Stdout: &stdout,
		LogSinks: sinks(t, "files", "stdout acc*", "otlp=http://127.0.0.1:1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range []string{"access", "other"} {
		n.logs.Put(logs.Record{
			Destination: logs.Destination{Account: "000000000000", Region: "us-east-1", Group: group, Stream: "node"},
			Event:       logs.Event{Time: n.cfg.Clock.Now(), Message: "line for " + group},
		})
	}
	for _, group := range []string{"access", "other"} {
		body := fmt.Sprintf(`{"logGroupName":%q}`, group)
		if answer := ask(t, n, "FilterLogEvents", body); strings.Count(answer, "line for "+group) != 1 {
			t.Errorf("group %s: %s", group, answer)
		}
	}
	if err := n.logs.Flush(t.Context()); err != nil { // the dead sink gives up too
		t.Fatal(err)
	}
	response, err := http.Get(n.ControlURL() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := io.ReadAll(response.Body)
	if response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	for sink, dropped := range map[string]int{"files": 0, "stdout": 0, "otlp": 2} {
		if want := fmt.Sprintf("postern_log_dropped_total{sink=%q} %d\n", sink, dropped); !strings.Contains(string(metrics), want) {
			t.Errorf("the metrics have no %s", want)
		}
	}
	closing, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := n.Close(closing); err != nil {
		t.Error(err)
	}
	if got := stdout.String(); strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, "Z access node line for access\n") {
		t.Errorf("standard output has %q", got)
	}
}

// ask calls an operation of CloudWatch Logs.
func ask(t *testing.T, n *Node, operation, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, n.ControlURL(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "Logs_20140328."+operation)
	sigv4.Sign(request, []byte(body), sigv4.Keys{AccessKey: "test", Secret: "test"}, "logs", "us-east-1", time.Now())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}
