package logs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// eventsPage is an answer of GetLogEvents or FilterLogEvents.
type eventsPage struct {
	Events []struct {
		Message, LogStreamName, EventID string
		Timestamp, IngestionTime        int64
	}
	NextForwardToken, NextBackwardToken, NextToken string
}

func (p eventsPage) messages() []string {
	messages := []string{}
	for _, e := range p.Events {
		messages = append(messages, e.Message)
	}
	return messages
}

// put puts events at seconds after base, with the second as message.
func (f *fixture) put(stream string, seconds ...int) {
	f.t.Helper()
	var events []string
	for _, n := range seconds {
		events = append(events, fmt.Sprintf(`{"timestamp":@%02d,"message":"%02d"}`, n, n))
	}
	f.ok("PutLogEvents", `{"logGroupName":"g","logStreamName":"`+stream+`","logEvents":[`+strings.Join(events, ",")+`]}`, nil)
}

func (f *fixture) get(members string) eventsPage {
	f.t.Helper()
	var p eventsPage
	f.ok("GetLogEvents", `{"logGroupName":"g","logStreamName":"s"`+members+`}`, &p)
	return p
}

func numbers(from, to int) []string {
	out := []string{}
	for n := from; n <= to; n++ {
		out = append(out, fmt.Sprintf("%02d", n))
	}
	return out
}

func withToken(t string) string { return `,"nextToken":"` + t + `"` }

// TestGetLogEvents: bounds, both ends, and the way there and back by tokens.
func TestGetLogEvents(t *testing.T) {
	f := newFixture(t)
	f.group()
	f.put("s", 4, 5, 6, 7, 8, 9)
	f.put("s", 0, 1, 2, 3) // what comes later may be older
	f.ok("CreateLogStream", `{"logGroupName":"g","logStreamName":"other"}`, nil)
	f.put("other", 0, 1)
	for members, want := range map[string][]string{
		"":                                 numbers(0, 9),
		`,"startFromHead":true`:            numbers(0, 9),
		`,"limit":3`:                       numbers(7, 9),
		`,"limit":3,"startFromHead":true`:  numbers(0, 2),
		`,"startTime":@02,"endTime":@05`:   numbers(2, 4),
		`,"startTime":@20`:                 {},
		`,"endTime":@05,"limit":2`:         numbers(3, 4),
		`,"startTime":@05,"endTime":@05`:   {},
		`,"unmask":true,"startTime":@09`:   numbers(9, 9),
		`,"startTime":@05,"endTime":@04`:   {},
		`,"endTime":@50,"limit":10000`:     numbers(0, 9),
		`,"startTime":0,"limit":1`:         numbers(9, 9),
		`,"startFromHead":true,"limit":10`: numbers(0, 9),
	} {
		if diff := cmp.Diff(want, f.get(members).messages()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", members, diff)
		}
	}

	// Forward to the end, where the token stays as it is until there is more.
	page := f.get(`,"startFromHead":true,"limit":4`)
	token := page.NextForwardToken
	got := page.messages()
	for range 10 {
		page = f.get(`,"limit":4` + withToken(token))
		got = append(got, page.messages()...)
		if page.NextForwardToken == token {
			break
		}
		token = page.NextForwardToken
	}
	if diff := cmp.Diff(numbers(0, 9), got); diff != "" || page.NextForwardToken != token {
		t.Errorf("forward, to token %s (-want +got):\n%s", page.NextForwardToken, diff)
	}
	if got, want := f.get(`,"limit":2`+withToken(page.NextBackwardToken)).messages(), numbers(8, 9); !slices.Equal(got, want) {
		t.Errorf("back from the end: %q, want %q", got, want)
	}
	f.put("s", 10)
	if got, want := f.get(withToken(token)).messages(), numbers(10, 10); !slices.Equal(got, want) {
		t.Errorf("what has come since: %q, want %q", got, want)
	}

	// Backward to the beginning, and from there forward.
	page = f.get(`,"limit":4`)
	for pages := 0; ; pages++ {
		next := f.get(`,"limit":4` + withToken(page.NextBackwardToken))
		if next.NextBackwardToken == page.NextBackwardToken {
			page = next
			break
		}
		if page = next; pages > 10 {
			t.Fatal("the backward token never stays the same")
		}
	}
	if got, want := f.get(`,"limit":2`+withToken(page.NextForwardToken)).messages(), numbers(0, 1); !slices.Equal(got, want) {
		t.Errorf("forward from the beginning: %q, want %q", got, want)
	}
}

// TestFollow begins with a stream that is empty and sees each event once.
func TestFollow(t *testing.T) {
	for _, head := range []string{"", `,"startFromHead":true`} {
		f := newFixture(t)
		f.group()
		page := f.get(head)
		var got []string
		for n := range 3 {
			f.put("s", n)
			page = f.get(withToken(page.NextForwardToken))
			got = append(got, page.messages()...)
		}
		if want := numbers(0, 2); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", head, got, want)
		}
	}
}

func TestFilterLogEvents(t *testing.T) {
	f := newFixture(t)
	f.group()
	f.ok("CreateLogStream", `{"logGroupName":"g","logStreamName":"t/1"}`, nil)
	f.put("s", 0, 2, 4, 6, 8)
	f.put("t/1", 1, 3, 5, 7, 9)
	filter := func(members string) eventsPage {
		t.Helper()
		var p eventsPage
		f.ok("FilterLogEvents", `{"logGroupName":"g"`+members+`}`, &p)
		return p
	}
	for members, want := range map[string][]string{
		"":                               numbers(0, 9),
		`,"interleaved":true`:            numbers(0, 9),
		`,"startTime":@02,"endTime":@05`: numbers(2, 5),
		`,"logStreamNames":["s","s"]`:    {"00", "02", "04", "06", "08"},
		`,"logStreamNamePrefix":"t/"`:    {"01", "03", "05", "07", "09"},
		`,"logStreamNamePrefix":"x"`:     {},
		`,"filterPattern":"?03 ?04"`:     numbers(3, 4),
		`,"filterPattern":""`:            numbers(0, 9),
		`,"filterPattern":"none"`:        {},
		`,"filterPattern":"[n > 7]"`:     numbers(8, 9),
		`,"endTime":@00`:                 numbers(0, 0),
	} {
		page := filter(members)
		if diff := cmp.Diff(want, page.messages()); diff != "" || page.NextToken != "" {
			t.Errorf("%s: token %q (-want +got):\n%s", members, page.NextToken, diff)
		}
	}

	var got []string
	seen := map[string]bool{}
	next := ""
	for range 20 {
		page := filter(`,"limit":3` + next)
		for _, e := range page.Events {
			if seen[e.EventID] || len(e.EventID) != 56 {
				t.Errorf("event id %q of %s", e.EventID, e.Message)
			}
			seen[e.EventID] = true
			if want := map[bool]string{true: "s", false: "t/1"}[(e.Timestamp-base.UnixMilli())/1000%2 == 0]; e.LogStreamName != want || e.IngestionTime != base.UnixMilli() {
				t.Errorf("%+v, want stream %s", e, want)
			}
		}
		got = append(got, page.messages()...)
		if page.NextToken == "" {
			break
		}
		next = withToken(page.NextToken)
	}
	if diff := cmp.Diff(numbers(0, 9), got); diff != "" {
		t.Errorf("by pages (-want +got):\n%s", diff)
	}
}

// TestLargeAnswers: an answer holds about a megabyte, and a search looks at so
// many events and no more; the token leads on.
func TestLargeAnswers(t *testing.T) {
	f := newFixtureOf(t, 1<<20)
	f.group()
	for range 3 {
		f.ok("PutLogEvents", `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":@01,"message":"`+strings.Repeat("m", 700_000)+`"}]}`, nil)
	}
	for _, operation := range []string{"GetLogEvents", "FilterLogEvents"} {
		member := map[string]string{"GetLogEvents": `,"logStreamName":"s","startFromHead":true`}[operation]
		var p eventsPage
		f.ok(operation, `{"logGroupName":"g"`+member+`}`, &p)
		if len(p.Events) != 1 || p.NextForwardToken+p.NextToken == "" {
			t.Errorf("%s: %d events, token %q", operation, len(p.Events), p.NextForwardToken+p.NextToken)
		}
		f.ok(operation, `{"logGroupName":"g"`+member+withToken(p.NextForwardToken+p.NextToken)+`}`, &p)
		if len(p.Events) != 1 {
			t.Errorf("%s: %d events on the next page", operation, len(p.Events))
		}
	}

	f.ok("CreateLogStream", `{"logGroupName":"g","logStreamName":"many"}`, nil)
	event := `{"timestamp":@02,"message":"m"}`
	for range 11 {
		f.ok("PutLogEvents", `{"logGroupName":"g","logStreamName":"many","logEvents":[`+event+strings.Repeat(","+event, 9999)+`]}`, nil)
	}
	var p eventsPage
	f.ok("FilterLogEvents", `{"logGroupName":"g","logStreamNames":["many"],"filterPattern":"none"}`, &p)
	if len(p.Events) != 0 || p.NextToken == "" {
		t.Errorf("a long search: %d events, token %q", len(p.Events), p.NextToken)
	}
	var rest eventsPage
	f.ok("FilterLogEvents", `{"logGroupName":"g","logStreamNames":["many"],"limit":10000`+withToken(p.NextToken)+`}`, &rest)
	if len(rest.Events) != 10_000 || rest.NextToken != "" {
		t.Errorf("the rest: %d events, token %q", len(rest.Events), rest.NextToken)
	}
}

// FuzzRequest: whatever is sent, there is an answer that is no failure of ours.
func FuzzRequest(f *testing.F) {
	for _, operation := range []string{"FilterLogEvents", "GetLogEvents", "PutLogEvents", "DescribeLogStreams", "TagResource"} {
		f.Add(operation, `{"logGroupName":"g","logStreamName":"s","nextToken":"Zi8xLzIvcw","limit":1,"startTime":1,"endTime":2,"filterPattern":"a"}`)
		f.Add(operation, `{"logGroupIdentifier":"arn:aws:logs:us-east-1:123456789012:log-group:g","logStreamName":"s","logEvents":[{"timestamp":1,"message":"m"}]}`)
		f.Add(operation, `{"resourceArn":"arn:aws:logs:us-east-1:123456789012:log-group:g","tags":{"a":null}}`)
		f.Add(operation, `[null]`)
	}
	f.Fuzz(func(t *testing.T, operation, body string) {
		fixture := newFixture(t)
		fixture.group()
		if status, answer := fixture.send(operation, body); status != 200 && status != 400 {
			t.Errorf("%s %q: %d %s\n%s", operation, body, status, answer, fixture.log.String())
		}
	})
}
