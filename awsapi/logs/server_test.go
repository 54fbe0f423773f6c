package logs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/postern-gateway/postern/awsapi/logs"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/logs/store"
	"github.com/postern-gateway/postern/sigv4"
	"github.com/postern-gateway/postern/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var base = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

const account = "123456789012"

// fixture is an API over an empty store.
type fixture struct {
	t       *testing.T
	server  *logs.Server
	clock   *clock.Manual
	log     bytes.Buffer
	flushed int
	region  string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	return newFixtureOf(t, 500) // a few events
}

// newFixtureOf is newFixture with segments of a size.
func newFixtureOf(t *testing.T, segmentBytes int64) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: clock.NewManual(base), region: "us-east-1"}
	s, err := store.Open(store.Options{Dir: t.TempDir(), SegmentBytes: segmentBytes, Clock: f.clock})
	if err != nil {
		t.Fatal(err)
	}
	f.server = &logs.Server{
		Store:         s,
		Authenticator: wire.Open{Accounts: wire.Accounts{Default: account}, Service: logs.Service},
		Flush:         func(context.Context) error { f.flushed++; return nil },
		IDs:           ids.Seeded(1), Clock: f.clock, Log: slog.New(slog.NewTextHandler(&f.log, nil)),
	}
	return f
}

// send sends a body to an operation and returns status and body of the answer.
func (f *fixture) send(operation, body string) (int, string) {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://logs.test/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "Logs_20140328."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	sigv4.Sign(r, []byte(body), sigv4.Keys{AccessKey: "AKID", Secret: "secret"}, logs.Service, f.region, base)
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	if kind := w.Header().Get("Content-Type"); kind != "application/x-amz-json-1.1" || len(w.Header()["x-amzn-RequestId"]) != 1 {
		f.t.Errorf("%s: header %v", operation, w.Header())
	}
	return w.Code, w.Body.String()
}

// want sends a body and compares the answer; a time in it is written as N
// seconds after base: "@N".
func (f *fixture) want(operation, body string, status int, answer string) {
	f.t.Helper()
	gotStatus, got := f.send(operation, at(body))
	if gotStatus != status || got != at(answer) {
		f.t.Errorf("%s %s:\ngot  %d %s\nwant %d %s", operation, body, gotStatus, got, status, at(answer))
	}
}

// ok sends a body that is taken, and reads the answer into out.
func (f *fixture) ok(operation, body string, out any) {
	f.t.Helper()
	status, got := f.send(operation, at(body))
	if status != http.StatusOK {
		f.t.Fatalf("%s %s: %d %s", operation, body, status, got)
	}
	if out != nil {
		if err := json.Unmarshal([]byte(got), out); err != nil {
			f.t.Fatalf("%s %s: %s: %v", operation, body, got, err)
		}
	}
}

// at replaces "@N" by milliseconds.
func at(text string) string {
	for n := range 100 {
		text = strings.ReplaceAll(text, fmt.Sprintf("@%02d", n), fmt.Sprint(base.UnixMilli()+int64(n)*1000))
	}
	return text
}

// group makes a group g with a stream s.
func (f *fixture) group() {
	f.t.Helper()
	f.ok("CreateLogGroup", `{"logGroupName":"g"}`, nil)
	f.ok("CreateLogStream", `{"logGroupName":"g","logStreamName":"s"}`, nil)
}

func TestGroups(t *testing.T) {
	f := newFixture(t)
	f.want("DescribeLogGroups", `{}`, 200, `{"logGroups":[]}`)
	f.want("CreateLogGroup", `{"logGroupName":"/a/b","tags":{"k":"v"}}`, 200, "")
	f.want("CreateLogGroup", `{"logGroupName":"/a/b"}`, 400, `{"__type":"ResourceAlreadyExistsException","message":"The specified log group already exists"}`)
	f.want("PutRetentionPolicy", `{"logGroupName":"/a/b","retentionInDays":7}`, 200, "")
	b := `{"logGroupName":"/a/b","creationTime":@00,"retentionInDays":7,"metricFilterCount":0,"arn":"arn:aws:logs:us-east-1:123456789012:log-group:/a/b:*","storedBytes":0,"logGroupClass":"STANDARD","logGroupArn":"arn:aws:logs:us-east-1:123456789012:log-group:/a/b"}`
	f.want("DescribeLogGroups", `{"logGroupNamePrefix":"/a"}`, 200, `{"logGroups":[`+b+`]}`)
	for _, other := range []string{
		`{"logGroupNamePrefix":"a"}`, `{"logGroupNamePattern":"x"}`, `{"logGroupClass":"DELIVERY"}`, `{"logGroupIdentifiers":["/a"]}`,
	} {
		f.want("DescribeLogGroups", other, 200, `{"logGroups":[]}`)
	}
	for _, same := range []string{
		`{"logGroupNamePattern":"b"}`, `{"logGroupClass":"STANDARD"}`, `{"logGroupIdentifiers":["arn:aws:logs:us-east-1:123456789012:log-group:/a/b"]}`,
	} {
		f.want("DescribeLogGroups", same, 200, `{"logGroups":[`+b+`]}`)
	}
	f.want("DeleteRetentionPolicy", `{"logGroupName":"/a/b"}`, 200, "")
	f.want("DescribeLogGroups", `{}`, 200, `{"logGroups":[`+strings.Replace(b, `"retentionInDays":7,`, "", 1)+`]}`)
	f.region = "eu-west-1"
	f.want("DescribeLogGroups", `{}`, 200, `{"logGroups":[]}`)
	f.region = "us-east-1"
	f.want("DeleteLogGroup", `{"logGroupName":"/a/b"}`, 200, "")
	f.want("DeleteLogGroup", `{"logGroupName":"/a/b"}`, 400, `{"__type":"ResourceNotFoundException","message":"The specified log group does not exist."}`)
}

func TestTags(t *testing.T) {
	f := newFixture(t)
	f.ok("CreateLogGroup", `{"logGroupName":"g","tags":{"a":"1"}}`, nil)
	const arn = `"resourceArn":"arn:aws:logs:us-east-1:123456789012:log-group:g"`
	f.want("TagResource", `{`+arn+`,"tags":{"b":"2","c":"3"}}`, 200, "")
	f.want("UntagResource", `{`+arn+`,"tagKeys":["a"]}`, 200, "")
	f.want("ListTagsForResource", `{`+arn+`}`, 200, `{"tags":{"b":"2","c":"3"}}`)
	f.want("TagLogGroup", `{"logGroupName":"g","tags":{"b":"4"}}`, 200, "")
	f.want("UntagLogGroup", `{"logGroupName":"g","tags":["c"]}`, 200, "")
	f.want("ListTagsLogGroup", `{"logGroupName":"g"}`, 200, `{"tags":{"b":"4"}}`)
	many := map[string]string{}
	for i := range 50 {
		many[fmt.Sprint(i)] = ""
	}
	body, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	f.want("TagResource", `{`+arn+`,"tags":`+string(body)+`}`, 400, `{"__type":"TooManyTagsException","message":"A resource has at most 50 tags"}`)
	f.want("ListTagsForResource", `{"resourceArn":"arn:aws:logs:us-east-1:123456789012:log-group:none"}`, 400, `{"__type":"ResourceNotFoundException","message":"The specified log group does not exist."}`)
	f.ok("CreateLogGroup", `{"logGroupName":"bare"}`, nil)
	f.want("ListTagsLogGroup", `{"logGroupName":"bare"}`, 200, `{"tags":{}}`)
}

func TestStreams(t *testing.T) {
	f := newFixture(t)
	f.group()
	f.want("CreateLogStream", `{"logGroupName":"g","logStreamName":"s"}`, 400, `{"__type":"ResourceAlreadyExistsException","message":"The specified log stream already exists"}`)
	f.want("CreateLogStream", `{"logGroupName":"none","logStreamName":"s"}`, 400, `{"__type":"ResourceNotFoundException","message":"The specified log group does not exist."}`)
	f.ok("CreateLogStream", `{"logGroupName":"g","logStreamName":"t"}`, nil)
	f.ok("PutLogEvents", `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":@01,"message":"one"},{"timestamp":@03,"message":"three"}]}`, nil)
	f.ok("PutLogEvents", `{"logGroupName":"g","logStreamName":"t","logEvents":[{"timestamp":@02,"message":"two"}]}`, nil)
	stream := func(name, times string) string {
		return `{"logStreamName":"` + name + `","creationTime":@00,` + times + `"uploadSequenceToken":"49039859627333087168946223700512100034113570000000000000","arn":"arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:` + name + `","storedBytes":0}`
	}
	s := stream("s", `"firstEventTimestamp":@01,"lastEventTimestamp":@03,"lastIngestionTime":@00,`)
	t1 := stream("t", `"firstEventTimestamp":@02,"lastEventTimestamp":@02,"lastIngestionTime":@00,`)
	f.want("DescribeLogStreams", `{"logGroupName":"g"}`, 200, `{"logStreams":[`+s+`,`+t1+`]}`)
	f.want("DescribeLogStreams", `{"logGroupName":"g","descending":true}`, 200, `{"logStreams":[`+t1+`,`+s+`]}`)
	f.want("DescribeLogStreams", `{"logGroupIdentifier":"arn:aws:logs:us-east-1:123456789012:log-group:g","orderBy":"LastEventTime"}`, 200, `{"logStreams":[`+t1+`,`+s+`]}`)
	f.want("DescribeLogStreams", `{"logGroupName":"g","logStreamNamePrefix":"t"}`, 200, `{"logStreams":[`+t1+`]}`)
	f.want("DeleteLogStream", `{"logGroupName":"g","logStreamName":"t"}`, 200, "")
	f.want("DescribeLogStreams", `{"logGroupName":"g"}`, 200, `{"logStreams":[`+s+`]}`)
	f.want("DeleteLogStream", `{"logGroupName":"g","logStreamName":"t"}`, 400, `{"__type":"ResourceNotFoundException","message":"The specified log stream does not exist."}`)
}

// TestPages walks lists page by page while their items go.
func TestPages(t *testing.T) {
	f := newFixture(t)
	f.group()
	var all []string
	for i := range 7 {
		name := fmt.Sprint("s", i)
		all = append(all, name)
		f.ok("CreateLogStream", `{"logGroupName":"g","logStreamName":"`+name+`"}`, nil)
	}
	walk := func(during func(page int)) []string {
		var names []string
		next := ""
		for page := 0; ; page++ {
			var out struct {
				LogStreams []struct{ LogStreamName string }
				NextToken  string
			}
			f.ok("DescribeLogStreams", `{"logGroupName":"g","logStreamNamePrefix":"s","limit":3`+next+`}`, &out)
			for _, s := range out.LogStreams {
				names = append(names, s.LogStreamName)
			}
			if out.NextToken == "" {
				return names
			}
			next = `,"nextToken":"` + out.NextToken + `"`
			during(page)
		}
	}
	if got, want := walk(func(int) {}), append([]string{"s"}, all...); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	got := walk(func(page int) {
		if page == 0 { // what the token names goes: nothing may be left out
			f.ok("DeleteLogStream", `{"logGroupName":"g","logStreamName":"s1"}`, nil)
		}
	})
	for _, name := range []string{"s", "s0", "s2", "s3", "s4", "s5", "s6"} {
		if !slices.Contains(got, name) {
			t.Errorf("%s is not in %q", name, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	f := newFixture(t)
	f.group()
	for _, row := range []struct{ operation, body, code, message string }{
		{"StartQuery", `{}`, "UnknownOperationException", ""},
		{"CreateLogGroup", `{`, "SerializationException", ""},
		{"CreateLogGroup", `{"logGroupName":1}`, "SerializationException", ""},
		{"CreateLogGroup", ``, "InvalidParameterException", "1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not be null"},
		{"CreateLogGroup", `{"logGroupName":"a b"}`, "InvalidParameterException", `1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`},
		{"CreateLogGroup", `{"logGroupName":""}`, "InvalidParameterException", "2 validation errors detected"},
		{"CreateLogGroup", `{"logGroupName":"` + strings.Repeat("a", 513) + `"}`, "InvalidParameterException", "Member must have length less than or equal to 512"},
		{"CreateLogGroup", `{"logGroupName":"x","kmsKeyId":"k"}`, "InvalidParameterException", "KMS"},
		{"CreateLogGroup", `{"logGroupName":"x","logGroupClass":"INFREQUENT_ACCESS"}`, "InvalidParameterException", "INFREQUENT_ACCESS"},
		{"CreateLogGroup", `{"logGroupName":"x","deletionProtectionEnabled":true}`, "InvalidParameterException", "protection"},
		{"CreateLogGroup", `{"logGroupName":"x","tags":{"aws:x":"y"}}`, "InvalidParameterException", "aws:"},
		{"PutRetentionPolicy", `{"logGroupName":"g","retentionInDays":2}`, "InvalidParameterException", "Invalid retention value. Valid values are: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]"},
		{"PutRetentionPolicy", `{"logGroupName":"g"}`, "InvalidParameterException", "retentionInDays"},
		{"PutRetentionPolicy", `{"logGroupName":"none","retentionInDays":1}`, "ResourceNotFoundException", "log group"},
		{"DescribeLogGroups", `{"limit":51}`, "InvalidParameterException", "Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50"},
		{"DescribeLogGroups", `{"limit":0}`, "InvalidParameterException", "greater than or equal to 1"},
		{"DescribeLogGroups", `{"nextToken":"!"}`, "InvalidParameterException", "The specified nextToken is invalid."},
		{"DescribeLogGroups", `{"logGroupNamePrefix":"a","logGroupNamePattern":"b"}`, "InvalidParameterException", "mutually exclusive"},
		{"DescribeLogGroups", `{"logGroupIdentifiers":["arn:x"]}`, "InvalidParameterException", "identifier"},
		{"CreateLogStream", `{"logGroupName":"g","logStreamName":"a:b"}`, "InvalidParameterException", "[^:*]*"},
		{"DescribeLogStreams", `{"logGroupName":"g","logStreamNamePrefix":"s","orderBy":"LastEventTime"}`, "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."},
		{"DescribeLogStreams", `{"logGroupName":"g","orderBy":"x"}`, "InvalidParameterException", "[LogStreamName, LastEventTime]"},
		{"DescribeLogStreams", `{}`, "InvalidParameterException", "logGroupIdentifier"},
		{"DescribeLogStreams", `{"logGroupName":"g","logGroupIdentifier":"g"}`, "InvalidParameterException", "mutually exclusive"},
		{"DescribeLogStreams", `{"logGroupIdentifier":"arn:aws:logs:us-east-1:210987654321:log-group:g"}`, "ResourceNotFoundException", "log group"},
		{"GetLogEvents", `{"logGroupName":"g"}`, "InvalidParameterException", "logStreamName"},
		{"GetLogEvents", `{"logGroupName":"g","logStreamName":"none"}`, "ResourceNotFoundException", "The specified log stream does not exist."},
		{"GetLogEvents", `{"logGroupName":"g","logStreamName":"s","nextToken":"Zg"}`, "InvalidParameterException", "nextToken"},
		{"GetLogEvents", `{"logGroupName":"g","logStreamName":"s","limit":10001}`, "InvalidParameterException", "10000"},
		{"GetLogEvents", `{"logGroupName":"g","logStreamName":"s","startTime":-1}`, "InvalidParameterException", "startTime"},
		{"FilterLogEvents", `{"logGroupName":"g","filterPattern":"a-b"}`, "InvalidParameterException", "Invalid character(s) in term 'a-b'"},
		{"FilterLogEvents", `{"logGroupName":"g","logStreamNames":["s"],"logStreamNamePrefix":"s"}`, "InvalidParameterException", "mutually exclusive"},
		{"FilterLogEvents", `{"logGroupName":"g","logStreamNames":["none"]}`, "ResourceNotFoundException", "log stream"},
		{"FilterLogEvents", `{"logGroupName":"g","logStreamNames":[]}`, "InvalidParameterException", "logStreamNames"},
		{"FilterLogEvents", `{"logGroupName":"g","startTime":2,"endTime":1}`, "InvalidParameterException", "start time"},
		{"FilterLogEvents", `{"logGroupName":"none"}`, "ResourceNotFoundException", "log group"},
		{"PutLogEvents", `{"logGroupName":"g","logStreamName":"s"}`, "InvalidParameterException", "logEvents"},
		{"PutLogEvents", `{"logGroupName":"g","logStreamName":"s","logEvents":[]}`, "InvalidParameterException", "logEvents"},
		{"PutLogEvents", `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1}]}`, "InvalidParameterException", "null"},
		{"PutLogEvents", `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":-1,"message":"m"}]}`, "InvalidParameterException", "timestamp"},
		{"PutLogEvents", `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":@01,"message":""}]}`, "InvalidParameterException", "empty"},
		{"PutLogEvents", `{"logGroupName":"g","logStreamName":"none","logEvents":[{"timestamp":@01,"message":"m"}]}`, "ResourceNotFoundException", "log stream"},
		{"PutLogEvents", `{"logGroupName":"none","logStreamName":"s","logEvents":[{"timestamp":@01,"message":"m"}]}`, "ResourceNotFoundException", "log group"},
		{"PutLogEvents", `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":@02,"message":"m"},{"timestamp":@01,"message":"m"}]}`, "InvalidParameterException", "chronological order"},
		{"PutLogEvents", `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1,"message":"m"},{"timestamp":86400002,"message":"m"}]}`, "InvalidParameterException", "24 hours"},
		{"PutLogEvents", `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":@01,"message":"` + strings.Repeat("m", 1<<20-25) + `"}]}`, "InvalidParameterException", "Upload too large: 1048577 bytes exceeds limit of 1048576"},
		{"TagResource", `{"resourceArn":"g","tags":{}}`, "InvalidParameterException", "ARN"},
		{"TagResource", `{"resourceArn":"arn:aws:logs:us-east-1:123456789012:log-group:g"}`, "InvalidParameterException", "tags"},
		{"UntagResource", `{"resourceArn":"arn:aws:logs:us-east-1:123456789012:log-group:g"}`, "InvalidParameterException", "tagKeys"},
		{"PutLogEvents", strings.Repeat(" ", 10<<20+1), "RequestEntityTooLargeException", "10485760"},
	} {
		status, got := f.send(row.operation, at(row.body))
		var answer struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
		}
		if err := json.Unmarshal([]byte(got), &answer); err != nil || status != 400 || answer.Type != row.code || !strings.Contains(answer.Message, row.message) {
			t.Errorf("%s %.200s:\ngot  %d %s\nwant %s: %s", row.operation, row.body, status, got, row.code, row.message)
		}
	}
	if f.log.Len() > 0 {
		t.Errorf("refusals are logged as failures:\n%s", f.log.String())
	}
}

// TestSignature: signatures for another service, and requests without one, are
// refused in the way of this protocol.
func TestSignature(t *testing.T) {
	f := newFixture(t)
	for service, want := range map[string]string{
		"apigateway": `{"__type":"InvalidSignatureException","message":"Credential should be scoped to correct service: 'logs'. "}`,
		"":           `{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}`,
	} {
		r := httptest.NewRequest(http.MethodPost, "http://logs.test/", strings.NewReader("{}"))
		r.Header.Set("X-Amz-Target", "Logs_20140328.DescribeLogGroups")
		if service != "" {
			sigv4.Sign(r, []byte("{}"), sigv4.Keys{AccessKey: "AKID", Secret: "secret"}, service, "us-east-1", base)
		}
		w := httptest.NewRecorder()
		f.server.ServeHTTP(w, r)
		if w.Code != 400 || w.Body.String() != want {
			t.Errorf("signed for %q: %d %s, want %s", service, w.Code, w.Body, want)
		}
	}
}

// TestFailure: an error of the store is told to the log and not to the client,
// and lines that are on their way are waited for but not needed.
func TestFailure(t *testing.T) {
	f := newFixture(t)
	f.server.Flush = func(context.Context) error { return errors.New("not now") }
	f.want("DescribeLogGroups", `{}`, 200, `{"logGroups":[]}`)
	f.server.Store = nil
	f.want("DescribeLogGroups", `{}`, 400+100, `{"__type":"InternalFailure","message":"Internal failure"}`)
	if !strings.Contains(f.log.String(), "panic") {
		t.Errorf("the log has no cause: %s", f.log.String())
	}
}

// TestFlush: those who read see what was logged before.
func TestFlush(t *testing.T) {
	f := newFixture(t)
	f.group()
	for _, operation := range []string{"GetLogEvents", "FilterLogEvents", "DescribeLogStreams", "DescribeLogGroups", "DeleteLogStream", "DeleteLogGroup"} {
		before := f.flushed
		body := map[string]string{"DescribeLogGroups": `{}`, "GetLogEvents": `{"logGroupName":"g","logStreamName":"s"}`, "DeleteLogStream": `{"logGroupName":"g","logStreamName":"s"}`}[operation]
		if body == "" {
			body = `{"logGroupName":"g"}`
		}
		f.ok(operation, body, nil)
		if f.flushed != before+1 {
			t.Errorf("%s waits %d times", operation, f.flushed-before)
		}
	}
}

func TestPutLogEvents(t *testing.T) {
	f := newFixture(t)
	f.group()
	const token = `{"nextSequenceToken":"49039859627333087168946223700512100034113570000000000000"`
	put := func(times ...int64) string {
		var events []string
		for _, at := range times {
			events = append(events, fmt.Sprintf(`{"timestamp":%d,"message":"%d"}`, base.UnixMilli()+at, at))
		}
		return `{"logGroupName":"g","logStreamName":"s","sequenceToken":"any","logEvents":[` + strings.Join(events, ",") + `]}`
	}
	const hour, day = 3_600_000, 86_400_000
	f.want("PutLogEvents", put(0, 2*hour), 200, token+`}`)
	f.want("PutLogEvents", put(0, 2*hour+1, 2*hour+2), 200, token+`,"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":1}}`)
	f.want("PutLogEvents", put(-14*day-1, -14*day), 200, token+`,"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":1}}`)
	f.ok("PutRetentionPolicy", `{"logGroupName":"g","retentionInDays":3}`, nil)
	f.want("PutLogEvents", put(-3*day-2, -3*day-1, -3*day), 200, token+`,"rejectedLogEventsInfo":{"expiredLogEventEndIndex":2}}`)
	var out struct{ Events []struct{ Message string } }
	f.ok("GetLogEvents", `{"logGroupName":"g","logStreamName":"s","startFromHead":true}`, &out)
	var got []string
	for _, e := range out.Events {
		got = append(got, e.Message)
	}
	if diff := cmp.Diff([]string{fmt.Sprint(-3 * day), "0", "0", fmt.Sprint(2 * hour)}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
