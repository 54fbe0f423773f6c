package sdk

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/postern-gateway/postern/test/postern"
)

// logsClient is a client of CloudWatch Logs with an access key.
func logsClient(server *postern.Server, id, secret string) *cloudwatchlogs.Client {
	return cloudwatchlogs.New(cloudwatchlogs.Options{
		Region: postern.Region, BaseEndpoint: &server.BaseURL, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
	})
}

// putLines makes a stream with n lines, a millisecond apart, that end at a time.
func putLines(t *testing.T, client *cloudwatchlogs.Client, group, stream string, n int, end time.Time) {
	t.Helper()
	if _, err := client.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &stream}); err != nil {
		t.Fatal(err)
	}
	var events []types.InputLogEvent
	for i := range n {
		events = append(events, types.InputLogEvent{Timestamp: new(end.UnixMilli() - int64(n-1-i)), Message: new(fmt.Sprintf("%s line %d", stream, i))})
	}
	if _, err := client.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: &group, LogStreamName: &stream, LogEvents: events}); err != nil {
		t.Fatal(err)
	}
}

// TestLogs walks groups, streams and events with the paginators of the SDK, and
// finds them again after the process was killed.
func TestLogs(t *testing.T) {
	server := postern.Start(t, "--data", t.TempDir(), "--account", account)
	client := logsClient(server, "test", "test")
	ctx := t.Context()
	group := "API-Gateway-Execution-Logs_a1b2c3/dev"
	for i := range 3 {
		if _, err := client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: new(fmt.Sprint("other-", i)), Tags: map[string]string{"n": fmt.Sprint(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, stream := range []string{"node-1/2026-03-04", "node-2/2026-03-04"} {
		putLines(t, client, group, stream, 25, now)
	}
	check := func(client *cloudwatchlogs.Client) {
		t.Helper()
		var names []string
		for p := cloudwatchlogs.NewDescribeLogGroupsPaginator(client, &cloudwatchlogs.DescribeLogGroupsInput{Limit: new(int32(2))}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range page.LogGroups {
				names = append(names, *g.LogGroupName)
			}
		}
		if want := []string{group, "other-0", "other-1", "other-2"}; !slices.Equal(names, want) {
			t.Errorf("groups %q, want %q", names, want)
		}
		found := 0
		for p := cloudwatchlogs.NewFilterLogEventsPaginator(client, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group, FilterPattern: new(`"line 1" -"node-2"`), Limit: new(int32(4))}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Events {
				if !strings.HasPrefix(*e.Message, "node-1/2026-03-04 line 1") {
					t.Errorf("%q is found", *e.Message)
				}
				found++
			}
		}
		if found != 11 {
			t.Errorf("%d events found, want 11", found)
		}
		lines := 0
		for p := cloudwatchlogs.NewGetLogEventsPaginator(client, &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: new("node-2/2026-03-04"), StartFromHead: new(true), Limit: new(int32(10))},
			func(o *cloudwatchlogs.GetLogEventsPaginatorOptions) { o.StopOnDuplicateToken = true }); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Events {
				if want := fmt.Sprint("node-2/2026-03-04 line ", lines); *e.Message != want {
					t.Errorf("got %q, want %q", *e.Message, want)
				}
				lines++
			}
		}
		if lines != 25 {
			t.Errorf("%d lines, want 25", lines)
		}
		tags, err := client.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: new("arn:aws:logs:us-east-1:" + account + ":log-group:other-1")})
		if err != nil || tags.Tags["n"] != "1" {
			t.Errorf("tags %+v, %v", tags, err)
		}
	}
	check(client)
	server.Kill(t)
	check(logsClient(server.Restart(t), "test", "test"))
}

// TestLogPolicies: signatures for CloudWatch Logs are verified, and policies
// name groups and streams.
func TestLogPolicies(t *testing.T) {
	const people = `
identities:
  - name: writer
    account: "111111111111"
    keys: [{id: AKIDWRITER, secret: writer-secret}]
    policies:
      - {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "logs:*", Resource: "*"}]}
  - name: reader
    account: "111111111111"
    keys: [{id: AKIDREADER, secret: reader-secret}]
    policies:
      - Version: 2012-10-17
        Statement:
          - {Effect: Allow, Action: "logs:FilterLogEvents", Resource: "arn:aws:logs:us-east-1:111111111111:log-group:open:*"}
          - {Effect: Allow, Action: "logs:GetLogEvents", Resource: "arn:aws:logs:*:*:log-group:*:log-stream:public"}
  - name: stranger
    account: "222222222222"
    keys: [{id: AKIDOTHER, secret: other-secret}]
    policies:
      - {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
`
	server := postern.Start(t, "--ephemeral", "--credentials-file", credentialsFile(t, people))
	writer, reader := logsClient(server, "AKIDWRITER", "writer-secret"), logsClient(server, "AKIDREADER", "reader-secret")
	ctx := t.Context()
	for _, group := range []string{"open", "closed"} {
		if _, err := writer.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group}); err != nil {
			t.Fatal(err)
		}
		for _, stream := range []string{"public", "private"} {
			putLines(t, writer, group, stream, 2, time.Now())
		}
	}
	filter := func(client *cloudwatchlogs.Client, group string) (int, error) {
		out, err := client.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
		if err != nil {
			return 0, err
		}
		return len(out.Events), nil
	}
	get := func(client *cloudwatchlogs.Client, group, stream string) error {
		_, err := client.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: &stream})
		return err
	}
	if n, err := filter(reader, "open"); n != 4 || err != nil {
		t.Errorf("the open group: %d events, %v", n, err)
	}
	if err := get(reader, "closed", "public"); err != nil {
		t.Errorf("a public stream: %v", err)
	}
	_, closed := filter(reader, "closed")
	_, stranger := filter(logsClient(server, "AKIDOTHER", "other-secret"), "open")
	_, wrong := filter(logsClient(server, "AKIDREADER", "wrong"), "open")
	_, unknown := filter(logsClient(server, "AKIDNOBODY", "x"), "open")
	for _, row := range []struct {
		err  error
		code string
	}{
		{closed, "AccessDeniedException"},
		{get(reader, "open", "private"), "AccessDeniedException"},
		{stranger, "ResourceNotFoundException"},
		{wrong, "InvalidSignatureException"},
		{unknown, "UnrecognizedClientException"},
	} {
		if got := refusalOf(t, row.err); got.code != row.code || got.status != http.StatusBadRequest {
			t.Errorf("got %+v, want %s", got, row.code)
		}
	}
	const denied = "User: arn:aws:iam::111111111111:user/reader is not authorized to perform: logs:FilterLogEvents on resource: arn:aws:logs:us-east-1:111111111111:log-group:closed:log-stream: because no identity-based policy allows the logs:FilterLogEvents action"
	if got := refusalOf(t, closed); got.message != denied {
		t.Errorf("got  %s\nwant %s", got.message, denied)
	}
}

// TestStageLogs: the access log and the execution log of a stage are read back
// through the API, and come to a second postern that is the CloudWatch Logs of
// the first.
func TestStageLogs(t *testing.T) {
	remote := postern.Start(t, "--ephemeral", "--account", account, "--log-sink", "stdout none")
	server, code, output := postern.Try(t, []string{"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test"},
		"serve", "--listen", "127.0.0.1:0", "--ephemeral", "--account", account, "--log-sink", "files", "--log-sink", "cloudwatch="+remote.BaseURL+" access API-Gateway-*")
	if server == nil {
		t.Fatalf("postern ended with code %d:\n%s", code, output)
	}
	ctx := t.Context()
	client := server.Client()
	api := postern.NewAPI(t, client, "logged")
	api.Mock(t, "GET", "/hello", "hello", nil)
	api.Deploy(t, "dev")
	if _, err := client.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &api.ID, StageName: new("dev"), PatchOperations: []apigwtypes.PatchOperation{
		postern.Replace("/accessLogSettings/destinationArn", "arn:aws:logs:us-east-1:"+account+":log-group:access"),
		postern.Replace("/accessLogSettings/format", "$context.requestId $context.status $context.httpMethod $context.path"),
		postern.Replace("/*/*/logging/loglevel", "INFO"),
	}}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		want(t, "a logged request", server.Get(t, api.ID, "dev", "/hello"), http.StatusOK, "hello")
	}
	execution := "API-Gateway-Execution-Logs_" + api.ID + "/dev"
	check := func(where string, client *cloudwatchlogs.Client) {
		t.Helper()
		access, err := client.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: new("access"), FilterPattern: new("[id, status = 2*, method, path = */hello]")})
		if err != nil || len(access.Events) != 3 {
			t.Fatalf("%s: access log %+v, %v; want 3 lines", where, access, err)
		}
		id, _, _ := strings.Cut(*access.Events[0].Message, " ")
		lines, err := client.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &execution, FilterPattern: new(`"(` + id + `) "`)})
		if err != nil || len(lines.Events) < 2 {
			t.Errorf("%s: execution log of %s: %+v, %v", where, id, lines, err)
		}
	}
	check("the node itself", logsClient(server, "test", "test"))
	server.Stop(t) // writes what is still on its way
	check("the other node", logsClient(remote, "test", "test"))
}
